package io.weft.model;

import java.util.List;
import java.util.Optional;

/**
 * Who the other side of a flow may be, in rules of {@link ClusterNetworkPolicy} and {@link
 * CiliumNetworkPolicy}. Rules hold lists of peers: any of them may match, and an empty list matches
 * nobody.
 */
public sealed interface Peer {
    Source source();

    /** Everyone, inside and outside of the cluster. */
    record Anyone(Source source) implements Peer {}

    /**
     * Pods that {@code pods} matches, in namespaces that {@code namespaces} matches. A namespace
     * that is meant by its name is meant by its label {@value Namespace#NAME_LABEL}. Pods of the
     * host's network are node traffic and never meant.
     */
    record Pods(LabelSelector namespaces, LabelSelector pods, Source source) implements Peer {}

    /** The addresses of nodes. */
    record Nodes(LabelSelector nodes, Source source) implements Peer {}

    /**
     * Addresses of a block.
     *
     * @param except each inside {@code cidr}
     * @param outsideOnly whether addresses of pods and nodes are never meant, as in Cilium
     */
    record IpBlock(Prefix cidr, List<Prefix> except, boolean outsideOnly, Source source)
            implements Peer {
        public IpBlock {
            except = List.copyOf(except);
        }

        /** {@return whether the block holds {@code ip}, whoever has it} */
        public boolean contains(Ip ip) {
            return cidr.contains(ip) && except.stream().noneMatch(e -> e.contains(ip));
        }
    }

    record OfEntity(Entity entity, Source source) implements Peer {}

    /** The pods behind one service. */
    record OneService(Ref service, Source source) implements Peer {}

    /**
     * The pods behind every service that {@code services} matches.
     *
     * @param namespace empty: of any namespace
     */
    record Services(Optional<String> namespace, LabelSelector services, Source source)
            implements Peer {}
}
