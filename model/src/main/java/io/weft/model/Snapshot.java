package io.weft.model;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** One state of the world, immutable. Iteration is by {@link Ref}, so every run sees one order. */
public final class Snapshot {
    public static final Snapshot EMPTY = new Snapshot();

    private final OrderedMap<String, Namespace> namespaces;
    private final OrderedMap<String, Node> nodes;
    private final OrderedMap<Ref, Pod> pods;
    private final OrderedMap<String, ServiceCidr> serviceCidrs;
    private final OrderedMap<Ref, Service> services;
    private final OrderedMap<Ref, EndpointSlice> endpointSlices;
    private final OrderedMap<Ref, NetworkPolicy> policies;
    private final OrderedMap<Ref, ClusterNetworkPolicy> clusterPolicies;
    private final OrderedMap<Ref, CiliumNetworkPolicy> ciliumPolicies;
    private final OrderedMap<Ref, IpamClaim> ipamClaims;
    private final OrderedMap<Ref, Expectation> expectations;

    private Snapshot() {
        namespaces = OrderedMap.empty();
        nodes = OrderedMap.empty();
        pods = OrderedMap.empty();
        serviceCidrs = OrderedMap.empty();
        services = OrderedMap.empty();
        endpointSlices = OrderedMap.empty();
        policies = OrderedMap.empty();
        clusterPolicies = OrderedMap.empty();
        ciliumPolicies = OrderedMap.empty();
        ipamClaims = OrderedMap.empty();
        expectations = OrderedMap.empty();
    }

    private Snapshot(Next next) {
        namespaces = next.namespaces.map();
        nodes = next.nodes.map();
        pods = next.pods.map();
        serviceCidrs = next.serviceCidrs.map();
        services = next.services.map();
        endpointSlices = next.endpointSlices.map();
        policies = next.policies.map();
        clusterPolicies = next.clusterPolicies.map();
        ciliumPolicies = next.ciliumPolicies.map();
        ipamClaims = next.ipamClaims.map();
        expectations = next.expectations.map();
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
        return namespaces;
    }

    public SortedMap<String, Node> nodes() {
        return nodes;
    }

    public OrderedMap<Ref, Pod> pods() {
        return pods;
    }

    public SortedMap<String, ServiceCidr> serviceCidrs() {
        return serviceCidrs;
    }

    public OrderedMap<Ref, Service> services() {
        return services;
    }

    public OrderedMap<Ref, EndpointSlice> endpointSlices() {
        return endpointSlices;
    }

    public SortedMap<Ref, NetworkPolicy> policies() {
        return policies;
    }

    public SortedMap<Ref, ClusterNetworkPolicy> clusterPolicies() {
        return clusterPolicies;
    }

    /** {@return those of a namespace, then those of the cluster} */
    public SortedMap<Ref, CiliumNetworkPolicy> ciliumPolicies() {
        return ciliumPolicies;
    }

    /** {@return how many policies there are, of all kinds} */
    public int countOfPolicies() {
        return policies.size() + clusterPolicies.size() + ciliumPolicies.size();
    }

    public SortedMap<Ref, IpamClaim> ipamClaims() {
        return ipamClaims;
    }

    public SortedMap<Ref, Expectation> expectations() {
        return expectations;
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
                    case SERVICE_CIDR -> serviceCidrs.get(ref.name());
                    case SERVICE -> services.get(ref);
                    case ENDPOINT_SLICE -> endpointSlices.get(ref);
                    case NETWORK_POLICY -> policies.get(ref);
                    case CLUSTER_NETWORK_POLICY -> clusterPolicies.get(ref);
                    case CILIUM_NETWORK_POLICY, CILIUM_CLUSTERWIDE_NETWORK_POLICY ->
                            ciliumPolicies.get(ref);
                    case IPAM_CLAIM -> ipamClaims.get(ref);
                    case EXPECTATION -> expectations.get(ref);
                });
    }

    /** The next snapshot, under construction. */
    private static final class Next {
        private final Changes<String, Namespace> namespaces;
        private final Changes<String, Node> nodes;
        private final Changes<Ref, Pod> pods;
        private final Changes<String, ServiceCidr> serviceCidrs;
        private final Changes<Ref, Service> services;
        private final Changes<Ref, EndpointSlice> endpointSlices;
        private final Changes<Ref, NetworkPolicy> policies;
        private final Changes<Ref, ClusterNetworkPolicy> clusterPolicies;
        private final Changes<Ref, CiliumNetworkPolicy> ciliumPolicies;
        private final Changes<Ref, IpamClaim> ipamClaims;
        private final Changes<Ref, Expectation> expectations;

        Next(Snapshot of) {
            namespaces = new Changes<>(of.namespaces);
            nodes = new Changes<>(of.nodes);
            pods = new Changes<>(of.pods);
            serviceCidrs = new Changes<>(of.serviceCidrs);
            services = new Changes<>(of.services);
            endpointSlices = new Changes<>(of.endpointSlices);
            policies = new Changes<>(of.policies);
            clusterPolicies = new Changes<>(of.clusterPolicies);
            ciliumPolicies = new Changes<>(of.ciliumPolicies);
            ipamClaims = new Changes<>(of.ipamClaims);
            expectations = new Changes<>(of.expectations);
        }

        void remove(Ref ref) {
            switch (ref.kind()) {
                case NAMESPACE -> namespaces.remove(ref.name());
                case NODE -> nodes.remove(ref.name());
                case POD -> pods.remove(ref);
                case SERVICE_CIDR -> serviceCidrs.remove(ref.name());
                case SERVICE -> services.remove(ref);
                case ENDPOINT_SLICE -> endpointSlices.remove(ref);
                case NETWORK_POLICY -> policies.remove(ref);
                case CLUSTER_NETWORK_POLICY -> clusterPolicies.remove(ref);
                case CILIUM_NETWORK_POLICY, CILIUM_CLUSTERWIDE_NETWORK_POLICY ->
                        ciliumPolicies.remove(ref);
                case IPAM_CLAIM -> ipamClaims.remove(ref);
                case EXPECTATION -> expectations.remove(ref);
            }
        }

        void put(Resource resource) {
            switch (resource) {
                case Namespace r -> namespaces.put(r.name(), r);
                case Node r -> nodes.put(r.name(), r);
                case Pod r -> pods.put(r.ref(), r);
                case ServiceCidr r -> serviceCidrs.put(r.name(), r);
                case Service r -> services.put(r.ref(), r);
                case EndpointSlice r -> endpointSlices.put(r.ref(), r);
                case NetworkPolicy r -> policies.put(r.ref(), r);
                case ClusterNetworkPolicy r -> clusterPolicies.put(r.ref(), r);
                case CiliumNetworkPolicy r -> ciliumPolicies.put(r.ref(), r);
                case IpamClaim r -> ipamClaims.put(r.ref(), r);
                case Expectation r -> expectations.put(r.ref(), r);
            }
        }
    }

    /** Changes of one map, all made at once. */
    private static final class Changes<K extends Comparable<K>, V> {
        private OrderedMap<K, V> map;
        private final Map<K, V> added = new HashMap<>();

        Changes(OrderedMap<K, V> map) {
            this.map = map;
        }

        /** Removals come first. */
        void remove(K key) {
            map = map.without(key);
        }

        void put(K key, V value) {
            added.put(key, value);
        }

        OrderedMap<K, V> map() {
            return added.isEmpty() ? map : map.withAll(added);
        }
    }
}
