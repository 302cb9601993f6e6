package io.weft.lab;

import io.weft.agent.Node;
import io.weft.kernel.NetNs;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import java.util.List;
import java.util.Map;

/** Adds workloads to a host, one by one: a namespace each, an interface, an address. */
interface Filler extends AutoCloseable {
    String subject();

    String name();

    /** Adds one that can be reached when this returns. */
    void add(int i);

    @Override
    void close();

    /** {@return {@code 10.80.x.y/16}} */
    private static String address(int i) {
        return "10.80." + (i + 2) / 250 + "." + ((i + 2) % 250 + 1) + "/16";
    }

    /** Namespaces alone. */
    static Filler namespaces() {
        return new Of("namespace", "namespace alone", new Opened()) {
            @Override
            public void add(int i) {
                opened.add(NetNs.createAnonymous());
            }
        };
    }

    /** A bridge with a veth for each. */
    static Filler bridge() {
        Opened opened = new Opened();
        NetNs node = opened.add(NetNs.createAnonymous());
        Netlink host = opened.add(Netlink.open(node));
        int bridge = host.links().create(new LinkSpec.Bridge(LinkSettings.named("br0"))).index();
        host.links().setUp(bridge);
        return new Of("bridge", "veth on a bridge", opened) {
            @Override
            public void add(int i) {
                NetNs end = opened.add(NetNs.createAnonymous());
                int port =
                        host.links()
                                .create(
                                        new LinkSpec.Veth(
                                                LinkSettings.named("v" + i),
                                                LinkSettings.named("eth0").in(end)))
                                .index();
                host.links().setMaster(port, bridge);
                host.links().setUp(port);
                configure(end, i);
            }
        };
    }

    /** A macvlan for each on one end of a veth pair. */
    static Filler macvlan() {
        Opened opened = new Opened();
        NetNs node = opened.add(NetNs.createAnonymous());
        Netlink host = opened.add(Netlink.open(node));
        int card =
                host.links()
                        .create(
                                new LinkSpec.Veth(
                                        LinkSettings.named("card"), LinkSettings.named("switch")))
                        .index();
        host.links().setUp(host.links().require("switch").index());
        host.links().setUp(card);
        return new Of("macvlan", "macvlan", opened) {
            @Override
            public void add(int i) {
                NetNs end = opened.add(NetNs.createAnonymous());
                host.links()
                        .create(
                                new LinkSpec.Macvlan(
                                        LinkSettings.named("eth0").in(end),
                                        card,
                                        LinkSpec.Macvlan.Mode.BRIDGE));
                configure(end, i);
            }
        };
    }

    /** A Weft node. */
    static Filler weft() {
        Opened opened = new Opened();
        Node node = start(opened);
        return new Of("pod", "Weft pod, policy in force", opened) {
            @Override
            public void add(int i) {
                node.apply(List.of(LabPods.pod("fill-" + i, Map.of("app", "fill"))));
            }
        };
    }

    private static Node start(Opened opened) {
        try {
            return opened.add(WeftPath.startNode(opened.add(NetNs.createAnonymous())));
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private static void configure(NetNs end, int i) {
        try (Netlink inside = Netlink.open(end)) {
            Topology.configure(inside, "eth0", address(i));
        }
    }

    /** What all of them share. */
    abstract class Of implements Filler {
        final Opened opened;
        private final String subject;
        private final String name;

        Of(String subject, String name, Opened opened) {
            this.subject = subject;
            this.name = name;
            this.opened = opened;
        }

        @Override
        public String subject() {
            return subject;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void close() {
            opened.close();
        }
    }
}
