package io.weft.dns;

import io.weft.dns.ClusterZone.Domain;
import io.weft.dns.ClusterZone.Index;
import io.weft.dns.ClusterZone.PodAddress;
import io.weft.model.Delta;
import io.weft.model.EndpointSlice;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.Namespace;
import io.weft.model.PersistentMap;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Service;
import io.weft.model.Snapshot;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes a {@link ClusterZone} of the one before it: takes back what the touched resources said of
 * names in the old snapshot, and writes what they say in the new one.
 */
final class ZoneBuilder {
    /** Says what a zone has whatever is in it. */
    private static final Ref ZONE = new Ref(Kind.NAMESPACE, "", "");

    final ZoneSettings settings;
    final Domain domain;
    final int serial;
    final Snapshot before;
    final Snapshot after;
    PersistentMap<WireName, Owner> names;
    PersistentMap<PodAddress, Integer> pods;
    Index index;

    private ZoneBuilder(
            ZoneSettings settings,
            Domain domain,
            int serial,
            Snapshot before,
            Snapshot after,
            PersistentMap<WireName, Owner> names,
            PersistentMap<PodAddress, Integer> pods,
            Index index) {
        this.settings = settings;
        this.domain = domain;
        this.serial = serial;
        this.before = before;
        this.after = after;
        this.names = names;
        this.pods = pods;
        this.index = index;
    }

    static ZoneBuilder of(ZoneSettings settings, Snapshot snapshot) {
        ZoneBuilder builder =
                new ZoneBuilder(
                        settings,
                        Domain.of(settings.domain()),
                        1,
                        Snapshot.EMPTY,
                        snapshot,
                        PersistentMap.empty(),
                        PersistentMap.empty(),
                        Index.EMPTY);
        builder.fixedNames();
        Set<Ref> all = new LinkedHashSet<>();
        snapshot.namespaces().values().forEach(r -> all.add(r.ref()));
        all.addAll(snapshot.services().keySet());
        all.addAll(snapshot.endpointSlices().keySet());
        all.addAll(snapshot.pods().keySet());
        builder.apply(all);
        return builder;
    }

    static ZoneBuilder next(ClusterZone zone, Snapshot after, Delta delta) {
        ZoneBuilder builder =
                new ZoneBuilder(
                        zone.settings(),
                        zone.domain(),
                        zone.serial() + 1,
                        zone.snapshot(),
                        after,
                        zone.names(),
                        zone.pods(),
                        zone.index());
        Set<Ref> touched = new LinkedHashSet<>(delta.removed());
        delta.put().forEach(r -> touched.add(r.ref()));
        builder.apply(touched);
        return builder;
    }

    private void fixedNames() {
        Map<WireName, List<Rr>> fixed = new HashMap<>();
        fixed.put(domain.apex(), List.of(Rr.ns(domain.server())));
        fixed.put(domain.server(), settings.servers().stream().map(Rr::address).toList());
        fixed.put(domain.apex().child("dns-version"), List.of(Rr.txt("1.1.0")));
        fixed.put(domain.services(), List.of());
        fixed.put(domain.pods(), List.of());
        say(ZONE, Map.of(), fixed);
    }

    private void apply(Set<Ref> touched) {
        Set<Ref> services = new LinkedHashSet<>();
        Index old = index;
        for (Ref ref : touched) {
            switch (ref.kind()) {
                case NAMESPACE -> namespace(ref);
                case SERVICE -> {
                    services.add(ref);
                    indexHeadless(ref);
                }
                case ENDPOINT_SLICE -> indexSlice(ref, services);
                default -> {}
            }
        }
        Set<String> namespacesOfPods = new LinkedHashSet<>();
        for (Ref ref : touched) {
            if (ref.kind() == Kind.POD) {
                pod(ref, old, services);
                namespacesOfPods.add(ref.namespace());
            }
        }
        namespacesOfPods.forEach(this::namespaceOfPods);
        for (Ref service : services) {
            say(service, namesOf(service, before, old), namesOf(service, after, index));
        }
    }

    // ---- what resources say

    private void namespace(Ref ref) {
        say(
                ref,
                namesOf(before.namespaces().get(ref.name())),
                namesOf(after.namespaces().get(ref.name())));
    }

    private Map<WireName, List<Rr>> namesOf(@Nullable Namespace namespace) {
        return namespace == null
                ? Map.of()
                : Map.of(
                        domain.services().child(namespace.name()), List.of(),
                        domain.pods().child(namespace.name()), List.of());
    }

    private Map<WireName, List<Rr>> namesOf(Ref ref, Snapshot in, Index with) {
        Service service = in.services().get(ref);
        return service == null
                ? Map.of()
                : ServiceNames.of(domain.services(), service, slicesOf(ref, with), in);
    }

