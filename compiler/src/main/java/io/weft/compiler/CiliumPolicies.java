package io.weft.compiler;

import io.weft.model.CiliumNetworkPolicy;
import io.weft.model.Snapshot;
import io.weft.model.Subject;
import io.weft.tables.Direction;
import io.weft.tables.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The front end for cilium.io/v2 policies. They share a tier with NetworkPolicy, as in Cilium: a
 * deny rule wins; else what an allow rule of either kind matches passes; else a pod that a policy
 * of either kind isolates is not reached.
 */
final class CiliumPolicies {
    private CiliumPolicies() {}

    /** {@return one statement for each spec and direction that says something} */
    static List<Statement> statements(CiliumNetworkPolicy policy, Snapshot snapshot) {
        List<Statement> statements = new ArrayList<>();
        for (int part = 0; part < policy.specs().size(); part++) {
            CiliumNetworkPolicy.Spec spec = policy.specs().get(part);
            for (Direction direction : Direction.values()) {
                Optional<Statement> statement =
                        new Side(policy, spec, direction).statement(part, snapshot);
                statement.ifPresent(statements::add);
            }
        }
        return List.copyOf(statements);
    }

    /** One direction of one spec. */
    record Side(CiliumNetworkPolicy policy, CiliumNetworkPolicy.Spec spec, Direction direction) {
        boolean isolates() {
            return switch (direction) {
                case INGRESS -> spec.denyIngress();
                case EGRESS -> spec.denyEgress();
            };
        }

        List<CiliumNetworkPolicy.Rule> allow() {
            return switch (direction) {
                case INGRESS -> spec.ingress();
                case EGRESS -> spec.egress();
            };
        }

        List<CiliumNetworkPolicy.Rule> deny() {
            return switch (direction) {
                case INGRESS -> spec.ingressDeny();
                case EGRESS -> spec.egressDeny();
            };
        }

        private Optional<Statement> statement(int part, Snapshot snapshot) {
            if (!isolates() && allow().isEmpty() && deny().isEmpty()) {
                return Optional.empty();
            }
            List<Statement.Clause> clauses = new ArrayList<>();
            add(deny(), true, snapshot, clauses);
            add(allow(), false, snapshot, clauses);
            return Optional.of(
                    new Statement(
                            new Statement.Part(policy.ref(), part),
                            spec.source(),
                            direction,
                            subject(),
                            Statement.Tier.POLICY,
                            isolates(),
                            List.copyOf(clauses)));
        }

        private Statement.Subject subject() {
            return switch (spec.subject()) {
                case Subject.Pods subject ->
                        new Statement.Subject.Pods(
                                policy.clusterwide()
                                        ? Optional.empty()
                                        : Optional.of(policy.ref().namespace()),
                                subject.namespaces(),
                                subject.pods());
                case Subject.Nodes subject -> new Statement.Subject.Nodes(subject.nodes());
            };
        }

        /** {@return {@code specs[1].ingressDeny}} */
        String list(boolean deny) {
            return spec.field() + "." + direction + (deny ? "Deny" : "");
        }

        private void add(
                List<CiliumNetworkPolicy.Rule> rules,
                boolean deny,
                Snapshot snapshot,
                List<Statement.Clause> into) {
            for (int i = 0; i < rules.size(); i++) {
                CiliumNetworkPolicy.Rule rule = rules.get(i);
                int index = i;
                Peers.clauses(
                        direction,
                        rule.peers(),
                        rule.ports(),
                        deny ? Statement.Effect.DENY : Statement.Effect.ALLOW,
                        deny
                                ? Statement.Precedence.CILIUM_DENY
                                : Statement.Precedence.NETWORK_POLICY,
                        snapshot,
                        detail ->
                                new Rule.OfPolicy(
                                        policy.ref(),
                                        direction,
                                        index,
                                        "of " + list(deny) + ": " + detail,
                                        rule.source()),
                        into);
            }
        }
    }
}
