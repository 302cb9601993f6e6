package io.weft.compiler;

import io.weft.compiler.Decision.Outcome;
import io.weft.model.ClusterNetworkPolicy.Tier;
import io.weft.model.Ip;
import io.weft.model.Namespace;
import io.weft.model.NetworkPolicy;
import io.weft.model.NetworkPolicy.Peer;
import io.weft.model.NetworkPolicy.PortMatch;
import io.weft.model.Node;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Snapshot;
import io.weft.model.Source;
import io.weft.tables.Direction;
import io.weft.tables.Rule;
import io.weft.tables.Rules;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Decides straight from the snapshot, as <a
 * href="https://kubernetes.io/docs/concepts/services-networking/network-policies/">the Kubernetes
 * documentation</a> puts it, by trying every policy, rule, peer and port. It is slow on purpose and
 * shares no code with the compiler, which is tested against it.
 */
public final class Oracle implements Engine {
    private final Snapshot snapshot;
    private final Set<Ip> nodeAddresses;
    private final CompilerOptions options;

    public Oracle(Snapshot snapshot, Set<Ip> nodeAddresses) {
        this(snapshot, nodeAddresses, CompilerOptions.DEFAULT);
    }

    public Oracle(Snapshot snapshot, Set<Ip> nodeAddresses, CompilerOptions options) {
        this.snapshot = snapshot;
        this.nodeAddresses = Set.copyOf(nodeAddresses);
        this.options = options;
    }

    record Side(boolean allowed, Rule rule) {}

    @Override
    public Decision decide(Query query) {
        return query.from().equals(query.to())
                ? Decision.both(Decision.ITSELF)
                : decideTranslated(query);
    }

    @Override
    public Decision decideTranslated(Query query) {
        boolean fromHost = nodeAddresses.contains(query.from());
        boolean toHost = nodeAddresses.contains(query.to());
        if (fromHost || toHost) {
            Optional<Node> self = node(node -> node.addresses().stream().anyMatch(this::isHost));
            Side always = new Side(true, builtIn(Rules.NODE));
            Side egress = always;
            Side ingress = always;
            if (fromHost && !toHost) {
                egress = ofNode(Direction.EGRESS, self, query.to(), query).orElse(always);
            }
            if (toHost && !fromHost) {
                ingress = ofNode(Direction.INGRESS, self, query.from(), query).orElse(always);
            }
            return new Decision(
                    Outcome.of(egress.allowed, false),
                    Outcome.of(ingress.allowed, false),
                    egress.rule,
                    ingress.rule);
        }
        Side egress = judge(Direction.EGRESS, query.from(), query.to(), query);
        Side ingress = judge(Direction.INGRESS, query.to(), query.from(), query);
        return new Decision(
                outcome(egress, query.from()),
                outcome(ingress, query.to()),
                egress.rule,
                ingress.rule);
    }

    private Outcome outcome(Side side, Ip local) {
        if (side.allowed) {
            return Outcome.ALLOWED;
        }
        if (podAt(local).isEmpty()) {
            return Outcome.DENIED; // a node
        }
        Pod pod = podAt(local).get();
        boolean audit = options.auditAll();
        for (Namespace namespace : snapshot.namespaces().values()) {
            if (namespace.name().equals(pod.namespace()) && namespace.audit().isPresent()) {
                audit = namespace.audit().get();
            }
        }
        if (pod.audit().isPresent()) {
            audit = pod.audit().get();
        }
        return audit ? Outcome.AUDITED : Outcome.DENIED;
    }

    /** The first pod by name that has the address and counts for policy. */
    private Optional<Pod> podAt(Ip ip) {
        return snapshot.pods().values().stream()
                .filter(pod -> pod.counts() && pod.ips().contains(ip))
                .findFirst();
    }

    private Side judge(Direction direction, Ip local, Ip remote, Query query) {
        Optional<Pod> pod = podAt(local);
        if (pod.isEmpty()) {
            return ofNode(direction, node(n -> n.addresses().contains(local)), remote, query)
                    .orElse(new Side(true, Decision.NOT_A_WORKLOAD));
        }
        OracleOfTiers wide = tiers(pod, Optional.empty(), remote, query);
        return wide.tier(Tier.ADMIN, direction)
                .or(() -> middle(direction, pod, remote, query, wide))
                .or(() -> wide.tier(Tier.BASELINE, direction))
                .orElse(new Side(true, builtIn(Rules.NOT_ISOLATED)));
    }

    private boolean isHost(Ip ip) {
        return nodeAddresses.contains(ip);
    }

    /** The first node by name. */
    private Optional<Node> node(Predicate<Node> which) {
        return snapshot.nodes().values().stream().filter(which).findFirst();
    }

