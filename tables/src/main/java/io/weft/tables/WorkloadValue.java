package io.weft.tables;

import static io.weft.tables.Layout.member;

import io.weft.model.Ip;
import io.weft.model.Mac;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * {@code struct weft_workload}: value of {@code weft_workloads}, whose key is the ifindex of the
 * host-side interface (4 bytes, host order).
 *
 * <pre>
 *   0       4           10          16              32              48       52      56
 *   +-------+-----------+-----------+---------------+---------------+--------+-------+
 *   | slot  |    mac    |  gateway  |      ip4      |      ip6      | shaper | flags |
 *   +-------+-----------+-----------+---------------+---------------+--------+-------+
 * </pre>
 *
 * @param slot index of its policy, below {@link Abi#MAX_WORKLOADS}
 * @param mac of the workload's own interface
 * @param gateway of the host-side interface
 * @param ip4 IPv4-mapped in the kernel; all zero when it has none
 * @param ip6 all zero when it has none
 * @param shaper ifindex where its packets wait for their turn; 0: they do not
 * @param flags {@link #MASQUERADE}, {@link #SWITCHED}
 */
public record WorkloadValue(
        int slot, Mac mac, Mac gateway, Optional<Ip> ip4, Optional<Ip> ip6, int shaper, int flags) {
    /** Outside it is seen with the node's address. */
    public static final int MASQUERADE = 1;

    /** Others are on its link, which a bridge makes. */
    public static final int SWITCHED = 2;

    public static final int SLOT_OFFSET = 0;
    public static final int MAC_OFFSET = 4;
    public static final int GATEWAY_OFFSET = 10;
    public static final int IP4_OFFSET = 16;
    public static final int IP6_OFFSET = 32;
    public static final int SHAPER_OFFSET = 48;
    public static final int FLAGS_OFFSET = 52;
    public static final int SIZE = 56;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_workload",
                    SIZE,
                    member("slot", SLOT_OFFSET, 4),
                    member("mac", MAC_OFFSET, 6),
                    member("gateway", GATEWAY_OFFSET, 6),
                    member("ip4", IP4_OFFSET, 16),
                    member("ip6", IP6_OFFSET, 16),
                    member("shaper", SHAPER_OFFSET, 4),
                    member("flags", FLAGS_OFFSET, 4));

    public WorkloadValue {
        if (ip4.isPresent() && !ip4.get().isV4()) {
            throw new IllegalArgumentException("ip4 is an IPv6 address: " + ip4.get());
        }
        if (ip6.isPresent() && ip6.get().isV4()) {
            throw new IllegalArgumentException("ip6 is an IPv4 address: " + ip6.get());
        }
    }

    public void write(MemorySegment to, long offset) {
        Bytes.putU32(to, offset + SLOT_OFFSET, slot);
        Bytes.putMac(to, offset + MAC_OFFSET, mac);
        Bytes.putMac(to, offset + GATEWAY_OFFSET, gateway);
        Bytes.putOptionalIp(to, offset + IP4_OFFSET, ip4);
        Bytes.putOptionalIp(to, offset + IP6_OFFSET, ip6);
        Bytes.putU32(to, offset + SHAPER_OFFSET, shaper);
        Bytes.putU32(to, offset + FLAGS_OFFSET, flags);
    }

    public static WorkloadValue read(MemorySegment from, long offset) {
        return new WorkloadValue(
                Bytes.u32(from, offset + SLOT_OFFSET),
                Bytes.mac(from, offset + MAC_OFFSET),
                Bytes.mac(from, offset + GATEWAY_OFFSET),
                Bytes.optionalIp(from, offset + IP4_OFFSET),
                Bytes.optionalIp(from, offset + IP6_OFFSET),
                Bytes.u32(from, offset + SHAPER_OFFSET),
                Bytes.u32(from, offset + FLAGS_OFFSET));
    }

    public WorkloadValue withShaper(int ifindex) {
        return new WorkloadValue(slot, mac, gateway, ip4, ip6, ifindex, flags);
    }

    public WorkloadValue withMasquerade(boolean masquerade) {
        return new WorkloadValue(
                slot,
                mac,
                gateway,
                ip4,
                ip6,
                shaper,
                masquerade ? flags | MASQUERADE : flags & ~MASQUERADE);
    }
}
