package io.weft.compiler;

import io.weft.model.LabelSelector;
import io.weft.model.NetworkPolicy;
import io.weft.model.NetworkPolicy.Peer;
import io.weft.model.NetworkPolicy.PortMatch;
import io.weft.tables.Direction;
import io.weft.tables.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The front end for networking.k8s.io/v1 NetworkPolicy. */
final class NetworkPolicies {
    private NetworkPolicies() {}

    /** {@return one statement for each direction that the policy isolates} */
    static List<Statement> statements(NetworkPolicy policy) {
        List<Statement> statements = new ArrayList<>(2);
        if (policy.isolatesIngress()) {
            statements.add(statement(policy, Direction.INGRESS, policy.ingress()));
        }
        if (policy.isolatesEgress()) {
            statements.add(statement(policy, Direction.EGRESS, policy.egress()));
        }
        return List.copyOf(statements);
    }

    private static Statement statement(
            NetworkPolicy policy, Direction direction, List<NetworkPolicy.Rule> rules) {
        List<Statement.Clause> clauses = new ArrayList<>();
        for (int index = 0; index < rules.size(); index++) {
            NetworkPolicy.Rule rule = rules.get(index);
            for (int p = 0; p < Math.max(1, rule.peers().size()); p++) {
                @Nullable Peer peer = rule.peers().isEmpty() ? null : rule.peers().get(p);
                for (int q = 0; q < Math.max(1, rule.ports().size()); q++) {
                    @Nullable PortMatch port = rule.ports().isEmpty() ? null : rule.ports().get(q);
                    Ports ports = ports(port);
                    clauses.add(
                            new Statement.Clause(
                                    remote(policy, direction, peer, ports),
                                    ports,
                                    Statement.Effect.ALLOW,
                                    Statement.Precedence.NETWORK_POLICY,
                                    new Rule.OfPolicy(
                                            policy.ref(),
                                            direction,
                                            index,
                                            Words.detail(direction, p, peer, port),
                                            rule.source())));
                }
            }
        }
        return new Statement(
                new Statement.Part(policy.ref(), 0),
                policy.source(),
                direction,
                new Statement.Subject.Pods(
                        Optional.of(policy.ref().namespace()),
                        LabelSelector.EVERYTHING,
                        policy.podSelector()),
                Statement.Tier.POLICY,
                true,
                List.copyOf(clauses));
    }

    private static Remote remote(
            NetworkPolicy policy, Direction direction, @Nullable Peer peer, Ports ports) {
        if (peer != null) {
            return remote(policy, peer);
        }
        return direction == Direction.EGRESS && ports instanceof Ports.Named(Ports.Name name)
                ? new Remote.HavingPort(name)
                : new Remote.Anyone();
    }

    static Remote remote(NetworkPolicy policy, Peer peer) {
        return switch (peer) {
            case Peer.Pods pods when pods.namespaces().isPresent() -> {
                LabelSelector namespaces = pods.namespaces().get();
                yield new Remote.Pods(namespaces, pods.pods());
            }
            case Peer.Pods pods -> new Remote.PodsOf(policy.ref().namespace(), pods.pods());
            case Peer.IpBlock block -> new Remote.IpBlock(block.cidr(), block.except(), false);
        };
    }

    private static Ports ports(@Nullable PortMatch port) {
        return switch (port) {
            case null -> new Ports.Every();
            case PortMatch.Range range ->
                    new Ports.Range(range.protocol(), range.first(), range.last());
            case PortMatch.Named named ->
                    new Ports.Named(new Ports.Name(named.protocol(), named.name()));
        };
    }
}
