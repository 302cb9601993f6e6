package io.weft.datapath;

import io.weft.model.Ip;
import io.weft.tables.PrefixKey;
import io.weft.tables.Tables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Identities as the kernel holds them, at the revision in force. Not for several threads. */
final class PrefixTable {
    /** Stands for no entry. */
    static final int NONE = 0;

    private final Map<PrefixKey, Integer> entries = new HashMap<>();
    private final int[] countOfLength = new int[129];
    private final Map<Integer, Integer> countOfIdentity = new HashMap<>();

    int size() {
        return entries.size();
    }

    Map<PrefixKey, Integer> entries() {
        return entries;
    }

    void put(PrefixKey key, int identity) {
        Integer before = entries.put(key, identity);
        if (before == null) {
            countOfLength[key.bits()]++;
        } else {
            release(before);
        }
        countOfIdentity.merge(identity, 1, Integer::sum);
    }

    private void release(int identity) {
        countOfIdentity.computeIfPresent(identity, (id, count) -> count == 1 ? null : count - 1);
    }

    /** {@return how many prefixes have this identity} */
    int uses(int identity) {
        return countOfIdentity.getOrDefault(identity, 0);
    }

    void remove(PrefixKey key) {
        Integer before = entries.remove(key);
        if (before != null) {
            countOfLength[key.bits()]--;
            release(before);
        }
    }

    /** {@return the identity of the longest entry that holds all of {@code key}, or NONE} */
    int longest(PrefixKey key) {
        for (int bits = key.bits(); bits >= 0; bits--) {
            if (countOfLength[bits] > 0) {
                Integer identity = entries.get(shortened(key, bits));
                if (identity != null) {
                    return identity;
                }
            }
        }
        return NONE;
    }

    /** {@return the first {@code bits} of the key, of all 128 whatever the family} */
    static PrefixKey shortened(PrefixKey key, int bits) {
        long high = bits >= 64 ? -1L : bits == 0 ? 0 : -1L << (64 - bits);
        long low = bits >= 128 ? -1L : bits <= 64 ? 0 : -1L << (128 - bits);
        return new PrefixKey(bits, new Ip(key.ip().high() & high, key.ip().low() & low));
    }

    /** {@return what makes these entries those of {@code next}} */
    List<Change<PrefixKey, Integer>> changesTo(Tables next) {
        List<Change<PrefixKey, Integer>> changes = new ArrayList<>();
        next.podIdentities().forEach((ip, identity) -> wanted(PrefixKey.of(ip), identity, changes));
        next.blockIdentities()
                .forEach((block, identity) -> {
                    PrefixKey key = PrefixKey.of(block);
                    if (key.bits() < 128 || !next.podIdentities().containsKey(key.ip())) {
                        wanted(key, identity, changes);
                    }
                });
        for (Map.Entry<PrefixKey, Integer> entry : entries.entrySet()) {
            if (exact(next, entry.getKey()) == null) {
                changes.add(
                        new Change<>(
                                entry.getKey(),
                                entry.getValue(),
                                longest(next, entry.getKey()),
                                Change.Kind.REMOVED));
            }
        }
        return changes;
    }

    private void wanted(PrefixKey key, int identity, List<Change<PrefixKey, Integer>> changes) {
        Integer there = entries.get(key);
        if (there == null) {
            changes.add(new Change<>(key, longest(key), identity, Change.Kind.ADDED));
        } else if (there != identity) {
            changes.add(new Change<>(key, there, identity, Change.Kind.CHANGED));
        }
    }

    private static @Nullable Integer exact(Tables tables, PrefixKey key) {
        Integer pod = key.bits() == 128 ? tables.podIdentities().get(key.ip()) : null;
        return pod != null ? pod : tables.blockIdentities().get(key.prefix());
    }

    private static int longest(Tables tables, PrefixKey key) {
        for (int bits = key.bits() - 1; bits >= 0; bits--) {
            Integer identity = tables.blockIdentities().get(shortened(key, bits).prefix());
            if (identity != null) {
                return identity;
            }
        }
        return NONE;
    }
}
