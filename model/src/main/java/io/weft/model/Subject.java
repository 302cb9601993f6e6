package io.weft.model;

/** Whom a policy judges, in {@link ClusterNetworkPolicy} and {@link CiliumNetworkPolicy}. */
public sealed interface Subject {
    /**
     * Pods that {@code pods} matches, in namespaces that {@code namespaces} matches; never those of
     * the host's network.
     */
    record Pods(LabelSelector namespaces, LabelSelector pods) implements Subject {}

    /** Nodes themselves, with the pods of the host's network. */
    record Nodes(LabelSelector nodes) implements Subject {}
}
