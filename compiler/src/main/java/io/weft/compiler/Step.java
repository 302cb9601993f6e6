package io.weft.compiler;

import io.weft.model.Delta;
import io.weft.model.Ip;
import io.weft.model.LabelSelector;
import io.weft.model.Labels;
import io.weft.model.Namespace;
import io.weft.model.Node;
import io.weft.model.PersistentMap;
import io.weft.model.Pod;
import io.weft.model.Prefix;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Snapshot;
import io.weft.tables.Direction;
import io.weft.tables.Group;
import io.weft.tables.Identities;
import io.weft.tables.NodePolicy;
import io.weft.tables.PodPolicy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One delta's way through a {@link State}. Every stage hands on only what changed:
 *
 * <pre>
 *   delta ─▶ policies ─▶ statements, label keys, port names, blocks ─▶ nodes
 *        └─▶ pods that look different ─▶ identities and groups that came or went
 *                                                └─▶ entries of the groups concerned
 * </pre>
 *
 * Everything is visited in the order of its name, so equal deltas give equal numbers.
 */
final class Step {
    private final State state;
    private final Snapshot before;
    private final Snapshot after;
    private final NavigableSet<Ref> policies = new TreeSet<>();
    private final NavigableSet<Ref> pods = new TreeSet<>();
    private final NavigableSet<Ip> addresses = new TreeSet<>();
    private final Map<Ref, ServiceStep.Change> changed = new LinkedHashMap<>();
    private boolean nodesChanged;
    private boolean nodePoliciesChanged;

    private Step(State state, Snapshot after) {
        this.state = state;
        before = state.snapshot;
        this.after = after;
        state.snapshot = after;
    }

    /** {@return the state after {@code delta}; {@code from} stays as it was} */
    static State apply(State from, Delta delta) {
        return apply(from, delta, from.snapshot.apply(delta));
    }

    /**
     * Likewise.
     *
     * @param after the snapshot that {@code delta} leads to
     */
    static State apply(State from, Delta delta, Snapshot after) {
        State next = from.copy();
        Step step = new Step(next, after);
        step.findChanges(delta);
        step.changePolicies();
        step.changeBlocks();
        step.changeNodes();
        step.changeNodeGroups();
        step.changePods();
        new GroupStep(next, step.policies).run();
        new ServiceStep(next.services, step.before, after, step.changed).run();
        return next;
    }

    /** {@return the state of the same snapshot where this node has {@code more} addresses} */
    static State apply(State from, Set<Ip> more) {
        State next = from.copy();
        Set<Ip> nodes = new HashSet<>(from.nodes);
        nodes.addAll(more);
        next.nodes = Set.copyOf(nodes);
        Step step = new Step(next, from.snapshot);
        step.nodesChanged = true;
        step.nodePoliciesChanged = true;
        step.changeNodes();
        step.changeNodeGroups();
        step.changePods();
        for (Ip ip : more) {
            next.podIdentities = next.podIdentities.with(ip, Identities.HOST);
        }
        new GroupStep(next, step.policies).run();
        return next;
    }

    private void findChanges(Delta delta) {
        Map<Ref, Optional<Resource>> all = new LinkedHashMap<>();
        delta.removed().forEach(ref -> all.put(ref, Optional.empty()));
        delta.put().forEach(resource -> all.put(resource.ref(), Optional.of(resource)));
        all.forEach(this::findChange);
    }

    private void findChange(Ref ref, Optional<Resource> now) {
        Optional<Resource> old = before.find(ref);
        if (old.equals(now)) {
            return;
        }
        changed.put(ref, new ServiceStep.Change(old, now));
        switch (ref.kind()) {
            case NAMESPACE -> {
                String name = ref.name();
                if (!before.namespaceLabels(name).equals(after.namespaceLabels(name))
                        || !Classifier.audit(before, name).equals(Classifier.audit(after, name))) {
                    pods.addAll(podsOf(after, ref.name()).keySet());
                }
            }
            case POD -> pods.add(ref);
            case NODE -> {
                nodesChanged = true;
                nodePoliciesChanged = true;
            }
            case SERVICE -> policies.addAll(state.namesServices.keySet());
            case NETWORK_POLICY,
                    CLUSTER_NETWORK_POLICY,
                    CILIUM_NETWORK_POLICY,
                    CILIUM_CLUSTERWIDE_NETWORK_POLICY ->
                    policies.add(ref);
            case SERVICE_CIDR, ENDPOINT_SLICE, IPAM_CLAIM, EXPECTATION -> {}
        }
    }

