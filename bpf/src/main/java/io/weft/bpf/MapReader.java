package io.weft.bpf;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Turns the variables of the ELF section {@code .maps} and the data sections into {@link MapSpec}s.
 *
 * <p>A map is declared as an anonymous struct whose member types carry the numbers: {@code int
 * (*max_entries)[1024]} is the number 1024, {@code struct key *key} a type, {@code typeof(inner)
 * *values[]} what is inside. This is the convention of libbpf's {@code __uint}, {@code __type} and
 * {@code __array}.
 */
final class MapReader {
    private static final String MAPS = ".maps";
    private static final int R_BPF_64_ABS64 = 2;

    private final Elf elf;
    private final Btf btf;
    private final SymbolNames names;
    private final Map<String, MapSpec> found = new LinkedHashMap<>();
    private final Map<Integer, String> byOffset = new LinkedHashMap<>();

    /** Names what a relocation points at. */
    interface SymbolNames {
        /** {@return name of the function that begins at that byte of that section} */
        String function(int section, long offset);
    }

    MapReader(Elf elf, Btf btf, SymbolNames names) {
        this.elf = elf;
        this.btf = btf;
        this.names = names;
    }

    /** {@return the maps of {@code .maps} in their order there, then the data sections} */
    Map<String, MapSpec> read() {
        elf.section(MAPS).ifPresent(this::declared);
        for (Elf.Section section : elf.sections()) {
            if (section.isData() && section.size() > 0 && isDataSection(section.name())) {
                found.put(section.name(), data(section));
            }
        }
        return found;
    }

    static boolean isDataSection(String name) {
        for (String prefix : List.of(".rodata", ".data", ".bss")) {
            if (name.equals(prefix) || name.startsWith(prefix + ".")) {
                return true;
            }
        }
        return false;
    }

    /** {@return the name of the map declared at {@code offset} of {@code .maps}} */
    Optional<String> mapAt(long offset) {
        return Optional.ofNullable(
                offset < 0 || offset > Integer.MAX_VALUE ? null : byOffset.get((int) offset));
    }

    private void declared(Elf.Section section) {
        int id =
                btf.sectionId(MAPS)
                        .orElseThrow(() ->
                                new ObjectFormatException(
                                        "section .maps has no BTF: compile with -g"));
        List<BtfType.SectionVariable> variables = ((BtfType.DataSection) btf.type(id)).variables();
        for (BtfType.SectionVariable v : variables) {
            String name = btf.type(v.type()).name();
            if (byOffset.putIfAbsent(v.offset(), name) != null) {
                throw new ObjectFormatException("two maps at one place: " + name);
            }
        }
        Map<Long, Elf.Relocation> relocations = new LinkedHashMap<>();
        elf.relocations(section).forEach(r -> relocations.put(r.offset(), r));
        for (BtfType.SectionVariable v : variables) {
            if (!(btf.type(v.type()) instanceof BtfType.Variable variable)) {
                throw new ObjectFormatException(".maps holds something that is no variable");
            }
            Declaration declaration = new Declaration(variable.name());
            int type = btf.resolve(variable.type());
            MapSpec spec = declaration.read(type, true);
            spec = spec.withInitial(initial(section, relocations, v, declaration));
            if (found.put(spec.name(), spec) != null) {
                throw new ObjectFormatException("two maps are called " + spec.name());
            }
        }
    }

    private SortedMap<Integer, String> initial(
            Elf.Section section,
            Map<Long, Elf.Relocation> relocations,
            BtfType.SectionVariable variable,
            Declaration declaration) {
        SortedMap<Integer, String> initial = new TreeMap<>();
        if (declaration.valuesOffset.isEmpty()) {
            return initial;
        }
        long from = (long) variable.offset() + declaration.valuesOffset.getAsInt();
        long end = (long) variable.offset() + variable.size();
        for (Elf.Relocation relocation : relocations.values()) {
            long at = relocation.offset();
            if (at < from || at >= Math.max(end, from) || (at - from) % 8 != 0) {
                continue;
            }
            if (relocation.type() != R_BPF_64_ABS64) {
                throw new ObjectFormatException(
                        "map " + declaration.name + ": relocation type " + relocation.type());
            }
            Elf.Symbol symbol = relocation.symbol();
            long offset = symbol.value() + section.content().i64(at);
            String target =
                    symbol.section() == section.index()
                            ? mapAt(offset)
                                    .orElseThrow(() ->
                                            new ObjectFormatException(
                                                    declaration.name
                                                            + " holds no map at "
                                                            + offset))
                            : names.function(symbol.section(), offset);
            initial.put((int) ((at - from) / 8), target);
        }
        return initial;
    }

    private final class Declaration {
        private final String name;
        private OptionalInt type = OptionalInt.empty();
        private OptionalInt keySize = OptionalInt.empty();
        private OptionalInt valueSize = OptionalInt.empty();
        private int maxEntries;
        private int flags;
        private int keyType;
        private int valueType;
        private boolean pinned;
        private Optional<MapSpec> inner = Optional.empty();
        private OptionalInt valuesOffset = OptionalInt.empty();

