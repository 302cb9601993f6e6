package io.weft.lab;

import io.weft.kernel.NetNs;
import io.weft.netlink.Address;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import java.util.ArrayList;
import java.util.List;

/** More {@link Topology topologies}: one for each kind of interface that a workload may have. */
final class InterfaceKinds {
    private static final String CLIENT = Topology.ON_ONE_NET_CLIENT;
    private static final String SERVER = Topology.ON_ONE_NET_SERVER;
    private static final int VNI = 78;
    private static final int OVERLAY_MTU = 1450;

    private InterfaceKinds() {}

    /** Both ends in one namespace: loopback, as workloads have it that share the host's network. */
    static Topology host() {
        NetNs host = NetNs.createAnonymous();
        try (Netlink netlink = Netlink.open(host)) {
            netlink.links().setUp(netlink.links().require("lo").index());
        }
        return new Topology("host network", host, host, "127.0.0.1", List.of(host));
    }

    /** Two macvlans in bridge mode. */
    static Topology macvlan() {
        return onOneCard(
                "macvlan",
                (link, card) -> new LinkSpec.Macvlan(link, card, LinkSpec.Macvlan.Mode.BRIDGE));
    }

    /** Two ipvlans of layer 2, with the MAC of their card. */
    static Topology ipvlan() {
        return onOneCard(
                "ipvlan",
                (link, card) -> new LinkSpec.Ipvlan(link, card, LinkSpec.Ipvlan.Layer.L2));
    }

    /** Two links on one end of a veth pair, which stands for a card. */
    private static Topology onOneCard(String name, OnACard kind) {
        NetNs node = NetNs.createAnonymous();
        NetNs client = NetNs.createAnonymous();
        NetNs server = NetNs.createAnonymous();
        List<NetNs> all = List.of(client, server, node);
        try (Netlink inNode = Netlink.open(node)) {
            int card =
                    inNode.links()
                            .create(
                                    new LinkSpec.Veth(
                                            LinkSettings.named("card"),
                                            LinkSettings.named("switch")))
                            .index();
            inNode.links().setUp(inNode.links().require("switch").index());
            inNode.links().setUp(card);
            for (NetNs end : List.of(client, server)) {
                inNode.links().create(kind.link(LinkSettings.named("eth0").in(end), card));
                address(end, end == client ? CLIENT : SERVER);
            }
            return new Topology(name, client, server, SERVER, all);
        } catch (RuntimeException e) {
            all.forEach(NetNs::close);
            throw e;
        }
    }

    /** A kind of link that shares a card. */
    private interface OnACard {
        /**
         * @param card its ifindex
         */
        LinkSpec link(LinkSettings settings, int card);
    }

    /** Two hosts joined by a veth pair, a bridge and a VXLAN on each: an overlay's whole way. */
    static Topology vxlan() {
        List<NetNs> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            all.add(NetNs.createAnonymous());
        }
        NetNs client = all.get(0);
        NetNs server = all.get(1);
        NetNs one = all.get(2);
        NetNs other = all.get(3);
        try (Netlink inOne = Netlink.open(one);
                Netlink inOther = Netlink.open(other)) {
            inOne.links()
                    .create(
                            new LinkSpec.Veth(
                                    LinkSettings.named("eth0"),
                                    LinkSettings.named("eth0").in(other)));
            Topology.configure(inOne, "eth0", "10.79.0.1/24");
            Topology.configure(inOther, "eth0", "10.79.0.2/24");
            overlay(inOne, client, CLIENT, "10.79.0.1", "10.79.0.2");
            overlay(inOther, server, SERVER, "10.79.0.2", "10.79.0.1");
            return new Topology("VXLAN over veth", client, server, SERVER, all);
        } catch (RuntimeException e) {
            all.forEach(NetNs::close);
            throw e;
        }
    }

    private static void overlay(
            Netlink host, NetNs end, String address, String local, String remote) {
        int bridge = host.links().create(new LinkSpec.Bridge(LinkSettings.named("br0"))).index();
        int tunnel =
                host.links()
                        .create(
                                LinkSpec.Vxlan.between(
                                        LinkSettings.named("vxlan0").mtu(OVERLAY_MTU),
                                        VNI,
                                        Address.parse(local),
                                        Address.parse(remote)))
                        .index();
        int port =
                host.links()
                        .create(
                                new LinkSpec.Veth(
                                        LinkSettings.named("port").mtu(OVERLAY_MTU),
                                        LinkSettings.named("eth0").mtu(OVERLAY_MTU).in(end)))
                        .index();
        for (int link : List.of(tunnel, port)) {
            host.links().setMaster(link, bridge);
            host.links().setUp(link);
        }
        host.links().setUp(bridge);
        address(end, address);
    }

    /** {@return a tap in each namespace, and a process that moves frames between them} */
    static MeasuredPath tap() {
        NetNs client = NetNs.createAnonymous();
        NetNs server = NetNs.createAnonymous();
        List<NetNs> both = List.of(client, server);
        try {
            PeerProcess process = TapSwitch.start(client, server);
            address(client, CLIENT);
            address(server, SERVER);
            return new TapPath(
                    new Topology("tap, user-space switch", client, server, SERVER, both), process);
        } catch (RuntimeException e) {
            both.forEach(NetNs::close);
            throw e;
        }
    }

    private static void address(NetNs end, String address) {
        try (Netlink inside = Netlink.open(end)) {
            Topology.configure(inside, "eth0", address + "/24");
        }
    }

    /** With the process in between. */
    private record TapPath(Topology topology, PeerProcess process) implements MeasuredPath {
        @Override
        public String name() {
            return topology.name();
        }

        @Override
        public NetNs client() {
            return topology.client();
        }

        @Override
        public NetNs server() {
            return topology.server();
        }

        @Override
        public String address() {
            return topology.address();
        }

        @Override
        public void close() {
            process.close();
            topology.close();
        }
    }
}
