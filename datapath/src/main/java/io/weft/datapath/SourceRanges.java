package io.weft.datapath;

import io.weft.bpf.TypedMap;
import io.weft.model.Prefix;
import io.weft.tables.SourceRangeKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who may use a load balancer, where pods are and services may be, in {@code weft_source_ranges}.
 */
final class SourceRanges {
    private final TypedMap<SourceRangeKey, Integer> map;
    private final Map<SourceRangeKey, Integer> uses = new HashMap<>();
    private Set<SourceRangeKey> touched =
            new HashSet<>(); // a new one for each change: it stays as wide as it was

    SourceRanges(TypedMap<SourceRangeKey, Integer> map) {
        this.map = map;
    }

    /** Notes that a frontend with these ranges comes (1) or goes (-1). */
    void count(int set, List<Prefix> prefixes, int by) {
        for (Prefix prefix : prefixes) {
            SourceRangeKey key = SourceRangeKey.of(set, prefix);
            touched.add(key);
            if (uses.merge(key, by, Integer::sum) == 0) {
                uses.remove(key);
            }
        }
    }

    /** Notes that one of {@link io.weft.tables.ServiceAbi}'s ranges is another. */
    void change(int which, List<Prefix> before, List<Prefix> after) {
        if (!before.equals(after)) {
            count(which, before, -1);
            count(which, after, 1);
        }
    }

    void add() {
        Map<SourceRangeKey, Integer> put = new LinkedHashMap<>();
        touched.stream().filter(uses::containsKey).forEach(key -> put.put(key, 1));
        map.putAll(put);
    }

    void remove() {
        map.removeAll(touched.stream().filter(key -> !uses.containsKey(key)).toList());
        touched = new HashSet<>();
    }

    /** Takes away what nobody here has written. */
    void removeOthers() {
        map.removeAll(
                map.entries().keySet().stream().filter(key -> !uses.containsKey(key)).toList());
    }

    /** Starts anew; the kernel keeps what it has. */
    void forget() {
        uses.clear();
        touched = new HashSet<>();
    }
}