    /** {@return the pods of one namespace, without looking at others} */
    static SortedMap<Ref, Pod> podsOf(Snapshot snapshot, String namespace) {
        return snapshot.pods().subMap(Ref.pod(namespace, ""), Ref.pod(namespace + "\0", ""));
    }

    // ---- policies ----------------------------------------------------------

    private void changePolicies() {
        for (Ref ref : policies) {
            Resource policy = after.find(ref).orElse(null);
            List<Statement> now = Statements.of(policy, after);
            state.namesServices =
                    Statements.namesServices(policy)
                            ? state.namesServices.with(ref, true)
                            : state.namesServices.without(ref);
            List<Statement> old = state.statements.getOrDefault(ref, List.of());
            now.forEach(statement -> count(statement, 1));
            old.forEach(statement -> count(statement, -1));
            state.statements =
                    now.isEmpty() ? state.statements.without(ref) : state.statements.with(ref, now);
            List<Statement> all =
                    new ArrayList<>(
                            state.statementsByNamespace.getOrDefault(ref.namespace(), List.of()));
            all.removeIf(statement -> statement.part().policy().equals(ref));
            all.addAll(now);
            all.sort(Comparator.comparing(Statement::part));
            state.statementsByNamespace =
                    all.isEmpty()
                            ? state.statementsByNamespace.without(ref.namespace())
                            : state.statementsByNamespace.with(ref.namespace(), List.copyOf(all));
            nodePoliciesChanged |=
                    Stream.concat(old.stream(), now.stream())
                            .anyMatch(s -> s.subject() instanceof Statement.Subject.Nodes);
            if (before.pods().isEmpty() || selections(old).equals(selections(now))) {
                continue; // every pod is new, or none is seen otherwise; groups are rebuilt anyway
            }
            List<Statement> both = new ArrayList<>(old);
            both.addAll(now);
            if (ref.kind().namespaced()) {
                addSelected(ref.namespace(), both);
            } else {
                SortedMap<Ref, Pod> left = after.pods();
                while (!left.isEmpty()) {
                    String namespace = left.firstKey().namespace();
                    addSelected(namespace, both);
                    left = left.tailMap(Ref.pod(namespace + "\0", ""));
                }
            }
        }
        Set<String> podKeys = state.podKeys.changed();
        Set<Ports.Name> names = state.egressNames.changed();
        if (!podKeys.isEmpty() || !names.isEmpty()) {
            for (Pod pod : after.pods().values()) {
                if (hasAny(pod.labels(), podKeys) || hasAny(pod.ports(), names)) {
                    pods.add(pod.ref());
                }
            }
        }
        Set<String> namespaceKeys = state.namespaceKeys.changed();
        if (!namespaceKeys.isEmpty()) {
            Set<String> concerned = new HashSet<>();
            for (String namespace : after.namespaces().keySet()) {
                if (hasAny(after.namespaceLabels(namespace), namespaceKeys)) {
                    concerned.add(namespace);
                }
            }
            boolean undeclared = namespaceKeys.contains(Namespace.NAME_LABEL);
            for (Pod pod : after.pods().values()) {
                if (undeclared || concerned.contains(pod.namespace())) {
                    pods.add(pod.ref());
                }
            }
        }
    }

    /** Adds the pods of one namespace that any of the statements selects. */
    private void addSelected(String namespace, List<Statement> statements) {
        Labels labels = after.namespaceLabels(namespace);
        if (statements.stream()
                .noneMatch(s ->
                        s.subject() instanceof Statement.Subject.Pods subject
                                && subject.namespaces().matches(labels))) {
            return;
        }
        for (Pod pod : podsOf(after, namespace).values()) {
            if (statements.stream().anyMatch(s -> s.subject().selects(pod, labels))) {
                pods.add(pod.ref());
            }
        }
    }

    private static boolean hasAny(List<Pod.ContainerPort> ports, Set<Ports.Name> names) {
        return !names.isEmpty()
                && ports.stream()
                        .anyMatch(p -> names.contains(new Ports.Name(p.protocol(), p.name())));
    }

    private static boolean hasAny(Labels labels, Set<String> keys) {
        for (String key : keys) {
            if (labels.asMap().containsKey(key)) {
                return true;
            }
        }
        return false;
    }

    /** What of a statement the group of a pod depends on. */
    private record Selection(
            Statement.Part part,
            Direction direction,
            Statement.Subject subject,
            Set<Ports.Name> ports) {}

    private static List<Selection> selections(List<Statement> statements) {
        return statements.stream()
                .map(s -> new Selection(s.part(), s.direction(), s.subject(), s.ingressNames()))
                .toList();
    }

