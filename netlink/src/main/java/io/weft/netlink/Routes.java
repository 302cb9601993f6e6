package io.weft.netlink;

import io.weft.kernel.Errno;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The routing tables of one namespace, IPv4 and IPv6. Made by {@link Netlink#routes}. */
public final class Routes {
    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_DELROUTE = 25;
    private static final int RTM_GETROUTE = 26;
    private static final int HEADER = 12; // struct rtmsg
    private static final int NEXT_HOP = 8; // struct rtnexthop
    private static final int RTNH_F_ONLINK = 4;
    private static final int RTM_F_CLONED = 0x200;

    private final NetlinkSocket socket;

    Routes(NetlinkSocket socket) {
        this.socket = socket;
    }

    /**
     * Adds a route.
     *
     * @throws NetlinkException EEXIST when one for the same destination, table and metric is there
     */
    public void add(Route route) {
        socket.call(addRequest(route));
    }

    /** Adds a route, or changes the one for the same destination, table and metric. */
    public void replace(Route route) {
        socket.call(replaceRequest(route));
    }

    /**
     * Takes a route away.
     *
     * @throws NetlinkException ESRCH when there is none like it
     */
    public void delete(Route route) {
        socket.call(deleteRequest(route));
    }

    /** {@return all routes of all tables, IPv4 first} */
    public List<Route> list() {
        return list(0);
    }

    /** {@return the routes of one table, IPv4 first; 0: of all} */
    public List<Route> list(int table) {
        List<Route> all = new ArrayList<>(dump(Family.V4, table));
        all.addAll(dump(Family.V6, table));
        return List.copyOf(all);
    }

    private List<Route> dump(int family, int table) {
        MessageWriter w = header(RTM_GETROUTE, Request.DUMP, family, 0, 0, 0, 0, 0, 0);
        if (table != 0) {
            w.u32(Attr.RTA_TABLE, table);
        }
        Request request = w.finish("list routes" + (table == 0 ? "" : " of table " + table));
        try {
            return socket.dump(
                    request, reply -> Wire.isOf(family, reply) ? parse(reply) : Optional.empty());
        } catch (NetlinkException e) {
            if (table != 0 && e.is(Errno.ENOENT)) { // a table exists once it has had a route
                return List.of();
            }
            throw e;
        }
    }

    static Request addRequest(Route route) {
        return message(RTM_NEWROUTE, Request.CREATE | Request.EXCL, route)
                .finish("add route " + route);
    }

    static Request replaceRequest(Route route) {
        return message(RTM_NEWROUTE, Request.CREATE | Request.REPLACE, route)
                .finish("replace route " + route);
    }

    static Request deleteRequest(Route route) {
        return message(RTM_DELROUTE, 0, route).finish("delete route " + route);
    }

    private static MessageWriter header(
            int type,
            int flags,
            int family,
            int length,
            int table,
            int protocol,
            int scope,
            int routeType,
            int routeFlags) {
        return new MessageWriter(type, flags)
                .u8(family)
                .u8(length)
                .u8(0)
                .u8(0)
                .u8(table)
                .u8(protocol)
                .u8(scope)
                .u8(routeType)
                .u32(routeFlags);
    }

    private static MessageWriter message(int type, int flags, Route route) {
        Cidr destination = route.destination();
        boolean single = route.nextHops().size() == 1;
        MessageWriter w =
                header(
                        type,
                        flags,
                        destination.address().family(),
                        destination.length(),
                        route.table() < 256 ? route.table() : 0,
                        route.protocol(),
                        route.scope(),
                        route.type().code(),
                        single && route.nextHops().getFirst().onLink() ? RTNH_F_ONLINK : 0);
        w.u32(Attr.RTA_TABLE, route.table());
        if (destination.length() > 0) {
            w.address(Attr.RTA_DST, destination.address());
        }
        if (single) {
            nextHop(w, destination, route.nextHops().getFirst());
        } else if (!route.nextHops().isEmpty()) {
            int multipath = w.open(Attr.RTA_MULTIPATH);
            for (Route.NextHop hop : route.nextHops()) {
                int start = w.position();
                w.u16(0).u8(hop.onLink() ? RTNH_F_ONLINK : 0).u8(hop.weight() - 1).u32(hop.link());
                gateway(w, destination, hop);
                w.patch16(start, w.position() - start);
            }
            w.end(multipath);
        }
        route.source().ifPresent(source -> w.address(Attr.RTA_PREFSRC, source));
        if (route.metric() != 0) {
            w.u32(Attr.RTA_PRIORITY, route.metric());
        }
        if (route.mtu() != 0 || route.advmss() != 0) {
            int metrics = w.nest(Attr.RTA_METRICS);
            metric(w, Attr.RTAX_MTU, route.mtu());
            metric(w, Attr.RTAX_ADVMSS, route.advmss());
            w.end(metrics);
        }
        return w;
    }

    private static void metric(MessageWriter w, Attr metric, int value) {
        if (value != 0) {
            w.u32(metric, value);
        }
    }

    private static void nextHop(MessageWriter w, Cidr destination, Route.NextHop hop) {
        gateway(w, destination, hop);
        if (hop.link() != 0) {
            w.u32(Attr.RTA_OIF, hop.link());
        }
    }

    private static void gateway(MessageWriter w, Cidr destination, Route.NextHop hop) {
        if (hop.gateway().isEmpty()) {
            return;
        }
        Address gateway = hop.gateway().get();
        if (gateway.isV6() == destination.isV6()) {
            w.address(Attr.RTA_GATEWAY, gateway);
        } else { // struct rtvia: u16 family, then the address
            byte[] via = new byte[2 + gateway.bits() / 8];
            Bytes.put16(via, 0, gateway.family());
            System.arraycopy(gateway.bytes(), 0, via, 2, via.length - 2);
            w.bytes(Attr.RTA_VIA, via);
        }
    }

    static Optional<Route> parse(Reply reply) {
        if (reply.type() != RTM_NEWROUTE || (reply.i32(8) & RTM_F_CLONED) != 0) {
            return Optional.empty();
        }
        int family = reply.u8(0);
        Optional<Route.Type> type = Route.Type.of(reply.u8(7));
        if (type.isEmpty() || (family != Family.V4 && family != Family.V6)) {
            return Optional.empty();
        }
        Attributes a = reply.attributes(HEADER);
        Attributes metrics = a.nested(Attr.RTA_METRICS);
        List<Route.NextHop> hops = new ArrayList<>();
        if (a.has(Attr.RTA_MULTIPATH)) {
            hops.addAll(multipath(a.bytes(Attr.RTA_MULTIPATH, 0).orElseThrow()));
        } else {
            Optional<Address> gateway = gateway(a);
            int link = a.u32(Attr.RTA_OIF, 0);
            if (gateway.isPresent() || link != 0) {
                boolean onLink = (reply.i32(8) & RTNH_F_ONLINK) != 0;
                hops.add(new Route.NextHop(gateway, link, onLink, 1));
            }
        }
        return Optional.of(
                new Route(
                        Wire.cidr(a, Attr.RTA_DST, family, reply.u8(1)),
                        type.get(),
                        hops,
                        a.address(Attr.RTA_PREFSRC),
                        reply.u8(6),
                        a.u32(Attr.RTA_TABLE, reply.u8(4)),
                        a.u32(Attr.RTA_PRIORITY, 0),
                        metrics.u32(Attr.RTAX_MTU, 0),
                        metrics.u32(Attr.RTAX_ADVMSS, 0),
                        reply.u8(5)));
    }

    private static Optional<Address> gateway(Attributes a) {
        return a.address(Attr.RTA_GATEWAY)
                .or(() ->
                        a.bytes(Attr.RTA_VIA, 6)
                                .filter(via -> via.length == 6 || via.length == 18)
                                .map(via -> Address.of(Arrays.copyOfRange(via, 2, via.length))));
    }

    private static List<Route.NextHop> multipath(byte[] raw) {
        List<Route.NextHop> hops = new ArrayList<>();
        int at = 0;
        while (at < raw.length) {
            int left = raw.length - at;
            int length = left < NEXT_HOP ? 0 : Bytes.u16(raw, at);
            if (length < NEXT_HOP || length > left) {
                throw NetlinkException.malformed("next hop of length " + length);
            }
            hops.add(
                    new Route.NextHop(
                            gateway(Attributes.of(raw, at + NEXT_HOP, at + length)),
                            Bytes.i32(raw, at + 4),
                            (Bytes.u8(raw, at + 2) & RTNH_F_ONLINK) != 0,
                            Bytes.u8(raw, at + 3) + 1));
            at += Math.min(Bytes.align(length), left);
        }
        return hops;
    }
}
