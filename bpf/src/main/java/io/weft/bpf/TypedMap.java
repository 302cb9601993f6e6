package io.weft.bpf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * A {@link BpfMap} with Java types. It owns nothing: the map stays open until its owner closes it.
 * For per-CPU maps take {@link Codec#perCpu}; the key of an LPM trie is its prefix length in bits
 * ({@code __u32}, host order) followed by the data, most significant byte first.
 */
public final class TypedMap<K, V> {
    private final BpfMap map;
    private final Codec<K> keys;
    private final Codec<V> values;

    TypedMap(BpfMap map, Codec<K> keys, Codec<V> values) {
        if (keys.size() != map.keySize() || values.size() != map.valueBytes()) {
            throw new IncompatibleMapException(
                    "map %s has keys of %d and values of %d bytes; the codecs have %d and %d"
                            .formatted(
                                    map.name(),
                                    map.keySize(),
                                    map.valueBytes(),
                                    keys.size(),
                                    values.size()));
        }
        this.map = map;
        this.keys = keys;
        this.values = values;
    }

    /** {@return the map underneath} */
    public BpfMap map() {
        return map;
    }

    private MemorySegment encode(Arena arena, K key) {
        MemorySegment segment = arena.allocate(keys.size(), 8);
        keys.write(segment, key);
        return segment;
    }

    public Optional<V> get(K key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(values.size(), 8);
            return map.lookup(encode(arena, key), value)
                    ? Optional.of(values.read(value))
                    : Optional.empty();
        }
    }

    /** Creates or replaces. */
    public void put(K key, V value) {
        put(key, value, UpdateMode.ANY);
    }

    public void put(K key, V value, UpdateMode mode) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(values.size(), 8);
            values.write(segment, value);
            map.update(encode(arena, key), segment, mode);
        }
    }

    /** {@return whether it was there} */
    public boolean remove(K key) {
        try (Arena arena = Arena.ofConfined()) {
            return map.delete(encode(arena, key));
        }
    }

    /** Removes and reads in one step; see {@link BpfMap#lookupAndDelete(byte[])}. */
    public Optional<V> take(K key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(values.size(), 8);
            return map.lookupAndDelete(encode(arena, key), value)
                    ? Optional.of(values.read(value))
                    : Optional.empty();
        }
    }

    /** Writes all, in one batch; see {@link MapBatch#update}. */
    public void putAll(Map<K, V> elements) {
        putAll(elements, UpdateMode.ANY);
    }

    /** Writes all, in one batch; see {@link MapBatch#update}. */
    public void putAll(Map<K, V> elements, UpdateMode mode) {
        try (Arena arena = Arena.ofConfined()) {
            int count = elements.size();
            MemorySegment k = arena.allocate(Math.max(1L, (long) count * keys.size()), 8);
            MemorySegment v = arena.allocate(Math.max(1L, (long) count * values.size()), 8);
            int i = 0;
            for (Map.Entry<K, V> element : elements.entrySet()) {
                keys.write(k.asSlice((long) i * keys.size(), keys.size()), element.getKey());
                values.write(
                        v.asSlice((long) i * values.size(), values.size()), element.getValue());
                i++;
            }
            map.batch().update(k, v, count, mode);
        }
    }

    /** Removes all, in one batch. {@return how many were there} */
    public int removeAll(Collection<K> gone) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment k = arena.allocate(Math.max(1L, (long) gone.size() * keys.size()), 8);
            int i = 0;
            for (K key : gone) {
                keys.write(k.asSlice((long) i * keys.size(), keys.size()), key);
                i++;
            }
            return map.batch().delete(k, i);
        }
    }

    /** Visits all elements; see {@link MapBatch#forEach} for what concurrent changes do. */
    public void forEach(BiConsumer<K, V> visitor) {
        map.batch().forEach((k, v) -> visitor.accept(keys.read(k), values.read(v)));
    }

    /** {@return all elements, as read} */
    public Map<K, V> entries() {
        Map<K, V> entries = new LinkedHashMap<>();
        forEach(entries::put);
        return entries;
    }

    /** Removes all elements. {@return them with their last values} */
    public Map<K, V> drain() {
        Map<K, V> entries = new LinkedHashMap<>();
        map.batch().drain((k, v) -> entries.put(keys.read(k), values.read(v)));
        return entries;
    }
}
