package io.weft.bpf;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Cuts executable sections into functions, and links each program: the functions that it reaches by
 * call or as callbacks are appended once, calls point at them, and what needs a map is listed.
 *
 * <p>A global function outside {@code .text} is a program; all others are functions to be called.
 */
final class ProgramReader {
    private static final String TEXT = ".text";
    private static final int MAX_SLOTS = 1 << 20; // kernel: BPF_COMPLEXITY_LIMIT_INSNS is 1e6

    /** A function as it lies in its section; {@code start} and {@code length} in slots. */
    private record Part(String name, Elf.Section section, int start, int length, boolean program) {}

    private record Place(int section, int slot) {}

    private final Elf elf;
    private final Btf btf;
    private final BtfExt ext;
    private final Map<Place, Part> parts = new LinkedHashMap<>();
    private final Map<Integer, Map<Long, Elf.Relocation>> relocations = new HashMap<>();

    ProgramReader(Elf elf, Btf btf, BtfExt ext) {
        this.elf = elf;
        this.btf = btf;
        this.ext = ext;
        for (Elf.Section section : elf.sections()) {
            if (section.isExecutable() && section.size() > 0) {
                if (section.size() % Instruction.SIZE != 0) {
                    throw new ObjectFormatException(
                            "section " + section.name() + " is no whole number of instructions");
                }
                cut(section);
                Map<Long, Elf.Relocation> here = new HashMap<>();
                elf.relocations(section).forEach(r -> here.put(r.offset(), r));
                relocations.put(section.index(), here);
            }
        }
    }

    private void cut(Elf.Section section) {
        List<Elf.Symbol> symbols =
                elf.symbols().stream()
                        .filter(s -> s.type() == Elf.STT_FUNC && s.section() == section.index())
                        .sorted(Comparator.comparingLong(Elf.Symbol::value))
                        .toList();
        long end = 0;
        for (Elf.Symbol symbol : symbols) {
            long from = symbol.value();
            long size = symbol.size();
            if (from < end || size <= 0 || size > section.size() - from || (from | size) % 8 != 0) {
                throw new ObjectFormatException(
                        "function %s in section %s: %d bytes at %d"
                                .formatted(symbol.name(), section.name(), size, from));
            }
            end = from + size;
            int slot = (int) (from / Instruction.SIZE);
            boolean program = !section.name().equals(TEXT) && symbol.binding() != Elf.STB_LOCAL;
            parts.put(
                    new Place(section.index(), slot),
                    new Part(
                            symbol.name(),
                            section,
                            slot,
                            (int) (size / Instruction.SIZE),
                            program));
        }
    }

    /** {@return the name of the function at byte {@code offset} of section {@code index}} */
    String functionAt(int index, long offset) {
        return partAt(index, offset / Instruction.SIZE, "an initialiser").name();
    }

    private Part partAt(int section, long slot, String user) {
        Part part =
                slot < 0 || slot > Integer.MAX_VALUE
                        ? null
                        : parts.get(new Place(section, (int) slot));
        if (part == null) {
            throw new ObjectFormatException(
                    "%s refers to slot %d of section %s, where no function begins"
                            .formatted(user, slot, sectionName(section)));
        }
        return part;
    }

    private String sectionName(int index) {
        return index < elf.sections().size() ? elf.sections().get(index).name() : "#" + index;
    }

    Map<String, ProgramSpec> read(MapReader maps) {
        Map<String, ProgramSpec> programs = new LinkedHashMap<>();
        for (Part part : parts.values()) {
            if (part.program()
                    && programs.put(part.name(), new Link(part, maps).program()) != null) {
                throw new ObjectFormatException("two programs are called " + part.name());
            }
        }
        return programs;
    }

    /** One program on its way to being linked. */
    private final class Link {
        private final Part main;
        private final MapReader maps;
        private final Map<Part, Integer> starts = new LinkedHashMap<>();
        private final List<Part> order = new ArrayList<>();
        private final List<Instruction> instructions = new ArrayList<>();
        private final List<MapReference> references = new ArrayList<>();
        private int end;

        Link(Part main, MapReader maps) {
            this.main = main;
            this.maps = maps;
        }

        /** {@return the first slot of {@code part}, which is appended when it is new} */
        private int place(Part part) {
            Integer start = starts.get(part);
            if (start != null) {
                return start;
            }
            int at = end;
            end += part.length();
            if (end > MAX_SLOTS) {
                throw new ObjectFormatException(
                        "program " + main.name() + " has more than " + MAX_SLOTS + " slots");
            }
            starts.put(part, at);
            order.add(part);
            return at;
        }

