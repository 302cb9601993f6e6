package io.weft.tables;

import static io.weft.tables.Layout.member;

import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_policy_key}: key of {@code weft_policy}, a hash table.
 *
 * <pre>
 *   0         4         8         12        16
 *   +---------+---------+---------+---------+
 *   |  group  | identity|  what   |  open   |
 *   +---------+---------+---------+---------+
 * </pre>
 *
 * <p>{@code what} is protocol × 65536 + destination port, or of {@link Icmp} type × 256; {@code
 * open} are the low bits of it that do not count, {@link MatchKey#open} of them.
 */
public record PolicyKey(int group, MatchKey match) {
    public static final int GROUP_OFFSET = 0;
    public static final int IDENTITY_OFFSET = 4;
    public static final int WHAT_OFFSET = 8;
    public static final int OPEN_OFFSET = 12;
    public static final int SIZE = 16;

    private static final int PORT_BITS = 16;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_policy_key",
                    SIZE,
                    member("group", GROUP_OFFSET, 4),
                    member("identity", IDENTITY_OFFSET, 4),
                    member("what", WHAT_OFFSET, 4),
                    member("open", OPEN_OFFSET, 4));

    public void write(MemorySegment to, long offset) {
        Bytes.putU32(to, offset + GROUP_OFFSET, group);
        Bytes.putU32(to, offset + IDENTITY_OFFSET, match.identity());
        Bytes.putU32(to, offset + WHAT_OFFSET, match.protocol() << PORT_BITS | match.port());
        Bytes.putU32(to, offset + OPEN_OFFSET, (1 << match.open()) - 1);
    }

    /**
     * Reads a key as the kernel gives it back.
     *
     * @throws IllegalArgumentException when it is not one that {@link #write} writes
     */
    public static PolicyKey read(MemorySegment from, long offset) {
        int what = Bytes.u32(from, offset + WHAT_OFFSET);
        int open = Bytes.u32(from, offset + OPEN_OFFSET);
        if ((open & (open + 1)) != 0) {
            throw new IllegalArgumentException("open bits 0x" + Integer.toHexString(open));
        }
        return new PolicyKey(
                Bytes.u32(from, offset + GROUP_OFFSET),
                new MatchKey(
                        Bytes.u32(from, offset + IDENTITY_OFFSET),
                        what >>> PORT_BITS,
                        what & 0xffff,
                        MatchKey.ALL_BITS - Integer.bitCount(open)));
    }
}
