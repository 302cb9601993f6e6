package io.weft.bpf;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The types of an object file: BPF Type Format, Documentation/bpf/btf.rst. Immutable; already
 * repaired where clang leaves gaps, so {@link #bytes()} is fit for the kernel.
 */
public final class Btf {
    /** No types but void. */
    public static final Btf EMPTY = new Btf(List.of(new BtfType.None()), Bytes.EMPTY, 0, 0);

    private static final int MAX_DEPTH = 64;

    private final List<BtfType> types;
    private final Bytes bytes;
    private final long strings;
    private final long stringsEnd;
    private final Map<String, Integer> structs = new LinkedHashMap<>();
    private final Map<String, Integer> functions = new LinkedHashMap<>();
    private final Map<String, Integer> sections = new LinkedHashMap<>();

    Btf(List<BtfType> types, Bytes bytes, long strings, long stringsEnd) {
        this.types = List.copyOf(types);
        this.bytes = bytes;
        this.strings = strings;
        this.stringsEnd = stringsEnd;
        for (int id = 0; id < this.types.size(); id++) {
            switch (this.types.get(id)) {
                case BtfType.Struct s -> structs.putIfAbsent(s.name(), id);
                case BtfType.Function f -> functions.putIfAbsent(f.name(), id);
                case BtfType.DataSection s -> sections.putIfAbsent(s.name(), id);
                default -> {}
            }
        }
    }

    /** Reads a bare .BTF section, without the repairs that need the ELF file around it. */
    public static Btf read(byte[] section) {
        return BtfReader.read(section, BtfReader.Layout.NONE);
    }

    public boolean isEmpty() {
        return types.size() == 1;
    }

    /** {@return all types; the index is the id} */
    public List<BtfType> types() {
        return types;
    }

    /** {@return the encoded section, as the kernel takes it} */
    public Bytes bytes() {
        return bytes;
    }

    /**
     * {@return the type with that id}
     *
     * @throws ObjectFormatException when there is none
     */
    public BtfType type(int id) {
        if (id < 0 || id >= types.size()) {
            throw new ObjectFormatException("BTF has no type " + (id & 0xffffffffL));
        }
        return types.get(id);
    }

    /** {@return id of the struct or union {@code name}} */
    public Optional<Integer> structId(String name) {
        return Optional.ofNullable(structs.get(name));
    }

    /** {@return id of the function {@code name}} */
    public Optional<Integer> functionId(String name) {
        return Optional.ofNullable(functions.get(name));
    }

    /** {@return id of the data section {@code name}} */
    public Optional<Integer> sectionId(String name) {
        return Optional.ofNullable(sections.get(name));
    }

    /** {@return the first type of any kind with that name} */
    public Optional<BtfType> named(String name) {
        return types.stream().filter(t -> !name.isEmpty() && t.name().equals(name)).findFirst();
    }

    /** {@return the constant {@code name} of any enum} */
    public Optional<Long> constant(String name) {
        for (BtfType type : types) {
            if (type instanceof BtfType.Enumeration e) {
                for (BtfType.Constant c : e.constants()) {
                    if (c.name().equals(name)) {
                        return Optional.of(c.value());
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** {@return id of what is left when typedefs, const, volatile and tags are taken away} */
    public int resolve(int id) {
        int at = id;
        for (int depth = 0; depth < MAX_DEPTH; depth++) {
            switch (type(at)) {
                case BtfType.Typedef t -> at = t.target();
                case BtfType.Modifier m -> at = m.target();
                default -> {
                    return at;
                }
            }
        }
        throw new ObjectFormatException("BTF type " + id + " is defined by itself");
    }

    /**
     * {@return bytes that a value of the type takes}
     *
     * @throws ObjectFormatException for void, functions and forward declarations
     */
    public int size(int id) {
        return size(id, 0);
    }

    private int size(int id, int depth) {
        if (depth > MAX_DEPTH) {
            throw new ObjectFormatException("BTF type " + id + " is defined by itself");
        }
        int resolved = resolve(id);
        return switch (type(resolved)) {
            case BtfType.Int t -> t.size();
            case BtfType.Pointer _ -> 8;
            case BtfType.Struct t -> t.size();
            case BtfType.Enumeration t -> t.size();
            case BtfType.FloatingPoint t -> t.size();
            case BtfType.DataSection t -> t.size();
            case BtfType.Variable t -> size(t.type(), depth + 1);
            case BtfType.Array t -> {
                long bytes = (long) size(t.element(), depth + 1) * t.count();
                if (bytes > Integer.MAX_VALUE) {
                    throw new ObjectFormatException("BTF array of " + bytes + " bytes");
                }
                yield (int) bytes;
            }
            case BtfType other ->
                    throw new ObjectFormatException(
                            "BTF type %d (%s) has no size".formatted(id, other));
        };
    }

    /**
     * One member of a struct.
     *
     * @param name of a member of an anonymous struct or union inside: its own name
     * @param offset bytes from the start of the struct
     * @param size bytes
     */
    public record Field(String name, int offset, int size) {}

    /**
     * A struct as C lays it out.
     *
     * @param size bytes, padding included
     */
    public record StructLayout(String name, int size, List<Field> fields) {
        /**
         * {@return the field {@code name}}
         *
         * @throws ObjectFormatException when there is none
         */
        public Field field(String name) {
            return fields.stream()
                    .filter(f -> f.name().equals(name))
                    .findFirst()
                    .orElseThrow(() ->
                            new ObjectFormatException(
                                    "struct " + this.name + " has no member " + name));
        }
    }

    /**
     * {@return where the members of struct {@code name} are} Bit fields report the bytes that they
     * touch.
     */
    public Optional<StructLayout> struct(String name) {
        return structId(name).map(this::struct);
    }

    private StructLayout struct(int id) {
        BtfType.Struct struct = (BtfType.Struct) type(id);
        List<Field> fields = new ArrayList<>();
        collect(struct, 0, fields, 0);
        return new StructLayout(struct.name(), struct.size(), List.copyOf(fields));
    }

    private void collect(BtfType.Struct struct, int base, List<Field> into, int depth) {
        if (depth > MAX_DEPTH) {
            throw new ObjectFormatException("BTF struct " + struct.name() + " contains itself");
        }
        for (BtfType.Member member : struct.members()) {
            int offset = base + member.offset();
            if (member.name().isEmpty()
                    && type(resolve(member.type())) instanceof BtfType.Struct inside) {
                collect(inside, offset, into, depth + 1);
            } else if (member.bits() != 0) {
                int end = member.bitOffset() + member.bits();
                into.add(new Field(member.name(), offset, (end + 7) / 8 - member.offset()));
            } else {
                into.add(new Field(member.name(), offset, size(member.type())));
            }
        }
    }

    /** {@return the variables of a data section such as {@code .rodata}, by name} */
    public Map<String, Field> variables(String section) {
        Map<String, Field> found = new LinkedHashMap<>();
        sectionId(section)
                .ifPresent(id -> {
                    for (BtfType.SectionVariable v : ((BtfType.DataSection) type(id)).variables()) {
                        String name = type(v.type()).name();
                        found.put(name, new Field(name, v.offset(), v.size()));
                    }
                });
        return found;
    }

    /** {@return the string at {@code offset} of the string section} */
    String string(int offset) {
        long from = strings + (offset & 0xffffffffL);
        if (from >= stringsEnd) {
            throw new ObjectFormatException("BTF string " + (offset & 0xffffffffL) + " is outside");
        }
        int end = (int) from;
        while (end < stringsEnd && bytes.get(end) != 0) {
            end++;
        }
        byte[] text = new byte[end - (int) from];
        for (int i = 0; i < text.length; i++) {
            text[i] = bytes.get((int) from + i);
        }
        return new String(text, StandardCharsets.UTF_8);
    }
}
