package io.weft.bpf;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * An eBPF object file as a blueprint: programs, maps, types. It is the same on every machine and
 * takes no privilege to read; {@link #load} makes it real. Edits return changed copies.
 */
public final class ObjectSpec {
    private final String license;
    private final Map<String, ProgramSpec> programs;
    private final Map<String, MapSpec> maps;
    private final Btf btf;

    ObjectSpec(
            String license, Map<String, ProgramSpec> programs, Map<String, MapSpec> maps, Btf btf) {
        this.license = license;
        this.programs = Collections.unmodifiableMap(new LinkedHashMap<>(programs));
        this.maps = Collections.unmodifiableMap(new LinkedHashMap<>(maps));
        this.btf = btf;
    }

    /**
     * Reads what {@code clang -O2 -g -target bpf -c} wrote.
     *
     * @throws ObjectFormatException when it is something else, or needs what is not supported
     */
    public static ObjectSpec read(byte[] elf) {
        return ObjectReader.read(elf);
    }

    /** As {@link #read(byte[])}. */
    public static ObjectSpec read(Path file) {
        try {
            return read(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException("read " + file, e);
        }
    }

    /** As {@link #read(byte[])}; the caller closes the stream. */
    public static ObjectSpec read(InputStream in) {
        try {
            return read(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("read an eBPF object", e);
        }
    }

    /**
     * {@return content of the section {@code license}: GPL-compatible ones may call more helpers}
     */
    public String license() {
        return license;
    }

    public Map<String, ProgramSpec> programs() {
        return programs;
    }

    /** {@return all maps, data sections included: {@code .rodata}, {@code .data}, {@code .bss}} */
    public Map<String, MapSpec> maps() {
        return maps;
    }

    public Btf btf() {
        return btf;
    }

    /**
     * {@return the program {@code name}}
     *
     * @throws ObjectFormatException when there is no such program
     */
    public ProgramSpec program(String name) {
        return required(programs, name, "program");
    }

    /**
     * {@return the map {@code name}}
     *
     * @throws ObjectFormatException when there is no such map
     */
    public MapSpec map(String name) {
        return required(maps, name, "map");
    }

    private static <T> T required(Map<String, T> in, String name, String what) {
        return Optional.ofNullable(in.get(name))
                .orElseThrow(() ->
                        new ObjectFormatException(
                                "no %s is called %s; there are %s"
                                        .formatted(what, name, in.keySet())));
    }

    public ObjectSpec withMaxEntries(String map, int entries) {
        return withMap(map, m -> m.withMaxEntries(entries));
    }

    public ObjectSpec withMapFlags(String map, int flags) {
        return withMap(map, m -> m.withFlags(flags));
    }

    public ObjectSpec withPinning(String map, MapSpec.Pinning pinning) {
        return withMap(map, m -> m.withPinning(pinning));
    }

    /** Changes what is inside a map of maps: its shape must fit what is put there later. */
    public ObjectSpec withInner(String map, MapSpec inner) {
        return withMap(map, m -> m.withInner(inner));
    }

    /** Leaves maps out. Loading a program that uses one of them fails, unless it is given. */
    public ObjectSpec withoutMaps(String... names) {
        Map<String, MapSpec> changed = new LinkedHashMap<>(maps);
        for (String name : names) {
            changed.remove(map(name).name());
        }
        return new ObjectSpec(license, programs, changed, btf);
    }

    /** Leaves programs out, also where a program array holds them from the start. */
    public ObjectSpec withoutPrograms(String... names) {
        Map<String, ProgramSpec> changed = new LinkedHashMap<>(programs);
        for (String name : names) {
            changed.remove(program(name).name());
        }
        Map<String, MapSpec> changedMaps = new LinkedHashMap<>(maps);
        changedMaps.replaceAll((n, map) -> {
            if (map.type() != MapType.PROG_ARRAY) {
                return map;
            }
            java.util.TreeMap<Integer, String> initial = new java.util.TreeMap<>(map.initial());
            initial.values().removeIf(p -> !changed.containsKey(p));
            return map.withInitial(initial);
        });
        return new ObjectSpec(license, changed, changedMaps, btf);
    }

    /** Says what a program is when its section does not. */
    public ObjectSpec withProgramType(
            String program, ProgramType type, Optional<AttachType> attachType) {
        Map<String, ProgramSpec> changed = new LinkedHashMap<>(programs);
        changed.put(program, program(program).withType(type, attachType));
        return new ObjectSpec(license, changed, maps, btf);
    }

    /**
     * Sets a constant of {@code .rodata}, before it is frozen.
     *
     * @param variable name in the C source, where it is {@code const volatile}
     * @param value must fit the variable, signed or unsigned
     */
    public ObjectSpec withRodata(String variable, long value) {
        int size = rodata(variable).field().size();
        if (size != 1 && size != 2 && size != 4 && size != 8) {
            throw new ObjectFormatException(
                    "%s has %d bytes: it is no number".formatted(variable, size));
        }
        int spare = 64 - size * 8;
        if (value << spare >> spare != value && value << spare >>> spare != value) {
            throw new ObjectFormatException(
                    "%d does not fit %s, which has %d bytes".formatted(value, variable, size));
        }
        byte[] bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
        return withRodata(variable, Arrays.copyOf(bytes, size));
    }

    /** As {@link #withRodata(String, long)}, for any type; {@code value} has its exact size. */
    public ObjectSpec withRodata(String variable, byte[] value) {
        Constant constant = rodata(variable);
        if (constant.field().size() != value.length) {
            throw new ObjectFormatException(
                    "%s has %d bytes, not %d"
                            .formatted(variable, constant.field().size(), value.length));
        }
        return withMap(
                constant.section(),
                m ->
                        m.withContents(
                                m.contents()
                                        .orElseGet(() -> Bytes.zeroes(m.valueSize()))
                                        .with(constant.field().offset(), value)));
    }

    private record Constant(String section, Btf.Field field) {}

    private Constant rodata(String variable) {
        for (MapSpec map : maps.values()) {
            if (map.name().startsWith(".rodata")) {
                Btf.Field field = btf.variables(map.name()).get(variable);
                if (field != null
                        && field.offset() >= 0
                        && field.offset() <= map.valueSize() - field.size()) {
                    return new Constant(map.name(), field);
                }
            }
        }
        throw new ObjectFormatException(
                "no constant is called "
                        + variable
                        + "; .rodata has "
                        + btf.variables(".rodata").keySet());
    }

    private ObjectSpec withMap(String name, UnaryOperator<MapSpec> edit) {
        Map<String, MapSpec> changed = new LinkedHashMap<>(maps);
        changed.put(name, edit.apply(map(name)));
        return new ObjectSpec(license, programs, changed, btf);
    }

    /** Makes the maps and loads the programs, with default options. */
    public LoadedObject load() {
        return load(LoadOptions.DEFAULT);
    }

    /**
     * Makes the maps and loads the programs: all of them or none.
     *
     * @throws VerifierException when the verifier rejects a program
     * @throws IncompatibleMapException when a pinned or given map differs from its spec
     * @throws BpfSyscallException when the kernel refuses for another reason, which is explained
     */
    public LoadedObject load(LoadOptions options) {
        return Loader.load(this, options);
    }
}
