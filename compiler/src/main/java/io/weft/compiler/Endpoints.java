package io.weft.compiler;

import io.weft.model.EndpointSlice;
import io.weft.model.EndpointSlice.Endpoint;
import io.weft.model.Ip;
import io.weft.model.Node;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Service;
import io.weft.model.Snapshot;
import io.weft.tables.Backend;
import io.weft.tables.BackendSet;
import io.weft.tables.BackendSet.WhenEmpty;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Which endpoints of one port of a service, in one family, may be used from a {@link Site}: the
 * rules of kube-proxy 1.36.
 */
final class Endpoints {
    /** One that may be chosen, and what its port is. */
    private record Candidate(Backend backend, Endpoint endpoint) {
        boolean isLastResort() {
            return endpoint.serving() && endpoint.terminating();
        }
    }

    private final Site site;
    private final NavigableMap<Backend, Candidate> candidates = new TreeMap<>();
    private boolean hinted;

    private Endpoints(Site site) {
        this.site = site;
    }

    /** {@return those of slices} */
    static Endpoints ofSlices(
            Site site, Collection<EndpointSlice> slices, Service.Port port, boolean v4) {
        Endpoints all = new Endpoints(site);
        for (EndpointSlice slice : slices) {
            if (slice.v4() != v4) {
                continue;
            }
            for (EndpointSlice.Port p : slice.ports()) {
                if (p.protocol() == port.protocol()
                        && p.name().equals(port.name())
                        && p.number().orElse(0) != 0) {
                    for (Endpoint endpoint : slice.endpoints()) {
                        if (endpoint.ip().isV4() == v4) {
                            boolean here = site.isHere(endpoint.node());
                            all.add(endpoint, p.number().getAsInt(), here);
                        }
                    }
                }
            }
        }
        return all;
    }

    /** {@return those that the EndpointSlice controller would make of a service's pods} */
    static Endpoints ofPods(
            Site site,
            Snapshot snapshot,
            Service service,
            Collection<Pod> pods,
            Service.Port port,
            boolean v4) {
        Endpoints all = new Endpoints(site);
        for (Pod pod : pods) {
            Optional<Ip> ip = address(pod, v4);
            OptionalInt number = targetPort(pod, port);
            if (!pod.finished() && ip.isPresent() && number.isPresent()) {
                all.add(
                        endpoint(snapshot, service, pod, ip.get()),
                        number.getAsInt(),
                        site.isHere(pod));
            }
        }
        return all;
    }

    static Optional<Ip> address(Pod pod, boolean v4) {
        List<Ip> ips = pod.ips().isEmpty() && pod.hostNetwork() ? pod.hostIps() : pod.ips();
        return ips.stream().filter(ip -> ip.isV4() == v4).findFirst();
    }

    /** {@return the number of a service's port at a pod; empty if it has no port of that name} */
    static OptionalInt targetPort(Pod pod, Service.Port port) {
        String target = port.target();
        if (target.isEmpty() || target.equals("0")) {
            return OptionalInt.of(port.number());
        }
        return target.chars().allMatch(c -> c >= '0' && c <= '9')
                ? OptionalInt.of(Integer.parseInt(target))
                : pod.namedPort(target, port.protocol());
    }

    private static Endpoint endpoint(Snapshot snapshot, Service service, Pod pod, Ip ip) {
        Optional<String> zone =
                pod.node()
                        .flatMap(name -> Optional.ofNullable(snapshot.nodes().get(name)))
                        .flatMap(node -> node.labels().get(Node.ZONE_LABEL));
        boolean ready = service.routing().publishNotReady() || (pod.ready() && !pod.terminating());
        List<String> zones = List.of();
        List<String> nodes = List.of();
        if (ready && service.routing().distribution() != Service.Distribution.ANY) {
            zones = zone.stream().toList();
            if (service.routing().distribution() == Service.Distribution.PREFER_SAME_NODE) {
                nodes = pod.node().stream().toList();
            }
        }
        return new Endpoint(
                ip,
                ready,
                pod.ready(),
                pod.terminating(),
                Optional.empty(),
                pod.node(),
                zone,
                zones,
                nodes,
                Optional.of(pod.ref()));
    }

    /** Of two with one address, one that is here counts. */
    private void add(Endpoint endpoint, int port, boolean here) {
        Backend backend = new Backend(endpoint.ip(), port, here);
        hinted |= !endpoint.forNodes().isEmpty() || !endpoint.forZones().isEmpty();
        if (here) {
            candidates.remove(backend); // the key says what is local, too
        }
        candidates.putIfAbsent(backend, new Candidate(backend, endpoint));
    }

