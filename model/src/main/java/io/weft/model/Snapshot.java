package io.weft.model;

import java.util.Collections;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** One state of the world, immutable. Iteration is by {@link Ref}, so every run sees one order. */
public final class Snapshot {
    public static final Snapshot EMPTY =
            new Snapshot(new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), new TreeMap<>());

    private final NavigableMap<String, Namespace> namespaces;
    private final NavigableMap<Ref, Pod> pods;
    private final NavigableMap<Ref, NetworkPolicy> policies;
    private final NavigableMap<Ref, Expectation> expectations;

    private Snapshot(
            NavigableMap<String, Namespace> namespaces,
            NavigableMap<Ref, Pod> pods,
            NavigableMap<Ref, NetworkPolicy> policies,
            NavigableMap<Ref, Expectation> expectations) {
        this.namespaces = namespaces;
        this.pods = pods;
        this.policies = policies;
        this.expectations = expectations;
    }

    /** {@return a snapshot of just these resources; a later one replaces an equal {@link Ref}} */
    public static Snapshot of(Iterable<? extends Resource> resources) {
        return EMPTY.apply(Delta.put(resources));
    }

    /** {@return the next snapshot; kinds that the delta does not touch are shared} */
    public Snapshot apply(Delta delta) {
        Next<String, Namespace> n = new Next<>(namespaces);
        Next<Ref, Pod> p = new Next<>(pods);
        Next<Ref, NetworkPolicy> k = new Next<>(policies);
        Next<Ref, Expectation> e = new Next<>(expectations);
        for (Ref ref : delta.removed()) {
            switch (ref.kind()) {
                case NAMESPACE -> n.own().remove(ref.name());
                case POD -> p.own().remove(ref);
                case NETWORK_POLICY -> k.own().remove(ref);
                case EXPECTATION -> e.own().remove(ref);
            }
        }
        for (Resource resource : delta.put()) {
            switch (resource) {
                case Namespace r -> n.own().put(r.name(), r);
                case Pod r -> p.own().put(r.ref(), r);
                case NetworkPolicy r -> k.own().put(r.ref(), r);
                case Expectation r -> e.own().put(r.ref(), r);
            }
        }
        return new Snapshot(n.map, p.map, k.map, e.map);
    }

    public SortedMap<String, Namespace> namespaces() {
        return Collections.unmodifiableSortedMap(namespaces);
    }

    public NavigableMap<Ref, Pod> pods() {
        return Collections.unmodifiableNavigableMap(pods);
    }

    public SortedMap<Ref, NetworkPolicy> policies() {
        return Collections.unmodifiableSortedMap(policies);
    }

    public SortedMap<Ref, Expectation> expectations() {
        return Collections.unmodifiableSortedMap(expectations);
    }

    /** {@return the labels of a namespace; those of an undeclared one hold only its name} */
    public Labels namespaceLabels(String name) {
        Namespace namespace = namespaces.get(name);
        return namespace != null
                ? namespace.labels()
                : Labels.EMPTY.with(Namespace.NAME_LABEL, name);
    }

    public Optional<Resource> find(Ref ref) {
        return Optional.ofNullable(
                switch (ref.kind()) {
                    case NAMESPACE -> namespaces.get(ref.name());
                    case POD -> pods.get(ref);
                    case NETWORK_POLICY -> policies.get(ref);
                    case EXPECTATION -> expectations.get(ref);
                });
    }

    /** Copies a map on the first change to it. */
    private static final class Next<K, V> {
        private NavigableMap<K, V> map;
        private boolean owned;

        Next(NavigableMap<K, V> map) {
            this.map = map;
        }

        NavigableMap<K, V> own() {
            if (!owned) {
                map = new TreeMap<>((SortedMap<K, V>) map);
                owned = true;
            }
            return map;
        }
    }
}
