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

/**
 * A node with the pods WEB and DB, and an uplink to a machine outside. No socket program runs here,
 * so each packet to a service is translated by itself.
 */
final class ServiceNode extends TestSockets {
    /** The node's address at its uplink, which masquerades. */
    static final Ip UP4 = Ip.parse("198.51.100.1");

    static final Ip UP6 = Ip.parse("2001:db8:100::1");
    static final Ip OUT4 = Ip.parse("198.51.100.2");
    static final Ip OUT6 = Ip.parse("2001:db8:100::2");

    /** Behind the machine outside, for backends. */
    static final Ip FAR4 = Ip.parse("192.0.2.3");

    static final Ip FAR6 = Ip.parse("2001:db8:2::3");

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final String unique =
            "weft-t-sn" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();
    final Path pins = BpfFs.DEFAULT.resolve(unique);
    final List<EventRecord> events = new CopyOnWriteArrayList<>();
    final NetNs node;
    final NetNs web;
    final NetNs db;
    final NetNs outside;
    final Datapath datapath;
    final Uplink uplink;
    final int uplinkIndex;

    static ServiceNode create() {
        return create(Xdp.OFF, false);
    }

    /**
     * @param finished whether what comes from outside has whole checksums, as on a wire; a veth
     *     leaves them to a device that never comes
     */
    static ServiceNode create(Xdp xdp, boolean finished) {
        return new ServiceNode(xdp, finished);
    }

    private ServiceNode(Xdp xdp, boolean finished) {
        BpfFs.ensureMounted();
        try {
            node = namespace(unique, "");
            web = namespace(unique, "-web");
            db = namespace(unique, "-db");
            outside = namespace(unique, "-out");
            node.run(() -> {
                sysctl("net/ipv4/ip_forward", 1);
                sysctl("net/ipv6/conf/all/forwarding", 1);
            });
            toClose.add(() -> Datapath.unpin(pins));
            datapath = Datapath.open(pins, TestNode.SMALL);
            toClose.add(datapath);
            toClose.add(datapath.events(events::add));
            apply(tables().build());
            try (Netlink host = Netlink.open(node)) {
                int lo = host.links().require("lo").index();
                host.links().setUp(lo);
                host.addresses().add(LinkAddress.of(lo, Cidr.host(address(TestNode.NODE4))));
                host.addresses().add(LinkAddress.of(lo, Cidr.host(address(TestNode.NODE6))));
                wire(host, web, TestNode.WEB);
                wire(host, db, TestNode.DB);
                uplinkIndex = wireUplink(host);
            }
            if (finished) {
                outside.run(() -> Ethtool.finishChecksums("eth0"));
            }
            uplink = node.call(() -> datapath.uplink(uplinkIndex, xdp));
            toClose.add(uplink);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    static TestTables tables() {
        return new TestTables()
                .pod("web", TestNode.WEB_ID, TestNode.WEB.ip4(), TestNode.WEB.ip6())
                .pod("db", TestNode.DB_ID, TestNode.DB.ip4(), TestNode.DB.ip6())
                .node(TestNode.NODE4, TestNode.NODE6, UP4, UP6);
    }

    void apply(Tables tables) {
        datapath.tables().apply(tables, TestNode.slots());
    }

    void serve(TestServices services) {
        datapath.services()
                .apply(
                        services.ownAddresses(UP4.toString(), UP6.toString())
                                .nodeAddresses(UP4.toString(), UP6.toString())
                                .podCidrs("10.1.0.0/16", "fd00:1::/64")
                                .build());
    }

    private static Address address(Ip ip) {
        return Address.parse(ip.toString());
    }

    private void wire(Netlink host, NetNs inside, TestNode.Pod pod) {
        int outer =
                host.links()
                        .create(
                                new LinkSpec.Veth(
                                        LinkSettings.named(pod.name())
                                                .mac(HardwareAddress.of(pod.gateway().toBytes())),
                                        LinkSettings.named("eth0")
                                                .mac(HardwareAddress.of(pod.mac().toBytes()))
                                                .in(inside)))
                        .index();
        datapath.attach(host, outer, pod.workload());
        host.links().setUp(outer);
        try (Netlink netlink = Netlink.open(inside)) {
            int eth0 = netlink.links().require("eth0").index();
            netlink.links().setUp(netlink.links().require("lo").index());
            netlink.links().setUp(eth0);
            add(netlink, eth0, Cidr.host(address(pod.ip4())));
            add(netlink, eth0, Cidr.host(address(pod.ip6())));
            netlink.routes()
                    .add(
                            Route.to(Cidr.ALL_V4)
                                    .via(Address.parse("169.254.1.1"))
                                    .dev(eth0)
                                    .onLink()
                                    .build());
            netlink.routes()
                    .add(Route.to(Cidr.ALL_V6).via(Address.parse("fe80::1")).dev(eth0).build());
        }
        host.routes().add(Route.to(Cidr.host(address(pod.ip4()))).dev(outer).build());
        host.routes().add(Route.to(Cidr.host(address(pod.ip6()))).dev(outer).build());
    }

    private static void add(Netlink netlink, int link, Cidr cidr) {
        netlink.addresses().add(LinkAddress.of(link, cidr, LinkAddress.Flag.NODAD));
    }

    private int wireUplink(Netlink host) {
        int outer =
                host.links()
                        .create(
                                new LinkSpec.Veth(
                                        LinkSettings.named("up0"),
                                        LinkSettings.named("eth0").in(outside)))
                        .index();
        host.links().setUp(outer);
        add(host, outer, Cidr.parse(UP4 + "/24"));
        add(host, outer, Cidr.parse(UP6 + "/64"));
        host.routes().add(Route.to(Cidr.ALL_V4).via(address(OUT4)).dev(outer).build());
        host.routes().add(Route.to(Cidr.ALL_V6).via(address(OUT6)).dev(outer).build());
        try (Netlink netlink = Netlink.open(outside)) {
            int eth0 = netlink.links().require("eth0").index();
            netlink.links().setUp(netlink.links().require("lo").index());
            netlink.links().setUp(eth0);
            int lo = netlink.links().require("lo").index();
            add(netlink, eth0, Cidr.parse(OUT4 + "/24"));
            add(netlink, eth0, Cidr.parse(OUT6 + "/64"));
            add(netlink, lo, Cidr.host(address(FAR4)));
            add(netlink, lo, Cidr.host(address(FAR6)));
            netlink.routes().add(Route.to(Cidr.ALL_V4).via(address(UP4)).dev(eth0).build());
            netlink.routes().add(Route.to(Cidr.ALL_V6).via(address(UP6)).dev(eth0).build());
        }
        return outer;
    }

    /** {@return packets dropped, by reason} */
    Map<Reason, Long> dropped() {
        Map<Reason, Long> sums = new TreeMap<>();
        datapath.drops()
                .forEach((key, value) -> sums.merge(key.reason(), value.packets(), Long::sum));
        return sums;
    }
}
