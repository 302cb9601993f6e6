package io.weft.compiler;

import io.weft.model.LabelSelector;
import io.weft.model.LabelSelector.Operator;
import io.weft.model.PersistentMap;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * One thing that an identity has and that a remote may ask for. Remotes and identities that match
 * are found by the facets that they have in common, without a look at all others.
 */
sealed interface Facet {
    record Pod() implements Facet {}

    record Node() implements Facet {}

    record OfNamespace(String name) implements Facet {}

    /** A label of a pod, in one namespace. */
    record LabelWithin(String namespace, String key, String value) implements Facet {}

    record PodLabel(String key, String value) implements Facet {}

    record NamespaceLabel(String key, String value) implements Facet {}

    record HasPort(Ports.Name name) implements Facet {}

    record Held(Remote.IpBlock by) implements Facet {}

    /** {@return all that the identity has} */
    static List<Facet> of(IdentityClass identity) {
        List<Facet> facets = new ArrayList<>();
        switch (identity) {
            case IdentityClass.OfPod pod -> {
                facets.add(new Pod());
                facets.add(new OfNamespace(pod.namespace()));
                pod.namespaceLabels()
                        .asMap()
                        .forEach((key, value) -> facets.add(new NamespaceLabel(key, value)));
                pod.labels()
                        .asMap()
                        .forEach((key, value) -> {
                            facets.add(new PodLabel(key, value));
                            facets.add(new LabelWithin(pod.namespace(), key, value));
                        });
                pod.ports().keySet().forEach(name -> facets.add(new HasPort(name)));
            }
            case IdentityClass.OfNode _ -> facets.add(new Node());
            case IdentityClass.OfBlocks _ -> {}
        }
        identity.blocks().forEach(block -> facets.add(new Held(block)));
        return facets;
    }

    /**
     * {@return facets of which every identity that matches has at least one, few identities at
     * best; none for {@link Remote.Anyone}}
     */
    static List<Facet> of(Remote remote) {
        return switch (remote) {
            case Remote.Anyone _ -> List.of();
            case Remote.PodsOf pods -> {
                String namespace = pods.name();
                List<Facet> labels = anyOf(pods.pods(), (k, v) -> new LabelWithin(namespace, k, v));
                yield labels.isEmpty() ? List.of(new OfNamespace(namespace)) : labels;
            }
            case Remote.Pods pods -> {
                List<Facet> namespaces = anyOf(pods.namespaces(), NamespaceLabel::new);
                List<Facet> labels =
                        namespaces.isEmpty() ? anyOf(pods.pods(), PodLabel::new) : namespaces;
                yield labels.isEmpty() ? List.of(new Pod()) : labels;
            }
            case Remote.Nodes _ -> List.of(new Node());
            case Remote.InCluster _ -> List.of(new Pod(), new Node());
            case Remote.HavingPort port -> List.of(new HasPort(port.name()));
            case Remote.IpBlock block -> List.of(new Held(block));
        };
    }

    /** A facet of a label. */
    interface OfLabel {
        Facet make(String key, String value);
    }

    /** {@return the values of the first requirement that lists values, or nothing} */
    private static List<Facet> anyOf(LabelSelector selector, OfLabel facet) {
        return selector.requirements().stream()
                .filter(r -> r.operator() == Operator.IN)
                .findFirst()
                .map(r -> r.values().stream().map(v -> facet.make(r.key(), v)).toList())
                .orElse(List.of());
    }

    /** What has which facets; immutable. */
    record Index<T>(PersistentMap<Facet, PersistentMap<T, Boolean>> byFacet) {
        static <T> Index<T> empty() {
            return new Index<>(PersistentMap.empty());
        }

        Index<T> with(List<Facet> facets, T of) {
            return change(facets, all -> all.with(of, true));
        }

        Index<T> without(List<Facet> facets, T of) {
            return change(facets, all -> all.without(of));
        }

        private Index<T> change(
                List<Facet> facets,
                Function<PersistentMap<T, Boolean>, PersistentMap<T, Boolean>> change) {
            PersistentMap<Facet, PersistentMap<T, Boolean>> next = byFacet;
            for (Facet facet : facets) {
                PersistentMap<T, Boolean> all = change.apply(at(facet));
                next = all.isEmpty() ? next.without(facet) : next.with(facet, all);
            }
            return new Index<>(next);
        }

        PersistentMap<T, Boolean> at(Facet facet) {
            return byFacet.getOrDefault(facet, PersistentMap.empty());
        }
    }
}
