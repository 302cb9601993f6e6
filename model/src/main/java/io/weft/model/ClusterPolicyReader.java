package io.weft.model;

import io.weft.model.ClusterNetworkPolicy.Action;
import io.weft.model.ClusterNetworkPolicy.Rule;
import io.weft.model.ClusterNetworkPolicy.Tier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Reads policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy, checked as its CRD has the API
 * server do. Fields of peers and protocols that are not known are no errors: the API wants their
 * rules to fail closed, see {@link Rule}.
 */
final class ClusterPolicyReader {
    private static final int MAX_ITEMS = 25;
    private static final int MAX_NAME = 100;
    private static final Set<String> NAMESPACED_POD = Set.of("namespaceSelector", "podSelector");

    private ClusterPolicyReader() {}

    static ClusterNetworkPolicy read(Field root, ObjectMeta meta) {
        root.only(Set.of("apiVersion", "kind", "metadata", "spec", "status"));
        if (!root.has("spec")) {
            root.missing("spec", "");
        }
        Field spec = root.object("spec");
        spec.only(Set.of("tier", "priority", "subject", "ingress", "egress"));
        return new ClusterNetworkPolicy(
                new Ref(Kind.CLUSTER_NETWORK_POLICY, "", meta.name()),
                choice(spec, "tier", Tier.values()).orElse(Tier.ADMIN),
                priority(spec),
                subject(spec),
                rules(spec, "ingress", "from"),
                rules(spec, "egress", "to"),
                root.source());
    }

    /** {@return the value that is spelled so; reported when there is none} */
    private static <T> Optional<T> choice(Field parent, String key, T[] values) {
        List<String> spellings = Arrays.stream(values).map(Object::toString).toList();
        String text = parent.requiredText(key, String.join(", ", spellings), Names::any);
        int index = spellings.indexOf(text);
        if (index < 0 && !text.isEmpty()) {
            parent.child(key).ifPresent(f -> f.unsupported(spellings));
        }
        return index < 0 ? Optional.empty() : Optional.of(values[index]);
    }

    private static int priority(Field spec) {
        if (!spec.has("priority")) {
            spec.missing("priority", "0 to 1000, lower first");
        }
        return bounded(spec, "priority", 0, ClusterNetworkPolicy.MAX_PRIORITY).orElse(0);
    }

    private static OptionalInt bounded(Field parent, String key, int least, int most) {
        OptionalInt number = parent.integer(key);
        if (number.isPresent() && (number.getAsInt() < least || number.getAsInt() > most)) {
            parent.child(key)
                    .ifPresent(f ->
                            f.invalid("must be between " + least + " and " + most + ", inclusive"));
            return OptionalInt.empty();
        }
        return number;
    }

    private static Subject subject(Field spec) {
        if (!spec.has("subject")) {
            spec.missing("subject", "namespaces or pods; for every pod write namespaces: {}");
        }
        Field subject = spec.object("subject");
        subject.only(Set.of("namespaces", "pods"));
        boolean namespaces = subject.has("namespaces");
        boolean pods = subject.has("pods");
        if (spec.has("subject") && namespaces == pods) {
            subject.invalid("must have exactly one of namespaces and pods");
        }
        if (!pods) {
            return new Subject.Pods(
                    SelectorReader.read(subject.object("namespaces")), LabelSelector.EVERYTHING);
        }
        Field pod = subject.object("pods");
        pod.only(NAMESPACED_POD);
        requirePodSelector(pod);
        return new Subject.Pods(
                SelectorReader.read(pod.object("namespaceSelector")),
                SelectorReader.read(pod.object("podSelector")));
    }

    private static void requirePodSelector(Field pod) {
        if (!pod.has("podSelector")) {
            pod.missing("podSelector", "for every pod write podSelector: {}");
        }
    }

    private static List<Rule> rules(Field spec, String direction, String peersKey) {
        List<Field> items = spec.objects(direction);
        if (items.size() > ClusterNetworkPolicy.MAX_RULES) {
            spec.child(direction)
                    .ifPresent(f -> f.tooMany(items.size(), ClusterNetworkPolicy.MAX_RULES));
        }
        List<Rule> rules = new ArrayList<>();
        items.forEach(item -> rules.add(rule(item, peersKey)));
        return rules;
    }

    private static Rule rule(Field rule, String peersKey) {
        rule.only(Set.of("name", "action", peersKey, "protocols"));
        String name = rule.child("name").flatMap(Field::text).orElse("");
        if (name.length() > MAX_NAME) {
            rule.child("name").ifPresent(f -> f.tooLong(MAX_NAME));
        }
        Optional<Action> action = choice(rule, "action", Action.values());
        String consequence =
                switch (action.orElse(Action.DENY)) {
                    case ACCEPT -> "the rule fails closed: it accepts nothing";
                    case DENY -> "the rule fails closed: it denies everything";
                    case PASS -> "the rule fails closed: it matches everything";
                };
        PeersAndPorts read = new PeersAndPorts(consequence, peersKey.equals("to"));
        read.peers(rule, peersKey);
        read.protocols(rule);
        read.checkNamedPorts(rule);
        boolean closed = !read.unknown.isEmpty();
        boolean nothing = closed && action.equals(Optional.of(Action.ACCEPT));
        Source source = rule.source();
        return new Rule(
                name,
                action.orElse(Action.DENY),
                nothing ? List.of() : closed ? List.of(new Peer.Anyone(source)) : read.peers,
                closed ? List.of(new PortMatch.Every(source)) : read.ports,
                read.unknown,
                source);
    }

    /** Reads the lists of one rule. */
    private static final class PeersAndPorts {
        private final String consequence;
        private final boolean egress;
        private final List<Peer> peers = new ArrayList<>();
        private final List<PortMatch> ports = new ArrayList<>();
        private final List<String> unknown = new ArrayList<>();

