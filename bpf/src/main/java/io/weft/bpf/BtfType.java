package io.weft.bpf;

import java.util.List;

/**
 * A type of BTF, Documentation/bpf/btf.rst. References to other types are ids, to be resolved with
 * {@link Btf#type}. Id 0 is {@link None}, C's void.
 */
public sealed interface BtfType {
    /** {@return the name, empty for types that have none} */
    default String name() {
        return "";
    }

    /** No type. */
    record None() implements BtfType {}

    /**
     * @param size bytes
     * @param encoding 1: signed, 2: char, 4: bool
     */
    record Int(String name, int size, int encoding, int bits) implements BtfType {}

    record Pointer(int target) implements BtfType {}

    record Array(int element, int index, int count) implements BtfType {}

    /**
     * A struct or union.
     *
     * @param size bytes
     */
    record Struct(String name, boolean union, int size, List<Member> members) implements BtfType {}

    /**
     * @param bitOffset from the start of the struct
     * @param bits width of a bit field, 0 for an ordinary member
     */
    record Member(String name, int type, int bitOffset, int bits) {
        /** {@return bytes from the start of the struct} */
        public int offset() {
            return bitOffset / 8;
        }
    }

    /** ENUM or ENUM64. */
    record Enumeration(String name, int size, boolean signed, List<Constant> constants)
            implements BtfType {}

    record Constant(String name, long value) {}

    record Forward(String name, boolean union) implements BtfType {}

    record Typedef(String name, int target) implements BtfType {}

    /** const, volatile, restrict or a type tag, which has a name. */
    record Modifier(String name, Kind kind, int target) implements BtfType {
        /** Which one. */
        public enum Kind {
            VOLATILE,
            CONST,
            RESTRICT,
            TYPE_TAG
        }
    }

    /**
     * @param linkage 0: static, 1: global, 2: extern
     */
    record Function(String name, int prototype, int linkage) implements BtfType {}

    record Prototype(int result, List<Parameter> parameters) implements BtfType {}

    record Parameter(String name, int type) {}

    /**
     * @param linkage 0: static, 1: global, 2: extern
     */
    record Variable(String name, int type, int linkage) implements BtfType {}

    /** The variables of one ELF section. */
    record DataSection(String name, int size, List<SectionVariable> variables) implements BtfType {}

    /**
     * @param type id of a {@link Variable}
     * @param offset bytes from the start of the section
     * @param size bytes
     */
    record SectionVariable(int type, int offset, int size) {}

    record FloatingPoint(String name, int size) implements BtfType {}

    /**
     * @param component index of the member or parameter that is meant; -1: all of it
     */
    record DeclarationTag(String name, int target, int component) implements BtfType {}
}
