package io.weft.netlink;

import java.net.Inet6Address;
import java.util.Arrays;

/** An IPv4 or IPv6 address: 4 or 16 bytes in network order, as the kernel takes them. */
public final class Address {
    private final byte[] bytes;

    private Address(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * @param bytes 4 or 16, in network order; copied
     */
    public static Address of(byte[] bytes) {
        if (bytes.length != 4 && bytes.length != 16) {
            throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + bytes.length);
        }
        return new Address(bytes.clone());
    }

    /** Reads {@code 10.0.0.1} or {@code fd00::1}; never asks a resolver. */
    public static Address parse(String text) {
        if (text.indexOf(':') < 0) {
            return new Address(parse4(text));
        }
        if (text.indexOf('%') >= 0 || text.indexOf('[') >= 0) {
            throw new IllegalArgumentException("not an IP address: '" + text + "'");
        }
        byte[] raw = Inet6Address.ofLiteral(text).getAddress();
        if (raw.length == 4) { // ::ffff:a.b.c.d, which the JDK shortens
            byte[] mapped = new byte[16];
            mapped[10] = (byte) 0xff;
            mapped[11] = (byte) 0xff;
            System.arraycopy(raw, 0, mapped, 12, 4);
            raw = mapped;
        }
        return new Address(raw);
    }

    private static byte[] parse4(String text) {
        String[] parts = text.split("\\.", -1);
        byte[] raw = new byte[4];
        boolean good = parts.length == 4;
        for (int i = 0; good && i < 4; i++) {
            good = parts[i].matches("0|[1-9][0-9]{0,2}") && Integer.parseInt(parts[i]) < 256;
            raw[i] = good ? (byte) Integer.parseInt(parts[i]) : 0;
        }
        if (!good) {
            throw new IllegalArgumentException("not an IP address: '" + text + "'");
        }
        return raw;
    }

    /** {@return 4 or 16 bytes, network order; a copy} */
    public byte[] bytes() {
        return bytes.clone();
    }

    public boolean isV6() {
        return bytes.length == 16;
    }

    /** {@return a.b.c.d for ::ffff:a.b.c.d, and any other address as it is} */
    Address unmapped() {
        boolean mapped = isV6() && bytes[10] == -1 && bytes[11] == -1;
        for (int i = 0; mapped && i < 10; i++) {
            mapped = bytes[i] == 0;
        }
        return mapped ? new Address(Arrays.copyOfRange(bytes, 12, 16)) : this;
    }

    /** {@return 32 or 128} */
    public int bits() {
        return 8 * bytes.length;
    }

    /** AF_INET or AF_INET6. */
    int family() {
        return isV6() ? Family.V6 : Family.V4;
    }

    boolean isMulticast() {
        return isV6() ? bytes[0] == (byte) 0xff : (bytes[0] & 0xf0) == 0xe0;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Address that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** {@return dotted decimal, or the form of RFC 5952 section 4} */
    @Override
    public String toString() {
        if (!isV6()) {
            return (bytes[0] & 0xff)
                    + "."
                    + (bytes[1] & 0xff)
                    + "."
                    + (bytes[2] & 0xff)
                    + "."
                    + (bytes[3] & 0xff);
        }
        int bestStart = -1;
        int bestLength = 1; // a single zero group stays
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && group(end) == 0) {
                end++;
            }
            if (end - i > bestLength) {
                bestStart = i;
                bestLength = end - i;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == bestStart) {
                text.append("::");
                i += bestLength - 1;
            } else {
                if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(group(i)));
            }
        }
        return text.toString();
    }

    private int group(int i) {
        return ((bytes[2 * i] & 0xff) << 8) | (bytes[2 * i + 1] & 0xff);
    }
}
