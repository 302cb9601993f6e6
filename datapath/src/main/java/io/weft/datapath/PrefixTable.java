package io.weft.datapath;

import io.weft.model.Ip;
import io.weft.model.MapDiff;
import io.weft.tables.PrefixKey;
import io.weft.tables.Tables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Identities as the kernel holds them, at the revision in force. Not for several threads. */
final class PrefixTable {
    /** Stands for no entry. */
    static final int NONE = 0;

    /** Of a whole address, whatever its family. */
    static final int ADDRESS_BITS = 128;

    private final Map<PrefixKey, Integer> entries = new HashMap<>();
    private final int[] countOfLength = new int[129];
    private final Map<Integer, Integer> countOfIdentity = new HashMap<>();

    int size() {
        return entries.size();
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
        Set<PrefixKey> keys = new LinkedHashSet<>();
        next.podIdentities().keySet().forEach(ip -> keys.add(PrefixKey.of(ip)));
        next.blockIdentities().keySet().forEach(block -> keys.add(PrefixKey.of(block)));
        keys.addAll(entries.keySet());
        return changes(keys, next);
    }

    /**
     * {@return the same, in the time that the difference takes}
     *
     * @param last whose entries these are
     */
    List<Change<PrefixKey, Integer>> changesTo(Tables next, Tables last) {
        Set<PrefixKey> keys = new LinkedHashSet<>();
        MapDiff.between(
                last.podIdentities(),
                next.podIdentities(),
                (ip, before, after) -> keys.add(PrefixKey.of(ip)));
        MapDiff.between(
                last.blockIdentities(),
                next.blockIdentities(),
                (block, before, after) -> keys.add(PrefixKey.of(block)));
        return changes(keys, next);
    }

    private List<Change<PrefixKey, Integer>> changes(Set<PrefixKey> keys, Tables next) {
        List<Change<PrefixKey, Integer>> changes = new ArrayList<>();
        for (PrefixKey key : keys) {
            Integer there = entries.get(key);
            Integer wanted = exact(next, key);
            if (there == null && wanted != null) {
                changes.add(new Change<>(key, longest(key), wanted, Change.Kind.ADDED));
            } else if (there != null && wanted == null) {
                changes.add(new Change<>(key, there, longest(next, key), Change.Kind.REMOVED));
            } else if (there != null && wanted != null && !there.equals(wanted)) {
                changes.add(new Change<>(key, there, wanted, Change.Kind.CHANGED));
            }
        }
        return changes;
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
