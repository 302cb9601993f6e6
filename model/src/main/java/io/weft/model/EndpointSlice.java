package io.weft.model;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A discovery.k8s.io/v1 EndpointSlice: some of the endpoints of one service, of one family.
 *
 * @param service that label {@value #SERVICE_LABEL} names; empty: of no service
 * @param v4 {@code addressType}: whether the addresses are IPv4
 * @param ports of every endpoint
 */
public record EndpointSlice(
        Ref ref,
        Optional<Ref> service,
        boolean v4,
        List<Endpoint> endpoints,
        List<Port> ports,
        Source source)
        implements Resource {
    public static final String SERVICE_LABEL = "kubernetes.io/service-name";

    /**
     * @param ip the first of its addresses; the others mean nothing (KEP-2433)
     * @param ready new connections may go there; true when not said
     * @param serving it answers, whether or not it is terminating; as {@code ready} when not said
     * @param terminating it was asked to stop; false when not said
     * @param hostname its DNS label below the service
     * @param node where it runs
     * @param zone where that is
     * @param forZones hints: the zones whose clients should use it; empty: no hint
     * @param forNodes hints: the nodes whose clients should use it; empty: no hint
     * @param pod that is behind it
     */
    public record Endpoint(
            Ip ip,
            boolean ready,
            boolean serving,
            boolean terminating,
            Optional<String> hostname,
            Optional<String> node,
            Optional<String> zone,
            List<String> forZones,
            List<String> forNodes,
            Optional<Ref> pod) {
        public Endpoint {
            forZones = List.copyOf(forZones);
            forNodes = List.copyOf(forNodes);
        }
    }

    /**
     * @param name as that of the service's port; empty when it has none
     * @param number empty: every port; such a port reaches nothing through the service's address
     */
    public record Port(String name, Protocol protocol, OptionalInt number) {}

    public EndpointSlice {
        endpoints = List.copyOf(endpoints);
        ports = List.copyOf(ports);
    }
}
