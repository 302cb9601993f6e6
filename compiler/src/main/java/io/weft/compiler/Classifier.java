package io.weft.compiler;

import io.weft.model.Ip;
import io.weft.model.LabelSelector;
import io.weft.model.Labels;
import io.weft.model.Namespace;
import io.weft.model.Node;
import io.weft.model.Pod;
import io.weft.model.Snapshot;
import io.weft.tables.Direction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reduces a pod to what policies can see of it. */
final class Classifier {
    private final State state;
    private final Map<String, Labels> namespaceLabels = new HashMap<>();
    private final Map<Place, Selectors> selectors = new HashMap<>();

    /**
     * @param state with snapshot, statements and blocks up to date
     */
    Classifier(State state) {
        this.state = state;
    }

    State.Endpoint endpoint(Pod pod) {
        Labels ofNamespace =
                namespaceLabels.computeIfAbsent(
                        pod.namespace(),
                        name ->
                                restricted(
                                        state.snapshot.namespaceLabels(name),
                                        state.namespaceKeys.keys()));
        Labels labels = restricted(pod.labels(), state.podKeys.keys());
        Map<Ports.Name, Integer> ports = new TreeMap<>();
        for (Ports.Name name : state.egressNames.keys()) {
            addPort(ports, pod, name);
        }
        Map<Ports.Name, Integer> unmodifiable = Collections.unmodifiableMap(ports);
        List<IdentityClass> classes = new ArrayList<>(2);
        for (Ip ip : pod.ips()) {
            classes.add(
                    new IdentityClass.OfPod(
                            pod.namespace(),
                            ofNamespace,
                            labels,
                            unmodifiable,
                            state.regions.inside(ip)));
        }
        return new State.Endpoint(
                pod.ips(),
                List.copyOf(classes),
                groupKey(pod, Direction.EGRESS),
                groupKey(pod, Direction.INGRESS),
                pod.audit()
                        .or(() -> audit(state.snapshot, pod.namespace()))
                        .orElse(state.options.auditAll()));
    }

    /** {@return what a namespace says of its pods} */
    static Optional<Boolean> audit(Snapshot snapshot, String namespace) {
        return Optional.ofNullable(snapshot.namespaces().get(namespace)).flatMap(Namespace::audit);
    }

    /** {@return the groups of a node; nothing for other kinds of traffic than that with pods} */
    State.NodeGroups groups(Node node) {
        return new State.NodeGroups(
                groupKey(node, Direction.EGRESS), groupKey(node, Direction.INGRESS));
    }

    private Optional<GroupKey> groupKey(Node node, Direction direction) {
        List<Statement.Part> selecting =
                state.statementsByNamespace.getOrDefault("", List.of()).stream()
                        .filter(s -> s.direction() == direction && s.subject().selects(node))
                        .map(Statement::part)
                        .toList();
        return selecting.isEmpty()
                ? Optional.empty()
                : Optional.of(new GroupKey(direction, selecting, Map.of()));
    }

    static Labels restricted(Labels labels, Set<String> keys) {
        Map<String, String> kept = new TreeMap<>(labels.asMap());
        kept.keySet().retainAll(keys);
        return Labels.of(kept);
    }

    private Optional<GroupKey> groupKey(Pod pod, Direction direction) {
        List<Statement> selecting =
                selectors
                        .computeIfAbsent(
                                new Place(pod.namespace(), direction),
                                place -> new Selectors(state, place))
                        .selecting(pod);
        if (selecting.isEmpty()) {
            return Optional.empty();
        }
        Map<Ports.Name, Integer> ports = new TreeMap<>();
        for (Statement statement : selecting) {
            for (Ports.Name name : statement.ingressNames()) {
                addPort(ports, pod, name);
            }
        }
        return Optional.of(
                new GroupKey(
                        direction,
                        selecting.stream().map(Statement::part).toList(),
                        Collections.unmodifiableMap(ports)));
    }

    private record Place(String namespace, Direction direction) {}

    /** The statements that may select pods of one namespace; knows what selected pods alike. */
    private static final class Selectors {
        private final List<Candidate> candidates = new ArrayList<>();
        private final Set<String> keys = new TreeSet<>();
        private final Map<Labels, List<Statement>> known = new HashMap<>();

        private record Candidate(Statement statement, LabelSelector pods) {}

        Selectors(State state, Place place) {
            Labels labels = state.snapshot.namespaceLabels(place.namespace);
            for (String namespace : List.of(place.namespace, "")) {
                for (Statement statement :
                        state.statementsByNamespace.getOrDefault(namespace, List.of())) {
                    if (statement.direction() == place.direction
                            && statement.subject() instanceof Statement.Subject.Pods subject
                            && subject.namespaces().matches(labels)) {
                        candidates.add(new Candidate(statement, subject.pods()));
                        subject.pods().collectKeys(keys);
                    }
                }
            }
            candidates.sort(Comparator.comparing(c -> c.statement.part()));
        }

        /** {@return in order of policy} */
        List<Statement> selecting(Pod pod) {
            return known.computeIfAbsent(
                    restricted(pod.labels(), keys),
                    labels ->
                            candidates.stream()
                                    .filter(c -> c.pods.matches(labels))
                                    .map(Candidate::statement)
                                    .toList());
        }
    }

    private static void addPort(Map<Ports.Name, Integer> ports, Pod pod, Ports.Name name) {
        OptionalInt number = pod.namedPort(name.text(), name.protocol());
        if (number.isPresent()) {
            ports.put(name, number.getAsInt());
        }
    }
}
