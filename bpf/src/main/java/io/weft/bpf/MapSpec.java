package io.weft.bpf;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A map to be made.
 *
 * @param name as in the C source; the kernel keeps its first 15 bytes
 * @param keySize in bytes
 * @param valueSize in bytes, of one CPU for per-CPU maps
 * @param maxEntries for a ring buffer its size in bytes
 * @param flags {@code BPF_F_*}, such as {@link #NO_PREALLOC}
 * @param pinning whether the object asks for it to outlive the process
 * @param keyType BTF id; 0 when unknown
 * @param valueType BTF id; 0 when unknown
 * @param inner shape of the maps inside, of a map of maps only
 * @param initial slot -> name of the map or program that it holds from the start
 * @param contents of the only value, of a data section only; empty means zeroes
 * @param frozen whether user space may not write once it is loaded
 */
public record MapSpec(
        String name,
        MapType type,
        int keySize,
        int valueSize,
        int maxEntries,
        int flags,
        Pinning pinning,
        int keyType,
        int valueType,
        Optional<MapSpec> inner,
        SortedMap<Integer, String> initial,
        Optional<Bytes> contents,
        boolean frozen) {
    /** Memory of entries is taken when they come; LPM tries need it. */
    public static final int NO_PREALLOC = 1;

    /** Programs may only read. */
    public static final int READ_ONLY_PROGRAM = 1 << 7;

    /** An array that {@link BpfMap#map} can share with this process. */
    public static final int MMAPABLE = 1 << 10;

    /** How the object wants a map to be pinned. */
    public enum Pinning {
        NONE,
        BY_NAME
    }

    public MapSpec {
        initial = Collections.unmodifiableSortedMap(new TreeMap<>(initial));
    }

    /** {@return a plain map without BTF, not pinned} */
    public static MapSpec of(
            String name, MapType type, int keySize, int valueSize, int maxEntries, int flags) {
        return new MapSpec(
                name,
                type,
                keySize,
                valueSize,
                maxEntries,
                flags,
                Pinning.NONE,
                0,
                0,
                Optional.empty(),
                new TreeMap<>(),
                Optional.empty(),
                false);
    }

    public MapSpec withMaxEntries(int entries) {
        return new MapSpec(
                name, type, keySize, valueSize, entries, flags, pinning, keyType, valueType, inner,
                initial, contents, frozen);
    }

    public MapSpec withFlags(int newFlags) {
        return new MapSpec(
                name,
                type,
                keySize,
                valueSize,
                maxEntries,
                newFlags,
                pinning,
                keyType,
                valueType,
                inner,
                initial,
                contents,
                frozen);
    }

    public MapSpec withPinning(Pinning newPinning) {
        return new MapSpec(
                name,
                type,
                keySize,
                valueSize,
                maxEntries,
                flags,
                newPinning,
                keyType,
                valueType,
                inner,
                initial,
                contents,
                frozen);
    }

    public MapSpec withInner(MapSpec newInner) {
        return new MapSpec(
                name,
                type,
                keySize,
                valueSize,
                maxEntries,
                flags,
                pinning,
                keyType,
                valueType,
                Optional.of(newInner),
                initial,
                contents,
                frozen);
    }

    MapSpec withContents(Bytes bytes) {
        return new MapSpec(
                name,
                type,
                keySize,
                valueSize,
                maxEntries,
                flags,
                pinning,
                keyType,
                valueType,
                inner,
                initial,
                Optional.of(bytes),
                frozen);
    }

    MapSpec withInitial(SortedMap<Integer, String> newInitial) {
        return new MapSpec(
                name,
                type,
                keySize,
                valueSize,
                maxEntries,
                flags,
                pinning,
                keyType,
                valueType,
                inner,
                newInitial,
                contents,
                frozen);
    }

    /** {@return {@code weft_ct: LRU_HASH, key 40, value 88, 262144 entries, flags 0x0}} */
    public String shape() {
        return "%s: %s, key %d, value %d, %d entries, flags 0x%x"
                .formatted(name, type, keySize, valueSize, maxEntries, flags);
    }
}
