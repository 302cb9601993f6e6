package io.weft.compiler;

import io.weft.model.EndpointSlice;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.LabelSelector;
import io.weft.model.LabelSelector.Operator;
import io.weft.model.LabelSelector.Requirement;
import io.weft.model.Labels;
import io.weft.model.Node;
import io.weft.model.Pod;
import io.weft.model.Prefix;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Service;
import io.weft.model.Snapshot;
import io.weft.tables.BackendSet;
import io.weft.tables.Frontend;
import io.weft.tables.FrontendKey;
import io.weft.tables.ServiceTable.Cluster;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One delta's way through a {@link ServiceState}:
 *
 * <pre>
 *   services ─▶ claims on addresses and ports ─▶ frontends of the first by name
 *         └──▶ slices; without any, pods that the selector finds ─▶ backend sets
 * </pre>
 */
final class ServiceStep {
    /** A resource in the snapshot before, and after. */
    record Change(Optional<Resource> before, Optional<Resource> after) {}

    private final ServiceState state;
    private final Snapshot before;
    private final Snapshot after;
    private final Map<Ref, Change> changed;
    private final Site siteBefore;

    /** Whose frontends may differ, and whose backends. */
    private final Set<Ref> services = new LinkedHashSet<>();

    private final Set<Ref> endpoints = new LinkedHashSet<>();

    /** Whose host ports may differ. */
    private final Set<Ref> pods = new LinkedHashSet<>();

    /**
     * @param changed resources that differ between the two snapshots
     */
    ServiceStep(ServiceState state, Snapshot before, Snapshot after, Map<Ref, Change> changed) {
        this.state = state;
        this.before = before;
        this.after = after;
        this.changed = changed;
        this.siteBefore = state.site;
    }

    void run() {
        changed.forEach((ref, change) -> {
            switch (ref.kind()) {
                case SERVICE -> changeService(ref);
                case ENDPOINT_SLICE -> changeSlice(ref, change);
                default -> {}
            }
        });
        changePods();
        if (changed.keySet().stream().anyMatch(ref -> ref.kind() == Kind.SERVICE_CIDR)) {
            state.reserved =
                    after.serviceCidrs().values().stream()
                            .flatMap(cidr -> cidr.cidrs().stream())
                            .distinct()
                            .sorted()
                            .toList();
        }
        if (changed.keySet().stream().anyMatch(ref -> ref.kind() == Kind.NODE)) {
            changeNodes();
        }
        changeCluster();
        changeFrontends();
        pods.forEach(this::changeHostPortSets);
        endpoints.addAll(services);
        endpoints.forEach(this::changeSets);
    }

    // ---- what changed ------------------------------------------------------

    private @Nullable Service before(Ref service) {
        Change change = changed.get(service);
        return change == null
                ? before.services().get(service)
                : (Service) change.before.orElse(null);
    }

    private @Nullable Service after(Ref service) {
        Change change = changed.get(service);
        return change == null ? after.services().get(service) : (Service) change.after.orElse(null);
    }

    private @Nullable EndpointSlice slice(Ref ref) {
        Change change = changed.get(ref);
        return change == null
                ? after.endpointSlices().get(ref)
                : (EndpointSlice) change.after.orElse(null);
    }

    private void changeService(Ref ref) {
        services.add(ref);
        Service old = before(ref);
        Service now = after(ref);
        if (old != null && old.selector().isPresent()) {
            index(old, old.selector().get(), false);
        }
        if (now != null && now.selector().isPresent()) {
            index(now, now.selector().get(), true);
        }
    }

    private void index(Service service, LabelSelector selector, boolean add) {
        List<Facet> facets = facets(service.ref().namespace(), selector);
        state.selecting =
                add
                        ? state.selecting.with(facets, service.ref())
                        : state.selecting.without(facets, service.ref());
        label(selector).ifPresent(label -> state.keys.add(label.key(), add ? 1 : -1));
    }

    /** {@return the label by which the pods of a selector are found} */
    private static Optional<Requirement> label(LabelSelector selector) {
        return selector.requirements().stream()
                .filter(r -> r.operator() == Operator.IN)
                .findFirst();
    }

    /** {@return what every pod that a selector finds has one of} */
    private static List<Facet> facets(String namespace, LabelSelector selector) {
        Optional<Requirement> label = label(selector);
        if (label.isEmpty()) {
            return List.of(new Facet.OfNamespace(namespace));
        }
        String key = label.get().key();
        return label.get().values().stream()
                .<Facet>map(value -> new Facet.LabelWithin(namespace, key, value))
                .toList();
    }

