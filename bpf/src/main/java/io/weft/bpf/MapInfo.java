package io.weft.bpf;

import io.weft.kernel.Fd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What the kernel says about a map: {@code struct bpf_map_info}.
 *
 * @param name at most 15 bytes of the name that it was made with
 * @param valueSize bytes, of one CPU for per-CPU maps
 */
public record MapInfo(
        int id, String name, MapType type, int keySize, int valueSize, int maxEntries, int flags) {
    static MapInfo of(Fd fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = Bpf.info(arena, fd, 88);
            return new MapInfo(
                    Bpf.getInt(info, 4),
                    Bpf.name(info, 24),
                    MapType.of(Bpf.getInt(info, 0)),
                    Bpf.getInt(info, 8),
                    Bpf.getInt(info, 12),
                    Bpf.getInt(info, 16),
                    Bpf.getInt(info, 20));
        }
    }

    /** {@return {@code LRU_HASH, key 40, value 88, 262144 entries, flags 0x0 (id 7)}} */
    public String shape() {
        return "%s: %s, key %d, value %d, %d entries, flags 0x%x (id %d)"
                .formatted(name, type, keySize, valueSize, maxEntries, flags, id);
    }

    boolean matches(MapSpec spec) {
        return type == spec.type()
                && keySize == spec.keySize()
                && valueSize == spec.valueSize()
                && maxEntries == spec.maxEntries()
                && flags == spec.flags();
    }
}
