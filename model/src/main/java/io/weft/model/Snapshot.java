package io.weft.model;

import java.util.Collections;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** One state of the world, immutable. Iteration is by {@link Ref}, so every run sees one order. */
public final class Snapshot {
    public static final Snapshot EMPTY = new Snapshot();

    private final NavigableMap<String, Namespace> namespaces;
    private final NavigableMap<String, Node> nodes;
    private final NavigableMap<Ref, Pod> pods;
    private final NavigableMap<Ref, Service> services;
    private final NavigableMap<Ref, NetworkPolicy> policies;
    private final NavigableMap<Ref, ClusterNetworkPolicy> clusterPolicies;
    private final NavigableMap<Ref, CiliumNetworkPolicy> ciliumPolicies;
    private final NavigableMap<Ref, Expectation> expectations;

    private Snapshot() {
        namespaces = new TreeMap<>();
        nodes = new TreeMap<>();
        pods = new TreeMap<>();
        services = new TreeMap<>();
        policies = new TreeMap<>();
        clusterPolicies = new TreeMap<>();
        ciliumPolicies = new TreeMap<>();
        expectations = new TreeMap<>();
    }

    private Snapshot(Next next) {
        namespaces = next.namespaces.map;
        nodes = next.nodes.map;
        pods = next.pods.map;
        services = next.services.map;
        policies = next.policies.map;
        clusterPolicies = next.clusterPolicies.map;
        ciliumPolicies = next.ciliumPolicies.map;
        expectations = next.expectations.map;
    }

    /** {@return a snapshot of just these resources; a later one replaces an equal {@link Ref}} */
    public static Snapshot of(Iterable<? extends Resource> resources) {
        return EMPTY.apply(Delta.put(resources));
    }

    /** {@return the next snapshot; kinds that the delta does not touch are shared} */
    public Snapshot apply(Delta delta) {
        Next next = new Next(this);
        delta.removed().forEach(next::remove);
        delta.put().forEach(next::put);
        return new Snapshot(next);
    }

    public SortedMap<String, Namespace> namespaces() {
        return Collections.unmodifiableSortedMap(namespaces);
    }

    public SortedMap<String, Node> nodes() {
        return Collections.unmodifiableSortedMap(nodes);
    }

    public NavigableMap<Ref, Pod> pods() {
        return Collections.unmodifiableNavigableMap(pods);
    }

    public SortedMap<Ref, Service> services() {
        return Collections.unmodifiableSortedMap(services);
    }

    public SortedMap<Ref, NetworkPolicy> policies() {
        return Collections.unmodifiableSortedMap(policies);
    }

    public SortedMap<Ref, ClusterNetworkPolicy> clusterPolicies() {
        return Collections.unmodifiableSortedMap(clusterPolicies);
    }

    /** {@return those of a namespace, then those of the cluster} */
    public SortedMap<Ref, CiliumNetworkPolicy> ciliumPolicies() {
        return Collections.unmodifiableSortedMap(ciliumPolicies);
    }

    /** {@return how many policies there are, of all kinds} */
    public int countOfPolicies() {
        return policies.size() + clusterPolicies.size() + ciliumPolicies.size();
    }

    public SortedMap<Ref, Expectation> expectations() {
        return Collections.unmodifiableSortedMap(expectations);
    }

    /** {@return the labels of a namespace; those of an undeclared one hold only its name} */
    public Labels namespaceLabels(String name) {
        Namespace namespace = namespaces.get(name);
        return namespace != null
                ? namespace.labels()
                : Labels.EMPTY.with(Namespace.NAME_LABEL, name);
    }

    public Optional<Resource> find(Ref ref) {
        return Optional.ofNullable(
                switch (ref.kind()) {
                    case NAMESPACE -> namespaces.get(ref.name());
                    case NODE -> nodes.get(ref.name());
                    case POD -> pods.get(ref);
                    case SERVICE -> services.get(ref);
                    case NETWORK_POLICY -> policies.get(ref);
                    case CLUSTER_NETWORK_POLICY -> clusterPolicies.get(ref);
                    case CILIUM_NETWORK_POLICY, CILIUM_CLUSTERWIDE_NETWORK_POLICY ->
                            ciliumPolicies.get(ref);
                    case EXPECTATION -> expectations.get(ref);
                });
    }

    /** The next snapshot, under construction. */
    private static final class Next {
        private final Copy<String, Namespace> namespaces;
        private final Copy<String, Node> nodes;
        private final Copy<Ref, Pod> pods;
        private final Copy<Ref, Service> services;
        private final Copy<Ref, NetworkPolicy> policies;
        private final Copy<Ref, ClusterNetworkPolicy> clusterPolicies;
        private final Copy<Ref, CiliumNetworkPolicy> ciliumPolicies;
        private final Copy<Ref, Expectation> expectations;

        Next(Snapshot of) {
            namespaces = new Copy<>(of.namespaces);
            nodes = new Copy<>(of.nodes);
            pods = new Copy<>(of.pods);
            services = new Copy<>(of.services);
            policies = new Copy<>(of.policies);
            clusterPolicies = new Copy<>(of.clusterPolicies);
            ciliumPolicies = new Copy<>(of.ciliumPolicies);
            expectations = new Copy<>(of.expectations);
        }

        void remove(Ref ref) {
            switch (ref.kind()) {
                case NAMESPACE -> namespaces.own().remove(ref.name());
                case NODE -> nodes.own().remove(ref.name());
                case POD -> pods.own().remove(ref);
                case SERVICE -> services.own().remove(ref);
                case NETWORK_POLICY -> policies.own().remove(ref);
                case CLUSTER_NETWORK_POLICY -> clusterPolicies.own().remove(ref);
                case CILIUM_NETWORK_POLICY, CILIUM_CLUSTERWIDE_NETWORK_POLICY ->
                        ciliumPolicies.own().remove(ref);
                case EXPECTATION -> expectations.own().remove(ref);
            }
        }

        void put(Resource resource) {
            switch (resource) {
                case Namespace r -> namespaces.own().put(r.name(), r);
                case Node r -> nodes.own().put(r.name(), r);
                case Pod r -> pods.own().put(r.ref(), r);
                case Service r -> services.own().put(r.ref(), r);
                case NetworkPolicy r -> policies.own().put(r.ref(), r);
                case ClusterNetworkPolicy r -> clusterPolicies.own().put(r.ref(), r);
                case CiliumNetworkPolicy r -> ciliumPolicies.own().put(r.ref(), r);
                case Expectation r -> expectations.own().put(r.ref(), r);
            }
        }
    }

    /** Copies a map on the first change to it. */
    private static final class Copy<K, V> {
        private NavigableMap<K, V> map;
        private boolean owned;

        Copy(NavigableMap<K, V> map) {
            this.map = map;
        }

        NavigableMap<K, V> own() {
            if (!owned) {
                map = new TreeMap<>((SortedMap<K, V>) map);
                owned = true;
            }
            return map;
        }
    }
}