    private void changeSlice(Ref ref, Change change) {
        Optional<Ref> old = service(change.before);
        Optional<Ref> now = service(change.after);
        old.ifPresent(endpoints::add);
        now.ifPresent(endpoints::add);
        if (!old.equals(now)) {
            old.ifPresent(service -> slices(service, ref, false));
            now.ifPresent(service -> slices(service, ref, true));
        }
    }

    private static Optional<Ref> service(Optional<Resource> slice) {
        return slice.flatMap(s -> ((EndpointSlice) s).service());
    }

    private void slices(Ref service, Ref slice, boolean add) {
        List<Ref> there = state.slices.getOrDefault(service, List.of());
        if (add && there.isEmpty()) {
            state.slices = state.slices.with(service, List.of(slice));
            return;
        }
        List<Ref> all = new ArrayList<>(there);
        if (add) {
            all.add(slice);
        } else {
            all.remove(slice);
        }
        all.sort(null);
        state.slices =
                all.isEmpty()
                        ? state.slices.without(service)
                        : state.slices.with(service, List.copyOf(all));
    }

    private void changePods() {
        Set<String> used = state.keys.keys();
        Set<String> brought = state.keys.brought();
        Set<String> taken = state.keys.taken();
        for (Ref ref : changed.keySet()) {
            if (ref.kind() == Kind.POD) {
                changePod(ref, used, brought, taken);
            }
        }
        if ((!brought.isEmpty() || !taken.isEmpty()) && !before.pods().isEmpty()) {
            for (Pod pod : before.pods().values()) {
                state.pods = state.pods.without(facets(pod, taken), pod.ref());
            }
            for (Pod pod : after.pods().values()) {
                state.pods = state.pods.with(facets(pod, brought), pod.ref());
            }
        }
    }

    private void changePod(Ref ref, Set<String> used, Set<String> brought, Set<String> taken) {
        Pod old = before.pods().get(ref);
        Pod now = after.pods().get(ref);
        if (hasHostPorts(old) || hasHostPorts(now)) {
            pods.add(ref);
        }
        if (old == null || now == null || !old.labels().equals(now.labels())) {
            if (old != null) {
                Set<String> were = new LinkedHashSet<>(used);
                were.removeAll(brought);
                were.addAll(taken);
                state.pods = state.pods.without(facets(old, were), ref);
            }
            if (now != null) {
                state.pods = state.pods.with(facets(now, used), ref);
            }
        }
        if (old != null) {
            addSelecting(old);
        }
        if (now != null) {
            addSelecting(now);
        }
    }

    private static boolean hasHostPorts(@Nullable Pod pod) {
        return pod != null && !pod.hostPorts().isEmpty();
    }

    private static List<Facet> facets(Pod pod, Set<String> keys) {
        Labels labels = pod.labels();
        List<Facet> facets = new ArrayList<>();
        labels.asMap()
                .forEach((key, value) -> {
                    if (keys.contains(key)) {
                        facets.add(new Facet.LabelWithin(pod.namespace(), key, value));
                    }
                });
        return facets;
    }

    private void addSelecting(Pod pod) {
        if (before.services().isEmpty()) {
            return; // all are new
        }
        List<Facet> facets = facets(pod, state.keys.keys());
        facets.add(new Facet.OfNamespace(pod.namespace()));
        for (Facet facet : facets) {
            for (Ref ref : state.selecting.at(facet).keySet()) {
                Service service = after.services().get(ref);
                if (service != null && !state.slices.containsKey(ref) && service.selects(pod)) {
                    endpoints.add(ref);
                }
            }
        }
    }

    private void changeNodes() {
        Site old = state.site;
        Site now = Site.of(after, state.addresses, state.options);
        state.site = now;
        if (!old.name().equals(now.name())) {
            state.hostPortClaims.byKey().values().forEach(pods::addAll);
        }
        if (!old.vantage().equals(now.vantage())) {
            services.addAll(after.services().keySet());
        } else if (!old.equals(now)) {
            endpoints.addAll(after.services().keySet());
        } else if (changed.keySet().stream().anyMatch(this::hasMoved)) {
            for (Service service : after.services().values()) {
                if (service.routing().distribution() != Service.Distribution.ANY
                        && !state.slices.containsKey(service.ref())) {
                    endpoints.add(service.ref());
                }
            }
        }
    }

