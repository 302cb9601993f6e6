package io.weft.bpf;

import io.weft.bpf.BtfType.Modifier.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * Decodes the section .BTF, and repairs on the way what clang leaves to the loader: sizes of data
 * sections and offsets of variables, which are zero up to clang 14, and functions that are hidden,
 * which the verifier shall treat as static.
 */
final class BtfReader {
    private static final int MAGIC = 0xeb9f;
    private static final int MAX_TYPES = 1 << 20;
    private static final int INT = 1;
    private static final int ARRAY = 3;
    private static final int ENUM = 6;
    private static final int FUNC = 12;
    private static final int VAR = 14;
    private static final int DATASEC = 15;

    /** What only the ELF file knows. */
    interface Layout {
        /** {@return bytes of the ELF section, empty when there is none} */
        Optional<Integer> sectionSize(String section);

        /** {@return offset of the symbol within its section, empty when there is none} */
        Optional<Integer> variableOffset(String section, String variable);

        boolean isHidden(String function);

        Layout NONE =
                new Layout() {
                    @Override
                    public Optional<Integer> sectionSize(String section) {
                        return Optional.empty();
                    }

                    @Override
                    public Optional<Integer> variableOffset(String section, String variable) {
                        return Optional.empty();
                    }

                    @Override
                    public boolean isHidden(String function) {
                        return false;
                    }
                };
    }

    private final Reader in;
    private final ByteBuffer raw;
    private final Layout layout;
    private final long types;
    private final long end;
    private final long strings;
    private final long stringsEnd;
    private final List<BtfType> found = new ArrayList<>();
    private final List<Integer> positions = new ArrayList<>();

    private BtfReader(byte[] section, Layout layout) {
        byte[] copy = section.clone();
        this.in = new Reader(".BTF", copy);
        this.raw = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
        this.layout = layout;
        if (in.u16(0) != MAGIC) {
            throw new ObjectFormatException(".BTF does not begin with its magic number");
        }
        long header = in.size32(4);
        this.types = header + in.size32(8);
        this.end = types + in.size32(12);
        this.strings = header + in.size32(16);
        this.stringsEnd = strings + in.size32(20);
        if (end > in.length() || stringsEnd > in.length()) {
            throw new ObjectFormatException(".BTF is cut short");
        }
    }

    static Btf read(byte[] section, Layout layout) {
        return new BtfReader(section, layout).read();
    }

    private Btf read() {
        found.add(new BtfType.None());
        positions.add(0);
        long at = types;
        while (at < end) {
            if (found.size() > MAX_TYPES) {
                throw new ObjectFormatException(".BTF has more than " + MAX_TYPES + " types");
            }
            positions.add((int) at);
            at = type(at);
        }
        for (int id = 1; id < found.size(); id++) {
            if (found.get(id) instanceof BtfType.DataSection section) {
                found.set(id, repair(positions.get(id), section));
            } else if (found.get(id) instanceof BtfType.Function f
                    && f.linkage() == 1
                    && layout.isHidden(f.name())) {
                int info = raw.getInt(positions.get(id) + 4);
                raw.putInt(positions.get(id) + 4, info & 0xffff0000);
                found.set(id, new BtfType.Function(f.name(), f.prototype(), 0));
            }
        }
        scalars();
        return btf();
    }

    private Btf btf() {
        return new Btf(found, Bytes.copyOf(raw.array()), strings, stringsEnd);
    }

    /**
     * Of an array or struct of which one element is used, the optimizer keeps that element and the
     * debug info names the whole type. The kernel refuses such a variable: it becomes a number.
     */
    private void scalars() {
        Btf btf = btf();
        for (BtfType type : btf.types()) {
            if (!(type instanceof BtfType.DataSection section)) {
                continue;
            }
            for (BtfType.SectionVariable v : section.variables()) {
                if (btf.type(v.type()) instanceof BtfType.Variable variable
                        && btf.size(variable.type()) > v.size()) {
                    integer(v.size())
                            .ifPresent(id -> {
                                raw.putInt(positions.get(v.type()) + 8, id);
                                found.set(
                                        v.type(),
                                        new BtfType.Variable(
                                                variable.name(), id, variable.linkage()));
                            });
                }
            }
        }
    }

    private Optional<Integer> integer(int size) {
        for (int id = 1; id < found.size(); id++) {
            if (found.get(id) instanceof BtfType.Int i
                    && i.size() == size
                    && i.bits() == size * 8) {
                return Optional.of(id);
            }
        }
        return Optional.empty();
    }

    private String name(long at) {
        long offset = strings + (in.i32(at) & 0xffffffffL);
        if (offset >= stringsEnd) {
            throw new ObjectFormatException(".BTF: string at " + offset + " is outside");
        }
        return in.string(offset);
    }

