package io.weft.tables;

import static io.weft.tables.Layout.member;

import io.weft.model.Mac;
import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_address}: value of {@code weft_addresses}, whose key is the address (16 bytes,
 * network order).
 *
 * <pre>
 *   0         4         8             14            20        24
 *   +---------+---------+-------------+-------------+---------+
 *   | ifindex |  slot   |     mac     |   gateway   |  flags  |
 *   +---------+---------+-------------+-------------+---------+
 * </pre>
 *
 * @param ifindex of the host-side interface
 * @param slot as in {@link WorkloadValue}
 * @param mac of the workload's own interface
 * @param gateway of the host-side interface
 * @param flags {@link #SHAPED}
 */
public record AddressValue(int ifindex, int slot, Mac mac, Mac gateway, int flags) {
    /** What goes to it waits at the host-side interface's qdisc. */
    public static final int SHAPED = 1;

    public static final int IFINDEX_OFFSET = 0;
    public static final int SLOT_OFFSET = 4;
    public static final int MAC_OFFSET = 8;
    public static final int GATEWAY_OFFSET = 14;
    public static final int FLAGS_OFFSET = 20;
    public static final int SIZE = 24;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_address",
                    SIZE,
                    member("ifindex", IFINDEX_OFFSET, 4),
                    member("slot", SLOT_OFFSET, 4),
                    member("mac", MAC_OFFSET, 6),
                    member("gateway", GATEWAY_OFFSET, 6),
                    member("flags", FLAGS_OFFSET, 4));

    public void write(MemorySegment to, long offset) {
        Bytes.putU32(to, offset + IFINDEX_OFFSET, ifindex);
        Bytes.putU32(to, offset + SLOT_OFFSET, slot);
        Bytes.putMac(to, offset + MAC_OFFSET, mac);
        Bytes.putMac(to, offset + GATEWAY_OFFSET, gateway);
        Bytes.putU32(to, offset + FLAGS_OFFSET, flags);
    }

    public static AddressValue read(MemorySegment from, long offset) {
        return new AddressValue(
                Bytes.u32(from, offset + IFINDEX_OFFSET),
                Bytes.u32(from, offset + SLOT_OFFSET),
                Bytes.mac(from, offset + MAC_OFFSET),
                Bytes.mac(from, offset + GATEWAY_OFFSET),
                Bytes.u32(from, offset + FLAGS_OFFSET));
    }

    public boolean isShaped() {
        return (flags & SHAPED) != 0;
    }

    public AddressValue withShaped(boolean shaped) {
        return new AddressValue(
                ifindex, slot, mac, gateway, shaped ? flags | SHAPED : flags & ~SHAPED);
    }
}
