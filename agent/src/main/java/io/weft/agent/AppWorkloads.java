package io.weft.agent;

import io.weft.model.Labels;
import io.weft.model.Pod;
import io.weft.model.Ref;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Pods by what policies can tell apart: those of a namespace with the same labels are one workload.
 * Labels that controllers give to each pod or revision apart do not count.
 */
final class AppWorkloads {
    private static final Set<String> OF_ONE_POD =
            Set.of(
                    "apps.kubernetes.io/pod-index",
                    "batch.kubernetes.io/controller-uid",
                    "batch.kubernetes.io/job-completion-index",
                    "batch.kubernetes.io/job-name",
                    "controller-revision-hash",
                    "controller-uid",
                    "job-name",
                    "pod-template-generation",
                    "pod-template-hash",
                    "statefulset.kubernetes.io/pod-name");

    /** Labels that name a workload, the best first. */
    private static final List<String> NAMING =
            List.of(
                    "app.kubernetes.io/name",
                    "app.kubernetes.io/component",
                    "app.kubernetes.io/instance",
                    "k8s-app",
                    "app",
                    "component",
                    "tier",
                    "role",
                    "name");

    /** Labels that the next release changes: only when nothing else tells two workloads apart. */
    private static final List<String> FLEETING =
            List.of(
                    "app.kubernetes.io/managed-by",
                    "app.kubernetes.io/version",
                    "chart",
                    "helm.sh/chart",
                    "heritage",
                    "release",
                    "version");

    private static final Comparator<String> BY_USE =
            Comparator.comparingInt(AppWorkloads::use).thenComparing(Comparator.naturalOrder());

    private static final int MAX_NAME = 50;

    /**
     * @param pods that have these labels, by name
     */
    record Workload(String namespace, Labels labels, List<Ref> pods)
            implements Comparable<Workload> {
        Workload {
            pods = pods.stream().sorted().toList();
        }

        @Override
        public int compareTo(Workload other) {
            return Comparator.comparing(Workload::namespace)
                    .thenComparing(w -> w.labels().toString())
                    .compare(this, other);
        }
    }

    /**
     * What selects the pods of one workload and no others of its namespace.
     *
     * @param absent keys that they must not have
     */
    record Selector(Map<String, String> labels, List<String> absent) {}

    private final Map<Ref, Workload> byPod = new HashMap<>();
    private final NavigableMap<String, List<Workload>> byNamespace = new TreeMap<>();
    private final Map<Workload, Selector> selectors = new HashMap<>();
    private final Map<Workload, String> names = new HashMap<>();

    /**
     * @param pods labels of each
     */
    AppWorkloads(Map<Ref, Labels> pods) {
        Map<String, Map<Labels, List<Ref>>> groups = new TreeMap<>();
        pods.forEach((ref, labels) ->
                groups.computeIfAbsent(ref.namespace(), n -> new HashMap<>())
                        .computeIfAbsent(stable(labels), l -> new ArrayList<>())
                        .add(ref));
        groups.forEach((namespace, byLabels) -> {
            Set<Workload> workloads = new TreeSet<>();
            byLabels.forEach(
                    (labels, refs) -> workloads.add(new Workload(namespace, labels, refs)));
            workloads.forEach(w -> w.pods().forEach(pod -> byPod.put(pod, w)));
            byNamespace.put(namespace, List.copyOf(workloads));
            Set<String> taken = new HashSet<>();
            for (Workload workload : workloads) {
                Selector selector = selector(workload, workloads);
                selectors.put(workload, selector);
                names.put(workload, name(selector, taken));
            }
        });
    }

    Workload of(Ref pod) {
        Workload workload = byPod.get(pod);
        if (workload == null) {
            throw new IllegalArgumentException("unknown " + pod);
        }
        return workload;
    }

    /** {@return all, by namespace and labels} */
    List<Workload> all() {
        return byNamespace.values().stream().flatMap(List::stream).toList();
    }

    Selector selector(Workload workload) {
        return selectors.getOrDefault(workload, new Selector(Map.of(), List.of()));
    }

    /** {@return a DNS label, unique in the namespace} */
    String name(Workload workload) {
        return names.getOrDefault(workload, "pods");
    }

    /** {@return the labels of pods that policies judge} */
    static Map<Ref, Labels> labels(Collection<Pod> pods) {
        Map<Ref, Labels> labels = new TreeMap<>();
        pods.stream().filter(p -> !p.hostNetwork()).forEach(p -> labels.put(p.ref(), p.labels()));
        return labels;
    }

    private static Labels stable(Labels labels) {
        Map<String, String> kept = new TreeMap<>(labels.asMap());
        kept.keySet().removeAll(OF_ONE_POD);
        return Labels.of(kept);
    }

    /** As few labels as tell it apart, at least one if it has any. */
    private static Selector selector(Workload own, Collection<Workload> all) {
        List<Workload> others = new ArrayList<>(all);
        others.remove(own);
        Map<String, String> chosen = new LinkedHashMap<>();
        for (String key : own.labels().asMap().keySet().stream().sorted(BY_USE).toList()) {
            String value = own.labels().asMap().getOrDefault(key, "");
            boolean excludes = others.removeIf(o -> !value.equals(o.labels().asMap().get(key)));
            if (excludes || chosen.isEmpty()) {
                chosen.put(key, value);
            }
        }
        // who is left has all these labels, and others on top
        Set<String> absent = new TreeSet<>();
        for (Workload other : others) {
            Set<String> more = new TreeSet<>(other.labels().asMap().keySet());
            more.removeAll(own.labels().asMap().keySet());
            if (more.stream().noneMatch(absent::contains)) {
                absent.add(more.stream().min(BY_USE).orElseThrow());
            }
        }
        return new Selector(new TreeMap<>(chosen), List.copyOf(absent));
    }

    private static int use(String key) {
        int naming = NAMING.indexOf(key);
        return naming >= 0 ? naming : NAMING.size() + (FLEETING.contains(key) ? 1 : 0);
    }

    private static String name(Selector selector, Set<String> taken) {
        String text =
                String.join("-", selector.labels().values())
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9]+", "-");
        String base = text.substring(0, Math.min(MAX_NAME, text.length())).replaceAll("^-|-$", "");
        base = base.isEmpty() ? "pods" : base;
        String name = base;
        for (int i = 2; !taken.add(name); i++) {
            name = base + "-" + i;
        }
        return name;
    }
}
