package io.weft.compiler;

import io.weft.model.Ip;
import io.weft.model.Node;
import io.weft.model.Pod;
import io.weft.model.Prefix;
import io.weft.model.Snapshot;
import io.weft.tables.Vantage;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * This node, as services see it.
 *
 * @param name empty when not known
 * @param zone empty when not known
 */
record Site(Optional<String> name, Optional<String> zone, Vantage vantage) {
    private static final List<Prefix> LOOPBACK =
            List.of(Prefix.parse("127.0.0.0/8"), Prefix.parse("::1/128"));

    private static final List<Prefix> MULTICAST =
            List.of(Prefix.parse("224.0.0.0/4"), Prefix.parse("ff00::/8"));

    private static final List<Prefix> LINK_LOCAL =
            List.of(Prefix.parse("169.254.0.0/16"), Prefix.parse("fe80::/10"));

    /** {@return what a snapshot says of it} */
    static Site of(Snapshot snapshot, Set<Ip> addresses, ServiceOptions options) {
        Collection<Node> nodes = snapshot.nodes().values();
        Optional<Node> self =
                options.node().isPresent()
                        ? Optional.ofNullable(snapshot.nodes().get(options.node().get()))
                        : nodes.stream()
                                .filter(n -> n.addresses().stream().anyMatch(addresses::contains))
                                .findFirst()
                                .or(() -> nodes.stream().filter(_ -> nodes.size() == 1).findAny());
        Set<Ip> all = new LinkedHashSet<>(options.primary());
        self.ifPresent(node -> all.addAll(node.addresses()));
        Set<Ip> sorted = new TreeSet<>(addresses);
        sorted.stream().filter(ip -> !meansTheSameEverywhere(ip)).forEach(all::add);
        all.addAll(sorted);
        List<Prefix> blocks = options.nodePortAddresses();
        List<Ip> nodePorts =
                all.stream()
                        .filter(ip -> !isLoopback(ip))
                        .filter(ip ->
                                blocks.isEmpty() || blocks.stream().anyMatch(b -> b.contains(ip)))
                        .sorted()
                        .toList();
        List<Prefix> pods =
                options.podCidrs().isEmpty()
                        ? self.map(Node::podCidrs).orElse(List.of())
                        : options.podCidrs();
        return new Site(
                options.node().or(() -> self.map(Node::name)),
                self.flatMap(node -> node.labels().get(Node.ZONE_LABEL)),
                new Vantage(List.copyOf(all), nodePorts, pods, direct(options)));
    }

    private static List<Prefix> direct(ServiceOptions options) {
        return Stream.of(LINK_LOCAL, MULTICAST, options.direct())
                .flatMap(List::stream)
                .distinct()
                .sorted()
                .toList();
    }

    /** A pod has a loopback address of its own, which is not the node's. */
    private static boolean isLoopback(Ip ip) {
        return LOOPBACK.stream().anyMatch(block -> block.contains(ip));
    }

    private static boolean meansTheSameEverywhere(Ip ip) {
        return isLoopback(ip) || LINK_LOCAL.stream().anyMatch(block -> block.contains(ip));
    }

    /** {@return whether something that a slice places runs here} */
    boolean isHere(Optional<String> node) {
        return node.isPresent() && node.equals(name);
    }

    /** {@return whether a pod runs here; one that is on no node was made here} */
    boolean isHere(Pod pod) {
        return pod.node().isEmpty() || isHere(pod.node());
    }

    /** {@return the address of a family by which others know it} */
    Optional<Ip> primary(boolean v4) {
        return vantage.addresses().stream().filter(ip -> ip.isV4() == v4).findFirst();
    }
}
