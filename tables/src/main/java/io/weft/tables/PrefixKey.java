package io.weft.tables;

import static io.weft.tables.Layout.member;

import io.weft.model.Ip;
import io.weft.model.Prefix;
import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_prefix}: key of {@code weft_identities}, a trie by longest prefix.
 *
 * <pre>
 *   0         4                                20
 *   +---------+--------------------------------+
 *   |  bits   |               ip               |
 *   +---------+--------------------------------+
 * </pre>
 *
 * @param bits how many of the 128 count: an IPv4 /24 has 120
 */
public record PrefixKey(int bits, Ip ip) {
    public static final int BITS_OFFSET = 0;
    public static final int IP_OFFSET = 4;
    public static final int SIZE = 20;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_prefix",
                    SIZE,
                    member("bits", BITS_OFFSET, 4),
                    member("ip", IP_OFFSET, 16));

    public PrefixKey {
        if (bits < 0 || bits > 128) {
            throw new IllegalArgumentException("prefix of " + bits + " bits");
        }
    }

    public static PrefixKey of(Prefix prefix) {
        return new PrefixKey(prefix.mappedLength(), prefix.ip());
    }

    /** {@return the key that only this address matches, and the one to look it up by} */
    public static PrefixKey of(Ip ip) {
        return new PrefixKey(128, ip);
    }

    /**
     * {@return the block that this key stands for}
     *
     * @throws IllegalArgumentException for an IPv4-mapped address with fewer than 96 bits
     */
    public Prefix prefix() {
        return new Prefix(ip, ip.isV4() ? bits - 96 : bits);
    }

    public void write(MemorySegment to, long offset) {
        Bytes.putU32(to, offset + BITS_OFFSET, bits);
        Bytes.putIp(to, offset + IP_OFFSET, ip);
    }

    public static PrefixKey read(MemorySegment from, long offset) {
        return new PrefixKey(
                Bytes.u32(from, offset + BITS_OFFSET), Bytes.ip(from, offset + IP_OFFSET));
    }
}