    private void count(Statement statement, int by) {
        for (Statement.Clause clause : statement.clauses()) {
            state.remotes.add(clause.remote(), by);
            switch (clause.remote()) {
                case Remote.Anyone _, Remote.InCluster _, Remote.HavingPort _ -> {}
                case Remote.Nodes remote -> countKeys(state.nodeKeys, remote.nodes(), by);
                case Remote.PodsOf remote -> countKeys(state.podKeys, remote.pods(), by);
                case Remote.Pods remote -> {
                    countKeys(state.namespaceKeys, remote.namespaces(), by);
                    countKeys(state.podKeys, remote.pods(), by);
                }
                case Remote.IpBlock block -> state.ipBlocks.add(block, by);
            }
            if (statement.direction() == Direction.EGRESS
                    && clause.ports() instanceof Ports.Named(Ports.Name name)) {
                state.egressNames.add(name, by);
            }
        }
    }

    private static void countKeys(Counts<String> counts, LabelSelector selector, int by) {
        selector.requirements().forEach(requirement -> counts.add(requirement.key(), by));
    }

    // ---- blocks ------------------------------------------------------------

    private void changeBlocks() {
        Set<Remote.IpBlock> brought = state.ipBlocks.brought();
        Set<Remote.IpBlock> taken = state.ipBlocks.taken();
        if (brought.isEmpty() && taken.isEmpty()) {
            return;
        }
        Regions old = state.regions;
        Regions.Change change = old.change(brought, taken);
        state.regions = change.regions();
        for (Prefix region : change.changed()) {
            List<Remote.IpBlock> now = state.regions.of(region);
            int identity =
                    now.isEmpty()
                            ? Identities.WORLD
                            : state.identities.acquire(new IdentityClass.OfBlocks(now));
            boolean gone = !state.regions.knows(region);
            state.blockIdentities =
                    gone && !region.equals(Prefix.ALL_V4) && !region.equals(Prefix.ALL_V6)
                            ? state.blockIdentities.without(region)
                            : state.blockIdentities.with(region, identity);
        }
        for (Prefix region : change.changed()) {
            if (!old.of(region).isEmpty()) {
                state.identities.release(new IdentityClass.OfBlocks(old.of(region)));
            }
        }
        Set<Prefix> cidrs = new TreeSet<>();
        for (Set<Remote.IpBlock> blocks : List.of(brought, taken)) {
            for (Remote.IpBlock block : blocks) {
                if (!block.outsideOnly()) {
                    cidrs.add(block.cidr());
                }
            }
        }
        nodesChanged |= !cidrs.isEmpty();
        for (Prefix cidr : cidrs) {
            for (Map.Entry<Ip, List<Ref>> entry : state.owners.tailMap(cidr.ip()).entrySet()) {
                if (cidr.contains(entry.getKey())) {
                    pods.addAll(entry.getValue());
                } else if (cidr.isV4() || !entry.getKey().isV4()) {
                    break; // past it; IPv4 lies in the midst of IPv6
                }
            }
        }
    }

    // ---- nodes -------------------------------------------------------------

    private void changeNodes() {
        if (!nodesChanged && state.nodeKeys.changed().isEmpty()) {
            return;
        }
        NavigableMap<Ip, IdentityClass.OfNode> now = new TreeMap<>();
        for (Node node : after.nodes().values()) {
            Labels labels = Classifier.restricted(node.labels(), state.nodeKeys.keys());
            for (Ip ip : node.addresses()) {
                if (!state.nodes.contains(ip)) {
                    now.putIfAbsent(ip, new IdentityClass.OfNode(labels, state.regions.inside(ip)));
                }
            }
        }
        List<IdentityClass.OfNode> released = new ArrayList<>();
        PersistentMap<Ip, IdentityClass.OfNode> old = state.nodeClasses;
        for (Map.Entry<Ip, IdentityClass.OfNode> entry : old.entrySet()) {
            if (!entry.getValue().equals(now.get(entry.getKey()))) {
                released.add(entry.getValue());
                addresses.add(entry.getKey());
                state.nodeClasses = state.nodeClasses.without(entry.getKey());
            }
        }
        now.forEach((ip, of) -> {
            if (!of.equals(old.get(ip))) {
                state.identities.acquire(of);
                addresses.add(ip);
                state.nodeClasses = state.nodeClasses.with(ip, of);
            }
        });
        released.forEach(state.identities::release);
    }

