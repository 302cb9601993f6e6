package io.weft.tables;

import static io.weft.tables.Layout.member;

import io.weft.model.Mac;
import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_uplink}: value of {@code weft_uplinks}, whose key is an ifindex (4 bytes, host
 * order).
 *
 * <pre>
 *   0         8      14      16
 *   +---------+------+-------+
 *   |  mark   | mac  | flags |
 *   +---------+------+-------+
 * </pre>
 *
 * @param mark by which {@code from_uplink} knows what {@code xdp_uplink} has done; a secret
 * @param mac of the interface
 * @param flags sum of {@link #TX} and its siblings
 */
public record UplinkValue(long mark, Mac mac, int flags) {
    /** What is to leave over it again can be given back to its driver. */
    public static final int TX = 0x01;

    public static final int MARK_OFFSET = 0;
    public static final int MAC_OFFSET = 8;
    public static final int FLAGS_OFFSET = 14;
    public static final int SIZE = 16;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_uplink",
                    SIZE,
                    member("mark", MARK_OFFSET, 8),
                    member("mac", MAC_OFFSET, 6),
                    member("flags", FLAGS_OFFSET, 2));

    public void write(MemorySegment to, long offset) {
        Bytes.putU64(to, offset + MARK_OFFSET, mark);
        Bytes.putMac(to, offset + MAC_OFFSET, mac);
        Bytes.putU16(to, offset + FLAGS_OFFSET, flags);
    }

    public static UplinkValue read(MemorySegment from, long offset) {
        return new UplinkValue(
                Bytes.u64(from, offset + MARK_OFFSET),
                Bytes.mac(from, offset + MAC_OFFSET),
                Bytes.u16(from, offset + FLAGS_OFFSET));
    }
}
