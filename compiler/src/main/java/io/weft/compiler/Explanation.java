package io.weft.compiler;

import io.weft.model.Node;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Source;
import io.weft.tables.Direction;
import io.weft.tables.Rule;
import io.weft.tables.Rules;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Why a flow passes or not: the decision of the tables, and beside it everything that was
 * considered, found by reading the policies anew. Records all the way down, so it can be printed as
 * text or as JSON.
 *
 * @param from the pod at the source, if there is one
 * @param to the pod at the destination, if there is one
 * @param outcome of both sides
 */
public record Explanation(
        Query query,
        Optional<Ref> from,
        Optional<Ref> to,
        Decision.Outcome outcome,
        Side egress,
        Side ingress) {

    private static final Rule NOT_ISOLATED =
            new Rules(Map.of()).find(Rules.NOT_ISOLATED).orElseThrow();

    /**
     * One end's judgement.
     *
     * @param workload that is judged, if this end is one; also a node that a policy selects
     * @param decidedBy the rule that the tables name
     * @param tiers in the order in which they are asked; empty when policy has no say
     */
    public record Side(
            Direction direction,
            Optional<Ref> workload,
            Decision.Outcome outcome,
            Rule decidedBy,
            List<ConsideredTier> tiers) {
        /** {@return whether the flow passes, be it in audit mode} */
        public boolean allowed() {
            return outcome.passes();
        }

        /** {@return the policies of all tiers} */
        public List<ConsideredPolicy> policies() {
            return tiers.stream().flatMap(tier -> tier.policies().stream()).toList();
        }
    }

    /**
     * Policies that are asked together. Those of a tier that is not asked are there too.
     *
     * @param name {@code Admin}, {@code NetworkPolicy} with Cilium's kinds, or {@code Baseline}
     * @param policies that select the workload in this direction; of Admin and Baseline by
     *     priority, else by name
     * @param outcome {@code denies by guard ingress[0] Deny}
     */
    public record ConsideredTier(
            String name, List<ConsideredPolicy> policies, Outcome outcome, String text) {
        /** What came of a tier. */
        public enum Outcome {
            ALLOWS,
            DENIES,
            /** Nothing in it decides, or a Pass does. */
            GOES_ON,
            /** A tier before it decided. */
            NOT_ASKED
        }
    }

    /**
     * A policy that selects the workload, and its rules for this direction as written.
     *
     * @param priority of a cluster policy
     * @param isolates whether it denies what no policy of its tier allows
     */
    public record ConsideredPolicy(
            Ref policy,
            Source source,
            OptionalInt priority,
            boolean isolates,
            List<ConsideredRule> rules) {}

    /**
     * A rule: it matches if one of its peers and one of its ports do.
     *
     * @param name {@code ingress[0]}, {@code Deny ingress[0]}, {@code specs[1].egressDeny[0]}
     * @param effect of a match
     * @param peers never empty; one that says so if the rule names none
     * @param ports likewise
     */
    public record ConsideredRule(
            String name,
            int index,
            String effect,
            Source source,
            boolean matches,
            List<Reason> peers,
            List<Reason> ports) {}

    /**
     * @param item as written: {@code from[0] podSelector tier=web}
     * @param why {@code shop/db has tier=db}
     */
    public record Reason(boolean matches, String item, String why) {}

    /** {@return the decision of {@code compilation} about {@code query}, with reasons} */
    public static Explanation of(Compilation compilation, Query query) {
        return of(compilation, query, compilation.decide(query));
    }

    /** {@return likewise of a flow that a service led there, and that was decided so} */
    public static Explanation of(Compilation compilation, Query query, Decision decision) {
        Optional<Pod> from =
                compilation.owner(query.from()).map(compilation.snapshot().pods()::get);
        Optional<Pod> to = compilation.owner(query.to()).map(compilation.snapshot().pods()::get);
        Reasons reasons = new Reasons(compilation.snapshot(), query, from, to);
        return new Explanation(
                query,
                from.map(Pod::ref),
                to.map(Pod::ref),
                decision.outcome(),
                side(
                        Direction.EGRESS,
                        from,
                        compilation.node(query.from()),
                        decision.egressOutcome(),
                        decision.egressRule(),
                        reasons),
                side(
                        Direction.INGRESS,
                        to,
                        compilation.node(query.to()),
                        decision.ingressOutcome(),
                        decision.ingressRule(),
                        reasons));
    }

    /** {@return whether the flow passes, be it in audit mode} */
    public boolean allowed() {
        return outcome.passes();
    }

    private static Side side(
            Direction direction,
            Optional<Pod> local,
            Optional<Node> self,
            Decision.Outcome outcome,
            Rule decidedBy,
            Reasons reasons) {
        List<ConsideredTier> tiers =
                decidedBy instanceof Rule.BuiltIn && !decidedBy.equals(NOT_ISOLATED)
                        ? List.of()
                        : local.isPresent() || self.isPresent()
                                ? Tiers.of(
                                        reasons,
                                        direction,
                                        self.isPresent() ? Optional.empty() : local,
                                        self)
                                : List.of();
        boolean ofNode =
                self.isPresent() && !(decidedBy instanceof Rule.BuiltIn && tiers.isEmpty());
        return new Side(
                direction,
                ofNode ? self.map(Node::ref) : local.map(Pod::ref),
                outcome,
                decidedBy,
                tiers);
    }

    /** {@return the same for people, in several lines; ends with a line break} */
    public String text() {
        StringBuilder text = new StringBuilder();
        text.append(
                "%s -> %s, %s: %s%n"
                        .formatted(
                                end(from, query.from()),
                                end(to, query.to()),
                                query.what(),
                                verdict(outcome)));
        for (Side side : List.of(egress, ingress)) {
            text.append("%n%s".formatted(side.direction()));
            side.workload().ifPresent(ref -> text.append(" of ").append(ref.path()));
            text.append(": %s%n  %s%n".formatted(verdict(side.outcome()), side.decidedBy().text()));
            for (ConsideredTier tier : side.tiers()) {
                if (!tier.policies().isEmpty()) {
                    text.append("  tier %s: %s%n".formatted(tier.name(), tier.text()));
                    tier.policies().forEach(policy -> append(text, side.direction(), policy));
                }
            }
        }
        return text.toString();
    }

    private static String end(Optional<Ref> pod, Object ip) {
        return pod.map(ref -> ref.path() + " (" + ip + ")").orElse(ip.toString());
    }

    private static String verdict(Decision.Outcome outcome) {
        return switch (outcome) {
            case ALLOWED -> "allowed";
            case AUDITED -> "audited: policy would deny it, but in audit mode it passes";
            case DENIED -> "denied";
        };
    }

    private static void append(StringBuilder text, Direction direction, ConsideredPolicy policy) {
        text.append("  considered %s".formatted(policy.policy()));
        policy.priority().ifPresent(priority -> text.append(" of priority ").append(priority));
        text.append(" (%s)%n".formatted(policy.source()));
        if (policy.rules().isEmpty()) {
            text.append("    has no %s rules, so it allows nothing%n".formatted(direction));
        }
        for (ConsideredRule rule : policy.rules()) {
            text.append(
                    "    %s (%s) %s%n"
                            .formatted(
                                    rule.name(),
                                    rule.source(),
                                    rule.matches() ? "matches" : "does not match"));
            rule.peers().forEach(reason -> append(text, reason));
            rule.ports().forEach(reason -> append(text, reason));
        }
    }

    private static void append(StringBuilder text, Reason reason) {
        text.append(
                "      %s %s: %s%n"
                        .formatted(reason.matches() ? "yes" : "no ", reason.item(), reason.why()));
    }
}
