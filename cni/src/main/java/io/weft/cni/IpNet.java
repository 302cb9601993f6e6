package io.weft.cni;

import io.weft.model.Ip;
import io.weft.model.Prefix;
import java.util.Optional;

/**
 * An address with the length of its network: {@code 10.1.2.3/24}. Unlike {@link Prefix} it keeps
 * the host's bits.
 *
 * @param length 0 to 32 or 128
 */
public record IpNet(Ip ip, int length) {
    public IpNet {
        if (length < 0 || length > ip.bits()) {
            throw new IllegalArgumentException("prefix length " + length + " of " + ip);
        }
    }

    /** {@return the address and length, or nothing when {@code text} is not {@code IP/LENGTH}} */
    public static Optional<IpNet> tryParse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("0|[1-9][0-9]{0,2}")) {
            return Optional.empty();
        }
        int length = Integer.parseInt(text.substring(slash + 1));
        return Ip.tryParse(text.substring(0, slash))
                .filter(ip -> length <= ip.bits())
                .map(ip -> new IpNet(ip, length));
    }

    /** {@return as {@link #tryParse}; an address alone has the length of its family} */
    public static Optional<IpNet> tryParseAddress(String text) {
        return text.contains("/")
                ? tryParse(text)
                : Ip.tryParse(text).map(ip -> new IpNet(ip, ip.bits()));
    }

    /** {@return the network} */
    public Prefix prefix() {
        return new Prefix(ip, length);
    }

    @Override
    public String toString() {
        return ip + "/" + length;
    }
}
