package io.weft.compiler;

import io.weft.compiler.Explanation.ConsideredPolicy;
import io.weft.compiler.Explanation.ConsideredRule;
import io.weft.compiler.Explanation.Reason;
import io.weft.model.Ip;
import io.weft.model.LabelSelector;
import io.weft.model.Labels;
import io.weft.model.NetworkPolicy;
import io.weft.model.NetworkPolicy.Peer;
import io.weft.model.NetworkPolicy.PortMatch;
import io.weft.model.Pod;
import io.weft.model.Prefix;
import io.weft.model.Protocol;
import io.weft.model.Snapshot;
import io.weft.tables.Direction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Says of each peer and port of the policies concerned why it matches a flow or does not. */
final class Reasons {
    final Snapshot snapshot;
    final Query query;
    final Optional<Pod> from;
    final Optional<Pod> to;

    Reasons(Snapshot snapshot, Query query, Optional<Pod> from, Optional<Pod> to) {
        this.snapshot = snapshot;
        this.query = query;
        this.from = from;
        this.to = to;
    }

    /** {@return the policies that isolate {@code pod}, each with its rules} */
    List<ConsideredPolicy> policies(Direction direction, Pod pod) {
        List<ConsideredPolicy> considered = new ArrayList<>();
        for (NetworkPolicy policy : snapshot.policies().values()) {
            boolean isolates =
                    switch (direction) {
                        case INGRESS -> policy.isolatesIngress();
                        case EGRESS -> policy.isolatesEgress();
                    };
            if (isolates
                    && policy.ref().namespace().equals(pod.namespace())
                    && policy.podSelector().matches(pod.labels())) {
                considered.add(
                        new ConsideredPolicy(
                                policy.ref(),
                                policy.source(),
                                OptionalInt.empty(),
                                true,
                                rules(direction, policy)));
            }
        }
        return considered;
    }

    private List<ConsideredRule> rules(Direction direction, NetworkPolicy policy) {
        List<NetworkPolicy.Rule> rules =
                switch (direction) {
                    case INGRESS -> policy.ingress();
                    case EGRESS -> policy.egress();
                };
        List<ConsideredRule> considered = new ArrayList<>();
        for (int i = 0; i < rules.size(); i++) {
            NetworkPolicy.Rule rule = rules.get(i);
            List<Reason> peers = new ArrayList<>();
            for (int p = 0; p < rule.peers().size(); p++) {
                peers.add(peer(direction, policy, p, rule.peers().get(p)));
            }
            if (peers.isEmpty()) {
                String item = Words.list(direction);
                peers.add(new Reason(true, item, "the rule names nobody, so it means everyone"));
            }
            List<Reason> ports = new ArrayList<>(rule.ports().stream().map(this::port).toList());
            if (ports.isEmpty()) {
                ports.add(new Reason(true, "ports", "the rule names none, so it means every port"));
            }
            boolean matches =
                    peers.stream().anyMatch(Reason::matches)
                            && ports.stream().anyMatch(Reason::matches);
            considered.add(
                    new ConsideredRule(
                            direction + "[" + i + "]",
                            i,
                            "allow",
                            rule.source(),
                            matches,
                            List.copyOf(peers),
                            List.copyOf(ports)));
        }
        return considered;
    }

    private Reason peer(Direction direction, NetworkPolicy policy, int index, Peer peer) {
        String item = Words.list(direction) + "[" + index + "] " + Words.peer(peer);
        Ip ip =
                switch (direction) {
                    case INGRESS -> query.from();
                    case EGRESS -> query.to();
                };
        Optional<Pod> pod =
                switch (direction) {
                    case INGRESS -> from;
                    case EGRESS -> to;
                };
        return switch (peer) {
            case Peer.IpBlock block -> ipBlock(item, block, ip);
            case Peer.Pods selector ->
                    pod.map(p -> pods(item, policy, selector, p))
                            .orElseGet(() -> new Reason(false, item, ip + " is no pod's address"));
        };
    }

    private static Reason ipBlock(String item, Peer.IpBlock block, Ip ip) {
        if (!block.cidr().contains(ip)) {
            return new Reason(false, item, ip + " is outside");
        }
        for (Prefix except : block.except()) {
            if (except.contains(ip)) {
                return new Reason(false, item, ip + " is in the exception " + except);
            }
        }
        return new Reason(true, item, ip + " is inside");
    }

    private Reason pods(String item, NetworkPolicy policy, Peer.Pods selector, Pod pod) {
        if (selector.namespaces().isEmpty()) {
            if (!pod.namespace().equals(policy.ref().namespace())) {
                return new Reason(
                        false,
                        item,
                        "it means pods of %s, and %s is not there"
                                .formatted(policy.ref().namespace(), pod.ref().path()));
            }
        } else {
            Reason namespace =
                    labels(
                            item,
                            "namespace " + pod.namespace(),
                            selector.namespaces().get(),
                            snapshot.namespaceLabels(pod.namespace()));
            if (!namespace.matches()) {
                return namespace;
            }
        }
        return labels(item, pod.ref().path(), selector.pods(), pod.labels());
    }

    static Reason labels(String item, String who, LabelSelector selector, Labels labels) {
        List<String> found = new ArrayList<>();
        for (LabelSelector.Requirement requirement : selector.requirements()) {
            String has =
                    labels.get(requirement.key())
                            .map(value -> "has " + requirement.key() + "=" + value)
                            .orElse("has no label " + requirement.key());
            if (!requirement.matches(labels)) {
                return new Reason(false, item, who + " " + has);
            }
            found.add(has);
        }
        return new Reason(
                true, item, who + " " + (found.isEmpty() ? "matches" : String.join(", ", found)));
    }

    Reason port(PortMatch match) {
        String item = Words.port(match);
        if (match.protocol().number() != query.protocol()) {
            return new Reason(false, item, "the flow is " + query.protocolText());
        }
        return switch (match) {
            case PortMatch.Range range ->
                    new Reason(
                            range.first() <= query.port() && query.port() <= range.last(),
                            item,
                            "the flow goes to port " + query.port());
            case PortMatch.Named named -> named(item, named.name(), named.protocol());
        };
    }

    private Reason named(String item, String name, Protocol protocol) {
        if (to.isEmpty()) {
            return new Reason(false, item, query.to() + " is no pod, so no port has a name there");
        }
        String who = to.get().ref().path();
        OptionalInt number = to.get().namedPort(name, protocol);
        if (number.isEmpty()) {
            return new Reason(false, item, who + " has no " + protocol + " port of that name");
        }
        return new Reason(
                number.getAsInt() == query.port(),
                item,
                "it is %d on %s, the flow goes to port %d"
                        .formatted(number.getAsInt(), who, query.port()));
    }
}
