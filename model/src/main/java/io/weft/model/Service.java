package io.weft.model;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A v1 Service, with the API server's defaults filled in.
 *
 * @param selector the pods of its own namespace that are behind it; empty: endpoints are made by
 *     someone else, as {@link EndpointSlice}s
 * @param headless {@code clusterIP: None}: names its pods, and has no address of its own
 * @param routing how traffic reaches its backends
 */
public record Service(
        Ref ref,
        Labels labels,
        Type type,
        Optional<LabelSelector> selector,
        boolean headless,
        Addresses addresses,
        List<Port> ports,
        Routing routing,
        Source source)
        implements Resource {

    public enum Type {
        CLUSTER_IP("ClusterIP"),
        NODE_PORT("NodePort"),
        LOAD_BALANCER("LoadBalancer"),
        EXTERNAL_NAME("ExternalName");

        private final String text;

        Type(String text) {
            this.text = text;
        }

        /** {@return whether it also has node ports} */
        public boolean hasNodePorts() {
            return this == NODE_PORT || this == LOAD_BALANCER;
        }

        /** {@return as manifests spell it} */
        @Override
        public String toString() {
            return text;
        }
    }

    /** {@code ipFamilyPolicy}. */
    public enum FamilyPolicy {
        SINGLE,
        PREFER_DUAL,
        REQUIRE_DUAL
    }

    /**
     * Where clients find it.
     *
     * @param cluster {@code clusterIPs}: at most one of each family; none when headless, an
     *     external name, or not yet given
     * @param families {@code ipFamilies} as written: the families in which it wants addresses, the
     *     primary one first, {@code true} for IPv4; empty: not said
     * @param familyPolicy {@link FamilyPolicy#SINGLE} when not said
     * @param external {@code externalIPs}
     * @param loadBalancer {@code status.loadBalancer.ingress}, those whose ipMode is VIP
     * @param wanted {@code spec.loadBalancerIP}, or annotation {@code weft.io/load-balancer-ips}:
     *     asks for these addresses of the pool
     * @param loadBalancerClass another implementation answers for it when this is not {@code
     *     weft.io/node}
     * @param sourceRanges {@code loadBalancerSourceRanges}: who may use its load balancer
     *     addresses; empty: everyone
     * @param externalName of type ExternalName: the DNS name that it stands for; else empty
     */
    public record Addresses(
            List<Ip> cluster,
            List<Boolean> families,
            FamilyPolicy familyPolicy,
            List<Ip> external,
            List<Ip> loadBalancer,
            List<Ip> wanted,
            Optional<String> loadBalancerClass,
            List<Prefix> sourceRanges,
            String externalName) {
        public static final Addresses NONE = ofCluster(List.of());

        public Addresses {
            cluster = List.copyOf(cluster);
            families = List.copyOf(families);
            external = List.copyOf(external);
            loadBalancer = List.copyOf(loadBalancer);
            wanted = List.copyOf(wanted);
            sourceRanges = List.copyOf(sourceRanges);
        }

        /** {@return virtual addresses, and nothing else} */
        public static Addresses ofCluster(List<Ip> cluster) {
            return new Addresses(
                    cluster,
                    List.of(),
                    FamilyPolicy.SINGLE,
                    List.of(),
                    List.of(),
                    List.of(),
                    Optional.empty(),
                    List.of(),
                    "");
        }

        public Addresses withCluster(List<Ip> given) {
            return new Addresses(
                    given,
                    families,
                    familyPolicy,
                    external,
                    loadBalancer,
                    wanted,
                    loadBalancerClass,
                    sourceRanges,
                    externalName);
        }

        public Addresses withLoadBalancer(List<Ip> given) {
            return new Addresses(
                    cluster,
                    families,
                    familyPolicy,
                    external,
                    given,
                    wanted,
                    loadBalancerClass,
                    sourceRanges,
                    externalName);
        }
    }

    /**
     * @param name empty when the port has none
     * @param number of the service itself, 1–65535
     * @param target of the pods: a number as text, or the name of a port of each pod
     * @param nodePort of every node; empty: none, or not yet given
     */
    public record Port(
            String name, Protocol protocol, int number, String target, OptionalInt nodePort) {

        /** Makes a port without a node port. */
        public Port(String name, Protocol protocol, int number, String target) {
            this(name, protocol, number, target, OptionalInt.empty());
        }

        public Port withNodePort(int given) {
            return new Port(name, protocol, number, target, OptionalInt.of(given));
        }
    }

    /** {@code trafficDistribution}. */
    public enum Distribution {
        ANY,
        /** PreferClose, and its newer name PreferSameZone. */
        PREFER_SAME_ZONE,
        PREFER_SAME_NODE
    }

    /** How a backend is chosen. */
    public enum Balancing {
        RANDOM,
        /** The same backend for the same addresses and ports, on every node. */
        MAGLEV
    }

    /** How traffic from outside goes on to a backend on another node. */
    public enum Forwarding {
        /** In the name of this node, through which the answers come back. */
        SNAT,
        /** As it came, inside of another packet; that node answers the client itself. */
        DSR
    }

    /**
     * How traffic reaches the backends.
     *
     * @param affinity {@code sessionAffinity: ClientIP}: a client stays with its backend until it
     *     was silent for so long
     * @param internalLocal {@code internalTrafficPolicy: Local}
     * @param externalLocal {@code externalTrafficPolicy: Local}
     * @param healthCheckNodePort with {@code externalLocal}, of a load balancer; empty: none, or
     *     not yet given
     * @param publishNotReady endpoints count as ready from the start
     * @param balancing annotation {@code weft.io/load-balancing}
     * @param forwarding annotation {@code weft.io/forwarding-mode}
     * @param terminateConnections annotation {@code weft.io/terminate-connections}: TCP connections
     *     to a backend that goes away are ended, as UDP ones always are
     */
    public record Routing(
            Optional<Duration> affinity,
            boolean internalLocal,
            boolean externalLocal,
            OptionalInt healthCheckNodePort,
            Distribution distribution,
            boolean publishNotReady,
            Balancing balancing,
            Forwarding forwarding,
            boolean terminateConnections) {
        /** What a manifest means that says nothing. */
        public static final Routing DEFAULT =
                new Routing(
                        Optional.empty(),
                        false,
                        false,
                        OptionalInt.empty(),
                        Distribution.ANY,
                        false,
                        Balancing.RANDOM,
                        Forwarding.SNAT,
                        false);

        public Routing withHealthCheckNodePort(int given) {
            return new Routing(
                    affinity,
                    internalLocal,
                    externalLocal,
                    OptionalInt.of(given),
                    distribution,
                    publishNotReady,
                    balancing,
                    forwarding,
                    terminateConnections);
        }
    }

    public Service {
        ports = List.copyOf(ports);
    }

    /** Makes one of type ClusterIP that says nothing of routing. */
    public Service(
            Ref ref,
            Labels labels,
            Optional<LabelSelector> selector,
            boolean headless,
            List<Ip> clusterIps,
            List<Port> ports,
            Source source) {
        this(
                ref,
                labels,
                Type.CLUSTER_IP,
                selector,
                headless,
                Addresses.ofCluster(clusterIps),
                ports,
                Routing.DEFAULT,
                source);
    }

    public List<Ip> clusterIps() {
        return addresses.cluster();
    }

    public Service withAddresses(Addresses given) {
        return new Service(ref, labels, type, selector, headless, given, ports, routing, source);
    }

    public Service withPorts(List<Port> given) {
        return new Service(
                ref, labels, type, selector, headless, addresses, given, routing, source);
    }

    public Service withRouting(Routing given) {
        return new Service(ref, labels, type, selector, headless, addresses, ports, given, source);
    }

    /** {@return whether {@code pod} is behind it} */
    public boolean selects(Pod pod) {
        return selector.isPresent()
                && pod.namespace().equals(ref.namespace())
                && selector.get().matches(pod.labels());
    }
}
