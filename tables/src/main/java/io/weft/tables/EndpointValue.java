package io.weft.tables;

import static io.weft.tables.Layout.member;

import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_endpoint}: value of {@code weft_endpoints}, whose key is the workload's slot,
 * or {@link Abi#NODE_SLOT}.
 *
 * <pre>
 *   0            20           40           60           80
 *   +------------+------------+------------+------------+
 *   | egress[0]  | egress[1]  | ingress[0] | ingress[1] |
 *   +------------+------------+------------+------------+
 *   each: group (4), default_rule (4), flags (4), identity_lengths (4), any_lengths (4)
 * </pre>
 */
public record EndpointValue(Versioned<Side> egress, Versioned<Side> ingress) {
    public static final int EGRESS_OFFSET = 0;
    public static final int INGRESS_OFFSET = 40;
    public static final int SIZE = 80;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_endpoint",
                    SIZE,
                    member("egress", EGRESS_OFFSET, 2 * Side.SIZE),
                    member("ingress", INGRESS_OFFSET, 2 * Side.SIZE));

    /**
     * {@code struct weft_side}: how one direction of a workload is judged.
     *
     * @param group a {@link Group#id}, or {@link Group#OPEN}
     * @param defaultRule decides when no entry matches; an id in {@link Rules}
     * @param audit whether what it denies goes on all the same, and is told of
     * @param lengths of the group's entries
     */
    public record Side(int group, int defaultRule, boolean audit, Lengths lengths) {
        public static final int GROUP_OFFSET = 0;
        public static final int DEFAULT_RULE_OFFSET = 4;
        public static final int FLAGS_OFFSET = 8;
        public static final int IDENTITY_LENGTHS_OFFSET = 12;
        public static final int ANY_LENGTHS_OFFSET = 16;
        public static final int SIZE = 20;

        /** In flags: {@link #audit}. */
        public static final int AUDIT = 0x01;

        /** Not isolated: everything is allowed. */
        public static final Side OPEN = new Side(Group.OPEN, Rules.NOT_ISOLATED);

        public static final Layout LAYOUT =
                Layout.of(
                        "weft_side",
                        SIZE,
                        member("group", GROUP_OFFSET, 4),
                        member("default_rule", DEFAULT_RULE_OFFSET, 4),
                        member("flags", FLAGS_OFFSET, 4),
                        member("identity_lengths", IDENTITY_LENGTHS_OFFSET, 4),
                        member("any_lengths", ANY_LENGTHS_OFFSET, 4));

        /** Makes one that is enforced, of a group without entries. */
        public Side(int group, int defaultRule) {
            this(group, defaultRule, false, Lengths.NONE);
        }

        public Side withLengths(Lengths other) {
            return new Side(group, defaultRule, audit, other);
        }

        public void write(MemorySegment to, long offset) {
            Bytes.putU32(to, offset + GROUP_OFFSET, group);
            Bytes.putU32(to, offset + DEFAULT_RULE_OFFSET, defaultRule);
            Bytes.putU32(to, offset + FLAGS_OFFSET, audit ? AUDIT : 0);
            Bytes.putU32(to, offset + IDENTITY_LENGTHS_OFFSET, lengths.ofIdentity());
            Bytes.putU32(to, offset + ANY_LENGTHS_OFFSET, lengths.ofAny());
        }

        public static Side read(MemorySegment from, long offset) {
            return new Side(
                    Bytes.u32(from, offset + GROUP_OFFSET),
                    Bytes.u32(from, offset + DEFAULT_RULE_OFFSET),
                    (Bytes.u32(from, offset + FLAGS_OFFSET) & AUDIT) != 0,
                    new Lengths(
                            Bytes.u32(from, offset + IDENTITY_LENGTHS_OFFSET),
                            Bytes.u32(from, offset + ANY_LENGTHS_OFFSET)));
        }
    }

    public void write(MemorySegment to, long offset) {
        egress.even().write(to, offset + EGRESS_OFFSET);
        egress.odd().write(to, offset + EGRESS_OFFSET + Side.SIZE);
        ingress.even().write(to, offset + INGRESS_OFFSET);
        ingress.odd().write(to, offset + INGRESS_OFFSET + Side.SIZE);
    }

    public static EndpointValue read(MemorySegment from, long offset) {
        return new EndpointValue(
                new Versioned<>(
                        Side.read(from, offset + EGRESS_OFFSET),
                        Side.read(from, offset + EGRESS_OFFSET + Side.SIZE)),
                new Versioned<>(
                        Side.read(from, offset + INGRESS_OFFSET),
                        Side.read(from, offset + INGRESS_OFFSET + Side.SIZE)));
    }
}
