package io.weft.tables;

import static io.weft.tables.Layout.member;

import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_state}: the one value of map {@code weft_state}.
 *
 * <pre>
 *   0         4         8
 *   +---------+---------+
 *   | revision|  flags  |
 *   +---------+---------+
 * </pre>
 *
 * @param revision unsigned; its low bit picks the slot of {@link Versioned} values
 * @param flags none is defined yet
 */
public record StateValue(int revision, int flags) {
    public static final int REVISION_OFFSET = 0;
    public static final int FLAGS_OFFSET = 4;
    public static final int SIZE = 8;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_state",
                    SIZE,
                    member("revision", REVISION_OFFSET, 4),
                    member("flags", FLAGS_OFFSET, 4));

    public void write(MemorySegment to, long offset) {
        Bytes.putU32(to, offset + REVISION_OFFSET, revision);
        Bytes.putU32(to, offset + FLAGS_OFFSET, flags);
    }

    public static StateValue read(MemorySegment from, long offset) {
        return new StateValue(
                Bytes.u32(from, offset + REVISION_OFFSET), Bytes.u32(from, offset + FLAGS_OFFSET));
    }
}
