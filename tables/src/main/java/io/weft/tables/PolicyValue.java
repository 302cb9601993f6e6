package io.weft.tables;

import static io.weft.tables.Layout.member;

import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_policy_value}: value of {@code weft_policy}, a {@link Verdict} in two slots.
 *
 * <pre>
 *   0                16        20          24        28        32          36        40     44     48
 *   +----------------+---------+-----------+---------+---------+-----------+---------+------+------+
 *   |      key       | rule    | precedence| action  | rule    | precedence| action  | lock |   0  |
 *   +----------------+---------+-----------+---------+---------+-----------+---------+------+------+
 *                    |&lt;-------- verdict[0] ---------&gt;|&lt;-------- verdict[1] ---------&gt;|
 * </pre>
 *
 * <p>The lock makes the kernel write an element in place; it reads as 0.
 *
 * @param key that of the element, by which a reader knows that it is still the same one
 */
public record PolicyValue(PolicyKey key, Versioned<Verdict> verdict) {
    public static final int KEY_OFFSET = 0;
    public static final int VERDICT_OFFSET = 16;
    public static final int LOCK_OFFSET = 40;
    public static final int ZERO_OFFSET = 44;
    public static final int SIZE = 48;

    public static final int RULE_OFFSET = 0;
    public static final int PRECEDENCE_OFFSET = 4;
    public static final int ACTION_OFFSET = 8;
    public static final int VERDICT_SIZE = 12;

    /** No entry at this revision; a less specific one may match. */
    public static final Verdict NO_ENTRY = new Verdict(Action.NONE, 0, Rules.NONE);

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_policy_value",
                    SIZE,
                    member("key", KEY_OFFSET, PolicyKey.SIZE),
                    member("verdict", VERDICT_OFFSET, 2 * VERDICT_SIZE),
                    member("lock", LOCK_OFFSET, 4),
                    member("zero", ZERO_OFFSET, 4));

    public static final Layout VERDICT_LAYOUT =
            Layout.of(
                    "weft_verdict",
                    VERDICT_SIZE,
                    member("rule", RULE_OFFSET, 4),
                    member("precedence", PRECEDENCE_OFFSET, 4),
                    member("action", ACTION_OFFSET, 4));

    public void write(MemorySegment to, long offset) {
        key.write(to, offset + KEY_OFFSET);
        writeVerdict(to, offset + VERDICT_OFFSET, verdict.even());
        writeVerdict(to, offset + VERDICT_OFFSET + VERDICT_SIZE, verdict.odd());
        Bytes.putU32(to, offset + LOCK_OFFSET, 0);
        Bytes.putU32(to, offset + ZERO_OFFSET, 0);
    }

    public static PolicyValue read(MemorySegment from, long offset) {
        return new PolicyValue(
                PolicyKey.read(from, offset + KEY_OFFSET),
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
