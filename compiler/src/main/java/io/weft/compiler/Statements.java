package io.weft.compiler;

import io.weft.model.CiliumNetworkPolicy;
import io.weft.model.ClusterNetworkPolicy;
import io.weft.model.EndpointSlice;
import io.weft.model.Expectation;
import io.weft.model.IpamClaim;
import io.weft.model.Namespace;
import io.weft.model.NetworkPolicy;
import io.weft.model.Node;
import io.weft.model.Peer;
import io.weft.model.Pod;
import io.weft.model.Resource;
import io.weft.model.Service;
import io.weft.model.ServiceCidr;
import io.weft.model.Snapshot;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Chooses the front end for each kind. */
final class Statements {
    private Statements() {}

    /**
     * {@return what a policy says; nothing for other resources and for null}
     *
     * @param snapshot whose services peers may name
     */
    static List<Statement> of(@Nullable Resource resource, Snapshot snapshot) {
        return switch (resource) {
            case NetworkPolicy policy -> NetworkPolicies.statements(policy);
            case ClusterNetworkPolicy policy -> ClusterPolicies.statements(policy, snapshot);
            case CiliumNetworkPolicy policy -> CiliumPolicies.statements(policy, snapshot);
            case Namespace _,
                    Node _,
                    Pod _,
                    ServiceCidr _,
                    Service _,
                    EndpointSlice _,
                    IpamClaim _,
                    Expectation _ ->
                    List.of();
            case null -> List.of();
        };
    }

    /** {@return whether what it says depends on services} */
    static boolean namesServices(@Nullable Resource resource) {
        return resource instanceof CiliumNetworkPolicy policy
                && policy.specs().stream()
                        .flatMap(s ->
                                Stream.of(s.ingress(), s.ingressDeny(), s.egress(), s.egressDeny())
                                        .flatMap(List::stream))
                        .flatMap(rule -> rule.peers().stream())
                        .anyMatch(p -> p instanceof Peer.OneService || p instanceof Peer.Services);
    }
}
