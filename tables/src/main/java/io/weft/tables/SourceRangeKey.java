package io.weft.tables;

import static io.weft.tables.Layout.member;

import io.weft.model.Ip;
import io.weft.model.Prefix;
import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_source_range}: key of {@code weft_source_ranges}, a trie by longest prefix.
 *
 * <pre>
 *   0         4         8                                24
 *   +---------+---------+--------------------------------+
 *   |  bits   |   set   |               ip               |
 *   +---------+---------+--------------------------------+
 * </pre>
 *
 * @param bits 32 for the set, and those of the address, of 128
 * @param set the inside set of the frontend
 */
public record SourceRangeKey(int bits, int set, Ip ip) {
    public static final int BITS_OFFSET = 0;
    public static final int SET_OFFSET = 4;
    public static final int IP_OFFSET = 8;
    public static final int SIZE = 24;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_source_range",
                    SIZE,
                    member("bits", BITS_OFFSET, 4),
                    member("set", SET_OFFSET, 4),
                    member("ip", IP_OFFSET, 16));

    public static SourceRangeKey of(int set, Prefix prefix) {
        return new SourceRangeKey(32 + prefix.mappedLength(), set, prefix.ip());
    }

    public void write(MemorySegment to, long offset) {
        Bytes.putU32(to, offset + BITS_OFFSET, bits);
        Bytes.putU32(to, offset + SET_OFFSET, set);
        Bytes.putIp(to, offset + IP_OFFSET, ip);
    }

    public static SourceRangeKey read(MemorySegment from, long offset) {
        return new SourceRangeKey(
                Bytes.u32(from, offset + BITS_OFFSET),
                Bytes.u32(from, offset + SET_OFFSET),
                Bytes.ip(from, offset + IP_OFFSET));
    }
}