        ProgramSpec program() {
            place(main);
            List<FunctionSpec> functions = new ArrayList<>();
            List<SourceLine> lines = new ArrayList<>();
            for (int i = 0; i < order.size(); i++) { // grows while functions are found
                Part part = order.get(i);
                int start = starts.getOrDefault(part, 0);
                copy(part);
                functions.add(new FunctionSpec(part.name(), start, part.length(), typeOf(part)));
                for (SourceLine line : ext.lines().getOrDefault(part.section().name(), List.of())) {
                    int at = line.instruction() - part.start();
                    if (at >= 0 && at < part.length()) {
                        lines.add(line.at(start + at));
                    }
                }
            }
            SectionNames.Meaning meaning = SectionNames.of(main.section().name());
            return new ProgramSpec(
                    main.name(),
                    main.section().name(),
                    meaning.type(),
                    meaning.attachType(),
                    instructions,
                    references,
                    functions,
                    lines);
        }

        private int typeOf(Part part) {
            int offset = part.start() * Instruction.SIZE;
            int id =
                    ext.functions()
                            .getOrDefault(part.section().name(), Map.of())
                            .getOrDefault(offset, 0);
            return id == 0 || btf.type(id) instanceof BtfType.Function ? id : 0;
        }

        private void copy(Part part) {
            Map<Long, Elf.Relocation> here =
                    relocations.getOrDefault(part.section().index(), Map.of());
            boolean second = false;
            for (int i = 0; i < part.length(); i++) {
                long offset = (long) (part.start() + i) * Instruction.SIZE;
                Instruction raw = Instruction.read(part.section().content(), offset);
                if (second) {
                    instructions.add(raw);
                    second = false;
                    continue;
                }
                Optional<Elf.Relocation> relocation = Optional.ofNullable(here.get(offset));
                if (raw.isLoadImmediate64()) {
                    second = true;
                    instructions.add(
                            relocation.isPresent() ? address(part, raw, relocation.get()) : raw);
                } else if (raw.isLocalCall()) {
                    instructions.add(call(part, i, raw, relocation));
                } else if (relocation.isPresent() || isKernelCall(raw)) {
                    String symbol = relocation.map(r -> r.symbol().name()).orElse("a kfunc");
                    throw new ObjectFormatException(
                            "function %s, slot %d: %s cannot be resolved here"
                                    .formatted(part.name(), i, symbol));
                } else {
                    instructions.add(raw);
                }
            }
        }

        private static boolean isKernelCall(Instruction raw) {
            return raw.opcode() == Instruction.CALL
                    && raw.source() == Instruction.PSEUDO_KFUNC_CALL;
        }

        private Instruction call(
                Part part, int slot, Instruction raw, Optional<Elf.Relocation> relocation) {
            Part target;
            if (relocation.isPresent()) {
                Elf.Symbol symbol = relocation.get().symbol();
                defined(part, symbol);
                // a function's own symbol comes with immediate -1, a section's with the slot - 1
                long at = symbol.value() / Instruction.SIZE + raw.immediate() + 1L;
                target = partAt(symbol.section(), at, part.name());
            } else {
                long at = part.start() + slot + 1L + raw.immediate();
                target = partAt(part.section().index(), at, part.name());
            }
            int start = place(target);
            return raw.with(Instruction.PSEUDO_CALL, start - instructions.size() - 1);
        }

        private Instruction address(Part part, Instruction raw, Elf.Relocation relocation) {
            Elf.Symbol symbol = relocation.symbol();
            defined(part, symbol);
            Elf.Section section = elf.sections().get(symbol.section());
            long offset = symbol.value() + raw.immediate();
            int at = instructions.size();
            if (section.name().equals(".maps")) {
                String map =
                        maps.mapAt(offset)
                                .orElseThrow(() ->
                                        new ObjectFormatException(
                                                "function %s refers to .maps+%d: no map"
                                                        .formatted(part.name(), offset)));
                references.add(new MapReference(at, map, MapReference.Kind.MAP, 0));
                return raw.with(Instruction.PSEUDO_MAP_FD, 0);
            }
            if (section.isExecutable()) {
                int start = place(partAt(section.index(), offset / 8, part.name()));
                return raw.with(Instruction.PSEUDO_FUNCTION, start - at - 1);
            }
            if (MapReader.isDataSection(section.name()) && section.isData()) {
                if (offset < 0 || offset > section.size()) {
                    throw new ObjectFormatException(
                            "function %s refers to %s+%d, which has %d bytes"
                                    .formatted(
                                            part.name(), section.name(), offset, section.size()));
                }
                references.add(
                        new MapReference(
                                at, section.name(), MapReference.Kind.VALUE, (int) offset));
                return raw.with(Instruction.PSEUDO_MAP_VALUE, 0);
            }
            throw new ObjectFormatException(
                    "function %s refers to %s in section %s, which no program can read"
                            .formatted(part.name(), symbol.name(), section.name()));
        }

        private void defined(Part part, Elf.Symbol symbol) {
            if (symbol.section() == Elf.SHN_UNDEF || symbol.section() >= elf.sections().size()) {
                throw new ObjectFormatException(
                        "function %s needs %s, which the object does not define"
                                .formatted(part.name(), symbol.name()));
            }
        }
    }
}
