package io.weft.netlink;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The policy-routing rules of one namespace. Made by {@link Netlink#rules}. */
public final class Rules {
    private static final int RTM_NEWRULE = 32;
    private static final int RTM_DELRULE = 33;
    private static final int RTM_GETRULE = 34;
    private static final int HEADER = 12; // struct fib_rule_hdr

    private final NetlinkSocket socket;

    Rules(NetlinkSocket socket) {
        this.socket = socket;
    }

    /**
     * Adds a rule.
     *
     * @throws NetlinkException EEXIST when the same one is there
     */
    public void add(Rule rule) {
        socket.call(addRequest(rule));
    }

    /**
     * Takes a rule away.
     *
     * @throws NetlinkException ENOENT when there is none like it
     */
    public void delete(Rule rule) {
        socket.call(deleteRequest(rule));
    }

    /** {@return all rules, IPv4 first, each family by priority; those with goto or nop left out} */
    public List<Rule> list() {
        List<Rule> all = new ArrayList<>(dump(Family.V4));
        all.addAll(dump(Family.V6));
        return List.copyOf(all);
    }

    private List<Rule> dump(int family) {
        return socket.dump(
                header(RTM_GETRULE, Request.DUMP, family, 0, 0, 0, 0).finish("list rules"),
                reply -> Wire.isOf(family, reply) ? parse(reply) : Optional.empty());
    }

    static Request addRequest(Rule rule) {
        return message(RTM_NEWRULE, Request.CREATE | Request.EXCL, rule).finish("add rule " + rule);
    }

    static Request deleteRequest(Rule rule) {
        return message(RTM_DELRULE, 0, rule).finish("delete rule " + rule);
    }

    private static MessageWriter header(
            int type, int flags, int family, int toLength, int fromLength, int table, int action) {
        return new MessageWriter(type, flags)
                .u8(family)
                .u8(toLength)
                .u8(fromLength)
                .u8(0)
                .u8(table)
                .u8(0)
                .u8(0)
                .u8(action)
                .u32(0);
    }

    private static MessageWriter message(int type, int flags, Rule rule) {
        MessageWriter w =
                header(
                        type,
                        flags,
                        rule.v6() ? Family.V6 : Family.V4,
                        rule.to().map(Cidr::length).orElse(0),
                        rule.from().map(Cidr::length).orElse(0),
                        rule.table() < 256 ? rule.table() : 0,
                        rule.action().code());
        w.u32(Attr.FRA_PRIORITY, rule.priority());
        if (rule.table() != 0) {
            w.u32(Attr.FRA_TABLE, rule.table());
        }
        rule.from().ifPresent(p -> w.address(Attr.FRA_SRC, p.address()));
        rule.to().ifPresent(p -> w.address(Attr.FRA_DST, p.address()));
        if (rule.mark().isPresent()) {
            w.u32(Attr.FRA_FWMARK, rule.mark().getAsInt());
            w.u32(Attr.FRA_FWMASK, rule.markMask());
        }
        rule.iif().ifPresent(name -> w.string(Attr.FRA_IIFNAME, name));
        rule.oif().ifPresent(name -> w.string(Attr.FRA_OIFNAME, name));
        rule.suppressPrefixLength().ifPresent(n -> w.u32(Attr.FRA_SUPPRESS_PREFIXLEN, n));
        return w;
    }

    static Optional<Rule> parse(Reply reply) {
        int family = reply.type() == RTM_NEWRULE ? reply.u8(0) : Family.UNSPEC;
        if (family != Family.V4 && family != Family.V6) {
            return Optional.empty();
        }
        Optional<Rule.Action> action = Rule.Action.of(reply.u8(7));
        if (action.isEmpty()) {
            return Optional.empty();
        }
        Attributes a = reply.attributes(HEADER);
        OptionalInt suppress = a.u32(Attr.FRA_SUPPRESS_PREFIXLEN);
        return Optional.of(
                new Rule(
                        family == Family.V6,
                        a.u32(Attr.FRA_PRIORITY, 0),
                        action.get(),
                        a.u32(Attr.FRA_TABLE, reply.u8(4)),
                        a.u32(Attr.FRA_FWMARK),
                        a.u32(Attr.FRA_FWMASK, -1),
                        prefix(a, Attr.FRA_SRC, family, reply.u8(2)),
                        prefix(a, Attr.FRA_DST, family, reply.u8(1)),
                        a.string(Attr.FRA_IIFNAME),
                        a.string(Attr.FRA_OIFNAME),
                        suppress.isPresent() && suppress.getAsInt() >= 0
                                ? suppress
                                : OptionalInt.empty()));
    }

    private static Optional<Cidr> prefix(Attributes a, Attr attr, int family, int length) {
        return a.has(attr) ? Optional.of(Wire.cidr(a, attr, family, length)) : Optional.empty();
    }
}
