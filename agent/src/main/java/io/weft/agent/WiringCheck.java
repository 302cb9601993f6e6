package io.weft.agent;

import io.weft.datapath.Datapath;
import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.netlink.BpfFilter;
import io.weft.netlink.Link;
import io.weft.netlink.LinkAddress;
import io.weft.netlink.Netlink;
import io.weft.netlink.Route;
import io.weft.tables.WorkloadValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks whether a guest's wiring is as it was made: links, addresses, routes, programs, maps. */
final class WiringCheck {
    private final Node node;
    private final Endpoint endpoint;
    private final Optional<String> bridge;
    private final InnerNetwork network;
    private final List<String> wrong = new ArrayList<>();

    /**
     * @param bridge what it is a port of, when it is one
     * @param network what the container's interface was given
     */
    WiringCheck(Node node, Endpoint endpoint, Optional<String> bridge, InnerNetwork network) {
        this.node = node;
        this.endpoint = endpoint;
        this.bridge = bridge;
        this.network = network;
    }

    /** {@return what is not as it was, in words} */
    List<String> of(NetNs namespace) {
        try (Netlink host = Wiring.host(node.config())) {
            host(host);
        }
        try (Netlink inside = Netlink.open(namespace)) {
            inside(inside);
        }
        maps();
        return wrong;
    }

    private void host(Netlink host) {
        String name = endpoint.hostInterface();
        Optional<Link> link = host.links().get(name);
        if (link.isEmpty() || link.get().index() != endpoint.ifindex()) {
            wrong.add("interface " + name + " of the node is gone");
            return;
        }
        if (!link.get().up()) {
            wrong.add("interface " + name + " of the node is down");
        }
        for (BpfFilter.Direction direction : BpfFilter.Direction.values()) {
            boolean there =
                    host.traffic().filters(endpoint.ifindex(), direction).stream()
                            .anyMatch(filter -> filter.name().startsWith("weft_"));
            if (!there) {
                wrong.add("interface " + name + " has no program at its " + direction);
            }
        }
        if (endpoint.kind() == InterfaceKind.VETH || endpoint.kind() == InterfaceKind.TAP) {
            routes(host);
        } else if (endpoint.kind() == InterfaceKind.BRIDGE) {
            port(host, link.get());
        }
    }

    private void port(Netlink host, Link port) {
        Optional<Link> master =
                port.master() == 0 ? Optional.empty() : host.links().get(port.master());
        if (master.isEmpty() || bridge.filter(master.get().name()::equals).isEmpty()) {
            wrong.add("interface " + port.name() + " is no port of " + bridge.orElse("a bridge"));
            return;
        }
        if (!master.get().up()) {
            wrong.add("bridge " + master.get().name() + " is down");
        }
        if (master.get().group() != Bridge.groupOf(node.config())) {
            return; // its addresses are others' to give
        }
        List<LinkAddress> gateways = host.addresses().list(master.get().index());
        for (Ip ip : endpoint.ips()) {
            if (gateways.stream()
                    .noneMatch(g ->
                            Wiring.prefix(g.address()).contains(ip)
                                    && g.address().length() < ip.bits())) {
                wrong.add(
                        "bridge " + master.get().name() + " has no address in the subnet of " + ip);
            }
        }
    }

    private void routes(Netlink host) {
        List<Route> routes = host.routes().list(Route.MAIN);
        for (Ip ip : endpoint.ips()) {
            boolean there =
                    routes.stream()
                            .anyMatch(r ->
                                    leadsOver(r, endpoint.ifindex())
                                            && r.destination()
                                                    .address()
                                                    .equals(Wiring.address(ip)));
            if (!there) {
                wrong.add("the node has no route to " + ip);
            }
        }
    }

    private void inside(Netlink inside) {
        String name = endpoint.podInterface();
        Optional<Link> link = inside.links().get(name);
        if (link.isEmpty()) {
            wrong.add("interface " + name + " of the container is gone");
            return;
        }
        if (!link.get().up()) {
            wrong.add("interface " + name + " of the container is down");
        }
        if (link.get().mac().stream().noneMatch(mac -> mac.bits() == endpoint.mac().bits())) {
            wrong.add("interface " + name + " of the container has not MAC " + endpoint.mac());
        }
        if (endpoint.kind() == InterfaceKind.TAP) {
            joined(inside, link.get());
            return; // the addresses are the virtual machine's
        }
        wrong.addAll(network.missingAt(inside, link.get()));
    }

    private void joined(Netlink inside, Link tap) {
        if (!tap.kind().equals(TapPlace.KIND)) {
            wrong.add("interface " + tap.name() + " of the container is no tap");
            return;
        }
        Optional<Link> end = inside.links().get(Datapath.across(tap.index()));
        if (end.filter(link -> link.up() && link.peer() == endpoint.ifindex()).isEmpty()) {
            wrong.add("the end of the pair beside " + tap.name() + " is gone or down");
            return;
        }
        for (Link link : List.of(tap, end.get())) {
            if (inside.traffic().filters(link.index(), BpfFilter.Direction.INGRESS).stream()
                    .noneMatch(filter -> filter.name().startsWith("weft_"))) {
                wrong.add(
                        "interface "
                                + link.name()
                                + " of the container has no program that joins it to the other");
            }
        }
    }

    static boolean leadsOver(Route route, int link) {
        return route.nextHops().stream().anyMatch(hop -> hop.link() == link);
    }

    private void maps() {
        WorkloadValue known = node.datapath().workloads().get(endpoint.ifindex());
        if (known == null || known.slot() != endpoint.slot()) {
            wrong.add("the programs do not know " + endpoint.hostInterface());
        }
    }
}
