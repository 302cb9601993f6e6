package io.weft.bpf;

import io.weft.kernel.Errno;
import io.weft.kernel.Fd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes an {@link ObjectSpec} real: types, maps, content, programs, in that order. */
final class Loader implements AutoCloseable {
    private final ObjectSpec spec;
    private final LoadOptions options;
    private final Optional<Fd> btf;
    private final Map<String, BpfMap> maps = new LinkedHashMap<>();
    private final Map<String, BpfProgram> programs = new LinkedHashMap<>();
    private final Set<String> existing = new HashSet<>(); // pinned before, or given

    private final List<Path> newPins = new ArrayList<>();

    private Loader(ObjectSpec spec, LoadOptions options) {
        this.spec = spec;
        this.options = options;
        this.btf = spec.btf().isEmpty() ? Optional.empty() : Optional.of(loadTypes(spec.btf()));
    }

    static LoadedObject load(ObjectSpec spec, LoadOptions options) {
        try (Loader loader = new Loader(spec, options)) {
            try {
                return loader.load();
            } catch (RuntimeException e) {
                loader.programs.values().forEach(BpfProgram::close);
                loader.maps.values().forEach(BpfMap::close);
                loader.newPins.forEach(BpfFs::unpin);
                throw e;
            }
        }
    }

    private LoadedObject load() {
        for (String name : options.replacements().keySet()) {
            boolean used =
                    spec.maps().containsKey(name)
                            || spec.programs().values().stream()
                                    .flatMap(p -> p.references().stream())
                                    .anyMatch(r -> r.map().equals(name));
            if (!used) {
                throw new ObjectFormatException(
                        "a map " + name + " is given, but the object has none of that name");
            }
        }
        options.replacements().forEach(this::given);
        spec.maps().values().forEach(this::map);
        spec.maps().values().forEach(this::innerMaps);
        ProgramLoader loader = new ProgramLoader(spec, maps, btf, options);
        for (ProgramSpec program : spec.programs().values()) {
            programs.put(program.name(), loader.load(program));
        }
        spec.maps().values().forEach(this::tailCalls);
        return new LoadedObject(maps, programs);
    }

    private void given(String name, BpfMap map) {
        if (spec.maps().containsKey(name)) {
            require(spec.map(name), map, "given");
        }
        maps.put(name, map.duplicate());
        existing.add(name);
    }

    private static void require(MapSpec wanted, BpfMap there, String what) {
        if (!there.info().matches(wanted)) {
            throw new IncompatibleMapException(
                    "the %s map differs from the object's.\n  wanted: %s\n  %s: %s"
                            .formatted(what, wanted.shape(), what, there.info().shape()));
        }
    }

    private void map(MapSpec map) {
        if (maps.containsKey(map.name())) {
            return;
        }
        if (map.pinning() == MapSpec.Pinning.NONE) {
            maps.put(map.name(), MapCreation.create(map, btf));
            content(map);
            return;
        }
        Path directory =
                options.pinDirectory()
                        .orElseThrow(() ->
                                new ObjectFormatException(
                                        "map "
                                                + map.name()
                                                + " wants to be pinned: give LoadOptions a"
                                                + " pin directory, or edit its pinning"));
        pinned(map, directory);
    }

    private void pinned(MapSpec map, Path directory) {
        Path path = directory.resolve(map.name());
        if (Files.exists(path)) {
            BpfMap there = BpfMap.openPinned(path);
            maps.put(map.name(), there);
            existing.add(map.name());
            require(map, there, "pinned at " + path);
            return;
        }
        maps.put(map.name(), MapCreation.create(map, btf));
        content(map);
        BpfFs.makeDirectory(directory);
        get(map.name()).pin(path);
        newPins.add(path);
    }

    private void content(MapSpec map) {
        BpfMap made = get(map.name());
        map.contents().ifPresent(c -> made.update(new byte[4], c.toArray(), UpdateMode.ANY));
        if (map.frozen()) {
            made.freeze();
        }
    }

    private BpfMap get(String name) {
        return Optional.ofNullable(maps.get(name))
                .orElseThrow(() -> new ObjectFormatException("map " + name + " is left out"));
    }

    private void innerMaps(MapSpec map) {
        if (map.type().isMapOfMaps() && !existing.contains(map.name())) {
            map.initial().forEach((slot, inner) -> get(map.name()).updateFd(slot, get(inner).fd()));
        }
    }

    private void tailCalls(MapSpec map) {
        if (map.type() == MapType.PROG_ARRAY) {
            map.initial()
                    .forEach((slot, name) -> {
                        BpfProgram program = programs.get(name);
                        if (program == null) {
                            throw new ObjectFormatException(
                                    "map %s wants program %s, which is no program"
                                            .formatted(map.name(), name));
                        }
                        get(map.name()).setProgram(slot, program);
                    });
        }
    }

    private static Fd loadTypes(Btf btf) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(btf.bytes().length(), 8);
            bytes.copyFrom(btf.bytes().segment());
            MemorySegment attr = Bpf.attr(arena, 28);
            Bpf.put(attr, 0, bytes);
            Bpf.put(attr, 16, btf.bytes().length());
            long result = Bpf.call(Bpf.BTF_LOAD, attr);
            if (result >= 0) {
                return Fd.own((int) result, "BTF");
            }
            int errno = (int) -result;
            String log = errno == Errno.EPERM ? "" : VerifierLog.of(Bpf.BTF_LOAD, attr, 8, 20, 24);
            throw new BpfSyscallException(
                    "load BTF",
                    errno,
                    log.isEmpty() ? Explain.errno(errno) : VerifierLog.tail(log, 3));
        }
    }

    @Override
    public void close() {
        btf.ifPresent(Fd::close);
    }
}