    private void changeCluster() {
        boolean was = state.direct > 0;
        for (Ref ref : services) {
            state.direct += isDirect(after(ref)) - isDirect(before(ref));
        }
        if (state.direct > 0
                && (!was || changed.keySet().stream().anyMatch(ref -> ref.kind() == Kind.NODE))) {
            state.cluster = cluster(after);
        } else if (state.direct == 0) {
            state.cluster = Cluster.UNKNOWN;
        }
    }

    private static int isDirect(@Nullable Service service) {
        return service != null && ServiceFrontends.isDirect(service) ? 1 : 0;
    }

    private static Cluster cluster(Snapshot of) {
        return new Cluster(
                of.nodes().values().stream()
                        .flatMap(node -> node.addresses().stream())
                        .map(Prefix::of)
                        .distinct()
                        .sorted()
                        .toList(),
                of.nodes().values().stream()
                        .flatMap(node -> node.podCidrs().stream())
                        .distinct()
                        .sorted()
                        .toList());
    }

    /** {@return whether a node is in another zone than before} */
    private boolean hasMoved(Ref ref) {
        return ref.kind() == Kind.NODE && !zone(before.find(ref)).equals(zone(after.find(ref)));
    }

    private static Optional<String> zone(Optional<Resource> node) {
        return node.flatMap(
                n -> n instanceof Node it ? it.labels().get(Node.ZONE_LABEL) : Optional.empty());
    }

    // ---- frontends ---------------------------------------------------------

    private void changeFrontends() {
        Map<Ref, Map<FrontendKey, Frontend>> made = new HashMap<>();
        Set<FrontendKey> keys = new LinkedHashSet<>();
        Set<Ip> ips = new LinkedHashSet<>();
        for (Ref ref : pods) {
            Pod old = before.pods().get(ref);
            Map<FrontendKey, Frontend> of = frontends(ref);
            made.put(ref, of);
            state.frontendClaims =
                    new Claim<>(state.frontendClaims, ref).change(keys(old), of.keySet(), keys);
            state.hostPortClaims =
                    new Claim<>(state.hostPortClaims, ref)
                            .change(numbers(old), numbers(after.pods().get(ref)), new HashSet<>());
        }
        for (Ref ref : services) {
            Service old = before(ref);
            Service now = after(ref);
            Set<FrontendKey> oldKeys = old == null ? Set.of() : frontends(old).keySet();
            Map<FrontendKey, Frontend> of = now == null ? Map.of() : frontends(now);
            made.put(ref, of);
            Claim<FrontendKey> claim = new Claim<>(state.frontendClaims, ref);
            state.frontendClaims = claim.change(oldKeys, of.keySet(), keys);
            state.clusterIpClaims =
                    new Claim<>(state.clusterIpClaims, ref)
                            .change(clusterIps(old), clusterIps(now), ips);
        }
        for (FrontendKey key : keys) {
            Optional<Ref> first = state.frontendClaims.first(key);
            Frontend frontend =
                    first.map(ref -> made.computeIfAbsent(ref, this::frontends).get(key))
                            .orElse(null);
            if (frontend == null) {
                state.frontends = state.frontends.without(key);
            } else if (!frontend.equals(state.frontends.get(key))) {
                state.frontends = state.frontends.with(key, frontend);
            }
        }
        for (Ip ip : ips) {
            Optional<Ref> first = state.clusterIpClaims.first(ip);
            if (first.isEmpty()) {
                state.clusterIps = state.clusterIps.without(ip);
            } else if (!first.get().equals(state.clusterIps.get(ip))) {
                state.clusterIps = state.clusterIps.with(ip, first.get());
            }
        }
    }

    /** What one service claims. */
    private record Claim<K>(Claims<K> claims, Ref by) {
        /**
         * @param touched gets all keys
         */
        Claims<K> change(Collection<K> old, Collection<K> now, Set<K> touched) {
            Claims<K> next = claims;
            for (K key : old) {
                next = now.contains(key) ? next : next.without(key, by);
            }
            for (K key : now) {
                next = next.with(key, by);
            }
            touched.addAll(old);
            touched.addAll(now);
            return next;
        }
    }

    private static List<Ip> clusterIps(@Nullable Service service) {
        return service == null || service.ports().isEmpty()
                ? List.of()
                : ServiceFrontends.clusterIps(service);
    }

    /** {@return every key that host ports of a pod can have, wherever it runs} */
    private static Set<FrontendKey> keys(@Nullable Pod pod) {
        Set<FrontendKey> keys = new LinkedHashSet<>();
        if (pod != null) {
            for (Pod.HostPort port : pod.hostPorts()) {
                pod.ips().stream()
                        .filter(ip -> port.isOf(ip.isV4()))
                        .forEach(ip -> keys.add(HostPorts.key(port, ip.isV4())));
            }
        }
        return keys;
    }

