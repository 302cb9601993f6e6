package io.weft.compiler;

import io.weft.compiler.Explanation.ConsideredPolicy;
import io.weft.compiler.Explanation.ConsideredRule;
import io.weft.compiler.Explanation.ConsideredTier;
import io.weft.compiler.Explanation.ConsideredTier.Outcome;
import io.weft.compiler.Explanation.Reason;
import io.weft.model.CiliumNetworkPolicy;
import io.weft.model.ClusterNetworkPolicy;
import io.weft.model.Ip;
import io.weft.model.Node;
import io.weft.model.Peer;
import io.weft.model.Pod;
import io.weft.model.PortMatch;
import io.weft.model.Source;
import io.weft.tables.Direction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What each tier has to say about one end of a flow, and which one decides. */
final class Tiers {
    private final Reasons reasons;
    private final Direction direction;
    private final Optional<Pod> local;
    private final Ip remote;
    private final Optional<Pod> other;
    private final OracleOfTiers oracle;

    private Tiers(Reasons reasons, Direction direction, Optional<Pod> local, Optional<Node> self) {
        this.reasons = reasons;
        this.direction = direction;
        this.local = local;
        boolean ingress = direction == Direction.INGRESS;
        remote = ingress ? reasons.query.from() : reasons.query.to();
        other = ingress ? reasons.from : reasons.to;
        oracle =
                new OracleOfTiers(
                        reasons.snapshot, local, self, other, reasons.to, remote, reasons.query);
    }

    /**
     * @param local the pod that is judged
     * @param self the node that is judged, if it is none
     */
    static List<ConsideredTier> of(
            Reasons reasons, Direction direction, Optional<Pod> local, Optional<Node> self) {
        Tiers tiers = new Tiers(reasons, direction, local, self);
        List<ConsideredTier> found = new ArrayList<>(3);
        found.add(tiers.ordered(ClusterNetworkPolicy.Tier.ADMIN));
        found.add(tiers.middle());
        found.add(tiers.ordered(ClusterNetworkPolicy.Tier.BASELINE));
        boolean decided = false;
        for (int i = 0; i < found.size(); i++) {
            ConsideredTier tier = found.get(i);
            if (decided) {
                found.set(
                        i,
                        new ConsideredTier(
                                tier.name(), tier.policies(), Outcome.NOT_ASKED, "is not asked"));
            }
            decided |= tier.outcome() != Outcome.GOES_ON;
        }
        return List.copyOf(found);
    }

    // ---- Admin and Baseline

    private ConsideredTier ordered(ClusterNetworkPolicy.Tier tier) {
        List<ConsideredPolicy> policies = new ArrayList<>();
        reasons.snapshot.clusterPolicies().values().stream()
                .filter(policy -> policy.tier() == tier && !rules(policy).isEmpty())
                .filter(policy -> oracle.isSubject(policy.subject()))
                .sorted(Comparator.comparingInt(ClusterNetworkPolicy::priority))
                .forEach(policy ->
                        policies.add(
                                new ConsideredPolicy(
                                        policy.ref(),
                                        policy.source(),
                                        OptionalInt.of(policy.priority()),
                                        false,
                                        considered(policy))));
        record Match(ConsideredPolicy policy, ConsideredRule rule) {
            int rank() {
                return List.of("Deny", "Pass", "Accept").indexOf(rule.effect());
            }
        }
        Optional<Match> first =
                policies.stream()
                        .flatMap(p -> p.rules().stream().map(r -> new Match(p, r)))
                        .filter(match -> match.rule.matches())
                        .min(
                                Comparator.<Match>comparingInt(
                                                m -> m.policy.priority().orElseThrow())
                                        .thenComparingInt(m -> m.rule.index())
                                        .thenComparingInt(Match::rank));
        if (first.isEmpty()) {
            return new ConsideredTier(
                    tier.toString(), policies, Outcome.GOES_ON, "no rule matches, goes on");
        }
        String by = first.get().policy.policy().path() + " " + first.get().rule.name();
        return switch (first.get().rule.effect()) {
            case "Accept" ->
                    new ConsideredTier(
                            tier.toString(), policies, Outcome.ALLOWS, "allows by " + by);
            case "Deny" ->
                    new ConsideredTier(
                            tier.toString(), policies, Outcome.DENIES, "denies by " + by);
            default ->
                    new ConsideredTier(
                            tier.toString(), policies, Outcome.GOES_ON, "goes on by " + by);
        };
    }

    private List<ClusterNetworkPolicy.Rule> rules(ClusterNetworkPolicy policy) {
        return switch (direction) {
            case INGRESS -> policy.ingress();
            case EGRESS -> policy.egress();
        };
    }