        Declaration(String name) {
            this.name = name;
        }

        private ObjectFormatException bad(String what) {
            return new ObjectFormatException("map " + name + ": " + what);
        }

        MapSpec read(int id, boolean outermost) {
            if (!(btf.type(id) instanceof BtfType.Struct struct)) {
                throw bad("not declared as a struct");
            }
            for (BtfType.Member member : struct.members()) {
                member(member, outermost);
            }
            MapType mapType = MapType.of(type.orElseThrow(() -> bad("no type")));
            if (mapType.isMapOfMaps() || mapType == MapType.PROG_ARRAY) {
                valueSize = OptionalInt.of(valueSize.orElse(4));
                keySize = OptionalInt.of(keySize.orElse(4));
            }
            if (mapType.isMapOfMaps() && outermost && inner.isEmpty()) {
                throw bad("a map of maps must declare what is inside (__array(values, ...))");
            }
            return new MapSpec(
                    name,
                    mapType,
                    keySize.orElse(0),
                    valueSize.orElse(0),
                    maxEntries,
                    flags,
                    pinned ? MapSpec.Pinning.BY_NAME : MapSpec.Pinning.NONE,
                    keyType,
                    valueType,
                    inner,
                    new TreeMap<>(),
                    Optional.empty(),
                    false);
        }

        private void member(BtfType.Member member, boolean outermost) {
            switch (member.name()) {
                case "type" -> type = OptionalInt.of(number(member));
                case "max_entries" -> maxEntries = number(member);
                case "map_flags" -> flags = number(member);
                case "key_size" -> keySize = same("key", keySize, number(member));
                case "value_size" -> valueSize = same("value", valueSize, number(member));
                case "key" -> {
                    keyType = pointee(member.type(), "key");
                    keySize = same("key", keySize, btf.size(keyType));
                }
                case "value" -> {
                    valueType = pointee(member.type(), "value");
                    valueSize = same("value", valueSize, btf.size(valueType));
                }
                case "pinning" -> {
                    int how = number(member);
                    if (how != 0 && how != 1) {
                        throw bad("pinning " + how + " is neither 0 (none) nor 1 (by name)");
                    }
                    pinned = how == 1;
                }
                case "values" -> values(member, outermost);
                default -> throw bad("member " + member.name() + " is not known here");
            }
        }

        private void values(BtfType.Member member, boolean outermost) {
            if (!outermost) {
                throw bad("a map inside a map cannot hold values");
            }
            if (!(btf.type(btf.resolve(member.type())) instanceof BtfType.Array array)) {
                throw bad("values is not an array");
            }
            int target = btf.resolve(pointee(array.element(), "values"));
            valuesOffset = OptionalInt.of(member.offset());
            switch (btf.type(target)) {
                case BtfType.Struct _ ->
                        inner = Optional.of(new Declaration(name + ".inner").read(target, false));
                case BtfType.Prototype _ -> {}
                case BtfType other ->
                        throw bad("values holds neither maps nor functions: " + other);
            }
        }

        private OptionalInt same(String what, OptionalInt before, int now) {
            if (before.isPresent() && before.getAsInt() != now) {
                throw bad("%s is %d and %d bytes".formatted(what, before.getAsInt(), now));
            }
            return OptionalInt.of(now);
        }

        private int pointee(int id, String what) {
            if (btf.type(btf.resolve(id)) instanceof BtfType.Pointer pointer) {
                return pointer.target();
            }
            throw bad(what + " is not a pointer");
        }

        /** {@code int (*name)[N]} says N. */
        private int number(BtfType.Member member) {
            int target = btf.resolve(pointee(member.type(), member.name()));
            if (btf.type(target) instanceof BtfType.Array array) {
                return array.count();
            }
            throw bad(member.name() + " is not declared with __uint");
        }
    }

    private MapSpec data(Elf.Section section) {
        if (section.size() > Integer.MAX_VALUE) {
            throw new ObjectFormatException(
                    "section " + section.name() + " has " + section.size() + " bytes");
        }
        if (!elf.relocations(section).isEmpty()) {
            throw new ObjectFormatException(
                    "section "
                            + section.name()
                            + " holds addresses ("
                            + elf.relocations(section).getFirst().symbol().name()
                            + "), which eBPF data cannot: use an index or a map");
        }
        boolean readOnly = section.name().startsWith(".rodata");
        Reader content = section.content();
        return new MapSpec(
                section.name(),
                MapType.ARRAY,
                4,
                (int) section.size(),
                1,
                readOnly ? MapSpec.READ_ONLY_PROGRAM : MapSpec.MMAPABLE,
                MapSpec.Pinning.NONE,
                0,
                btf.sectionId(section.name()).orElse(0),
                Optional.empty(),
                new TreeMap<>(),
                section.type() == Elf.SHT_NOBITS
                        ? Optional.empty()
                        : Optional.of(Bytes.copyOf(content.bytes(0, content.length()))),
                readOnly);
    }
}