    private static Set<FrontendKey> numbers(@Nullable Pod pod) {
        return pod == null
                ? Set.of()
                : pod.hostPorts().stream().map(HostPorts::number).collect(Collectors.toSet());
    }

    private Map<FrontendKey, Frontend> frontends(Ref ref) {
        if (ref.kind() == Kind.POD) {
            Pod pod = after.pods().get(ref);
            return pod == null ? Map.of() : HostPorts.frontends(pod, state.site);
        }
        Service service = after(ref);
        return service == null ? Map.of() : frontends(service);
    }

    private Map<FrontendKey, Frontend> frontends(Service service) {
        return ServiceFrontends.of(service, state.site, state.options.masqueradeAll());
    }

    // ---- backends ----------------------------------------------------------

    private void changeSets(Ref ref) {
        Service old = before(ref);
        Service now = after(ref);
        Set<BackendSet.Id> ids = now == null ? Set.of() : ServiceFrontends.sets(now);
        if (old != null) {
            for (BackendSet.Id id : ServiceFrontends.sets(old)) {
                state.sets = ids.contains(id) ? state.sets : state.sets.without(id);
            }
        }
        if (now == null || ids.isEmpty()) {
            return;
        }
        List<EndpointSlice> slices =
                state.slices.getOrDefault(ref, List.of()).stream()
                        .map(slice -> Objects.requireNonNull(slice(slice)))
                        .toList();
        List<Pod> pods = slices.isEmpty() ? pods(state, after, now) : List.of();
        boolean handed = ServiceFrontends.isDirect(now);
        for (Ip cluster : ServiceFrontends.clusterIps(now)) {
            boolean v4 = cluster.isV4();
            for (Service.Port port : now.ports()) {
                Endpoints of =
                        slices.isEmpty()
                                ? Endpoints.ofPods(state.site, after, now, pods, port, v4)
                                : Endpoints.ofSlices(state.site, slices, port, v4);
                for (BackendSet.Scope scope : BackendSet.Scope.values()) {
                    BackendSet.Id id = ServiceFrontends.id(now, port, v4, scope);
                    if (ids.contains(id)) {
                        put(of.set(id, now.routing(), handed));
                    }
                }
            }
        }
    }

    private void changeHostPortSets(Ref ref) {
        Pod old = before.pods().get(ref);
        Pod now = after.pods().get(ref);
        Map<BackendSet.Id, BackendSet> sets =
                now == null ? Map.of() : HostPorts.sets(now, state.site);
        if (old != null) {
            for (BackendSet.Id id : HostPorts.sets(old, siteBefore).keySet()) {
                state.sets = sets.containsKey(id) ? state.sets : state.sets.without(id);
            }
        }
        sets.values().forEach(this::put);
    }

    private void put(BackendSet set) {
        if (!set.equals(state.sets.get(set.id()))) {
            state.sets = state.sets.with(set.id(), set);
        }
    }

    private static List<EndpointSlice> slices(ServiceState state, Snapshot in, Ref service) {
        return state.slices.getOrDefault(service, List.of()).stream()
                .map(slice -> in.endpointSlices().get(slice))
                .toList();
    }

    /** {@return the endpoints of a port of a service, as the tables were made from them} */
    static Endpoints endpoints(
            ServiceState state, Snapshot in, Service service, Service.Port port, boolean v4) {
        List<EndpointSlice> slices = slices(state, in, service.ref());
        return slices.isEmpty()
                ? Endpoints.ofPods(state.site, in, service, pods(state, in, service), port, v4)
                : Endpoints.ofSlices(state.site, slices, port, v4);
    }

    /** {@return the pods behind a service, by name} */
    private static List<Pod> pods(ServiceState state, Snapshot after, Service service) {
        Optional<LabelSelector> selector = service.selector();
        if (selector.isEmpty()) {
            return List.of();
        }
        String namespace = service.ref().namespace();
        Stream<Pod> candidates =
                label(selector.get()).isEmpty()
                        ? Step.podsOf(after, namespace).values().stream()
                        : facets(namespace, selector.get()).stream()
                                .flatMap(facet -> state.pods.at(facet).keySet().stream())
                                .map(ref -> after.pods().get(ref));
        return candidates
                .filter(service::selects)
                .sorted((a, b) -> a.ref().compareTo(b.ref()))
                .toList();
    }
}
