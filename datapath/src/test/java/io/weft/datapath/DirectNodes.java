package io.weft.datapath;

import io.weft.bpf.BpfFs;
import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.netlink.Address;
import io.weft.netlink.Cidr;
import io.weft.netlink.HardwareAddress;
import io.weft.netlink.LinkAddress;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import io.weft.netlink.Route;
import io.weft.tables.EventRecord;
import io.weft.tables.Reason;
import io.weft.tables.Tables;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * Two nodes with a pod each, and a client outside that has a link to both. It knows services by way
 * of the node NEAR alone; the node FAR knows no way to it but its own link.
 *
 * <pre>
 *            client
 *     "near" /    \ "far"
 *         NEAR -- FAR
 *          |  "between"
 *        pod      pod
 * </pre>
 */
final class DirectNodes extends TestSockets {
    static final Ip CLIENT4 = Ip.parse("198.51.100.2");
    static final Ip CLIENT6 = Ip.parse("2001:db8:100::2");

    /** The nodes' addresses; those of NEAR are the ones that its client knows. */
    static final Ip NEAR4 = Ip.parse("198.51.100.1");

    static final Ip NEAR6 = Ip.parse("2001:db8:100::1");
    static final Ip FAR4 = Ip.parse("192.0.2.2");
    static final Ip FAR6 = Ip.parse("2001:db8:200::2");

    static final TestNode.Pod NEAR_POD = pod("near", 1);
    static final TestNode.Pod FAR_POD = pod("far", 2);
    static final int NEAR_ID = 300;
    static final int FAR_ID = 301;

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final String unique =
            "weft-t-dn" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();
    final NetNs client;
    final Node near;
    final Node far;

    /** One of the two. */
    final class Node {
        final NetNs ns;
        final NetNs pod;
        final Datapath datapath;
        final List<EventRecord> events = new CopyOnWriteArrayList<>();
        final Map<String, Integer> links = new TreeMap<>();
        private final TestNode.Pod wired;
        private final List<Ip> own;

        Node(TestNode.Pod wired, List<Ip> own) {
            this.wired = wired;
            this.own = own;
            ns = namespace(unique, "-" + wired.name());
            pod = namespace(unique, "-" + wired.name() + "p");
            ns.run(() -> {
                sysctl("net/ipv4/ip_forward", 1);
                sysctl("net/ipv6/conf/all/forwarding", 1);
            });
            Path pins = BpfFs.DEFAULT.resolve(unique + "-" + wired.name());
            toClose.add(() -> Datapath.unpin(pins));
            datapath = Datapath.open(pins, TestNode.SMALL);
            toClose.add(datapath);
            toClose.add(datapath.events(events::add));
            apply(tables().build());
            try (Netlink host = Netlink.open(ns)) {
                wire(host);
            }
        }

        /** The pods and nodes of both, without policy. */
        TestTables tables() {
            return new TestTables()
                    .pod("near", NEAR_ID, NEAR_POD.ip4(), NEAR_POD.ip6())
                    .pod("far", FAR_ID, FAR_POD.ip4(), FAR_POD.ip6())
                    .node(own.toArray(Ip[]::new));
        }

        void apply(Tables tables) {
            datapath.tables().apply(tables, Map.of(TestTables.ref(wired.name()), wired.slot()));
        }

        /** Puts services in force, of which this node knows its own backends. */
        void serve(UnaryOperator<TestServices> services) {
            String[] addresses = own.stream().map(Ip::toString).toArray(String[]::new);
            TestServices start =
                    new TestServices()
                            .ownAddresses(addresses)
                            .nodeAddresses(addresses)
                            .podCidrs(wired.ip4() + "/32", wired.ip6() + "/128")
                            .nodes(List.of(NEAR4, NEAR6, FAR4, FAR6))
                            .local(ip ->
                                    ip.equals(wired.ip4())
                                            || ip.equals(wired.ip6())
                                            || own.contains(ip));
            datapath.services().apply(services.apply(start).build());
        }

        Map<Reason, Long> dropped() {
            Map<Reason, Long> sums = new TreeMap<>();
            datapath.drops()
                    .forEach((key, value) -> sums.merge(key.reason(), value.packets(), Long::sum));
            return sums;
        }

        private void wire(Netlink host) {
            int outer =
                    host.links()
                            .create(
                                    new LinkSpec.Veth(
                                            LinkSettings.named("pod")
                                                    .mac(
                                                            HardwareAddress.of(
                                                                    wired.gateway().toBytes())),
                                            LinkSettings.named("eth0")
                                                    .mac(HardwareAddress.of(wired.mac().toBytes()))
                                                    .in(pod)))
                            .index();
            datapath.attach(host, outer, wired.workload());
            host.links().setUp(outer);
            try (Netlink inside = Netlink.open(pod)) {
                int eth0 = inside.links().require("eth0").index();
                inside.links().setUp(inside.links().require("lo").index());
                inside.links().setUp(eth0);
                own(inside, eth0, wired.ip4() + "/32", wired.ip6() + "/128");
                inside.routes()
                        .add(
                                Route.to(Cidr.ALL_V4)
                                        .via(Address.parse("169.254.1.1"))
                                        .dev(eth0)
                                        .onLink()
                                        .build());
                inside.routes()
                        .add(Route.to(Cidr.ALL_V6).via(Address.parse("fe80::1")).dev(eth0).build());
            }
            route(host, wired.ip4() + "/32", outer, "");
            route(host, wired.ip6() + "/128", outer, "");
        }

