package io.weft.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A step from one {@link Snapshot} to the next. Removals come first.
 *
 * @param put added or replaced
 * @param removed names that need not exist
 */
public record Delta(List<Resource> put, List<Ref> removed) {
    public static final Delta NONE = new Delta(List.of(), List.of());

    public Delta {
        put = List.copyOf(put);
        removed = List.copyOf(removed);
    }

    public static Delta put(Iterable<? extends Resource> resources) {
        List<Resource> list = new ArrayList<>();
        resources.forEach(list::add);
        return new Delta(list, List.of());
    }

    /** {@return both, one after the other} */
    public Delta and(Delta next) {
        Map<Ref, Resource> puts = new LinkedHashMap<>();
        put.forEach(resource -> puts.put(resource.ref(), resource));
        next.removed.forEach(puts::remove);
        next.put.forEach(resource -> puts.put(resource.ref(), resource));
        Set<Ref> gone = new LinkedHashSet<>(removed);
        gone.addAll(next.removed);
        return new Delta(List.copyOf(puts.values()), List.copyOf(gone));
    }

    public boolean isEmpty() {
        return put.isEmpty() && removed.isEmpty();
    }

    /** {@return the delta that turns {@code before} into {@code after}} */
    public static Delta between(Snapshot before, Snapshot after) {
        List<Resource> put = new ArrayList<>();
        List<Ref> removed = new ArrayList<>();
        compare(before.namespaces(), after.namespaces(), put, removed);
        compare(before.nodes(), after.nodes(), put, removed);
        compare(before.pods(), after.pods(), put, removed);
        compare(before.serviceCidrs(), after.serviceCidrs(), put, removed);
        compare(before.services(), after.services(), put, removed);
        compare(before.endpointSlices(), after.endpointSlices(), put, removed);
        compare(before.policies(), after.policies(), put, removed);
        compare(before.clusterPolicies(), after.clusterPolicies(), put, removed);
        compare(before.ciliumPolicies(), after.ciliumPolicies(), put, removed);
        compare(before.ipamClaims(), after.ipamClaims(), put, removed);
        compare(before.expectations(), after.expectations(), put, removed);
        return new Delta(put, removed);
    }

    private static <K, V extends Resource> void compare(
            Map<K, V> before, Map<K, V> after, List<Resource> put, List<Ref> removed) {
        after.forEach((key, resource) -> {
            V old = before.get(key);
            if (!Objects.equals(old, resource)) {
                put.add(resource);
            }
        });
        before.forEach((key, resource) -> {
            if (!after.containsKey(key)) {
                removed.add(resource.ref());
            }
        });
    }
}
