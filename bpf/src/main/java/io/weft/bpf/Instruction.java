package io.weft.bpf;

/**
 * One 8-byte slot of eBPF, RFC 9669. A 64-bit immediate load takes two slots; the second has opcode
 * 0 and carries the upper half in {@code immediate}. Jump offsets count slots.
 *
 * @param opcode 0 to 255
 * @param destination register 0 to 10
 * @param source register 0 to 10, or one of the {@code PSEUDO} marks
 * @param offset of a jump or memory access
 */
public record Instruction(int opcode, int destination, int source, short offset, int immediate) {
    public static final int SIZE = 8;

    /** BPF_LD | BPF_IMM | BPF_DW: the first slot of a 64-bit immediate. */
    public static final int LOAD_IMMEDIATE_64 = 0x18;

    /** BPF_JMP | BPF_CALL. */
    public static final int CALL = 0x85;

    /** Source of {@link #LOAD_IMMEDIATE_64}: the address of a map. */
    public static final int PSEUDO_MAP_FD = 1;

    /** Source of {@link #LOAD_IMMEDIATE_64}: an address inside the value of a map. */
    public static final int PSEUDO_MAP_VALUE = 2;

    /** Source of {@link #LOAD_IMMEDIATE_64}: a function, {@code immediate} slots after the next. */
    public static final int PSEUDO_FUNCTION = 4;

    /** Source of {@link #CALL}: a function, {@code immediate} slots after the next. */
    public static final int PSEUDO_CALL = 1;

    /** Source of {@link #CALL}: a kernel function by BTF id. */
    public static final int PSEUDO_KFUNC_CALL = 2;

    static Instruction read(Reader in, long at) {
        int registers = in.u8(at + 1);
        return new Instruction(
                in.u8(at), registers & 0xf, registers >> 4, (short) in.u16(at + 2), in.i32(at + 4));
    }

    Instruction with(int newSource, int newImmediate) {
        return new Instruction(opcode, destination, newSource, offset, newImmediate);
    }

    /** {@return the slot as the kernel reads it on a little-endian machine} */
    public long encoded() {
        return opcode
                | (long) destination << 8
                | (long) source << 12
                | (offset & 0xffffL) << 16
                | (long) immediate << 32;
    }

    public boolean isLoadImmediate64() {
        return opcode == LOAD_IMMEDIATE_64;
    }

    /** {@return whether it calls a function of the same object} */
    public boolean isLocalCall() {
        return opcode == CALL && source == PSEUDO_CALL;
    }

    /** {@return whether it is a 64-bit load of a function's address (a callback)} */
    public boolean isFunctionAddress() {
        return isLoadImmediate64() && source == PSEUDO_FUNCTION;
    }
}
