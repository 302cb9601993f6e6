package io.weft.compiler;

import io.weft.model.PersistentMap;
import io.weft.model.Ref;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Who wants what; of several, the first by name gets it. Immutable. */
record Claims<K>(PersistentMap<K, List<Ref>> byKey) {
    static <K> Claims<K> none() {
        return new Claims<>(PersistentMap.empty());
    }

    Claims<K> with(K key, Ref by) {
        List<Ref> all = of(key);
        if (all.isEmpty()) {
            return new Claims<>(byKey.with(key, List.of(by)));
        }
        if (all.contains(by)) {
            return this;
        }
        List<Ref> more = new ArrayList<>(all);
        more.add(by);
        return new Claims<>(byKey.with(key, more.stream().sorted().toList()));
    }

    Claims<K> without(K key, Ref by) {
        List<Ref> all = of(key);
        if (!all.contains(by)) {
            return this;
        }
        return new Claims<>(
                all.size() == 1
                        ? byKey.without(key)
                        : byKey.with(key, all.stream().filter(r -> !r.equals(by)).toList()));
    }

    /** {@return all that claim it, by name} */
    List<Ref> of(K key) {
        return byKey.getOrDefault(key, List.of());
    }

    Optional<Ref> first(K key) {
        return of(key).stream().findFirst();
    }
}
