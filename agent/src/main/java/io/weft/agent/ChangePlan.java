package io.weft.agent;

import io.weft.agent.Node.Change;
import io.weft.compiler.Compilation;
import io.weft.compiler.HostPortConflict;
import io.weft.model.Delta;
import io.weft.model.Kind;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Service;
import io.weft.model.Snapshot;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A change that was thought through but not made.
 *
 * @param before what is in force now
 * @param addressing which service has which address afterwards
 * @param delta with the addresses of services; pods have none yet
 */
record ChangePlan(
        NodeState before, ServiceAddressing addressing, Delta delta, Map<Ref, Change> changes) {
    Compilation compilation() {
        return before.compilation();
    }

    ChangePlan with(Delta other) {
        return new ChangePlan(before, addressing, other, changes);
    }

    boolean bringsOnlyPods() {
        return !delta.put().isEmpty() && delta.put().stream().allMatch(Pod.class::isInstance);
    }

    /**
     * {@return the plan to add or replace objects}
     *
     * @param guests whether others run the pods, so that a manifest only tells about one
     * @throws NodeException when one may not be as it is
     */
    static ChangePlan of(NodeState state, List<? extends Resource> wanted, boolean guests) {
        Snapshot now = state.snapshot();
        refuseUnknownNamespaces(now, wanted);
        ServiceAddressing addressing = state.addressing();
        Map<Ref, Change> changes = new LinkedHashMap<>();
        List<Resource> put = new ArrayList<>();
        for (Resource resource : askingFirst(wanted)) {
            Optional<Resource> before = now.find(resource.ref());
            Resource next = before.map(b -> keepStatus(b, resource, guests)).orElse(resource);
            if (next instanceof Service service) {
                ServiceAddressing.Given given =
                        addressing.give(service, before.map(Service.class::cast));
                addressing = given.after();
                next = given.service();
            }
            Change change =
                    before.isEmpty()
                            ? Change.CREATED
                            : Meaning.same(before.get(), next)
                                    ? Change.UNCHANGED
                                    : Change.CONFIGURED;
            changes.put(resource.ref(), change);
            if (before.isEmpty() || !before.get().equals(next)) { // at least it lies elsewhere
                put.add(next);
            }
        }
        Map<Ref, Change> asWritten = new LinkedHashMap<>();
        wanted.forEach(resource ->
                Optional.ofNullable(changes.get(resource.ref()))
                        .ifPresent(change -> asWritten.put(resource.ref(), change)));
        return new ChangePlan(state, addressing, Delta.put(put), asWritten);
    }

    /**
     * {@return the plan to remove objects}
     *
     * @throws NodeException when one is unknown or still in use
     */
    static ChangePlan removing(NodeState state, List<Ref> unwanted) {
        Snapshot now = state.snapshot();
        ServiceAddressing addressing = state.addressing();
        Map<Ref, Change> changes = new LinkedHashMap<>();
        for (Ref ref : unwanted) {
            Optional<Resource> there = now.find(ref);
            if (there.isEmpty()) {
                throw new NodeException(NodeException.Cause.INPUT, ref + " not found");
            }
            refuseUsedNamespace(now, ref, unwanted);
            if (there.get() instanceof Service service) {
                addressing = addressing.without(service);
            }
            changes.put(ref, Change.DELETED);
        }
        return new ChangePlan(state, addressing, new Delta(List.of(), unwanted), changes);
    }

    /** Services that ask for an address come before those that take what is free. */
    static List<Resource> askingFirst(List<? extends Resource> wanted) {
        List<Resource> ordered = new ArrayList<>();
        List<Resource> last = new ArrayList<>();
        for (Resource resource : wanted) {
            (resource instanceof Service service && !asks(service) ? last : ordered).add(resource);
        }
        ordered.addAll(last);
        return ordered;
    }

    private static boolean asks(Service service) {
        return !service.clusterIps().isEmpty()
                || !service.addresses().wanted().isEmpty()
                || service.ports().stream().anyMatch(port -> port.nodePort().isPresent());
    }

    private static void refuseUsedNamespace(Snapshot now, Ref ref, List<Ref> unwanted) {
        if (ref.kind() != Kind.NAMESPACE) {
            return;
        }
        now.pods().keySet().stream()
                .filter(p -> p.namespace().equals(ref.name()) && !unwanted.contains(p))
                .findFirst()
                .ifPresent(p -> {
                    throw new NodeException(
                            NodeException.Cause.INPUT,
                            ref + " still holds " + p + ": delete that first");
                });
    }

    /**
     * @throws NodeException when two want one port of the node
     */
    static void refuseTakenPorts(NodeState state, Delta delta) {
        HostPortConflict.in(state.compilation(), delta)
                .ifPresent(conflict -> {
                    throw new NodeException(NodeException.Cause.INPUT, conflict.toString());
                });
    }

    private static void refuseUnknownNamespaces(Snapshot now, List<? extends Resource> wanted) {
        Set<String> known = new HashSet<>(now.namespaces().keySet());
        known.add("default");
        wanted.stream()
                .filter(r -> r.ref().kind() == Kind.NAMESPACE)
                .forEach(r -> known.add(r.ref().name()));
        for (Resource resource : wanted) {
            String namespace = resource.ref().namespace();
            if (resource.ref().kind().namespaced() && !known.contains(namespace)) {
                throw new NodeException(
                        NodeException.Cause.INPUT,
                        resource.source()
                                + ": "
                                + resource.ref()
                                + ": namespaces \""
                                + namespace
                                + "\" not found: declare it, or apply it first");
            }
        }
    }

    /** A pod keeps its addresses, and what it runs cannot change while it lives. */
    private static Resource keepStatus(Resource before, Resource next, boolean guests) {
        if (!(before instanceof Pod old) || !(next instanceof Pod pod)) {
            return next;
        }
        if (!guests
                && (!old.containers().equals(pod.containers())
                        || !old.ports().equals(pod.ports())
                        || !old.hostPorts().equals(pod.hostPorts())
                        || old.hostNetwork() != pod.hostNetwork())) {
            throw new NodeException(
                    NodeException.Cause.INPUT,
                    pod.source()
                            + ": "
                            + pod.ref()
                            + ": spec: Forbidden: a living pod may change its labels only;"
                            + " delete it and apply it again");
        }
        return pod.withIps(old.ips()).withReady(old.ready());
    }
}
