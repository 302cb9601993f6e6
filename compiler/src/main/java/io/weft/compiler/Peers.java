package io.weft.compiler;

import io.weft.model.Entity;
import io.weft.model.LabelSelector;
import io.weft.model.Peer;
import io.weft.model.PortMatch;
import io.weft.model.Prefix;
import io.weft.model.Ref;
import io.weft.model.Service;
import io.weft.model.Snapshot;
import io.weft.tables.Direction;
import io.weft.tables.Icmp;
import io.weft.tables.Rule;
import java.util.ArrayList;
import java.util.List;

/** Peers and ports of cluster policies and Cilium policies, as clauses. */
final class Peers {
    private Peers() {}

    /** Makes the rule of one peer and one port item. */
    interface Naming {
        /**
         * @param detail {@code from[0] nodes <all>, port 80/TCP}
         */
        Rule rule(String detail);
    }

    /** Adds a clause for each peer and each port item; in egress, names are the other side's. */
    static void clauses(
            Direction direction,
            List<Peer> peers,
            List<PortMatch> ports,
            Statement.Effect effect,
            int precedence,
            Snapshot snapshot,
            Naming naming,
            List<Statement.Clause> into) {
        for (int p = 0; p < peers.size(); p++) {
            for (Remote remote : remotes(peers.get(p), snapshot)) {
                for (PortMatch match : ports) {
                    Ports which = ports(match);
                    boolean byName = direction == Direction.EGRESS && which instanceof Ports.Named;
                    Remote who =
                            byName
                                            && remote instanceof Remote.Anyone
                                            && which instanceof Ports.Named(Ports.Name name)
                                    ? new Remote.HavingPort(name)
                                    : remote;
                    into.add(
                            new Statement.Clause(
                                    who,
                                    which,
                                    effect,
                                    precedence,
                                    naming.rule(
                                            PeerWords.detail(direction, p, peers.get(p), match))));
                }
            }
        }
    }

    /** {@return who is meant; empty for nobody that Weft has} */
    static List<Remote> remotes(Peer peer, Snapshot snapshot) {
        return switch (peer) {
            case Peer.Anyone _ -> List.of(new Remote.Anyone());
            case Peer.Pods pods -> List.of(new Remote.Pods(pods.namespaces(), pods.pods()));
            case Peer.Nodes nodes -> List.of(new Remote.Nodes(nodes.nodes()));
            case Peer.IpBlock block ->
                    List.of(new Remote.IpBlock(block.cidr(), block.except(), block.outsideOnly()));
            case Peer.OfEntity entity -> remotes(entity.entity());
            case Peer.OneService one -> {
                Service service = snapshot.services().get(one.service());
                yield service == null ? List.of() : remotes(service);
            }
            case Peer.Services services -> {
                List<Remote> remotes = new ArrayList<>();
                for (Service service : snapshot.services().values()) {
                    Ref ref = service.ref();
                    if ((services.namespace().isEmpty()
                                    || services.namespace().get().equals(ref.namespace()))
                            && services.services().matches(service.labels())) {
                        remotes.addAll(remotes(service));
                    }
                }
                yield List.copyOf(remotes);
            }
        };
    }

    private static List<Remote> remotes(Service service) {
        return service.selector()
                .map(pods -> List.<Remote>of(new Remote.PodsOf(service.ref().namespace(), pods)))
                .orElse(List.of());
    }

    private static List<Remote> remotes(Entity entity) {
        return switch (entity) {
            case ALL -> List.of(new Remote.Anyone());
            case WORLD -> List.of(outside(Prefix.ALL_V4), outside(Prefix.ALL_V6));
            case WORLD_IPV4 -> List.of(outside(Prefix.ALL_V4));
            case WORLD_IPV6 -> List.of(outside(Prefix.ALL_V6));
            case CLUSTER -> List.of(new Remote.InCluster());
            case REMOTE_NODE -> List.of(new Remote.Nodes(LabelSelector.EVERYTHING));
            // the node itself is never judged
            case HOST -> List.of();
            case INIT, HEALTH, UNMANAGED, KUBE_APISERVER, INGRESS, NONE -> List.of();
        };
    }

    private static Remote outside(Prefix block) {
        return new Remote.IpBlock(block, List.of(), true);
    }

    /** {@return the IANA number} */
    static int protocol(PortMatch.Family family) {
        return switch (family) {
            case IPV4 -> Icmp.V4;
            case IPV6 -> Icmp.V6;
        };
    }

    private static Ports ports(PortMatch match) {
        return switch (match) {
            case PortMatch.Every _ -> new Ports.Every();
            case PortMatch.Range range ->
                    new Ports.Range(range.protocol(), range.first(), range.last());
            case PortMatch.Named named ->
                    new Ports.Named(new Ports.Name(named.protocol(), named.name()));
            case PortMatch.Icmp icmp -> new Ports.OfIcmp(protocol(icmp.family()), icmp.type());
        };
    }
}
