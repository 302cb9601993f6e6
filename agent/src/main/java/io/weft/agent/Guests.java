package io.weft.agent;

import io.weft.model.Bandwidth;
import io.weft.model.Delta;
import io.weft.model.Labels;
import io.weft.model.PersistentMap;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Pods that somebody else runs. A manifest of such a pod adds to what its runtime told: labels,
 * named ports, annotations; it may come before the pod, after it, or never. Immutable.
 *
 * @param living as they joined, with their addresses
 * @param declared as manifests have them
 */
record Guests(PersistentMap<Ref, Pod> living, PersistentMap<Ref, Pod> declared) {
    static final Guests NONE = new Guests(PersistentMap.empty(), PersistentMap.empty());

    /**
     * A change.
     *
     * @param delta with each pod as it is then
     */
    record Step(Guests after, Delta delta) {}

    /** {@return what follows when manifests change} */
    Step manifests(Delta change) {
        PersistentMap<Ref, Pod> next = declared;
        List<Resource> put = new ArrayList<>();
        List<Ref> removed = new ArrayList<>();
        for (Resource resource : change.put()) {
            if (resource instanceof Pod pod) {
                next = next.with(pod.ref(), pod.withIps(List.of()));
                put.add(effective(living, next, pod.ref()));
            } else {
                put.add(resource);
            }
        }
        for (Ref ref : change.removed()) {
            next = next.without(ref);
            if (living.containsKey(ref)) {
                put.add(effective(living, next, ref));
            } else {
                removed.add(ref);
            }
        }
        return new Step(new Guests(living, next), new Delta(put, removed));
    }

    /** {@return what follows when pods go, and others come} */
    Step pods(List<Pod> joining, List<Ref> leaving) {
        PersistentMap<Ref, Pod> next = living;
        List<Resource> put = new ArrayList<>();
        List<Ref> removed = new ArrayList<>();
        for (Ref ref : leaving) {
            next = next.without(ref);
            if (declared.containsKey(ref)) {
                put.add(effective(next, declared, ref));
            } else {
                removed.add(ref);
            }
        }
        for (Pod pod : joining) {
            next = next.with(pod.ref(), pod);
            put.add(effective(next, declared, pod.ref()));
        }
        return new Step(new Guests(next, declared), new Delta(put, removed));
    }

    /** Labels and bandwidth of the manifest win; its runtime knows best about host ports. */
    private static Pod effective(Map<Ref, Pod> living, Map<Ref, Pod> declared, Ref ref) {
        Optional<Pod> guest = Optional.ofNullable(living.get(ref));
        Optional<Pod> manifest = Optional.ofNullable(declared.get(ref));
        return guest.flatMap(here -> manifest.map(known -> merge(here, known)))
                .or(() -> guest)
                .or(() -> manifest)
                .orElseThrow(
                        () -> new IllegalArgumentException(ref + " is neither here nor declared"));
    }

    private static Pod merge(Pod guest, Pod manifest) {
        Map<String, String> labels = new TreeMap<>(guest.labels().asMap());
        labels.putAll(manifest.labels().asMap());
        List<Pod.HostPort> hostPorts = new ArrayList<>(guest.hostPorts());
        manifest.hostPorts().stream()
                .filter(port -> guest.hostPorts().stream().noneMatch(port::collidesWith))
                .forEach(hostPorts::add);
        Bandwidth said = manifest.bandwidth();
        return manifest.withIps(guest.ips())
                .withLabels(Labels.of(labels))
                .withReady(true)
                .withBandwidth(
                        new Bandwidth(
                                said.ingress().or(guest.bandwidth()::ingress),
                                said.egress().or(guest.bandwidth()::egress)))
                .withHostPorts(hostPorts);
    }
}