    private List<ConsideredRule> considered(ClusterNetworkPolicy policy) {
        List<ConsideredRule> considered = new ArrayList<>();
        for (ClusterNetworkPolicy.Rule rule : rules(policy)) {
            int index = considered.size();
            considered.add(
                    rule(
                            "%s %s[%d]".formatted(rule.action(), direction, index),
                            index,
                            rule.action().toString(),
                            rule.source(),
                            rule.peers(),
                            rule.ports(),
                            rule.failsClosed()
                                    ? "it fails closed for " + String.join(", ", rule.unknown())
                                    : "the rule names nobody"));
        }
        return considered;
    }

    // ---- NetworkPolicy and Cilium's kinds

    private ConsideredTier middle() {
        List<ConsideredPolicy> policies =
                new ArrayList<>(
                        local.map(pod -> reasons.policies(direction, pod)).orElse(List.of()));
        for (CiliumNetworkPolicy policy : reasons.snapshot.ciliumPolicies().values()) {
            for (CiliumNetworkPolicy.Spec spec : policy.specs()) {
                CiliumPolicies.Side side = new CiliumPolicies.Side(policy, spec, direction);
                boolean says = side.isolates() || !side.allow().isEmpty() || !side.deny().isEmpty();
                boolean there =
                        policy.clusterwide()
                                || local.map(Pod::namespace)
                                        .equals(Optional.of(policy.ref().namespace()));
                if (says && there && oracle.isSubject(spec.subject())) {
                    policies.add(
                            new ConsideredPolicy(
                                    policy.ref(),
                                    spec.source(),
                                    OptionalInt.empty(),
                                    side.isolates(),
                                    considered(side)));
                }
            }
        }
        String name = "NetworkPolicy";
        for (String effect : List.of("deny", "allow")) {
            for (ConsideredPolicy policy : policies) {
                for (ConsideredRule rule : policy.rules()) {
                    if (rule.matches() && rule.effect().equals(effect)) {
                        boolean denies = effect.equals("deny");
                        return new ConsideredTier(
                                name,
                                policies,
                                denies ? Outcome.DENIES : Outcome.ALLOWS,
                                "%s by %s %s"
                                        .formatted(
                                                denies ? "denies" : "allows",
                                                policy.policy().path(),
                                                rule.name()));
                    }
                }
            }
        }
        return policies.stream().anyMatch(ConsideredPolicy::isolates)
                ? new ConsideredTier(
                        name, policies, Outcome.DENIES, "denies, for no rule allows it")
                : new ConsideredTier(
                        name, policies, Outcome.GOES_ON, "no policy isolates it, goes on");
    }

    private List<ConsideredRule> considered(CiliumPolicies.Side side) {
        List<ConsideredRule> considered = new ArrayList<>();
        for (boolean deny : new boolean[] {true, false}) {
            List<CiliumNetworkPolicy.Rule> rules = deny ? side.deny() : side.allow();
            for (int i = 0; i < rules.size(); i++) {
                CiliumNetworkPolicy.Rule rule = rules.get(i);
                considered.add(
                        rule(
                                "%s[%d]".formatted(side.list(deny), i),
                                i,
                                deny ? "deny" : "allow",
                                rule.source(),
                                rule.peers(),
                                rule.ports(),
                                "the rule names nobody"));
            }
        }
        return considered;
    }

    // ---- rules

    private ConsideredRule rule(
            String name,
            int index,
            String effect,
            Source source,
            List<Peer> peers,
            List<PortMatch> ports,
            String nobody) {
        List<Reason> who = new ArrayList<>();
        for (int p = 0; p < peers.size(); p++) {
            String item = PeerWords.item(direction, p, peers.get(p));
            who.add(new Reason(oracle.isPeer(peers.get(p)), item, why(peers.get(p))));
        }
        if (who.isEmpty()) {
            who.add(new Reason(false, Words.list(direction), nobody));
        }
        List<Reason> what = new ArrayList<>();
        for (PortMatch match : ports) {
            what.add(
                    new Reason(
                            oracle.isPort(match),
                            PeerWords.port(match),
                            "the flow is " + reasons.query.what()));
        }
        if (what.isEmpty()) {
            what.add(new Reason(false, "ports", "the rule names none"));
        }
        boolean matches =
                who.stream().anyMatch(Reason::matches) && what.stream().anyMatch(Reason::matches);
        return new ConsideredRule(
                name, index, effect, source, matches, List.copyOf(who), List.copyOf(what));
    }

    /** {@return who the other end is, as far as {@code peer} looks} */
    private String why(Peer peer) {
        if (!(peer instanceof Peer.Pods(var namespaces, var pods, var _)) || other.isEmpty()) {
            return "the other end is " + who();
        }
        Pod pod = other.get();
        Reason namespace =
                Reasons.labels(
                        "",
                        "namespace " + pod.namespace(),
                        namespaces,
                        reasons.snapshot.namespaceLabels(pod.namespace()));
        return namespace.matches()
                ? Reasons.labels("", pod.ref().path(), pods, pod.labels()).why()
                : namespace.why();
    }

    private String who() {
        return other.map(pod -> "pod " + pod.ref().path())
                .or(() -> oracle.node().map(node -> "node " + node.name()))
                .orElse(remote + ", outside of the cluster");
    }
}