    /**
     * {@return the set of one scope}
     *
     * @param handed whether other nodes hand packets to backends of this one
     */
    BackendSet set(BackendSet.Id id, Service.Routing routing, boolean handed) {
        List<Backend> backends =
                switch (id.scope()) {
                    case CLUSTER -> readyElseTerminating(c -> true, closeEnough());
                    case LOCAL -> readyElseTerminating(c -> c.backend.local(), c -> true);
                };
        boolean elsewhere = id.scope() == BackendSet.Scope.LOCAL && isServedAnywhere();
        return new BackendSet(
                id,
                backends,
                elsewhere ? WhenEmpty.DROP : WhenEmpty.REJECT,
                routing.balancing(),
                routing.affinity().isPresent(),
                handed && id.scope() == BackendSet.Scope.CLUSTER ? handed() : List.of());
    }

    /** Whatever another node may have chosen, for whom other endpoints are close. */
    private List<Backend> handed() {
        return candidates.values().stream()
                .filter(c -> c.backend.local() && (c.endpoint.ready() || c.isLastResort()))
                .map(Candidate::backend)
                .toList();
    }

    /** One that was looked at, and why it is chosen or not. */
    record Considered(Backend backend, Optional<Ref> pod, boolean chosen, String why) {}

    /** {@return all of them in order of address, as {@link #set} would choose} */
    List<Considered> considered(BackendSet.Scope scope, Collection<Backend> chosen) {
        boolean anyReady =
                candidates.values().stream()
                        .anyMatch(c -> c.endpoint.ready() && chosen.contains(c.backend));
        return candidates.values().stream()
                .map(c ->
                        new Considered(
                                c.backend,
                                c.endpoint.pod(),
                                chosen.contains(c.backend),
                                why(c, scope, chosen.contains(c.backend), anyReady)))
                .toList();
    }

    private String why(
            Candidate candidate, BackendSet.Scope scope, boolean chosen, boolean anyReady) {
        Endpoint endpoint = candidate.endpoint;
        String state =
                endpoint.ready()
                        ? "ready"
                        : !endpoint.terminating()
                                ? "not ready"
                                : endpoint.serving()
                                        ? "terminating, and still serving"
                                        : "terminating, and not serving any more";
        if (chosen) {
            return endpoint.ready() ? state : state + ": the last resort, as none is ready";
        }
        if (scope == BackendSet.Scope.LOCAL && !candidate.backend.local()) {
            return state + ", but not on this node";
        }
        if (endpoint.ready()) {
            return state
                    + ", but meant for "
                    + (endpoint.forNodes().isEmpty()
                            ? "zone " + String.join(", ", endpoint.forZones())
                            : "node " + String.join(", ", endpoint.forNodes()))
                    + "; others are closer";
        }
        return candidate.isLastResort() && anyReady ? state + ", but others are ready" : state;
    }

    private boolean isServedAnywhere() {
        return candidates.values().stream().anyMatch(c -> c.endpoint.ready() || c.isLastResort());
    }

    private List<Backend> readyElseTerminating(
            Predicate<Candidate> which, Predicate<Candidate> preferred) {
        List<Backend> ready = new ArrayList<>();
        List<Backend> last = new ArrayList<>();
        for (Candidate candidate : candidates.values()) {
            if (!which.test(candidate)) {
                continue;
            }
            if (candidate.endpoint.ready() && preferred.test(candidate)) {
                ready.add(candidate.backend);
            } else if (candidate.isLastResort()) {
                last.add(candidate.backend);
            }
        }
        return ready.isEmpty() ? last : ready;
    }

    /**
     * Hints count only when every ready endpoint has one, and one of them is for here; those for
     * nodes before those for zones.
     */
    private Predicate<Candidate> closeEnough() {
        if (!hinted) {
            return c -> true;
        }
        List<Endpoint> ready =
                candidates.values().stream()
                        .map(Candidate::endpoint)
                        .filter(Endpoint::ready)
                        .toList();
        Predicate<Endpoint> forNode = e -> site.name().filter(e.forNodes()::contains).isPresent();
        Predicate<Endpoint> forZone = e -> site.zone().filter(e.forZones()::contains).isPresent();
        if (ready.stream().noneMatch(e -> e.forNodes().isEmpty())
                && ready.stream().anyMatch(forNode)) {
            return c -> forNode.test(c.endpoint);
        }
        if (ready.stream().noneMatch(e -> e.forZones().isEmpty())
                && ready.stream().anyMatch(forZone)) {
            return c -> forZone.test(c.endpoint);
        }
        return c -> true;
    }
}
