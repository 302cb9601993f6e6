package io.weft.tables;

import static io.weft.tables.Layout.member;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/**
 * {@code struct weft_set}: element of {@code weft_sets}. User space writes it as one number.
 *
 * <pre>
 *   0         4         8
 *   +---------+---------+
 *   |  first  |  count  |
 *   +---------+---------+
 * </pre>
 *
 * @param first index in {@code weft_backends} of the first backend
 * @param count of backends; 0: {@code whenEmpty}
 */
public record SetValue(int first, int count, BackendSet.WhenEmpty whenEmpty) {
    public static final int FIRST_OFFSET = 0;
    public static final int COUNT_OFFSET = 4;
    public static final int SIZE = 8;

    /** In {@code count}, alone: drop instead of refusing. */
    public static final int DROP = 0x80000000;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_set",
                    SIZE,
                    member("first", FIRST_OFFSET, 4),
                    member("count", COUNT_OFFSET, 4));

    /** Nobody serves it. */
    public static final SetValue REFUSED = new SetValue(0, 0, BackendSet.WhenEmpty.REJECT);

    public void write(MemorySegment to, long offset) {
        Bytes.putU32(to, offset + FIRST_OFFSET, first);
        Bytes.putU32(to, offset + COUNT_OFFSET, countAndFlag());
    }

    /** {@return its 8 bytes as one number of host order} */
    public long asNumber() {
        long low = Integer.toUnsignedLong(first);
        long high = Integer.toUnsignedLong(countAndFlag());
        return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
                ? high << Integer.SIZE | low
                : low << Integer.SIZE | high;
    }

    private int countAndFlag() {
        return count == 0 && whenEmpty == BackendSet.WhenEmpty.DROP ? DROP : count;
    }

    public static SetValue read(MemorySegment from, long offset) {
        int count = Bytes.u32(from, offset + COUNT_OFFSET);
        return new SetValue(
                Bytes.u32(from, offset + FIRST_OFFSET),
                count & ~DROP,
                count == DROP ? BackendSet.WhenEmpty.DROP : BackendSet.WhenEmpty.REJECT);
    }
}
