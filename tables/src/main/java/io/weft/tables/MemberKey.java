package io.weft.tables;

import static io.weft.tables.Layout.member;

import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_member}: key of {@code weft_members}. A client of a set with affinity keeps
 * its backend only while that is a member.
 *
 * <pre>
 *   0         4         8
 *   +---------+---------+
 *   |   set   | backend |
 *   +---------+---------+
 * </pre>
 *
 * @param set index in {@code weft_sets}
 * @param backend {@link BackendValue#id}
 */
public record MemberKey(int set, int backend) {
    public static final int SET_OFFSET = 0;
    public static final int BACKEND_OFFSET = 4;
    public static final int SIZE = 8;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_member",
                    SIZE,
                    member("set", SET_OFFSET, 4),
                    member("backend", BACKEND_OFFSET, 4));

    public void write(MemorySegment to, long offset) {
        Bytes.putU32(to, offset + SET_OFFSET, set);
        Bytes.putU32(to, offset + BACKEND_OFFSET, backend);
    }

    public static MemberKey read(MemorySegment from, long offset) {
        return new MemberKey(
                Bytes.u32(from, offset + SET_OFFSET), Bytes.u32(from, offset + BACKEND_OFFSET));
    }
}
