package io.weft.tables;

import static io.weft.tables.Layout.member;

import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_frontend}: value of {@code weft_frontends}, whose key is a {@link
 * FrontendKey}.
 *
 * <pre>
 *   0         4         8         12        16
 *   +---------+---------+---------+---------+
 *   | inside  | outside |  flags  |affinity |
 *   +---------+---------+---------+---------+
 * </pre>
 *
 * @param inside index in {@code weft_sets}, for clients on this node
 * @param outside likewise, for all others
 * @param flags {@link #AFFINITY} …
 * @param affinity seconds that a silent client keeps its backend
 */
public record FrontendValue(int inside, int outside, int flags, int affinity) {
    /** A client keeps its backend. */
    public static final int AFFINITY = 0x01;

    /** The run of a set is its Maglev table. */
    public static final int MAGLEV = 0x02;

    /** Only for clients in {@code weft_source_ranges}. */
    public static final int RANGES = 0x04;

    /** The node's own address takes the place of pods'. */
    public static final int MASQUERADE_PODS = 0x08;

    /** Any of the node's addresses becomes the primary one. */
    public static final int MASQUERADE_NODE = 0x10;

    /** The node's own address takes the place of those of clients outside. */
    public static final int MASQUERADE_OUTSIDE = 0x20;

    /** Packets of clients outside go to backends elsewhere unchanged, inside of others. */
    public static final int DIRECT = 0x40;

    public static final int INSIDE_OFFSET = 0;
    public static final int OUTSIDE_OFFSET = 4;
    public static final int FLAGS_OFFSET = 8;
    public static final int AFFINITY_OFFSET = 12;
    public static final int SIZE = 16;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_frontend",
                    SIZE,
                    member("inside", INSIDE_OFFSET, 4),
                    member("outside", OUTSIDE_OFFSET, 4),
                    member("flags", FLAGS_OFFSET, 4),
                    member("affinity", AFFINITY_OFFSET, 4));

    public void write(MemorySegment to, long offset) {
        Bytes.putU32(to, offset + INSIDE_OFFSET, inside);
        Bytes.putU32(to, offset + OUTSIDE_OFFSET, outside);
        Bytes.putU32(to, offset + FLAGS_OFFSET, flags);
        Bytes.putU32(to, offset + AFFINITY_OFFSET, affinity);
    }

    public static FrontendValue read(MemorySegment from, long offset) {
        return new FrontendValue(
                Bytes.u32(from, offset + INSIDE_OFFSET),
                Bytes.u32(from, offset + OUTSIDE_OFFSET),
                Bytes.u32(from, offset + FLAGS_OFFSET),
                Bytes.u32(from, offset + AFFINITY_OFFSET));
    }
}
