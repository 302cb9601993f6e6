package io.weft.datapath;

import io.weft.bpf.TypedMap;
import io.weft.model.Ip;
import io.weft.tables.TranslationKey;
import io.weft.tables.TranslationValue;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The translations of single packets. The programs make them and never take one away but for
 * another; what has been silent too long is found here.
 */
public final class Translations {
    private final TypedMap<TranslationKey, TranslationValue> map;

    Translations(TypedMap<TranslationKey, TranslationValue> map) {
        this.map = map;
    }

    /** {@return all of them, as they are read: each is whole, together they are no snapshot} */
    public Map<TranslationKey, TranslationValue> list() {
        return map.entries();
    }

    /**
     * Forgets connections that are silent in both directions.
     *
     * @param now nanoseconds of CLOCK_MONOTONIC, as {@link System#nanoTime} gives on Linux
     * @return how many translations went
     */
    public int sweep(long now, Timeouts timeouts) {
        Map<TranslationKey, TranslationValue> all = map.entries();
        Map<TranslationKey, Long> lastSeen = new HashMap<>();
        all.forEach(
                (key, value) -> lastSeen.merge(forward(key, value), value.lastSeen(), Math::max));
        List<TranslationKey> silent =
                all.entrySet().stream()
                        .filter(e -> {
                            long seen =
                                    lastSeen.getOrDefault(forward(e.getKey(), e.getValue()), 0L);
                            return now - seen > timeouts.of(e.getKey(), e.getValue()).toNanos();
                        })
                        .map(Map.Entry::getKey)
                        .toList();
        map.removeAll(silent);
        return silent.size();
    }

    /** Forgets the connections of these addresses, whose owner is gone. {@return how many went} */
    public int end(Collection<Ip> ips) {
        List<TranslationKey> gone =
                map.entries().entrySet().stream()
                        .filter(e ->
                                ips.contains(e.getKey().source())
                                        || ips.contains(e.getValue().destination()))
                        .map(Map.Entry::getKey)
                        .toList();
        map.removeAll(gone);
        return gone.size();
    }

    /** {@return the key of the client's packets of the same connection} */
    private static TranslationKey forward(TranslationKey key, TranslationValue value) {
        return key.reverse()
                ? new TranslationKey(
                        /* source= */ value.destination(),
                        /* sourcePort= */ value.destinationPort(),
                        /* destination= */ value.source(),
                        /* destinationPort= */ value.sourcePort(),
                        key.protocol(),
                        false)
                : key;
    }
}
