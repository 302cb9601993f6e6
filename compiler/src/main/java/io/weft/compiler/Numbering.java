package io.weft.compiler;

import io.weft.model.PersistentMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Numbers for keys. A key keeps its number while it is used; no number is given twice, so whoever
 * holds an old number never finds another key behind it.
 */
final class Numbering<K> {
    private record Slot(int id, int uses) {}

    private PersistentMap<K, Slot> slots = PersistentMap.empty();
    private PersistentMap<Integer, K> byId = PersistentMap.empty();
    private PersistentMap<Integer, K> unused = PersistentMap.empty();
    private final int keep;
    private final int first;
    private int next;

    /**
     * @param first number to give
     * @param keep how many keys that nobody uses may keep their number
     */
    Numbering(int first, int keep) {
        this.keep = keep;
        this.first = first;
        this.next = first;
    }

    private Numbering(Numbering<K> from) {
        slots = from.slots;
        byId = from.byId;
        unused = from.unused;
        keep = from.keep;
        first = from.next;
        next = from.next;
    }

    /** {@return the same numbers, as the start of a step} */
    Numbering<K> copy() {
        return new Numbering<>(this);
    }

    /** {@return the key's number, which it keeps until as many releases} */
    int acquire(K key) {
        Slot slot = slots.get(key);
        if (slot == null) {
            slot = new Slot(next, 0);
            byId = byId.with(next, key);
            next = Math.incrementExact(next);
        }
        if (slot.uses == 0) {
            unused = unused.without(slot.id);
        }
        slots = slots.with(key, new Slot(slot.id, slot.uses + 1));
        return slot.id;
    }

    void release(K key) {
        Slot slot = slot(key);
        if (slot.uses == 1) {
            unused = unused.with(slot.id, key);
        }
        slots = slots.with(key, new Slot(slot.id, slot.uses - 1));
    }

    int id(K key) {
        return slot(key).id;
    }

    private Slot slot(K key) {
        Slot slot = slots.get(key);
        if (slot == null) {
            throw new IllegalStateException("no number was given to " + key);
        }
        return slot;
    }

    PersistentMap<Integer, K> byId() {
        return byId;
    }

    /** Ends a step: forgets the oldest keys that nobody uses, and returns them by number. */
    NavigableMap<Integer, K> settle() {
        NavigableMap<Integer, K> forgotten = new TreeMap<>();
        if (unused.size() > keep) {
            NavigableMap<Integer, K> oldestFirst = new TreeMap<>(unused);
            for (Map.Entry<Integer, K> entry : oldestFirst.entrySet()) {
                if (unused.size() <= keep / 2) {
                    break;
                }
                forgotten.put(entry.getKey(), entry.getValue());
                unused = unused.without(entry.getKey());
                byId = byId.without(entry.getKey());
                slots = slots.without(entry.getValue());
            }
        }
        return forgotten;
    }

    /** {@return keys that this step numbered and that are still there, by number} */
    NavigableMap<Integer, K> born() {
        NavigableMap<Integer, K> born = new TreeMap<>();
        for (int id = first; id < next; id++) {
            K key = byId.get(id);
            if (key != null) {
                born.put(id, key);
            }
        }
        return born;
    }
}
