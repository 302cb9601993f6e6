package io.weft.tables;

import static io.weft.tables.Layout.member;

import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_identity}: value of {@code weft_identities}; two slots, as in {@link
 * Versioned}.
 *
 * <pre>
 *   0         4         8
 *   +---------+---------+
 *   |  id[0]  |  id[1]  |
 *   +---------+---------+
 * </pre>
 *
 * @param even identity at even revisions
 * @param odd identity at odd revisions
 */
public record IdentityValue(int even, int odd) {
    public static final int ID_OFFSET = 0;
    public static final int SIZE = 8;

    public static final Layout LAYOUT =
            Layout.of("weft_identity", SIZE, member("id", ID_OFFSET, 8));

    /** {@return the same at every revision} */
    public static IdentityValue same(int id) {
        return new IdentityValue(id, id);
    }

    public int at(int revision) {
        return (revision & 1) == 0 ? even : odd;
    }

    /** {@return a copy that says {@code id} at {@code revision}} */
    public IdentityValue with(int revision, int id) {
        return (revision & 1) == 0 ? new IdentityValue(id, odd) : new IdentityValue(even, id);
    }

    public void write(MemorySegment to, long offset) {
        Bytes.putU32(to, offset + ID_OFFSET, even);
        Bytes.putU32(to, offset + ID_OFFSET + 4, odd);
    }

    public static IdentityValue read(MemorySegment from, long offset) {
        return new IdentityValue(
                Bytes.u32(from, offset + ID_OFFSET), Bytes.u32(from, offset + ID_OFFSET + 4));
    }
}