    /** Nodes are few, and fewer are selected: all are looked at anew. */
    private void changeNodeGroups() {
        if (!nodePoliciesChanged) {
            return;
        }
        Classifier classifier = new Classifier(state);
        PersistentMap<String, State.NodeGroups> old = state.nodeGroups;
        PersistentMap<String, State.NodeGroups> groups = PersistentMap.empty();
        PersistentMap<Ip, NodePolicy> table = PersistentMap.empty();
        Set<Ip> known = new HashSet<>();
        boolean hostKnown = false;
        state.host = NodePolicy.OPEN;
        for (Node node : after.nodes().values()) {
            State.NodeGroups of = classifier.groups(node);
            NodePolicy policy =
                    new NodePolicy(
                            of.egress().map(state.groups::acquire).orElse(Group.OPEN),
                            of.ingress().map(state.groups::acquire).orElse(Group.OPEN));
            if (!of.isEmpty()) {
                groups = groups.with(node.name(), of);
            }
            if (!hostKnown && node.addresses().stream().anyMatch(state.nodes::contains)) {
                hostKnown = true;
                state.host = policy;
            }
            for (Ip ip : node.addresses()) {
                if (known.add(ip) && !state.nodes.contains(ip) && !of.isEmpty()) {
                    table = table.with(ip, policy);
                }
            }
        }
        for (State.NodeGroups of : old.values()) {
            of.egress().ifPresent(state.groups::release);
            of.ingress().ifPresent(state.groups::release);
        }
        state.nodeGroups = groups;
        state.nodeTable = table;
    }

    // ---- pods --------------------------------------------------------------

    private void changePods() {
        List<State.Endpoint> released = new ArrayList<>();
        Classifier classifier = new Classifier(state);
        for (Ref ref : pods) {
            Pod pod = after.pods().get(ref);
            State.Endpoint old = state.endpoints.get(ref);
            State.Endpoint now = pod != null && pod.counts() ? classifier.endpoint(pod) : null;
            if (now == null ? old == null : now.equals(old)) {
                continue;
            }
            if (old != null) {
                released.add(old);
                addresses.addAll(old.ips());
                old.ips().forEach(ip -> disown(ip, ref));
                state.endpoints = state.endpoints.without(ref);
                state.podTable = state.podTable.without(ref);
            }
            if (now != null) {
                addresses.addAll(now.ips());
                now.ips().forEach(ip -> own(ip, ref));
                state.endpoints = state.endpoints.with(ref, now);
                state.podTable = state.podTable.with(ref, acquire(now));
            }
        }
        // only now, so that what moved from one pod to another keeps its number
        released.forEach(this::release);
        for (Ip ip : addresses) {
            if (!state.nodes.contains(ip)) {
                Integer identity = identityOf(ip);
                if (identity == null) {
                    state.podIdentities = state.podIdentities.without(ip);
                } else if (!identity.equals(state.podIdentities.get(ip))) {
                    state.podIdentities = state.podIdentities.with(ip, identity);
                }
            }
        }
    }

    private PodPolicy acquire(State.Endpoint endpoint) {
        int first = Identities.WORLD;
        for (int i = endpoint.classes().size() - 1; i >= 0; i--) {
            first = state.identities.acquire(endpoint.classes().get(i));
        }
        return new PodPolicy(
                first,
                endpoint.egress().map(state.groups::acquire).orElse(0),
                endpoint.ingress().map(state.groups::acquire).orElse(0),
                endpoint.audit());
    }

    private void release(State.Endpoint endpoint) {
        endpoint.classes().forEach(state.identities::release);
        endpoint.egress().ifPresent(state.groups::release);
        endpoint.ingress().ifPresent(state.groups::release);
    }

    private void own(Ip ip, Ref ref) {
        NavigableSet<Ref> refs = new TreeSet<>(state.owners.getOrDefault(ip, List.of()));
        refs.add(ref);
        state.owners = state.owners.with(ip, List.copyOf(refs));
    }

    private void disown(Ip ip, Ref ref) {
        List<Ref> refs = new ArrayList<>(state.owners.getOrDefault(ip, List.of()));
        refs.remove(ref);
        state.owners =
                refs.isEmpty()
                        ? state.owners.without(ip)
                        : state.owners.with(ip, List.copyOf(refs));
    }

    /** {@return the identity of the pod or else the node that has {@code ip}, or null} */
    private @Nullable Integer identityOf(Ip ip) {
        Optional<Ref> owner = state.owner(ip);
        if (owner.isEmpty()) {
            IdentityClass.OfNode node = state.nodeClasses.get(ip);
            return node == null ? null : (Integer) state.identities.id(node);
        }
        State.Endpoint endpoint = state.endpoints.get(owner.get());
        return endpoint == null
                ? null
                : (Integer) state.identities.id(endpoint.classes().get(endpoint.ips().indexOf(ip)));
    }
}
