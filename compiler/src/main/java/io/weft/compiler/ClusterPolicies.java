package io.weft.compiler;

import io.weft.model.ClusterNetworkPolicy;
import io.weft.model.Snapshot;
import io.weft.model.Subject;
import io.weft.tables.Direction;
import io.weft.tables.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The front end for policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy. */
final class ClusterPolicies {
    private ClusterPolicies() {}

    /** {@return one statement for each direction that has rules} */
    static List<Statement> statements(ClusterNetworkPolicy policy, Snapshot snapshot) {
        if (!(policy.subject() instanceof Subject.Pods subject)) {
            throw new IllegalStateException(policy.ref() + " has no pods for subject");
        }
        List<Statement> statements = new ArrayList<>(2);
        for (Direction direction : Direction.values()) {
            List<ClusterNetworkPolicy.Rule> rules = rules(policy, direction);
            if (!rules.isEmpty()) {
                statements.add(
                        new Statement(
                                new Statement.Part(policy.ref(), 0),
                                policy.source(),
                                direction,
                                new Statement.Subject.Pods(
                                        Optional.empty(), subject.namespaces(), subject.pods()),
                                switch (policy.tier()) {
                                    case ADMIN -> Statement.Tier.ADMIN;
                                    case BASELINE -> Statement.Tier.BASELINE;
                                },
                                false,
                                clauses(policy, direction, rules, snapshot)));
            }
        }
        return List.copyOf(statements);
    }

    private static List<ClusterNetworkPolicy.Rule> rules(
            ClusterNetworkPolicy policy, Direction direction) {
        return switch (direction) {
            case INGRESS -> policy.ingress();
            case EGRESS -> policy.egress();
        };
    }

    private static List<Statement.Clause> clauses(
            ClusterNetworkPolicy policy,
            Direction direction,
            List<ClusterNetworkPolicy.Rule> rules,
            Snapshot snapshot) {
        List<Statement.Clause> clauses = new ArrayList<>();
        int base =
                switch (policy.tier()) {
                    case ADMIN -> Statement.Precedence.ADMIN;
                    case BASELINE -> Statement.Precedence.BASELINE;
                };
        for (int i = 0; i < rules.size(); i++) {
            ClusterNetworkPolicy.Rule rule = rules.get(i);
            int index = i;
            Statement.Effect effect =
                    switch (rule.action()) {
                        case ACCEPT -> Statement.Effect.ALLOW;
                        case DENY -> Statement.Effect.DENY;
                        case PASS -> Statement.Effect.PASS;
                    };
            // a rule that fails closed has the peers that this means already
            Peers.clauses(
                    direction,
                    rule.peers(),
                    rule.ports(),
                    effect,
                    Statement.Precedence.ofRule(base, policy.priority(), i, effect),
                    snapshot,
                    detail ->
                            new Rule.OfPolicy(
                                    policy.ref(),
                                    direction,
                                    index,
                                    rule.action() + " " + detail,
                                    rule.source()),
                    clauses);
        }
        return List.copyOf(clauses);
    }
}