    private static Collection<EndpointSlice> slicesOf(Ref service, Index with) {
        PersistentMap<Ref, EndpointSlice> slices = with.slices().get(service);
        return slices == null ? List.of() : slices.values();
    }

    /** Counts its addresses, and finds the services whose endpoint it was or is. */
    private void pod(Ref ref, Index old, Set<Ref> services) {
        Pod was = before.pods().get(ref);
        Pod is = after.pods().get(ref);
        addressesOf(was).forEach(ip -> count(new PodAddress(ref.namespace(), ip), -1));
        addressesOf(is).forEach(ip -> count(new PodAddress(ref.namespace(), ip), 1));
        affected(was, old, services);
        affected(is, index, services);
    }

    /** A namespace that nobody declared has a domain while a pod is in it. */
    private void namespaceOfPods(String namespace) {
        say(
                Ref.pod(namespace, ""),
                namesOf(ServiceNames.podsOf(namespace, before), namespace),
                namesOf(ServiceNames.podsOf(namespace, after), namespace));
    }

    private Map<WireName, List<Rr>> namesOf(Map<Ref, Pod> pods, String namespace) {
        return pods.isEmpty() ? Map.of() : Map.of(domain.pods().child(namespace), List.of());
    }

    private static void affected(@Nullable Pod pod, Index with, Set<Ref> services) {
        PersistentMap<Ref, Service> headless =
                pod == null ? null : with.headless().get(pod.namespace());
        if (pod != null && headless != null) {
            headless.forEach((ref, service) -> {
                if (service.selects(pod)) {
                    services.add(ref);
                }
            });
        }
    }

    private static List<Ip> addressesOf(@Nullable Pod pod) {
        return pod == null || pod.finished() ? List.of() : pod.ips();
    }

    private void count(PodAddress address, int more) {
        Integer count = pods.get(address);
        int next = (count == null ? 0 : count) + more;
        pods = next == 0 ? pods.without(address) : pods.with(address, next);
    }

    // ---- who belongs to whom

    private void indexHeadless(Ref ref) {
        PersistentMap<Ref, Service> of = index.headless().get(ref.namespace());
        of = of == null ? PersistentMap.empty() : of;
        Service service = after.services().get(ref);
        of =
                service != null && service.headless() && service.selector().isPresent()
                        ? of.with(ref, service)
                        : of.without(ref);
        index =
                new Index(
                        index.slices(),
                        of.isEmpty()
                                ? index.headless().without(ref.namespace())
                                : index.headless().with(ref.namespace(), of));
    }

    private void indexSlice(Ref ref, Set<Ref> services) {
        EndpointSlice was = before.endpointSlices().get(ref);
        EndpointSlice is = after.endpointSlices().get(ref);
        if (was != null && was.service().isPresent()) {
            Ref service = was.service().get();
            services.add(service);
            PersistentMap<Ref, EndpointSlice> of = index.slices().get(service);
            if (of != null) {
                of = of.without(ref);
                index =
                        new Index(
                                of.isEmpty()
                                        ? index.slices().without(service)
                                        : index.slices().with(service, of),
                                index.headless());
            }
        }
        if (is != null && is.service().isPresent()) {
            Ref service = is.service().get();
            services.add(service);
            PersistentMap<Ref, EndpointSlice> of = index.slices().get(service);
            of = of == null ? PersistentMap.empty() : of;
            index = new Index(index.slices().with(service, of.with(ref, is)), index.headless());
        }
    }

    // ---- names

    private void say(Ref from, Map<WireName, List<Rr>> old, Map<WireName, List<Rr>> now) {
        Set<WireName> both = new HashSet<>(old.keySet());
        both.addAll(now.keySet());
        for (WireName name : both) {
            List<Rr> was = old.get(name);
            List<Rr> is = now.get(name);
            if (was == null ? is != null : !was.equals(is)) {
                say(from, name, is);
            }
        }
    }

    private void say(Ref from, WireName name, @Nullable List<Rr> records) {
        Owner was = names.get(name);
        Owner is = (was == null ? Owner.NONE : was).with(from, records, settings.ttl());
        set(name, was, is);
    }

    /** Names up to the apex exist while something is below them. */
    private void set(WireName name, @Nullable Owner was, Owner is) {
        names = is.isGone() ? names.without(name) : names.with(name, is);
        int more = (is.isGone() ? 0 : 1) - (was == null ? 0 : 1);
        if (more != 0 && !name.equals(domain.apex()) && name.isAtOrBelow(domain.apex())) {
            WireName parent = name.parent();
            Owner above = names.get(parent);
            set(parent, above, (above == null ? Owner.NONE : above).withBelow(more));
        }
    }
}
