package io.weft.lab;

import io.weft.kernel.Fd;
import io.weft.kernel.KernelException;
import io.weft.kernel.Linux;
import io.weft.kernel.Mapping;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Whether KVM works: a processor is made and runs one instruction, {@code hlt}. That /dev/kvm is
 * there, and even that it makes a VM, says little inside another VM. See
 * Documentation/virt/kvm/api.rst.
 */
final class Kvm {
    private static final long CREATE_VM = 0xae01;
    private static final long GET_VCPU_MMAP_SIZE = 0xae04;
    private static final long CREATE_VCPU = 0xae41;
    private static final long SET_USER_MEMORY_REGION = 0x4020ae46L;
    private static final long RUN = 0xae80;
    private static final long SET_REGS = 0x4090ae82L;
    private static final long GET_SREGS = 0x8138ae83L;
    private static final long SET_SREGS = 0x4138ae84L;
    private static final int REGS = 0x90;
    private static final int SREGS = 0x138;
    private static final int PAGE = 4_096;
    private static final byte HLT = (byte) 0xf4;
    private static final int EXIT_HLT = 5;
    private static final int PATIENCE_SECONDS = 3;

    private Kvm() {}

    /** {@return why it cannot be used; empty when it can} */
    static Optional<String> missing() {
        CompletableFuture<Optional<String>> result = new CompletableFuture<>();
        // one that hangs in the kernel ends with the process
        Thread.ofPlatform().daemon().name("kvm-probe").start(() -> result.complete(run()));
        try {
            return result.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return Optional.of(
                    "KVM makes a processor that does not run an instruction within "
                            + PATIENCE_SECONDS
                            + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        } catch (ExecutionException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static Optional<String> run() {
        try (Fd kvm = Linux.open(Path.of("/dev/kvm"), Linux.O_RDWR);
                Fd machine = Fd.own(Linux.ioctl(kvm, CREATE_VM, 0L), "virtual machine");
                Fd processor = Fd.own(Linux.ioctl(machine, CREATE_VCPU, 0L), "virtual processor");
                Mapping state =
                        Linux.map(
                                processor,
                                0,
                                Linux.ioctl(kvm, GET_VCPU_MMAP_SIZE, 0L),
                                Linux.PROT_READ | Linux.PROT_WRITE);
                Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(PAGE, PAGE);
            memory.set(ValueLayout.JAVA_BYTE, 0, HLT);
            MemorySegment region = arena.allocate(32, 8);
            region.set(ValueLayout.JAVA_LONG, 16, PAGE);
            region.set(ValueLayout.JAVA_LONG, 24, memory.address());
            Linux.ioctl(machine, SET_USER_MEMORY_REGION, region);
            MemorySegment segments = arena.allocate(SREGS, 8);
            Linux.ioctl(processor, GET_SREGS, segments);
            segments.set(ValueLayout.JAVA_LONG, 0, 0); // cs.base
            segments.set(ValueLayout.JAVA_SHORT, 12, (short) 0); // cs.selector
            Linux.ioctl(processor, SET_SREGS, segments);
            MemorySegment registers = arena.allocate(REGS, 8);
            registers.set(ValueLayout.JAVA_LONG, 0x88, 2); // rflags; rip is 0
            Linux.ioctl(processor, SET_REGS, registers);
            Linux.ioctl(processor, RUN, 0L);
            int reason = state.segment().get(ValueLayout.JAVA_INT, 8);
            return reason == EXIT_HLT
                    ? Optional.empty()
                    : Optional.of("KVM runs no instruction: exit reason " + reason);
        } catch (KernelException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
