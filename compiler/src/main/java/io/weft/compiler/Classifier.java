package io.weft.compiler;

import io.weft.model.Ip;
import io.weft.model.Labels;
import io.weft.model.Namespace;
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

/** Reduces a pod to what policies can see of it. */
final class Classifier {
    private final State state;
    private final Map<String, Labels> namespaceLabels = new HashMap<>();

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

    static Labels restricted(Labels labels, Set<String> keys) {
        Map<String, String> kept = new TreeMap<>(labels.asMap());
        kept.keySet().retainAll(keys);
        return Labels.of(kept);
    }

    private Optional<GroupKey> groupKey(Pod pod, Direction direction) {
        List<Statement.Part> selecting = new ArrayList<>();
        Labels ofNamespace = state.snapshot.namespaceLabels(pod.namespace());
        List<Statement> candidates =
                new ArrayList<>(
                        state.statementsByNamespace.getOrDefault(pod.namespace(), List.of()));
        candidates.addAll(state.statementsByNamespace.getOrDefault("", List.of()));
        candidates.sort(Comparator.comparing(Statement::part));
        Map<Ports.Name, Integer> ports = new TreeMap<>();
        for (Statement statement : candidates) {
            if (statement.direction() == direction
                    && statement.subject().selects(pod, ofNamespace)) {
                selecting.add(statement.part());
                for (Ports.Name name : statement.ingressNames()) {
                    addPort(ports, pod, name);
                }
            }
        }
        return selecting.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new GroupKey(
                                direction,
                                List.copyOf(selecting),
                                Collections.unmodifiableMap(ports)));
    }

    private static void addPort(Map<Ports.Name, Integer> ports, Pod pod, Ports.Name name) {
        OptionalInt number = pod.namedPort(name.text(), name.protocol());
        if (number.isPresent()) {
            ports.put(name, number.getAsInt());
        }
    }
}
