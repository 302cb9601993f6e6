package io.weft.netlink;

import io.weft.kernel.Fd;
import io.weft.kernel.KernelException;
import io.weft.kernel.Linux;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The smallest classifier: {@code r0 = verdict; exit}. */
final class TestProgram {
    private static final int BPF_PROG_LOAD = 5;
    private static final int BPF_PROG_TYPE_SCHED_CLS = 3;

    private TestProgram() {}

    static Fd load(int verdict) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment code = arena.allocate(16, 8);
            code.set(ValueLayout.JAVA_BYTE, 0, (byte) 0xb7); // BPF_ALU64 | BPF_MOV | BPF_K, r0
            code.set(ValueLayout.JAVA_INT, 4, verdict);
            code.set(ValueLayout.JAVA_BYTE, 8, (byte) 0x95); // BPF_JMP | BPF_EXIT
            MemorySegment attr = arena.allocate(48, 8);
            attr.set(ValueLayout.JAVA_INT, 0, BPF_PROG_TYPE_SCHED_CLS);
            attr.set(ValueLayout.JAVA_INT, 4, 2); // insn_cnt
            attr.set(ValueLayout.JAVA_LONG, 8, code.address());
            attr.set(ValueLayout.JAVA_LONG, 16, arena.allocateFrom("Dual BSD/GPL").address());
            long fd = Linux.bpf(BPF_PROG_LOAD, attr);
            if (fd < 0) {
                throw new KernelException("load test program", (int) -fd);
            }
            return Fd.own((int) fd, "test program " + verdict);
        }
    }
}
