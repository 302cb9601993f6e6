package io.weft.compiler;

import io.weft.model.LabelSelector;
import io.weft.model.Prefix;
import java.util.List;

/** Who the other side of a clause may be; free of sources, so that equal ones are shared. */
sealed interface Remote {
    /** Everyone, inside and outside. */
    record Anyone() implements Remote {}

    /** Pods of the namespace {@code name} that a selector matches. */
    record PodsOf(String name, LabelSelector pods) implements Remote {}

    /** Pods that a selector matches, in namespaces that another one matches. */
    record Pods(LabelSelector namespaces, LabelSelector pods) implements Remote {}

    /** Addresses of nodes, of which this one is never judged. */
    record Nodes(LabelSelector nodes) implements Remote {}

    /** Every pod and every node. */
    record InCluster() implements Remote {}

    /** Every pod that has a port of this name. */
    record HavingPort(Ports.Name name) implements Remote {}

    /**
     * Addresses of a block, those of pods and nodes too unless it means only what is outside.
     *
     * @param except sorted
     */
    record IpBlock(Prefix cidr, List<Prefix> except, boolean outsideOnly)
            implements Remote, Comparable<IpBlock> {
        public IpBlock {
            except = except.stream().distinct().sorted().toList();
        }

        /** {@return whether all of {@code region} is in; except is a smaller or larger block} */
        boolean holds(Prefix region) {
            if (!cidr.contains(region)) {
                return false;
            }
            for (Prefix hole : except) {
                if (hole.contains(region)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public int compareTo(IpBlock other) {
            int c = cidr.compareTo(other.cidr);
            for (int i = 0; c == 0 && i < Math.min(except.size(), other.except.size()); i++) {
                c = except.get(i).compareTo(other.except.get(i));
            }
            c = c != 0 ? c : Integer.compare(except.size(), other.except.size());
            return c != 0 ? c : Boolean.compare(outsideOnly, other.outsideOnly);
        }
    }

    /** {@return whether everyone of this class is meant} */
    default boolean matches(IdentityClass of) {
        return switch (this) {
            case Anyone _ -> true;
            case PodsOf remote ->
                    of instanceof IdentityClass.OfPod pod
                            && pod.namespace().equals(remote.name())
                            && remote.pods().matches(pod.labels());
            case Pods remote ->
                    of instanceof IdentityClass.OfPod pod
                            && remote.namespaces().matches(pod.namespaceLabels())
                            && remote.pods().matches(pod.labels());
            case HavingPort remote ->
                    of instanceof IdentityClass.OfPod pod && pod.ports().containsKey(remote.name());
            case Nodes remote ->
                    of instanceof IdentityClass.OfNode node
                            && remote.nodes().matches(node.labels());
            case InCluster _ ->
                    of instanceof IdentityClass.OfPod || of instanceof IdentityClass.OfNode;
            case IpBlock remote -> of.blocks().contains(remote);
        };
    }
}
