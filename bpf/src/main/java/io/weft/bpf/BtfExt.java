package io.weft.bpf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The section .BTF.ext: per ELF section, which instruction begins which function, and which line of
 * C it came from. Documentation/bpf/btf.rst, "ELF File Format Interface".
 *
 * @param functions section -> byte offset -> BTF id of the FUNC
 * @param lines section -> lines, whose instruction counts 8-byte slots of the section
 */
record BtfExt(Map<String, Map<Integer, Integer>> functions, Map<String, List<SourceLine>> lines) {
    static final BtfExt EMPTY = new BtfExt(Map.of(), Map.of());

    private static final int MAGIC = 0xeb9f;
    private static final int CORE_HEADER = 32;

    private interface Visitor {
        void record(String section, long at);
    }

    static BtfExt read(Reader in, Btf btf) {
        if (in.u16(0) != MAGIC) {
            throw new ObjectFormatException(".BTF.ext does not begin with its magic number");
        }
        int header = in.size32(4);
        Map<String, Map<Integer, Integer>> functions = new HashMap<>();
        records(
                in,
                btf,
                header + (long) in.size32(8),
                in.size32(12),
                8,
                (section, at) ->
                        functions
                                .computeIfAbsent(section, s -> new HashMap<>())
                                .put(in.size32(at), in.i32(at + 4)));
        Map<String, List<SourceLine>> lines = new HashMap<>();
        records(
                in,
                btf,
                header + (long) in.size32(16),
                in.size32(20),
                16,
                (section, at) ->
                        lines.computeIfAbsent(section, s -> new ArrayList<>())
                                .add(line(in, btf, at)));
        if (header >= CORE_HEADER) {
            records(
                    in,
                    btf,
                    header + (long) in.size32(24),
                    in.size32(28),
                    16,
                    (section, at) -> {
                        throw new ObjectFormatException(
                                "section "
                                        + section
                                        + " needs CO-RE relocations, which this loader does not"
                                        + " do: use UAPI structs only");
                    });
        }
        return new BtfExt(functions, lines);
    }

    private static SourceLine line(Reader in, Btf btf, long at) {
        int file = in.i32(at + 4);
        int text = in.i32(at + 8);
        int column = in.i32(at + 12);
        return new SourceLine(
                in.size32(at) / Instruction.SIZE,
                btf.string(file),
                column >>> 10,
                column & 0x3ff,
                btf.string(text),
                file,
                text);
    }

    private static void records(
            Reader in, Btf btf, long from, int length, int least, Visitor visitor) {
        if (length == 0) {
            return;
        }
        if (from + length > in.length()) {
            throw new ObjectFormatException(".BTF.ext is cut short");
        }
        int size = in.size32(from);
        if (size < least) {
            throw new ObjectFormatException(".BTF.ext has records of " + size + " bytes");
        }
        long at = from + 4;
        while (at < from + length) {
            String section = btf.string(in.i32(at));
            int count = in.size32(at + 4);
            at += 8;
            if (at + (long) count * size > from + length) {
                throw new ObjectFormatException(".BTF.ext is cut short");
            }
            for (int i = 0; i < count; i++, at += size) {
                visitor.record(section, at);
            }
        }
    }
}
