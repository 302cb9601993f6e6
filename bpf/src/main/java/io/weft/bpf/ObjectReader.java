package io.weft.bpf;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads an object file in the order that its parts depend on each other. */
final class ObjectReader {
    private static final int STV_INTERNAL_OR_HIDDEN = 2;

    private ObjectReader() {}

    static ObjectSpec read(byte[] file) {
        Elf elf = Elf.read(file);
        Btf btf =
                elf.section(".BTF")
                        .map(s -> BtfReader.read(all(s), new ElfLayout(elf)))
                        .orElse(Btf.EMPTY);
        BtfExt ext =
                elf.section(".BTF.ext")
                        .map(s -> BtfExt.read(s.content(), btf))
                        .orElse(BtfExt.EMPTY);
        ProgramReader programs = new ProgramReader(elf, btf, ext);
        MapReader maps = new MapReader(elf, btf, programs::functionAt);
        Map<String, MapSpec> mapSpecs = maps.read();
        String license =
                elf.section("license")
                        .filter(s -> s.content().length() > 0)
                        .map(s -> s.content().string(0))
                        .orElse("");
        return new ObjectSpec(license, programs.read(maps), mapSpecs, btf);
    }

    private static byte[] all(Elf.Section section) {
        return section.content().bytes(0, section.content().length());
    }

    private static final class ElfLayout implements BtfReader.Layout {
        private record Variable(String section, String name) {}

        private final Map<Variable, Integer> offsets = new HashMap<>();
        private final Set<String> hidden = new HashSet<>();
        private final Elf elf;

        ElfLayout(Elf elf) {
            this.elf = elf;
            for (Elf.Symbol symbol : elf.symbols()) {
                if (symbol.section() == Elf.SHN_UNDEF
                        || symbol.section() >= elf.sections().size()) {
                    continue;
                }
                if (symbol.type() == Elf.STT_FUNC && symbol.visibility() != 0) {
                    if (symbol.visibility() <= STV_INTERNAL_OR_HIDDEN) {
                        hidden.add(symbol.name());
                    }
                } else if (symbol.type() == Elf.STT_OBJECT) {
                    String section = elf.sections().get(symbol.section()).name();
                    if (symbol.value() < 0 || symbol.value() > Integer.MAX_VALUE) {
                        throw new ObjectFormatException(
                                "symbol " + symbol.name() + " lies outside");
                    }
                    offsets.put(new Variable(section, symbol.name()), (int) symbol.value());
                }
            }
        }

        @Override
        public Optional<Integer> sectionSize(String section) {
            return elf.section(section)
                    .map(Elf.Section::size)
                    .map(size -> (int) Math.min(size, Integer.MAX_VALUE));
        }

        @Override
        public Optional<Integer> variableOffset(String section, String variable) {
            return Optional.ofNullable(offsets.get(new Variable(section, variable)));
        }

        @Override
        public boolean isHidden(String function) {
            return hidden.contains(function);
        }
    }
}
