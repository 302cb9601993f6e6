package io.weft.compiler;

import io.weft.model.PersistentMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/** How often each key is used; remembers which keys a step brought or took. */
final class Counts<K> {
    private final PersistentMap<K, Integer> before;
    private PersistentMap<K, Integer> now;
    private final Set<K> touched = new LinkedHashSet<>();

    Counts() {
        this(PersistentMap.empty());
    }

    private Counts(PersistentMap<K, Integer> counts) {
        before = counts;
        now = counts;
    }

    /** {@return the same counts, as the start of a step} */
    Counts<K> copy() {
        return new Counts<>(now);
    }

    /**
     * @param by 1 or -1
     */
    void add(K key, int by) {
        touched.add(key);
        int count = now.getOrDefault(key, 0) + by;
        now = count == 0 ? now.without(key) : now.with(key, count);
    }

    Set<K> keys() {
        return now.keySet();
    }

    /** {@return keys that are used and were not, in order of first use} */
    Set<K> brought() {
        return difference(now, before);
    }

    /** {@return keys that were used and no longer are, in order} */
    Set<K> taken() {
        return difference(before, now);
    }

    /** {@return both} */
    Set<K> changed() {
        Set<K> keys = new HashSet<>(brought());
        keys.addAll(taken());
        return keys;
    }

    private Set<K> difference(PersistentMap<K, Integer> in, PersistentMap<K, Integer> notIn) {
        Set<K> keys = new LinkedHashSet<>();
        for (K key : touched) {
            if (in.containsKey(key) && !notIn.containsKey(key)) {
                keys.add(key);
            }
        }
        return keys;
    }
}