        private void uplink(String link, Xdp xdp) {
            int index = links.getOrDefault(link, 0);
            toClose.add(ns.call(() -> datapath.uplink(index, xdp)));
        }
    }

    /**
     * @param finished whether checksums are whole on the links, as on a wire
     */
    static DirectNodes create(Xdp xdp, boolean finished) {
        return new DirectNodes(xdp, finished);
    }

    private DirectNodes(Xdp xdp, boolean finished) {
        BpfFs.ensureMounted();
        try {
            client = namespace(unique, "-c");
            client.run(() -> {
                sysctl("net/ipv4/conf/all/rp_filter", 0);
                sysctl("net/ipv4/conf/default/rp_filter", 0);
            });
            near = new Node(NEAR_POD, List.of(NEAR4, NEAR6));
            far = new Node(FAR_POD, List.of(FAR4, FAR6));
            link(
                    near.ns,
                    "up",
                    client,
                    "near",
                    List.of(NEAR4 + "/24", NEAR6 + "/64"),
                    List.of(CLIENT4 + "/24", CLIENT6 + "/64"),
                    finished);
            link(
                    far.ns,
                    "up",
                    client,
                    "far",
                    List.of("198.51.101.1/24", "2001:db8:101::1/64"),
                    List.of("198.51.101.2/24", "2001:db8:101::2/64"),
                    finished);
            link(
                    near.ns,
                    "between",
                    far.ns,
                    "between",
                    List.of("192.0.2.1/24", "2001:db8:200::1/64"),
                    List.of(FAR4 + "/24", FAR6 + "/64"),
                    finished);
            routes();
            for (Node node : List.of(near, far)) {
                node.uplink("up", xdp);
                node.uplink("between", xdp);
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void routes() {
        try (Netlink netlink = Netlink.open(client)) {
            netlink.links().setUp(netlink.links().require("lo").index());
            int near = netlink.links().require("near").index();
            route(netlink, "0.0.0.0/0", near, NEAR4.toString());
            route(netlink, "::/0", near, NEAR6.toString());
        }
        try (Netlink netlink = Netlink.open(near.ns)) {
            int up = netlink.links().require("up").index();
            int between = netlink.links().require("between").index();
            near.links.putAll(Map.of("up", up, "between", between));
            route(netlink, "0.0.0.0/0", up, CLIENT4.toString());
            route(netlink, "::/0", up, CLIENT6.toString());
            route(netlink, FAR_POD.ip4() + "/32", between, FAR4.toString());
            route(netlink, FAR_POD.ip6() + "/128", between, FAR6.toString());
        }
        try (Netlink netlink = Netlink.open(far.ns)) {
            int up = netlink.links().require("up").index();
            int between = netlink.links().require("between").index();
            far.links.putAll(Map.of("up", up, "between", between));
            route(netlink, "0.0.0.0/0", up, "198.51.101.2");
            route(netlink, "::/0", up, "2001:db8:101::2");
            for (String there : List.of(NEAR4 + "/32", NEAR_POD.ip4() + "/32")) {
                route(netlink, there, between, "192.0.2.1");
            }
            for (String there : List.of(NEAR6 + "/128", NEAR_POD.ip6() + "/128")) {
                route(netlink, there, between, "2001:db8:200::1");
            }
        }
    }

    private static TestNode.Pod pod(String name, int node) {
        TestNode.Pod like = TestNode.Pod.numbered(name, 0);
        return new TestNode.Pod(
                name,
                0,
                Ip.parse("10." + node + ".0.10"),
                Ip.parse("fd00:" + node + "::10"),
                like.mac(),
                like.gateway());
    }

    private static void link(
            NetNs here,
            String name,
            NetNs there,
            String peer,
            List<String> own,
            List<String> other,
            boolean finished) {
        try (Netlink one = Netlink.open(here);
                Netlink two = Netlink.open(there)) {
            int index =
                    one.links()
                            .create(
                                    new LinkSpec.Veth(
                                            LinkSettings.named(name),
                                            LinkSettings.named(peer).in(there)))
                            .index();
            int back = two.links().require(peer).index();
            one.links().setUp(index);
            two.links().setUp(back);
            own(one, index, own.toArray(String[]::new));
            own(two, back, other.toArray(String[]::new));
        }
        if (finished) {
            here.run(() -> Ethtool.finishChecksums(name));
            there.run(() -> Ethtool.finishChecksums(peer));
        }
    }

    private static void own(Netlink netlink, int link, String... cidrs) {
        for (String cidr : cidrs) {
            netlink.addresses().add(LinkAddress.of(link, Cidr.parse(cidr), LinkAddress.Flag.NODAD));
        }
    }

    /**
     * @param via empty: on the link
     */
    private static void route(Netlink netlink, String to, int link, String via) {
        Route.Builder route = Route.to(Cidr.parse(to)).dev(link);
        netlink.routes().add((via.isEmpty() ? route : route.via(Address.parse(via))).build());
    }
}
