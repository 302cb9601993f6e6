package io.weft.bpf;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The parts of a relocatable ELF64 little-endian file that an eBPF object uses: sections, symbols,
 * relocations without addend. See elf(5) and Documentation/bpf/llvm_reloc.rst.
 */
record Elf(List<Section> sections, List<Symbol> symbols) {
    static final int SHT_PROGBITS = 1;
    static final int SHT_NOBITS = 8;
    static final int STT_OBJECT = 1;
    static final int STT_FUNC = 2;
    static final int STT_SECTION = 3;
    static final int STB_LOCAL = 0;
    static final int SHN_UNDEF = 0;

    private static final int EM_BPF = 247;
    private static final int ET_REL = 1;
    private static final int SHT_SYMTAB = 2;
    private static final int SHT_REL = 9;
    private static final int SHF_ALLOC = 2;
    private static final int SHF_EXECINSTR = 4;
    private static final int HEADER_SIZE = 64;
    private static final int SECTION_HEADER_SIZE = 64;
    private static final int SYMBOL_SIZE = 24;
    private static final int RELOCATION_SIZE = 16;

    /**
     * @param size in bytes; a NOBITS section has a size and no content
     * @param info of a SHT_REL section: the section that it patches
     */
    record Section(
            int index, String name, int type, long flags, Reader content, long size, int info) {
        boolean isExecutable() {
            return type == SHT_PROGBITS && (flags & SHF_EXECINSTR) != 0;
        }

        boolean isData() {
            return (flags & SHF_ALLOC) != 0
                    && (flags & SHF_EXECINSTR) == 0
                    && (type == SHT_PROGBITS || type == SHT_NOBITS);
        }
    }

    record Symbol(
            String name,
            int type,
            int binding,
            int visibility,
            int section,
            long value,
            long size) {}

    /** Patch the bytes at {@code offset} of the section with {@code symbol}. */
    record Relocation(long offset, int type, Symbol symbol) {}

    Optional<Section> section(String name) {
        return sections.stream().filter(s -> s.name().equals(name)).findFirst();
    }

    static Elf read(byte[] file) {
        Reader in = new Reader("ELF file", file);
        if (in.length() < HEADER_SIZE || in.i32(0) != 0x464c457f) {
            throw new ObjectFormatException("not an ELF file");
        }
        if (in.u8(4) != 2 || in.u8(5) != 1) {
            throw new ObjectFormatException(
                    "not a 64-bit little-endian ELF file: compile with -target bpf or bpfel");
        }
        if (in.u16(16) != ET_REL || in.u16(18) != EM_BPF) {
            throw new ObjectFormatException(
                    "ELF type %d machine %d is no eBPF object: compile with -target bpf -c"
                            .formatted(in.u16(16), in.u16(18)));
        }
        if (in.u16(58) != SECTION_HEADER_SIZE) {
            throw new ObjectFormatException("section headers of " + in.u16(58) + " bytes");
        }
        List<Section> sections = sections(in);
        return new Elf(sections, symbols(sections));
    }

    private static List<Section> sections(Reader in) {
        long table = in.i64(40);
        int count = in.u16(60);
        int namesIndex = in.u16(62);
        if (namesIndex >= count) {
            throw new ObjectFormatException("no section names");
        }
        if (table < 0 || table > in.length() - (long) count * SECTION_HEADER_SIZE) {
            throw new ObjectFormatException("ELF file is cut short: its section headers are gone");
        }
        Reader names = content(in, table + (long) namesIndex * SECTION_HEADER_SIZE, ".shstrtab");
        List<Section> sections = new ArrayList<>(count);
        long total = 0;
        for (int i = 0; i < count; i++) {
            long header = table + (long) i * SECTION_HEADER_SIZE;
            String name = i == 0 ? "" : names.string(in.i32(header) & 0xffffffffL);
            Reader content = content(in, header, name);
            total += content.length();
            if (total > 2L * in.length()) {
                throw new ObjectFormatException("sections overlap");
            }
            long size = in.i64(header + 32);
            if (size < 0) {
                throw new ObjectFormatException("section " + name + " has size " + size);
            }
            sections.add(
                    new Section(
                            i,
                            name,
                            in.i32(header + 4),
                            in.i64(header + 8),
                            content,
                            size,
                            in.i32(header + 44)));
        }
        return List.copyOf(sections);
    }

    private static Reader content(Reader in, long header, String name) {
        int type = in.i32(header + 4);
        boolean empty = type == SHT_NOBITS || type == 0;
        byte[] bytes = empty ? new byte[0] : in.bytes(in.i64(header + 24), in.i64(header + 32));
        return new Reader("section " + name, bytes);
    }

    private static List<Symbol> symbols(List<Section> sections) {
        List<Symbol> symbols = new ArrayList<>();
        for (Section table : sections) {
            if (table.type() != SHT_SYMTAB) {
                continue;
            }
            Reader in = table.content();
            // sh_link is not kept: clang writes one string table for names of symbols
            Reader names =
                    sections.stream()
                            .filter(s -> s.name().equals(".strtab"))
                            .findFirst()
                            .orElseThrow(() -> new ObjectFormatException("no .strtab"))
                            .content();
            for (int at = 0; at + SYMBOL_SIZE <= in.length(); at += SYMBOL_SIZE) {
                int info = in.u8(at + 4);
                int section = in.u16(at + 6);
                String name = names.string(in.i32(at) & 0xffffffffL);
                if ((info & 0xf) == STT_SECTION && section < sections.size()) {
                    name = sections.get(section).name();
                }
                symbols.add(
                        new Symbol(
                                name,
                                info & 0xf,
                                info >> 4,
                                in.u8(at + 5) & 3,
                                section,
                                in.i64(at + 8),
                                in.i64(at + 16)));
            }
        }
        return List.copyOf(symbols);
    }

    /** {@return the patches of {@code target}, in file order} */
    List<Relocation> relocations(Section target) {
        List<Relocation> found = new ArrayList<>();
        for (Section section : sections) {
            if (section.type() != SHT_REL || section.info() != target.index()) {
                continue;
            }
            Reader in = section.content();
            for (int at = 0; at + RELOCATION_SIZE <= in.length(); at += RELOCATION_SIZE) {
                long info = in.i64(at + 8);
                long symbol = info >>> 32;
                if (symbol >= symbols.size()) {
                    throw new ObjectFormatException(
                            section.name()
                                    + " refers to symbol "
                                    + symbol
                                    + ", which is not there");
                }
                found.add(new Relocation(in.i64(at), (int) info, symbols.get((int) symbol)));
            }
        }
        return found;
    }
}