    /** What policies of {@code node} say of its traffic with a pod; nothing if they have no say. */
    private Optional<Side> ofNode(
            Direction direction, Optional<Node> node, Ip remote, Query query) {
        return node.isEmpty() || podAt(remote).isEmpty()
                ? Optional.empty()
                : middle(
                        direction,
                        Optional.empty(),
                        remote,
                        query,
                        tiers(Optional.empty(), node, remote, query));
    }

    private OracleOfTiers tiers(Optional<Pod> pod, Optional<Node> self, Ip remote, Query query) {
        return new OracleOfTiers(
                snapshot, pod, self, podAt(remote), podAt(query.to()), remote, query);
    }

    /** NetworkPolicy and Cilium's kinds together; nothing if they have no say. */
    private Optional<Side> middle(
            Direction direction, Optional<Pod> pod, Ip remote, Query query, OracleOfTiers wide) {
        Optional<Rule> denied = wide.ciliumRule(direction, true);
        if (denied.isPresent()) {
            return Optional.of(new Side(false, denied.get()));
        }
        NavigableMap<Ref, Source> isolating = new TreeMap<>();
        for (NetworkPolicy policy : snapshot.policies().values()) {
            if (pod.isEmpty() || !isolates(policy, direction, pod.get())) {
                continue;
            }
            isolating.put(policy.ref(), policy.source());
            List<NetworkPolicy.Rule> rules = rules(policy, direction);
            for (int i = 0; i < rules.size(); i++) {
                if (allows(rules.get(i), policy, remote, podAt(query.to()), query)) {
                    return Optional.of(
                            new Side(
                                    true,
                                    new Rule.OfPolicy(
                                            policy.ref(),
                                            direction,
                                            i,
                                            "",
                                            rules.get(i).source())));
                }
            }
        }
        Optional<Rule> allowed = wide.ciliumRule(direction, false);
        if (allowed.isPresent()) {
            return Optional.of(new Side(true, allowed.get()));
        }
        wide.ciliumIsolation(direction).forEach(isolating::putIfAbsent);
        return isolating.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Side(
                                false,
                                new Rule.Isolated(
                                        direction,
                                        List.copyOf(isolating.keySet()),
                                        List.copyOf(isolating.values()))));
    }

    private static boolean isolates(NetworkPolicy policy, Direction direction, Pod pod) {
        return policy.ref().namespace().equals(pod.namespace())
                && policy.podSelector().matches(pod.labels())
                && switch (direction) {
                    case INGRESS -> policy.isolatesIngress();
                    case EGRESS -> policy.isolatesEgress();
                };
    }

    private static List<NetworkPolicy.Rule> rules(NetworkPolicy policy, Direction direction) {
        return switch (direction) {
            case INGRESS -> policy.ingress();
            case EGRESS -> policy.egress();
        };
    }

    private boolean allows(
            NetworkPolicy.Rule rule,
            NetworkPolicy policy,
            Ip remote,
            Optional<Pod> destination,
            Query query) {
        boolean peer =
                rule.peers().isEmpty()
                        || rule.peers().stream().anyMatch(p -> isPeer(p, policy, remote));
        boolean port =
                rule.ports().isEmpty()
                        || rule.ports().stream().anyMatch(p -> isPort(p, destination, query));
        return peer && port;
    }

    private boolean isPeer(Peer peer, NetworkPolicy policy, Ip remote) {
        return switch (peer) {
            case Peer.IpBlock block ->
                    block.cidr().contains(remote)
                            && block.except().stream().noneMatch(e -> e.contains(remote));
            case Peer.Pods selector ->
                    podAt(remote)
                            .filter(pod -> selector.pods().matches(pod.labels()))
                            .filter(pod ->
                                    selector.namespaces().isEmpty()
                                            ? pod.namespace().equals(policy.ref().namespace())
                                            : selector.namespaces()
                                                    .get()
                                                    .matches(
                                                            snapshot.namespaceLabels(
                                                                    pod.namespace())))
                            .isPresent();
        };
    }

    private static boolean isPort(PortMatch match, Optional<Pod> destination, Query query) {
        if (match.protocol().number() != query.protocol()) {
            return false;
        }
        return switch (match) {
            case PortMatch.Range range ->
                    range.first() <= query.port() && query.port() <= range.last();
            case PortMatch.Named named -> {
                OptionalInt number =
                        destination.isEmpty()
                                ? OptionalInt.empty()
                                : destination.get().namedPort(named.name(), named.protocol());
                yield number.isPresent() && number.getAsInt() == query.port();
            }
        };
    }

    private static Rule builtIn(int id) {
        return new Rules(Map.of()).find(id).orElseThrow();
    }
}
