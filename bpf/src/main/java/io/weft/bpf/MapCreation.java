package io.weft.bpf;

import io.weft.kernel.Errno;
import io.weft.kernel.Fd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** MAP_CREATE. */
final class MapCreation {
    private MapCreation() {}

    /**
     * @param btf the loaded types that {@code spec} refers to
     */
    static BpfMap create(MapSpec spec, Optional<Fd> btf) {
        if (!spec.type().isMapOfMaps()) {
            return create(spec, btf, Optional.empty(), true);
        }
        MapSpec inner =
                spec.inner()
                        .orElseThrow(() ->
                                new ObjectFormatException(
                                        "map " + spec.name() + " has no inner map"));
        // only the shape counts: the kernel does not keep it
        try (BpfMap shape = create(inner, btf)) {
            return create(spec, btf, Optional.of(shape), true);
        }
    }

    /** As {@link #create}, without an explanation, which would try again and again. */
    static BpfMap createQuietly(MapSpec spec) {
        if (spec.inner().isEmpty()) {
            return create(spec, Optional.empty(), Optional.empty(), false);
        }
        try (BpfMap shape = createQuietly(spec.inner().get())) {
            return create(spec, Optional.empty(), Optional.of(shape), false);
        }
    }

    private static BpfMap create(
            MapSpec spec, Optional<Fd> btf, Optional<BpfMap> inner, boolean explain) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = Bpf.attr(arena, 72);
            Bpf.put(attr, 0, spec.type().code());
            Bpf.put(attr, 4, spec.keySize());
            Bpf.put(attr, 8, spec.valueSize());
            Bpf.put(attr, 12, spec.maxEntries());
            Bpf.put(attr, 16, spec.flags());
            inner.ifPresent(map -> Bpf.put(attr, 20, map.fd().number()));
            Bpf.putName(attr, 28, spec.name());
            boolean typed = btf.isPresent() && hasTypes(spec);
            if (typed) {
                putTypes(attr, btf.orElseThrow().number(), spec.keyType(), spec.valueType());
            }
            long result = Bpf.call(Bpf.MAP_CREATE, attr);
            if (typed && result == -Errno.EINVAL) {
                // the kernel wants no types here, such as an enum as the key of an array
                putTypes(attr, 0, 0, 0);
                result = Bpf.call(Bpf.MAP_CREATE, attr);
            }
            if (result < 0) {
                throw new BpfSyscallException(
                        "create map " + spec.shape(),
                        (int) -result,
                        explain ? Explain.mapCreation(spec, (int) -result) : "");
            }
            return new BpfMap(Fd.own((int) result, "map " + spec.name()), spec.name());
        }
    }

    private static void putTypes(MemorySegment attr, int btf, int key, int value) {
        Bpf.put(attr, 48, btf);
        Bpf.put(attr, 52, key);
        Bpf.put(attr, 56, value);
    }

    private static boolean hasTypes(MapSpec spec) {
        boolean dataSection = MapReader.isDataSection(spec.name());
        return spec.valueType() != 0
                && (spec.keyType() != 0 || dataSection)
                && switch (spec.type()) {
                    case HASH,
                            ARRAY,
                            PERCPU_HASH,
                            PERCPU_ARRAY,
                            LRU_HASH,
                            LRU_PERCPU_HASH,
                            LPM_TRIE ->
                            true;
                    default -> false;
                };
    }
}
