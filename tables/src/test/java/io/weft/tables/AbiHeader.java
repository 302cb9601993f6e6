package io.weft.tables;

import io.weft.tables.Layout.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the little C that the headers of the ABI use; anything else in them is an error. */
final class AbiHeader {
    private static final Map<String, Integer> SCALARS =
            Map.of(
                    "__u8",
                    1,
                    "__u16",
                    2,
                    "__be16",
                    2,
                    "__u32",
                    4,
                    "__u64",
                    8,
                    "bpf_spin_lock",
                    4); // of linux/bpf.h

    private final String code;

    AbiHeader(String text) {
        code = text.replaceAll("(?s)/\\*.*?\\*/", " ").replace("\\\n", " ");
    }

    /** {@return a header of the datapath, such as {@code weft_abi.h}} */
    static AbiHeader ofThisTree(String name) throws IOException {
        String root = System.getProperty("weft.root", "..");
        return new AbiHeader(Files.readString(Path.of(root, "datapath/src/main/c", name)));
    }

    /** {@return every {@code #define WEFT_X number}, without those that have no value} */
    Map<String, Long> defines() {
        Map<String, Long> defines = new LinkedHashMap<>();
        Matcher define =
                Pattern.compile("(?m)^#define\\s+WEFT_(\\w+)[ \\t]+(\\S.*)$").matcher(code);
        while (define.find()) {
            defines.put(define.group(1), number(define.group(2).strip()));
        }
        return defines;
    }

    /** {@return the constants of an enum, without {@code WEFT_}} */
    Map<String, Long> constants(String enumTag) {
        Matcher body = Pattern.compile("enum\\s+" + enumTag + "\\s*\\{([^}]*)}").matcher(code);
        if (!body.find()) {
            throw new AssertionError("no enum " + enumTag);
        }
        Map<String, Long> constants = new LinkedHashMap<>();
        for (String constant : body.group(1).split(",", -1)) {
            if (!constant.isBlank()) {
                String[] sides = constant.strip().split("\\s*=\\s*", 2);
                constants.put(sides[0].replaceFirst("^WEFT_", ""), number(sides[1]));
            }
        }
        return constants;
    }

    /** {@return the structs in order, laid out as the x86-64 and arm64 ABIs do} */
    List<Layout> structs() {
        Map<String, Layout> structs = new LinkedHashMap<>();
        Map<String, Integer> alignments = new LinkedHashMap<>();
        Matcher struct = Pattern.compile("(?s)struct\\s+(\\w+)\\s*\\{(.*?)}\\s*;").matcher(code);
        Pattern member = Pattern.compile("(struct\\s+)?(\\w+)\\s+(\\w+)(?:\\[(\\d+)])?");
        while (struct.find()) {
            List<Member> members = new ArrayList<>();
            int offset = 0;
            int alignment = 1;
            for (String line : struct.group(2).split(";", -1)) {
                if (line.isBlank()) {
                    continue;
                }
                Matcher m = member.matcher(line.strip());
                if (!m.matches()) {
                    throw new AssertionError("cannot read member '" + line.strip() + "'");
                }
                Layout nested = structs.get(m.group(2));
                Integer scalar = SCALARS.get(m.group(2));
                int size;
                int align;
                if (nested != null) {
                    size = nested.size();
                    align = alignments.getOrDefault(m.group(2), 1);
                } else if (scalar != null) {
                    size = scalar;
                    align = scalar;
                } else {
                    throw new AssertionError("unknown type " + m.group(2));
                }
                offset = (offset + align - 1) / align * align;
                int bytes = m.group(4) == null ? size : size * Integer.parseInt(m.group(4));
                members.add(new Member(m.group(3), offset, bytes));
                offset += bytes;
                alignment = Math.max(alignment, align);
            }
            int size = (offset + alignment - 1) / alignment * alignment;
            structs.put(struct.group(1), new Layout(struct.group(1), size, members));
            alignments.put(struct.group(1), alignment);
        }
        return List.copyOf(structs.values());
    }

    /** Decimal, hexadecimal, or {@code (a << b)}. */
    private static long number(String text) {
        Matcher shift = Pattern.compile("\\((\\d+) << (\\d+)\\)").matcher(text);
        return shift.matches()
                ? Long.parseLong(shift.group(1)) << Integer.parseInt(shift.group(2))
                : Long.decode(text);
    }
}
