package io.weft.tables;

import java.util.List;

/**
 * A C struct as the compiler lays it out.
 *
 * @param struct its tag: {@code weft_event}
 * @param size in bytes
 * @param members in order, without gaps
 */
public record Layout(String struct, int size, List<Member> members) {
    /**
     * @param offset in bytes from the start of the struct
     * @param size in bytes, of the whole array when it is one
     */
    public record Member(String name, int offset, int size) {}

    public Layout {
        members = List.copyOf(members);
        int end = 0;
        for (Member member : members) {
            if (member.offset != end) {
                throw new IllegalArgumentException(
                        struct + "." + member.name + " at " + member.offset + ", not " + end);
            }
            end += member.size;
        }
        if (end != size) {
            throw new IllegalArgumentException(struct + " ends at " + end + ", not " + size);
        }
    }

    static Layout of(String struct, int size, Member... members) {
        return new Layout(struct, size, List.of(members));
    }

    static Member member(String name, int offset, int size) {
        return new Member(name, offset, size);
    }
}
