package io.weft.cli;

import io.weft.compiler.ServiceOptions;
import io.weft.model.Ip;
import io.weft.model.Node;
import io.weft.model.Prefix;
import io.weft.model.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** From which node services are seen; named as kube-proxy's flags are. */
final class SiteOptions {
    private static final String PRIMARY = "primary";

    @Option(
            names = "--node",
            paramLabel = "NAME",
            description =
                    "Which node translates flows to services; default: the only one, else the"
                            + " client's.")
    private @Nullable String node;

    @Option(
            names = "--cluster-cidr",
            split = ",",
            paramLabel = "CIDR",
            description = "Where that node's pods have their addresses; default: as its Node says.")
    private List<String> clusterCidrs = List.of();

    @Option(
            names = "--nodeport-addresses",
            split = ",",
            paramLabel = "CIDR",
            description =
                    "Which of its addresses take node ports; primary: the first of each family;"
                            + " default: all.")
    private List<String> nodePortAddresses = List.of();

    @Option(
            names = "--masquerade-all",
            description = "Clients of cluster IPs are seen with the node's address.")
    private boolean masqueradeAll;

    Optional<String> node() {
        return Optional.ofNullable(node);
    }

    /**
     * {@return what they say of a node}
     *
     * @param name that node; empty: not known
     */
    ServiceOptions of(Snapshot snapshot, Optional<String> name) {
        return new ServiceOptions(
                name,
                clusterCidrs.stream().map(Prefix::parse).toList(),
                nodePorts(snapshot, name),
                masqueradeAll);
    }

    private List<Prefix> nodePorts(Snapshot snapshot, Optional<String> name) {
        if (!nodePortAddresses.equals(List.of(PRIMARY))) {
            return nodePortAddresses.stream().map(Prefix::parse).toList();
        }
        List<Ip> addresses =
                snapshot.nodes().values().stream()
                        .filter(n -> name.isEmpty() || n.name().equals(name.get()))
                        .findFirst()
                        .map(Node::addresses)
                        .orElse(List.of());
        List<Prefix> first = new ArrayList<>();
        for (boolean v4 : new boolean[] {true, false}) {
            addresses.stream()
                    .filter(ip -> ip.isV4() == v4)
                    .findFirst()
                    .ifPresent(ip -> first.add(Prefix.of(ip)));
        }
        return first;
    }
}
