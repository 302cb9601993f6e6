package io.weft.tables;

import static io.weft.tables.Layout.member;

import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_drop_key}: key of {@code weft_drops}, whose value is one {@link CounterValue}
 * per possible CPU.
 *
 * <pre>
 *   0             4        6           8
 *   +-------------+--------+-----------+
 *   |    slot     | reason | direction |
 *   +-------------+--------+-----------+
 * </pre>
 *
 * @param slot of the workload, or {@link Abi#NO_SLOT}
 * @param direction EGRESS is {@code WEFT_FROM_WORKLOAD}, INGRESS is {@code WEFT_TO_WORKLOAD}
 */
public record DropKey(int slot, Reason reason, Direction direction) {
    public static final int SLOT_OFFSET = 0;
    public static final int REASON_OFFSET = 4;
    public static final int DIRECTION_OFFSET = 6;
    public static final int SIZE = 8;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_drop_key",
                    SIZE,
                    member("slot", SLOT_OFFSET, 4),
                    member("reason", REASON_OFFSET, 2),
                    member("direction", DIRECTION_OFFSET, 2));

    public void write(MemorySegment to, long offset) {
        Bytes.putU32(to, offset + SLOT_OFFSET, slot);
        Bytes.putU16(to, offset + REASON_OFFSET, reason.code());
        Bytes.putU16(
                to,
                offset + DIRECTION_OFFSET,
                direction == Direction.EGRESS ? Abi.FROM_WORKLOAD : Abi.TO_WORKLOAD);
    }

    /**
     * Reads a key as the kernel gives it back.
     *
     * @throws IllegalArgumentException when the datapath is newer and knows more reasons
     */
    public static DropKey read(MemorySegment from, long offset) {
        int direction = Bytes.u16(from, offset + DIRECTION_OFFSET);
        return new DropKey(
                Bytes.u32(from, offset + SLOT_OFFSET),
                Reason.ofCode(Bytes.u16(from, offset + REASON_OFFSET)),
                switch (direction) {
                    case Abi.FROM_WORKLOAD -> Direction.EGRESS;
                    case Abi.TO_WORKLOAD -> Direction.INGRESS;
                    default -> throw Abi.unknown("direction", direction);
                });
    }
}
