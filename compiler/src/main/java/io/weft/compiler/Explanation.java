package io.weft.compiler;

import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Source;
import io.weft.tables.Direction;
import io.weft.tables.Rule;
import java.util.List;
import java.util.Optional;

/**
 * Why a flow passes or not: the decision of the tables, and beside it everything that was
 * considered, found by reading the policies anew. Records all the way down, so it can be printed as
 * text or as JSON.
 *
 * @param from the pod at the source, if there is one
 * @param to the pod at the destination, if there is one
 */
public record Explanation(
        Query query,
        Optional<Ref> from,
        Optional<Ref> to,
        boolean allowed,
        Side egress,
        Side ingress) {

    /**
     * One end's judgement.
     *
     * @param workload that is judged, if this end is one
     * @param decidedBy the rule that the tables name
     * @param policies that isolate it in this direction, in order of name; empty when none does or
     *     when policy has no say
     */
    public record Side(
            Direction direction,
            Optional<Ref> workload,
            boolean allowed,
            Rule decidedBy,
            List<ConsideredPolicy> policies) {}

    /** A policy that isolates the workload, and its rules for this direction as written. */
    public record ConsideredPolicy(Ref policy, Source source, List<ConsideredRule> rules) {}

    /**
     * A rule: it matches if one of its peers and one of its ports do.
     *
     * @param peers never empty; one that says so if the rule names none
     * @param ports likewise
     */
    public record ConsideredRule(
            int index, Source source, boolean matches, List<Reason> peers, List<Reason> ports) {}

    /**
     * @param item as written: {@code from[0] podSelector tier=web}
     * @param why {@code shop/db has tier=db}
     */
    public record Reason(boolean matches, String item, String why) {}

    /** {@return the decision of {@code compilation} about {@code query}, with reasons} */
    public static Explanation of(Compilation compilation, Query query) {
        Decision decision = compilation.decide(query);
        Optional<Pod> from =
                compilation.owner(query.from()).map(compilation.snapshot().pods()::get);
        Optional<Pod> to = compilation.owner(query.to()).map(compilation.snapshot().pods()::get);
        Reasons reasons = new Reasons(compilation.snapshot(), query, from, to);
        return new Explanation(
                query,
                from.map(Pod::ref),
                to.map(Pod::ref),
                decision.allowed(),
                side(Direction.EGRESS, from, decision.egress(), decision.egressRule(), reasons),
                side(Direction.INGRESS, to, decision.ingress(), decision.ingressRule(), reasons));
    }

    private static Side side(
            Direction direction,
            Optional<Pod> local,
            boolean allowed,
            Rule decidedBy,
            Reasons reasons) {
        List<ConsideredPolicy> policies =
                switch (decidedBy) {
                    case Rule.BuiltIn _ -> List.of();
                    case Rule.OfPolicy _, Rule.Isolated _ ->
                            local.map(pod -> reasons.policies(direction, pod)).orElse(List.of());
                };
        return new Side(direction, local.map(Pod::ref), allowed, decidedBy, policies);
    }

    /** {@return the same for people, in several lines; ends with a line break} */
    public String text() {
        StringBuilder text = new StringBuilder();
        text.append(
                "%s -> %s, %s%s: %s%n"
                        .formatted(
                                end(from, query.from()),
                                end(to, query.to()),
                                query.protocolText(),
                                query.port() == 0 ? "" : " " + query.port(),
                                verdict(allowed)));
        for (Side side : List.of(egress, ingress)) {
            text.append("%n%s".formatted(side.direction()));
            side.workload().ifPresent(ref -> text.append(" of ").append(ref.path()));
            text.append(": %s%n  %s%n".formatted(verdict(side.allowed()), side.decidedBy().text()));
            side.policies().forEach(policy -> append(text, side.direction(), policy));
        }
        return text.toString();
    }

    private static String end(Optional<Ref> pod, Object ip) {
        return pod.map(ref -> ref.path() + " (" + ip + ")").orElse(ip.toString());
    }

    private static String verdict(boolean allowed) {
        return allowed ? "allowed" : "denied";
    }

    private static void append(StringBuilder text, Direction direction, ConsideredPolicy policy) {
        text.append("  considered %s (%s)%n".formatted(policy.policy(), policy.source()));
        if (policy.rules().isEmpty()) {
            text.append("    has no %s rules, so it allows nothing%n".formatted(direction));
        }
        for (ConsideredRule rule : policy.rules()) {
            text.append(
                    "    %s[%d] (%s) %s%n"
                            .formatted(
                                    direction,
                                    rule.index(),
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
