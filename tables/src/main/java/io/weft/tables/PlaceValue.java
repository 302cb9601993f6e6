package io.weft.tables;

import static io.weft.tables.Layout.member;

import io.weft.model.Ip;
import io.weft.model.Mac;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * {@code struct weft_place}: value of {@code weft_places}, whose key is a slot.
 *
 * <pre>
 *   0        4       8      14        20    24      40      56       64
 *   +--------+-------+------+---------+------+-------+-------+--------+
 *   |sequence|ifindex| mac  | gateway | zero |  ip4  |  ip6  | filler |
 *   +--------+-------+------+---------+------+-------+-------+--------+
 * </pre>
 *
 * <p>It is written in place, while programs read. The writer makes the sequence odd, then writes,
 * then makes it even: another one than before.
 *
 * @param ifindex of the host-side interface
 * @param mac of the workload's own interface
 * @param gateway of the host-side interface
 * @param ip4 IPv4-mapped in the kernel; all zero when it has none
 * @param ip6 all zero when it has none
 */
public record PlaceValue(int ifindex, Mac mac, Mac gateway, Optional<Ip> ip4, Optional<Ip> ip6) {
    public static final int SEQUENCE_OFFSET = 0;
    public static final int IFINDEX_OFFSET = 4;
    public static final int MAC_OFFSET = 8;
    public static final int GATEWAY_OFFSET = 14;
    public static final int ZERO_OFFSET = 20;
    public static final int IP4_OFFSET = 24;
    public static final int IP6_OFFSET = 40;
    public static final int FILLER_OFFSET = 56;
    public static final int SIZE = 64;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_place",
                    SIZE,
                    member("sequence", SEQUENCE_OFFSET, 4),
                    member("ifindex", IFINDEX_OFFSET, 4),
                    member("mac", MAC_OFFSET, 6),
                    member("gateway", GATEWAY_OFFSET, 6),
                    member("zero", ZERO_OFFSET, 4),
                    member("ip4", IP4_OFFSET, 16),
                    member("ip6", IP6_OFFSET, 16),
                    member("filler", FILLER_OFFSET, 8));

    public void writeAllButSequence(MemorySegment to, long offset) {
        Bytes.putU32(to, offset + IFINDEX_OFFSET, ifindex);
        Bytes.putMac(to, offset + MAC_OFFSET, mac);
        Bytes.putMac(to, offset + GATEWAY_OFFSET, gateway);
        Bytes.zero(to, offset + ZERO_OFFSET, 4);
        Bytes.putOptionalIp(to, offset + IP4_OFFSET, ip4);
        Bytes.putOptionalIp(to, offset + IP6_OFFSET, ip6);
        Bytes.zero(to, offset + FILLER_OFFSET, 8);
    }

    /** Likewise of a slot without a workload. */
    public static void writeNobody(MemorySegment to, long offset) {
        Bytes.zero(to, offset + IFINDEX_OFFSET, SIZE - IFINDEX_OFFSET);
    }

    /** {@return the interface there; 0: no workload} */
    public static int ifindex(MemorySegment from, long offset) {
        return Bytes.u32(from, offset + IFINDEX_OFFSET);
    }
}
