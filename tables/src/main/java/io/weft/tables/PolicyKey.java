package io.weft.tables;

import static io.weft.tables.Layout.member;

import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_policy_key}: key of {@code weft_policy}, a trie by longest prefix in which
 * group and identity always count.
 *
 * <pre>
 *   0         4         8         12   13        15   16
 *   +---------+---------+---------+----+---------+----+
 *   |  bits   |  group  | identity|prot|  port   |  0 |
 *   +---------+---------+---------+----+---------+----+
 *             |&lt;------- 64 ------&gt;|&lt;8-&gt;|&lt;-- 16 -&gt;|
 * </pre>
 *
 * <p>{@code bits} is 64 + {@link MatchKey#bits}; {@code port} is the destination port, or of {@link
 * Icmp} the type and a zero.
 */
public record PolicyKey(int group, MatchKey match) {
    public static final int BITS_OFFSET = 0;
    public static final int GROUP_OFFSET = 4;
    public static final int IDENTITY_OFFSET = 8;
    public static final int PROTOCOL_OFFSET = 12;
    public static final int PORT_OFFSET = 13;
    public static final int ZERO_OFFSET = 15;
    public static final int SIZE = 16;

    /** Bits of group and identity. */
    public static final int FIXED_BITS = 64;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_policy_key",
                    SIZE,
                    member("bits", BITS_OFFSET, 4),
                    member("group", GROUP_OFFSET, 4),
                    member("identity", IDENTITY_OFFSET, 4),
                    member("protocol", PROTOCOL_OFFSET, 1),
                    member("port", PORT_OFFSET, 2),
                    member("zero", ZERO_OFFSET, 1));

    public void write(MemorySegment to, long offset) {
        Bytes.putU32(to, offset + BITS_OFFSET, FIXED_BITS + match.bits());
        Bytes.putU32(to, offset + GROUP_OFFSET, group);
        Bytes.putU32(to, offset + IDENTITY_OFFSET, match.identity());
        Bytes.putU8(to, offset + PROTOCOL_OFFSET, match.protocol());
        Bytes.putPort(to, offset + PORT_OFFSET, match.port());
        Bytes.putU8(to, offset + ZERO_OFFSET, 0);
    }

    /**
     * Reads a key as the kernel gives it back.
     *
     * @throws IllegalArgumentException when it is not one that {@link #write} writes
     */
    public static PolicyKey read(MemorySegment from, long offset) {
        return new PolicyKey(
                Bytes.u32(from, offset + GROUP_OFFSET),
                new MatchKey(
                        Bytes.u32(from, offset + IDENTITY_OFFSET),
                        Bytes.u8(from, offset + PROTOCOL_OFFSET),
                        Bytes.port(from, offset + PORT_OFFSET),
                        Bytes.u32(from, offset + BITS_OFFSET) - FIXED_BITS));
    }
}
