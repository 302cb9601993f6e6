package io.weft.compiler;

import io.weft.model.CiliumNetworkPolicy;
import io.weft.model.ClusterNetworkPolicy;
import io.weft.model.Entity;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.LabelSelector;
import io.weft.model.Namespace;
import io.weft.model.Node;
import io.weft.model.Peer;
import io.weft.model.PortMatch;
import io.weft.model.Prefix;
import io.weft.model.Ref;
import io.weft.model.Service;
import io.weft.model.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Cluster policies, Cilium policies, nodes and services of a {@link RandomWorld}. */
final class RandomPolicies {
    private static final List<String> NODE_ADDRESSES =
            List.of("10.0.255.1", "10.0.255.2", "10.0.255.3", "fd00::fe", "fd00::ff", "10.0.0.7");

    private final RandomWorld world;

    RandomPolicies(RandomWorld world) {
        this.world = world;
    }

    Node node() {
        List<Ip> addresses = new ArrayList<>(world.list(2, () -> Ip.parse(pick(NODE_ADDRESSES))));
        addresses.add(Ip.parse(pick(NODE_ADDRESSES)));
        return new Node("node" + world.below(3), world.labels(), addresses, world.source());
    }

    Service service() {
        return new Service(
                new Ref(Kind.SERVICE, pick(RandomWorld.NAMESPACES), "service" + world.below(2)),
                world.labels(),
                world.below(5) == 0 ? Optional.empty() : Optional.of(world.selector()),
                true,
                List.of(),
                List.of(),
                world.source());
    }

    ClusterNetworkPolicy clusterPolicy() {
        return new ClusterNetworkPolicy(
                new Ref(Kind.CLUSTER_NETWORK_POLICY, "", "policy" + world.below(4)),
                world.below(3) == 0
                        ? ClusterNetworkPolicy.Tier.BASELINE
                        : ClusterNetworkPolicy.Tier.ADMIN,
                world.below(3) * 500,
                subject(),
                world.list(3, this::clusterRule),
                world.list(3, this::clusterRule),
                world.source());
    }

    private ClusterNetworkPolicy.Rule clusterRule() {
        return new ClusterNetworkPolicy.Rule(
                "",
                world.pick(List.of(ClusterNetworkPolicy.Action.values())),
                world.list(2, this::peer).stream().filter(RandomPolicies::isNoService).toList(),
                ports().stream().filter(match -> !(match instanceof PortMatch.Icmp)).toList(),
                List.of(),
                world.source());
    }

    /** Cluster policies cannot name services, nor ICMP types. */
    private static boolean isNoService(Peer peer) {
        return !(peer instanceof Peer.OneService) && !(peer instanceof Peer.Services);
    }

    CiliumNetworkPolicy ciliumPolicy() {
        boolean clusterwide = world.below(3) == 0;
        String namespace = clusterwide ? "" : pick(RandomWorld.NAMESPACES);
        List<CiliumNetworkPolicy.Spec> specs = new ArrayList<>();
        for (int i = 1 + world.below(2); i > 0; i--) {
            specs.add(spec(namespace, specs.size()));
        }
        return new CiliumNetworkPolicy(
                new Ref(
                        clusterwide
                                ? Kind.CILIUM_CLUSTERWIDE_NETWORK_POLICY
                                : Kind.CILIUM_NETWORK_POLICY,
                        namespace,
                        "policy" + world.below(3)),
                specs,
                world.source());
    }

    private CiliumNetworkPolicy.Spec spec(String namespace, int index) {
        return new CiliumNetworkPolicy.Spec(
                "specs[" + index + "]",
                namespace.isEmpty()
                        ? world.below(3) == 0 ? new Subject.Nodes(pods()) : subject()
                        : new Subject.Pods(
                                LabelSelector.of(Map.of(Namespace.NAME_LABEL, namespace)), pods()),
                world.below(2) == 0,
                world.below(2) == 0,
                world.list(2, this::ciliumRule),
                world.below(2) == 0 ? List.of() : world.list(2, this::ciliumRule),
                world.list(2, this::ciliumRule),
                world.below(2) == 0 ? List.of() : world.list(2, this::ciliumRule),
                world.source());
    }

    private CiliumNetworkPolicy.Rule ciliumRule() {
        return new CiliumNetworkPolicy.Rule(world.list(2, this::peer), ports(), world.source());
    }

    private Subject subject() {
        return new Subject.Pods(pods(), pods());
    }

    private LabelSelector pods() {
        return world.below(2) == 0 ? LabelSelector.EVERYTHING : world.selector();
    }

    private Peer peer() {
        return switch (world.below(9)) {
            case 0 -> new Peer.Anyone(world.source());
            case 1, 2 -> new Peer.Pods(pods(), world.selector(), world.source());
            case 3 -> new Peer.Nodes(pods(), world.source());
            case 4, 5 -> {
                Prefix cidr = Prefix.parse(pick(RandomWorld.BLOCKS));
                yield new Peer.IpBlock(
                        cidr,
                        world.list(2, () -> Prefix.parse(pick(RandomWorld.BLOCKS))).stream()
                                .filter(cidr::contains)
                                .toList(),
                        world.below(2) == 0,
                        world.source());
            }
            case 6 -> new Peer.OfEntity(world.pick(List.of(Entity.values())), world.source());
            case 7 ->
                    new Peer.OneService(
                            new Ref(
                                    Kind.SERVICE,
                                    pick(RandomWorld.NAMESPACES),
                                    "service" + world.below(2)),
                            world.source());
            default ->
                    new Peer.Services(
                            world.below(2) == 0
                                    ? Optional.empty()
                                    : Optional.of(pick(RandomWorld.NAMESPACES)),
                            pods(),
                            world.source());
        };
    }

    private List<PortMatch> ports() {
        return world.below(3) == 0
                ? List.of(new PortMatch.Every(world.source()))
                : world.list(3, this::port);
    }

    private PortMatch port() {
        if (world.below(3) == 0) {
            return new PortMatch.Named(
                    world.protocol(), pick(RandomWorld.PORT_NAMES), world.source());
        }
        if (world.below(4) == 0) {
            return new PortMatch.Icmp(
                    world.pick(List.of(PortMatch.Family.values())),
                    world.icmpType(),
                    world.source());
        }
        int a = world.port();
        int b = world.below(3) == 0 ? world.port() : a;
        return new PortMatch.Range(
                world.protocol(), Math.min(a, b), Math.max(a, b), world.source());
    }

    private String pick(List<String> from) {
        return world.pick(from);
    }
}
