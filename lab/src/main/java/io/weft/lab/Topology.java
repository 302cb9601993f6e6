package io.weft.lab;

import io.weft.kernel.NetNs;
import io.weft.netlink.Cidr;
import io.weft.netlink.LinkAddress;
import io.weft.netlink.LinkChange;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import io.weft.netlink.Route;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The paths that Weft is compared with. Each is made of anonymous namespaces: they end with the
 * process that holds them, however it ends.
 */
final class Topology implements MeasuredPath {
    private static final String CLIENT = "10.78.1.2";
    private static final String SERVER = "10.78.2.2";
    static final String ON_ONE_NET_CLIENT = "10.78.1.2";
    static final String ON_ONE_NET_SERVER = "10.78.1.3";

    private final String name;
    private final NetNs client;
    private final NetNs server;
    private final String address;
    private final List<NetNs> all;

    Topology(String name, NetNs client, NetNs server, String address, List<NetNs> all) {
        this.name = name;
        this.client = client;
        this.server = server;
        this.address = address;
        this.all = all;
    }

    /** Two namespaces and one veth pair: the floor. */
    static Topology bareVeth() {
        NetNs client = NetNs.createAnonymous();
        NetNs server = NetNs.createAnonymous();
        try (Netlink inClient = Netlink.open(client);
                Netlink inServer = Netlink.open(server)) {
            inClient.links()
                    .create(
                            new LinkSpec.Veth(
                                    LinkSettings.named("eth0"),
                                    LinkSettings.named("eth0").in(server)));
            configure(inClient, "eth0", ON_ONE_NET_CLIENT + "/24");
            configure(inServer, "eth0", ON_ONE_NET_SERVER + "/24");
        }
        return new Topology(
                "bare veth", client, server, ON_ONE_NET_SERVER, List.of(client, server));
    }

    /** A node with a bridge. */
    static Topology bridge() {
        return bridge("bridge", List.of());
    }

    /** A bridge whose frames pass iptables, with the rules that Docker writes. */
    static Topology bridgeWithDockerRules() {
        Topology topology =
                bridge("bridge + docker-like iptables", List.of("bridge/bridge-nf-call-iptables"));
        return topology.rules(
                "-P FORWARD DROP",
                "-N DOCKER-USER",
                "-N DOCKER",
                "-N DOCKER-ISOLATION-STAGE-1",
                "-N DOCKER-ISOLATION-STAGE-2",
                "-A FORWARD -j DOCKER-USER",
                "-A FORWARD -j DOCKER-ISOLATION-STAGE-1",
                "-A FORWARD -o br0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
                "-A FORWARD -o br0 -j DOCKER",
                "-A FORWARD -i br0 ! -o br0 -j ACCEPT",
                "-A FORWARD -i br0 -o br0 -j ACCEPT",
                "-A DOCKER-ISOLATION-STAGE-1 -i br0 ! -o br0 -j DOCKER-ISOLATION-STAGE-2",
                "-A DOCKER-ISOLATION-STAGE-1 -j RETURN",
                "-A DOCKER-ISOLATION-STAGE-2 -j RETURN",
                "-A DOCKER-USER -j RETURN",
                "-t nat -A POSTROUTING -s 10.78.0.0/16 ! -o br0 -j MASQUERADE");
    }

    /** A node that routes, with a stateful filter. */
    static Topology routedWithIptables() {
        NetNs client = NetNs.createAnonymous();
        NetNs server = NetNs.createAnonymous();
        NetNs node = NetNs.createAnonymous();
        forward(node);
        wire(node, client, 1);
        wire(node, server, 2);
        return new Topology(
                        "routed + iptables", client, server, SERVER, List.of(client, server, node))
                .rules(
                        "-P FORWARD DROP",
                        "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
                        "-A FORWARD -s " + CLIENT + " -d " + SERVER + " -p tcp -j ACCEPT");
    }

    /** Makes a namespace a router. */
    static void forward(NetNs node) {
        sysctl(node, "ipv4/ip_forward");
    }

    /** Wires an end to a router, over a network of its own: {@code 10.78.number.0/24}. */
    static void wire(NetNs node, NetNs end, int number) {
        String side = "p" + number;
        String gateway = "10.78." + number + ".1";
        try (Netlink inNode = Netlink.open(node);
                Netlink inside = Netlink.open(end)) {
            inNode.links()
                    .create(
                            new LinkSpec.Veth(
                                    LinkSettings.named(side), LinkSettings.named("eth0").in(end)));
            configure(inNode, side, gateway + "/24");
            configure(inside, "eth0", "10.78." + number + ".2/24");
            inside.routes()
                    .add(
                            Route.to(Cidr.ALL_V4)
                                    .via(io.weft.netlink.Address.parse(gateway))
                                    .dev(inside.links().require("eth0").index())
                                    .build());
        }
    }

    private static Topology bridge(String name, List<String> sysctls) {
        NetNs client = NetNs.createAnonymous();
        NetNs server = NetNs.createAnonymous();
        NetNs node = NetNs.createAnonymous();
        try (Netlink inNode = Netlink.open(node)) {
            int bridge =
                    inNode.links().create(new LinkSpec.Bridge(LinkSettings.named("br0"))).index();
            configure(inNode, "br0", "10.78.1.1/24");
            for (NetNs end : List.of(client, server)) {
                String port = end == client ? "a" : "b";
                inNode.links()
                        .create(
                                new LinkSpec.Veth(
                                        LinkSettings.named(port),
                                        LinkSettings.named("eth0").in(end)));
                int index = inNode.links().require(port).index();
                inNode.links().setMaster(index, bridge);
                inNode.links().setUp(index);
                try (Netlink inside = Netlink.open(end)) {
                    configure(
                            inside,
                            "eth0",
                            (end == client ? ON_ONE_NET_CLIENT : ON_ONE_NET_SERVER) + "/24");
                }
            }
        }
        sysctls.forEach(s -> sysctl(node, s));
        return new Topology(name, client, server, ON_ONE_NET_SERVER, List.of(client, server, node));
    }

    /** Gives a link an address and sets it up. */
    static void configure(Netlink netlink, String link, String address) {
        int index = netlink.links().require(link).index();
        netlink.batch()
                .add(LinkAddress.of(index, Cidr.parse(address)))
                .change(index, new LinkChange.Up(true))
                .send();
    }

    /** Sets a switch under /proc/sys/net to 1, in {@code namespace}. */
    static void sysctl(NetNs namespace, String name) {
        namespace.run(() -> {
            try {
                Files.writeString(Path.of("/proc/sys/net", name), "1");
            } catch (IOException e) {
                throw new UncheckedIOException("set net." + name.replace('/', '.'), e);
            }
        });
    }

    /** {@return its namespaces; of one with a node between the ends, that last} */
    List<NetNs> all() {
        return all;
    }

    /** Gives the node, the last namespace, these rules. */
    private Topology rules(String... rules) {
        try {
            for (String rule : rules) {
                Commands.run(all.getLast(), "iptables -w " + rule);
            }
            return this;
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public NetNs client() {
        return client;
    }

    @Override
    public NetNs server() {
        return server;
    }

    @Override
    public String address() {
        return address;
    }

    @Override
    public void close() {
        all.forEach(NetNs::close);
    }
}
