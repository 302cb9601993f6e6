package io.weft.model;

import java.util.List;

/**
 * A cilium.io/v2 CiliumNetworkPolicy, or a CiliumClusterwideNetworkPolicy, which is the same in no
 * namespace. Traffic that a deny rule of any policy matches is dropped; else what an allow rule of
 * any policy matches is allowed; else what is left is dropped when any policy that selects the pod
 * has default deny in that direction, and allowed when none has.
 *
 * @param specs the single one first, then those of the list in written order
 */
public record CiliumNetworkPolicy(Ref ref, List<Spec> specs, Source source) implements Resource {
    public CiliumNetworkPolicy {
        specs = List.copyOf(specs);
    }

    public boolean clusterwide() {
        return ref.kind() == Kind.CILIUM_CLUSTERWIDE_NETWORK_POLICY;
    }

    /**
     * One {@code spec}, with Cilium's defaults filled in.
     *
     * @param field {@code spec} or {@code specs[0]}
     * @param denyIngress whether it gives its subjects default deny for ingress
     * @param denyEgress whether it gives its subjects default deny for egress
     */
    public record Spec(
            String field,
            Subject subject,
            boolean denyIngress,
            boolean denyEgress,
            List<Rule> ingress,
            List<Rule> ingressDeny,
            List<Rule> egress,
            List<Rule> egressDeny,
            Source source) {
        public Spec {
            ingress = List.copyOf(ingress);
            ingressDeny = List.copyOf(ingressDeny);
            egress = List.copyOf(egress);
            egressDeny = List.copyOf(egressDeny);
        }
    }

    /**
     * Matches traffic with any of {@code peers} that is any of {@code ports}. The rule {@code {}}
     * matches nothing: it is how a manifest asks for default deny.
     */
    public record Rule(List<Peer> peers, List<PortMatch> ports, Source source) {
        public Rule {
            peers = List.copyOf(peers);
            ports = List.copyOf(ports);
        }
    }
}
