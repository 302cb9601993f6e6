package io.weft.netlink;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A policy-routing rule, see ip-rule(8): packets that match look into {@code table}.
 *
 * @param v6 the family
 * @param priority lower is asked first; the kernel's own are 0, 32766 and 32767
 * @param table 0 when the action needs none
 * @param mark the firewall mark to match under {@code markMask}
 * @param markMask all ones unless said
 * @param from source prefix
 * @param to destination prefix
 * @param iif name of the incoming link
 * @param oif name of the link a local socket is bound to
 * @param suppressPrefixLength go on to the next rule when the found route's prefix is not longer
 */
public record Rule(
        boolean v6,
        int priority,
        Action action,
        int table,
        OptionalInt mark,
        int markMask,
        Optional<Cidr> from,
        Optional<Cidr> to,
        Optional<String> iif,
        Optional<String> oif,
        OptionalInt suppressPrefixLength) {

    /** FR_ACT_*. */
    public enum Action {
        LOOKUP(1),
        BLACKHOLE(6),
        UNREACHABLE(7),
        PROHIBIT(8);

        private final int code;

        Action(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }

        static Optional<Action> of(int code) {
            for (Action action : values()) {
                if (action.code == code) {
                    return Optional.of(action);
                }
            }
            return Optional.empty();
        }
    }

    public Rule {
        if ((from.isPresent() && from.get().isV6() != v6)
                || (to.isPresent() && to.get().isV6() != v6)) {
            throw new IllegalArgumentException("prefixes of another family in rule " + priority);
        }
    }

    /** {@return an IPv4 rule that sends every packet to {@code table}} */
    public static Rule lookup4(int priority, int table) {
        return lookup(false, priority, table);
    }

    /** {@return an IPv6 rule that sends every packet to {@code table}} */
    public static Rule lookup6(int priority, int table) {
        return lookup(true, priority, table);
    }

    private static Rule lookup(boolean v6, int priority, int table) {
        return new Rule(
                v6,
                priority,
                Action.LOOKUP,
                table,
                OptionalInt.empty(),
                -1,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty());
    }

    /** Matches packets whose mark, under {@code mask}, is {@code value}. */
    public Rule mark(int value, int mask) {
        return new Rule(
                v6,
                priority,
                action,
                table,
                OptionalInt.of(value),
                mask,
                from,
                to,
                iif,
                oif,
                suppressPrefixLength);
    }

    public Rule from(Cidr prefix) {
        return new Rule(
                v6,
                priority,
                action,
                table,
                mark,
                markMask,
                Optional.of(prefix),
                to,
                iif,
                oif,
                suppressPrefixLength);
    }

    public Rule to(Cidr prefix) {
        return new Rule(
                v6,
                priority,
                action,
                table,
                mark,
                markMask,
                from,
                Optional.of(prefix),
                iif,
                oif,
                suppressPrefixLength);
    }

    /** Matches packets that came in by the link of this name, which need not exist yet. */
    public Rule iif(String name) {
        return new Rule(
                v6,
                priority,
                action,
                table,
                mark,
                markMask,
                from,
                to,
                Optional.of(name),
                oif,
                suppressPrefixLength);
    }

    /** Matches packets of sockets bound to the link of this name. */
    public Rule oif(String name) {
        return new Rule(
                v6,
                priority,
                action,
                table,
                mark,
                markMask,
                from,
                to,
                iif,
                Optional.of(name),
                suppressPrefixLength);
    }

    /** Goes on to the next rule when the found route's prefix is not longer than {@code bits}. */
    public Rule suppressPrefixLength(int bits) {
        return new Rule(
                v6,
                priority,
                action,
                table,
                mark,
                markMask,
                from,
                to,
                iif,
                oif,
                OptionalInt.of(bits));
    }

    /** Drops in place of a look-up. */
    public Rule drop(Action how) {
        return new Rule(
                v6, priority, how, 0, mark, markMask, from, to, iif, oif, suppressPrefixLength);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(v6 ? "IPv6 " : "IPv4 ").append(priority);
        from.ifPresent(p -> text.append(" from ").append(p));
        to.ifPresent(p -> text.append(" to ").append(p));
        mark.ifPresent(m -> text.append(" mark 0x").append(Integer.toHexString(m)));
        iif.ifPresent(name -> text.append(" iif ").append(name));
        oif.ifPresent(name -> text.append(" oif ").append(name));
        return text.append(' ')
                .append(action.name().toLowerCase(Locale.ROOT))
                .append(table == 0 ? "" : " " + table)
                .toString();
    }
}
