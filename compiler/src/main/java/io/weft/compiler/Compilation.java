package io.weft.compiler;

import io.weft.model.Delta;
import io.weft.model.Ip;
import io.weft.model.Labels;
import io.weft.model.Node;
import io.weft.model.Pod;
import io.weft.model.Problem;
import io.weft.model.Ref;
import io.weft.model.Snapshot;
import io.weft.tables.Frontend;
import io.weft.tables.Tables;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** One snapshot, its tables, and all that is needed to make the next ones cheaply. Immutable. */
public final class Compilation implements Engine {
    private final State state;
    private final Tables tables;
    private final Engine engine;
    private final ServiceEngine services;

    Compilation(State state) {
        this.state = state;
        tables = state.tables();
        engine = new CompiledEngine(tables, state::owner);
        services = new ServiceEngine(tables.services(), this::isLocalPod);
    }

    /**
     * {@return the compilation of this snapshot after {@code delta}}
     *
     * <p>It means the same as compiling that snapshot from nothing, but the work is proportional to
     * what depends on the change, groups and maps that nothing changed are the same objects, and
     * identities, groups and rules keep their numbers.
     */
    public Compilation next(Delta delta) {
        return new Compilation(Step.apply(state, delta));
    }

    /**
     * {@return the compilation of this snapshot where the node has these addresses too} Services
     * that are at every address of the node stay at those that it had.
     */
    public Compilation withNodeAddresses(Set<Ip> more) {
        return new Compilation(Step.apply(state, more));
    }

    State state() {
        return state;
    }

    public Snapshot snapshot() {
        return state.snapshot;
    }

    public Tables tables() {
        return tables;
    }

    /**
     * {@return the pod that has an address and counts for policy; of several, the first by name}
     */
    public Optional<Ref> owner(Ip ip) {
        return state.owner(ip);
    }

    /**
     * {@return the node that has an address which no pod has; of several, the first by name} Of an
     * address of this node, the first that has any of them.
     */
    Optional<Node> node(Ip ip) {
        boolean host = state.nodes.contains(ip);
        if (!host && owner(ip).isPresent()) {
            return Optional.empty();
        }
        return state.snapshot.nodes().values().stream()
                .filter(node ->
                        node.addresses().stream()
                                .anyMatch(a -> host ? state.nodes.contains(a) : a.equals(ip)))
                .findFirst();
    }

    /**
     * {@return policies and services that select nothing, peers that match nothing, and ports of
     * services that nobody serves, in order of kind and name}
     */
    public List<Problem> warnings() {
        return Warnings.of(state);
    }

    /**
     * {@return the policies whose subject a pod is or, when it is not in the snapshot, would be}
     */
    public SortedSet<Ref> policiesOf(Pod pod) {
        Labels labels = state.snapshot.namespaceLabels(pod.namespace());
        SortedSet<Ref> policies = new TreeSet<>();
        for (String place : List.of("", pod.namespace())) {
            state.statementsByNamespace.getOrDefault(place, List.of()).stream()
                    .filter(statement -> statement.subject().selects(pod, labels))
                    .forEach(statement -> policies.add(statement.part().policy()));
        }
        return policies;
    }

    /** {@return those that it and every next one is made with} */
    public CompilerOptions options() {
        return state.options;
    }

    /** {@return the decision of the tables} */
    @Override
    public Decision decide(Query query) {
        return engine.decide(query);
    }

    @Override
    public Decision decideTranslated(Query query) {
        return engine.decideTranslated(query);
    }

    /** {@return what services make of a flow, and then policy of each way} */
    public Passage pass(Query query) {
        return Passage.of(query, translate(query), engine);
    }

    /** {@return what services make of a packet that this node sees, by the tables} */
    public Translation translate(Query query) {
        return services.translate(query);
    }

    Frontend.Client clientOfServices(Ip ip) {
        return services.client(ip);
    }

    private boolean isLocalPod(Ip ip) {
        return owner(ip)
                .map(state.snapshot.pods()::get)
                .filter(state.services.site::isHere)
                .isPresent();
    }
}
