package io.weft.model;

import java.util.List;

/**
 * A policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy (network-policy-api, {@code
 * apis/v1alpha2}). Policies of the Admin tier are asked before those of {@link NetworkPolicy}, and
 * those of the Baseline tier after them; in a tier by priority, in a policy in written order. The
 * first rule that matches decides. None isolates: what no rule matches goes on to the next tier,
 * and in the end is allowed.
 *
 * @param priority 0–1000, lower first
 * @param ingress in written order, at most {@value #MAX_RULES}
 * @param egress in written order, at most {@value #MAX_RULES}
 */
public record ClusterNetworkPolicy(
        Ref ref,
        Tier tier,
        int priority,
        Subject subject,
        List<Rule> ingress,
        List<Rule> egress,
        Source source)
        implements Resource {
    public static final int MAX_RULES = 25;
    public static final int MAX_PRIORITY = 1000;

    public ClusterNetworkPolicy {
        ingress = List.copyOf(ingress);
        egress = List.copyOf(egress);
    }

    public enum Tier {
        ADMIN("Admin"),
        BASELINE("Baseline");

        private final String text;

        Tier(String text) {
            this.text = text;
        }

        /** {@return as manifests spell it: {@code Admin}} */
        @Override
        public String toString() {
            return text;
        }
    }

    public enum Action {
        ACCEPT("Accept"),
        DENY("Deny"),
        /** Skips the rest of this tier. */
        PASS("Pass");

        private final String text;

        Action(String text) {
            this.text = text;
        }

        /** {@return as manifests spell it: {@code Accept}} */
        @Override
        public String toString() {
            return text;
        }
    }

    /**
     * Matches traffic with any of {@code peers} that is any of {@code ports}.
     *
     * <p>A rule with a field that is not known here, in a peer or a protocol, fails closed: with
     * ACCEPT its peers are nobody, with DENY and PASS it is everyone on every port. What the API
     * says of PASS is stronger, "treat the rule as a 'Deny all' rule"; {@code action} is as
     * written.
     *
     * @param name may be empty
     * @param unknown the paths of those fields: {@code spec.ingress[0].from[1].foo}
     */
    public record Rule(
            String name,
            Action action,
            List<Peer> peers,
            List<PortMatch> ports,
            List<String> unknown,
            Source source) {
        public Rule {
            peers = List.copyOf(peers);
            ports = List.copyOf(ports);
            unknown = List.copyOf(unknown);
        }

        public boolean failsClosed() {
            return !unknown.isEmpty();
        }
    }
}
