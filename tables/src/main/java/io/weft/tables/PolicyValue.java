package io.weft.tables;

import static io.weft.tables.Layout.member;

import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_policy_value}: value of {@code weft_policy}, a {@link Verdict} in two slots.
 *
 * <pre>
 *   0         4           8         12        16          20        24
 *   +---------+-----------+---------+---------+-----------+---------+
 *   | rule    | precedence| action  | rule    | precedence| action  |
 *   +---------+-----------+---------+---------+-----------+---------+
 *   |&lt;-------- verdict[0] ---------&gt;|&lt;-------- verdict[1] ---------&gt;|
 * </pre>
 */
public record PolicyValue(Versioned<Verdict> verdict) {
    public static final int VERDICT_OFFSET = 0;
    public static final int SIZE = 24;

    public static final int RULE_OFFSET = 0;
    public static final int PRECEDENCE_OFFSET = 4;
    public static final int ACTION_OFFSET = 8;
    public static final int VERDICT_SIZE = 12;

    /** No entry at this revision. */
    public static final Verdict NO_ENTRY = new Verdict(Action.NONE, 0, Rules.NONE);

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_policy_value", SIZE, member("verdict", VERDICT_OFFSET, 2 * VERDICT_SIZE));

    public static final Layout VERDICT_LAYOUT =
            Layout.of(
                    "weft_verdict",
                    VERDICT_SIZE,
                    member("rule", RULE_OFFSET, 4),
                    member("precedence", PRECEDENCE_OFFSET, 4),
                    member("action", ACTION_OFFSET, 4));

    public void write(MemorySegment to, long offset) {
        writeVerdict(to, offset + VERDICT_OFFSET, verdict.even());
        writeVerdict(to, offset + VERDICT_OFFSET + VERDICT_SIZE, verdict.odd());
    }

    public static PolicyValue read(MemorySegment from, long offset) {
        return new PolicyValue(
                new Versioned<>(
                        readVerdict(from, offset + VERDICT_OFFSET),
                        readVerdict(from, offset + VERDICT_OFFSET + VERDICT_SIZE)));
    }

    private static void writeVerdict(MemorySegment to, long offset, Verdict verdict) {
        Bytes.putU32(to, offset + RULE_OFFSET, verdict.rule());
        Bytes.putU32(to, offset + PRECEDENCE_OFFSET, verdict.precedence());
        Bytes.putU32(to, offset + ACTION_OFFSET, code(verdict.action()));
    }

    private static Verdict readVerdict(MemorySegment from, long offset) {
        return new Verdict(
                action(Bytes.u32(from, offset + ACTION_OFFSET)),
                Bytes.u32(from, offset + PRECEDENCE_OFFSET),
                Bytes.u32(from, offset + RULE_OFFSET));
    }

    private static int code(Action action) {
        return switch (action) {
            case NONE -> Abi.ACTION_NONE;
            case ALLOW -> Abi.ACTION_ALLOW;
            case DENY -> Abi.ACTION_DENY;
        };
    }

    private static Action action(int code) {
        return switch (code) {
            case Abi.ACTION_NONE -> Action.NONE;
            case Abi.ACTION_ALLOW -> Action.ALLOW;
            case Abi.ACTION_DENY -> Action.DENY;
            default -> throw Abi.unknown("action", code);
        };
    }
}
