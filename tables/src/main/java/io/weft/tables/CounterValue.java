package io.weft.tables;

import static io.weft.tables.Layout.member;

import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_counter}: what one CPU counted.
 *
 * <pre>
 *   0           8           16
 *   +-----------+-----------+
 *   |  packets  |   bytes   |
 *   +-----------+-----------+
 * </pre>
 */
public record CounterValue(long packets, long bytes) {
    public static final int PACKETS_OFFSET = 0;
    public static final int BYTES_OFFSET = 8;
    public static final int SIZE = 16;

    public static final CounterValue ZERO = new CounterValue(0, 0);

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_counter",
                    SIZE,
                    member("packets", PACKETS_OFFSET, 8),
                    member("bytes", BYTES_OFFSET, 8));

    /** {@return both together, as when the counts of all CPUs are summed} */
    public CounterValue plus(CounterValue other) {
        return new CounterValue(packets + other.packets, bytes + other.bytes);
    }

    public void write(MemorySegment to, long offset) {
        Bytes.putU64(to, offset + PACKETS_OFFSET, packets);
        Bytes.putU64(to, offset + BYTES_OFFSET, bytes);
    }

    public static CounterValue read(MemorySegment from, long offset) {
        return new CounterValue(
                Bytes.u64(from, offset + PACKETS_OFFSET), Bytes.u64(from, offset + BYTES_OFFSET));
    }
}