    /** Reads the type at {@code at}. {@return where the next one begins} */
    private long type(long at) {
        String name = name(at);
        int info = in.i32(at + 4);
        int vlen = info & 0xffff;
        int kind = info >>> 24 & 0x1f;
        boolean flag = info < 0;
        int size = in.i32(at + 8); // or a type id
        long body = at + 12;
        switch (kind) {
            case INT -> {
                int data = in.i32(body);
                found.add(new BtfType.Int(name, positive(size), data >>> 24 & 0xf, data & 0xff));
                return body + 4;
            }
            case 2 -> found.add(new BtfType.Pointer(size));
            case ARRAY -> {
                found.add(new BtfType.Array(in.i32(body), in.i32(body + 4), in.size32(body + 8)));
                return body + 12;
            }
            case 4, 5 -> {
                List<BtfType.Member> members = list(body, vlen, 12, m -> member(m, flag));
                found.add(new BtfType.Struct(name, kind == 5, positive(size), members));
                return body + 12L * vlen;
            }
            case ENUM -> {
                List<BtfType.Constant> constants =
                        list(
                                body,
                                vlen,
                                8,
                                e ->
                                        new BtfType.Constant(
                                                name(e),
                                                flag
                                                        ? in.i32(e + 4)
                                                        : in.i32(e + 4) & 0xffffffffL));
                found.add(new BtfType.Enumeration(name, positive(size), flag, constants));
                return body + 8L * vlen;
            }
            case 7 -> found.add(new BtfType.Forward(name, flag));
            case 8 -> found.add(new BtfType.Typedef(name, size));
            case 9 -> found.add(new BtfType.Modifier(name, Kind.VOLATILE, size));
            case 10 -> found.add(new BtfType.Modifier(name, Kind.CONST, size));
            case 11 -> found.add(new BtfType.Modifier(name, Kind.RESTRICT, size));
            case FUNC -> found.add(new BtfType.Function(name, size, vlen));
            case 13 -> {
                List<BtfType.Parameter> parameters =
                        list(body, vlen, 8, p -> new BtfType.Parameter(name(p), in.i32(p + 4)));
                found.add(new BtfType.Prototype(size, parameters));
                return body + 8L * vlen;
            }
            case VAR -> {
                found.add(new BtfType.Variable(name, size, in.i32(body)));
                return body + 4;
            }
            case DATASEC -> {
                List<BtfType.SectionVariable> variables =
                        list(
                                body,
                                vlen,
                                12,
                                v ->
                                        new BtfType.SectionVariable(
                                                in.i32(v), in.size32(v + 4), in.size32(v + 8)));
                found.add(new BtfType.DataSection(name, positive(size), variables));
                return body + 12L * vlen;
            }
            case 16 -> found.add(new BtfType.FloatingPoint(name, positive(size)));
            case 17 -> {
                found.add(new BtfType.DeclarationTag(name, size, in.i32(body)));
                return body + 4;
            }
            case 18 -> found.add(new BtfType.Modifier(name, Kind.TYPE_TAG, size));
            case 19 -> {
                List<BtfType.Constant> constants =
                        list(
                                body,
                                vlen,
                                12,
                                e ->
                                        new BtfType.Constant(
                                                name(e),
                                                (in.i32(e + 4) & 0xffffffffL)
                                                        | (long) in.i32(e + 8) << 32));
                found.add(new BtfType.Enumeration(name, positive(size), flag, constants));
                return body + 12L * vlen;
            }
            default ->
                    throw new ObjectFormatException(
                            ".BTF: type %d is of unknown kind %d".formatted(found.size(), kind));
        }
        return body;
    }

    private BtfType.Member member(long at, boolean bitFields) {
        int offset = in.i32(at + 8);
        return bitFields
                ? new BtfType.Member(name(at), in.i32(at + 4), offset & 0xffffff, offset >>> 24)
                : new BtfType.Member(name(at), in.i32(at + 4), positive(offset), 0);
    }

    private static int positive(int size) {
        if (size < 0) {
            throw new ObjectFormatException(".BTF: a size of " + (size & 0xffffffffL) + " bytes");
        }
        return size;
    }

    private <T> List<T> list(long body, int count, int stride, Function<Long, T> element) {
        if (body + (long) count * stride > end) {
            throw new ObjectFormatException(".BTF: type " + found.size() + " is cut short");
        }
        List<T> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            list.add(element.apply(body + (long) i * stride));
        }
        return List.copyOf(list);
    }

    /** Fills in size and offsets from the ELF file, and sorts: the kernel wants that order. */
    private BtfType.DataSection repair(int at, BtfType.DataSection section) {
        int size = layout.sectionSize(section.name()).orElse(section.size());
        ToIntFunction<BtfType.SectionVariable> offset =
                v ->
                        v.type() > 0
                                        && v.type() < found.size()
                                        && found.get(v.type()) instanceof BtfType.Variable variable
                                ? layout.variableOffset(section.name(), variable.name())
                                        .orElse(v.offset())
                                : v.offset();
        List<BtfType.SectionVariable> variables =
                section.variables().stream()
                        .map(v ->
                                new BtfType.SectionVariable(
                                        v.type(), offset.applyAsInt(v), v.size()))
                        .sorted(Comparator.comparingInt(BtfType.SectionVariable::offset))
                        .toList();
        raw.putInt(at + 8, size);
        int to = at + 12;
        for (BtfType.SectionVariable v : variables) {
            raw.putInt(to, v.type()).putInt(to + 4, v.offset()).putInt(to + 8, v.size());
            to += 12;
        }
        return new BtfType.DataSection(section.name(), size, variables);
    }
}