        PeersAndPorts(String consequence, boolean egress) {
            this.consequence = consequence;
            this.egress = egress;
        }

        /** {@return whether a mapping has just one field; notes those that are not known} */
        private boolean one(Field field, Set<String> known) {
            List<String> strange = field.unknown(known, consequence);
            unknown.addAll(strange);
            long fields = known.stream().filter(field::has).count();
            if (fields + strange.size() == 0) {
                field.invalid(
                        "must have one of " + String.join(", ", known.stream().sorted().toList()));
            } else if (fields > 1) {
                field.invalid(
                        "must have at most one of "
                                + String.join(", ", known.stream().sorted().toList()));
            }
            return fields == 1;
        }

        void peers(Field rule, String key) {
            List<Field> items = rule.objects(key);
            if (!rule.has(key)) {
                rule.missing(key, "at least one peer");
            } else {
                bound(rule, key, items.size());
            }
            Set<String> known =
                    egress
                            ? Set.of("namespaces", "pods", "nodes", "networks", "domainNames")
                            : Set.of("namespaces", "pods");
            items.stream().filter(item -> one(item, known)).forEach(this::peer);
        }

        private static void bound(Field parent, String key, int size) {
            parent.child(key)
                    .filter(f -> f.tree() instanceof Tree.Sequence)
                    .ifPresent(f -> {
                        if (size == 0) {
                            f.invalid("must have at least 1 items");
                        } else if (size > MAX_ITEMS) {
                            f.tooMany(size, MAX_ITEMS);
                        }
                    });
        }

        private void peer(Field peer) {
            Source source = peer.source();
            if (peer.has("namespaces")) {
                LabelSelector namespaces = SelectorReader.read(peer.object("namespaces"));
                peers.add(new Peer.Pods(namespaces, LabelSelector.EVERYTHING, source));
            } else if (peer.has("pods")) {
                Field pod = peer.object("pods");
                unknown.addAll(pod.unknown(NAMESPACED_POD, consequence));
                requirePodSelector(pod);
                peers.add(
                        new Peer.Pods(
                                SelectorReader.read(pod.object("namespaceSelector")),
                                SelectorReader.read(pod.object("podSelector")),
                                source));
            } else if (egress && peer.has("nodes")) {
                peers.add(new Peer.Nodes(SelectorReader.read(peer.object("nodes")), source));
            } else if (egress && peer.has("networks")) {
                networks(peer);
            } else {
                peer.child("domainNames")
                        .ifPresent(f ->
                                f.forbidden("domain names are not supported yet; write networks"));
            }
        }

        private void networks(Field peer) {
            List<Field> items = peer.items("networks");
            bound(peer, "networks", items.size());
            Set<Prefix> seen = new HashSet<>();
            for (Field item : items) {
                Optional<Prefix> cidr = item.cidr();
                if (cidr.isPresent() && !seen.add(cidr.get())) {
                    item.duplicate("");
                }
                cidr.ifPresent(
                        c -> peers.add(new Peer.IpBlock(c, List.of(), false, item.source())));
            }
        }

        void protocols(Field rule) {
            if (!rule.has("protocols")) {
                ports.add(new PortMatch.Every(rule.source()));
                return;
            }
            List<Field> items = rule.objects("protocols");
            bound(rule, "protocols", items.size());
            Set<String> known = Set.of("tcp", "udp", "sctp", "destinationNamedPort");
            for (Field item : items) {
                if (!one(item, known)) {
                    continue;
                }
                for (Protocol protocol : Protocol.values()) {
                    String key = protocol.toString().toLowerCase(Locale.ROOT);
                    if (item.has(key)) {
                        protocol(item.object(key), protocol, item.source());
                    }
                }
                item.child("destinationNamedPort").ifPresent(f -> named(f, item.source()));
            }
        }

        private void named(Field field, Source source) {
            String name = field.text().orElse("");
            Names.portName(name)
                    .ifPresent(w -> field.warn("no port of a pod has this name: a name " + w));
            for (Protocol protocol : Protocol.values()) {
                ports.add(new PortMatch.Named(protocol, name, source));
            }
        }

        private void protocol(Field field, Protocol protocol, Source source) {
            if (!one(field, Set.of("destinationPort"))) {
                return;
            }
            Field port = field.object("destinationPort");
            if (!one(port, Set.of("number", "range"))) {
                return;
            }
            if (port.has("number")) {
                int number = bounded(port, "number", 1, 65535).orElse(1);
                ports.add(new PortMatch.Range(protocol, number, number, source));
                return;
            }
            Field range = port.object("range");
            unknown.addAll(range.unknown(Set.of("start", "end"), consequence));
            OptionalInt start = end(range, "start");
            OptionalInt end = end(range, "end");
            if (start.isPresent() && end.isPresent() && start.getAsInt() >= end.getAsInt()) {
                range.invalid("Start port must be less than End port");
            }
            ports.add(new PortMatch.Range(protocol, start.orElse(1), end.orElse(1), source));
        }

        private static OptionalInt end(Field range, String key) {
            if (!range.has(key)) {
                range.missing(key, "");
            }
            return bounded(range, key, 1, 65535);
        }

        /** Networks and nodes have no names of ports. */
        void checkNamedPorts(Field rule) {
            boolean nameless =
                    peers.stream()
                            .anyMatch(p -> p instanceof Peer.IpBlock || p instanceof Peer.Nodes);
            if (nameless && ports.stream().anyMatch(p -> p instanceof PortMatch.Named)) {
                rule.invalid(
                        "networks/nodes/domainNames peer cannot be set with namedPorts since there"
                                + " are no namedPorts for networks/nodes/domainNames");
            }
        }
    }
}
