package io.weft.agent;

import io.weft.cni.CniCode;
import io.weft.cni.CniException;
import io.weft.cni.CniResult;
import io.weft.cni.IpNet;
import io.weft.model.Ip;
import io.weft.model.Prefix;
import io.weft.netlink.Batch;
import io.weft.netlink.Cidr;
import io.weft.netlink.Link;
import io.weft.netlink.Netlink;
import io.weft.netlink.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * What a container's interface is given.
 *
 * @param addresses each with its subnet's length and gateway
 * @param routes over the interface, each with its gateway, if it has one
 */
record InnerNetwork(List<CniResult.Address> addresses, List<CniResult.Route> routes) {
    private static final IpNet ALL_V4 = new IpNet(Ip.v4(0), 0);
    private static final IpNet ALL_V6 = new IpNet(new Ip(0, 0), 0);
    private static final int ANY_LINK = 1; // of a key it is no part

    InnerNetwork {
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
    }

    /** What the kernel holds once in each namespace. */
    private record Key(Prefix destination, int table, int metric) {
        static Key of(Route route) {
            return new Key(Wiring.prefix(route.destination()), route.table(), route.metric());
        }
    }

    /**
     * {@return a network on a link with others}
     *
     * @param said routes, by whoever gives the addresses; none: a default route for each gateway.
     *     One without a gateway has that of the address of its family
     * @throws CniException when there is no address of a route's family
     */
    static InnerNetwork onLink(List<CniResult.Address> addresses, List<CniResult.Route> said) {
        List<CniResult.Route> routes = new ArrayList<>();
        for (CniResult.Route route : said) {
            boolean v4 = route.destination().ip().isV4();
            CniResult.Address address =
                    addresses.stream()
                            .filter(a -> a.address().ip().isV4() == v4)
                            .findFirst()
                            .orElseThrow(() ->
                                    new CniException(
                                            CniCode.BAD_CONFIG,
                                            "routes: "
                                                    + route.destination()
                                                    + ": the container has no address of IPv"
                                                    + (v4 ? 4 : 6)
                                                    + ": leave the route out, or give it one"));
            routes.add(through(route, route.gateway().or(address::gateway)));
        }
        if (said.isEmpty()) {
            for (CniResult.Address address : addresses) {
                if (address.gateway().isPresent()) {
                    routes.add(
                            CniResult.Route.via(
                                    address.address().ip().isV4() ? ALL_V4 : ALL_V6,
                                    address.gateway()));
                }
            }
        }
        return new InnerNetwork(addresses, routes);
    }

    /**
     * {@return a network behind the node, through which every route leads, whatever its gateway was
     * said to be}
     *
     * @param gateway the node's address for one of the container's
     * @param said as {@link #onLink} has them
     */
    static InnerNetwork routed(
            List<Ip> ips, UnaryOperator<Ip> gateway, List<CniResult.Route> said) {
        return onLink(
                ips.stream()
                        .map(ip ->
                                new CniResult.Address(
                                        new IpNet(ip, ip.bits()),
                                        Optional.of(gateway.apply(ip)),
                                        OptionalInt.empty()))
                        .toList(),
                said.stream().map(route -> through(route, Optional.empty())).toList());
    }

    /**
     * {@return what a container has by ADD's answer}
     *
     * @param routes of that answer
     */
    static InnerNetwork answered(List<Ip> ips, List<CniResult.Route> routes) {
        return new InnerNetwork(
                ips.stream()
                        .map(ip ->
                                new CniResult.Address(
                                        new IpNet(ip, ip.bits()),
                                        Optional.empty(),
                                        OptionalInt.empty()))
                        .toList(),
                routes);
    }

    private static CniResult.Route through(CniResult.Route route, Optional<Ip> gateway) {
        return new CniResult.Route(
                route.destination(),
                gateway,
                route.mtu(),
                route.advmss(),
                route.priority(),
                route.table(),
                route.scope());
    }

    /** {@return it without routes that the container has already, over whichever interface} */
    InnerNetwork missingIn(Netlink inside) {
        Set<Key> there = inside.routes().list().stream().map(Key::of).collect(Collectors.toSet());
        return new InnerNetwork(
                addresses,
                routes.stream()
                        .filter(route -> !there.contains(Key.of(over(route, ANY_LINK))))
                        .toList());
    }

    /** Adds its routes, over an interface that is up by then. */
    void addRoutes(Batch batch, int link) {
        routes.forEach(route -> batch.replace(over(route, link)));
    }

    private static Route over(CniResult.Route route, int link) {
        Prefix destination = route.destination().prefix();
        Route.Builder built =
                Route.to(new Cidr(Wiring.address(destination.ip()), destination.length()))
                        .dev(link)
                        .table(table(route));
        route.gateway().ifPresent(gateway -> built.via(Wiring.address(gateway)).onLink());
        route.priority().ifPresent(built::metric);
        route.mtu().ifPresent(built::mtu);
        route.advmss().ifPresent(built::advmss);
        route.scope().ifPresent(built::scope);
        return built.build();
    }

    /** {@return what is missing at {@code link} of its addresses and routes, in words} */
    List<String> missingAt(Netlink inside, Link link) {
        List<String> wrong = new ArrayList<>();
        List<Ip> there =
                inside.addresses().list(link.index()).stream()
                        .map(address -> Wiring.ip(address.address().address()))
                        .toList();
        for (CniResult.Address address : addresses) {
            Ip ip = address.address().ip();
            if (!there.contains(ip)) {
                wrong.add("address " + ip + " of " + link.name() + " is gone");
            }
        }
        for (CniResult.Route route : routes) {
            Key key = Key.of(over(route, link.index()));
            boolean leads =
                    inside.routes().list(key.table()).stream()
                            .anyMatch(r ->
                                    WiringCheck.leadsOver(r, link.index())
                                            && Key.of(r).equals(key));
            if (!leads) {
                wrong.add("the container has no " + name(route) + " over " + link.name());
            }
        }
        return wrong;
    }

    private static String name(CniResult.Route route) {
        IpNet to = route.destination();
        return to.length() == 0
                ? "default route of IPv" + (to.ip().isV4() ? 4 : 6)
                : "route to " + to;
    }

    private static int table(CniResult.Route route) {
        int table = route.table().orElse(0);
        return table == 0 ? Route.MAIN : table; // RT_TABLE_UNSPEC
    }
}
