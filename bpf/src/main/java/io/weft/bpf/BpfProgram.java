package io.weft.bpf;

import io.weft.kernel.Fd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;

/** A program in the kernel: verified, compiled, ready to be attached or run. */
public final class BpfProgram implements AutoCloseable {
    private final Fd fd;
    private final String name;
    private final Optional<AttachType> attachType;
    private final String log;

    BpfProgram(Fd fd, String name, Optional<AttachType> attachType, String log) {
        this.fd = fd;
        this.name = name;
        this.attachType = attachType;
        this.log = log;
    }

    /**
     * Opens a program that was pinned.
     *
     * @throws BpfSyscallException ENOENT when nothing is there
     */
    public static BpfProgram openPinned(Path path) {
        return new BpfProgram(
                Bpf.openPinned(path, "program"),
                String.valueOf(path.getFileName()),
                Optional.empty(),
                "");
    }

    /** Opens a program by {@link ProgramInfo#id}. */
    public static BpfProgram openById(int id) {
        return new BpfProgram(
                Bpf.openById(Bpf.PROG_GET_FD_BY_ID, id, "program"), "#" + id, Optional.empty(), "");
    }

    /** {@return the name in the object; for an opened one its file name or id} */
    public String name() {
        return name;
    }

    public Fd fd() {
        return fd;
    }

    /** {@return where its section says that it belongs; empty for an opened one} */
    public Optional<AttachType> attachType() {
        return attachType;
    }

    /** {@return the verifier's words, when {@link LoadOptions#withLogLevel} asked for them} */
    public String verifierLog() {
        return log;
    }

    /** {@return what the kernel knows now} */
    public ProgramInfo info() {
        return ProgramInfo.of(fd);
    }

    /** {@return number in the kernel, unique until the machine restarts} */
    public int id() {
        return info().id();
    }

    /** {@return hash of the instructions, 16 hex digits} */
    public String tag() {
        return info().tag();
    }

    /** Gives it a name on a bpffs; it then outlives this process. EEXIST when the name is taken. */
    public void pin(Path path) {
        Bpf.pin(fd, path);
    }

    /**
     * Runs it on given input: BPF_PROG_TEST_RUN. XDP and tc programs need at least 14 bytes of
     * data.
     *
     * @throws BpfSyscallException EINVAL for input that the type does not take, ENOTSUPP for types
     *     that cannot be run so
     */
    public TestRun.Result testRun(TestRun run) {
        try (Arena arena = Arena.ofConfined()) {
            int dataRoom = run.data().length() + TestRun.HEADROOM;
            int contextSize = run.context().length();
            MemorySegment attr = Bpf.attr(arena, 80);
            Bpf.put(attr, 0, fd.number());
            MemorySegment data = arena.allocate(dataRoom, 8);
            if (run.data().length() > 0) {
                MemorySegment in = arena.allocate(run.data().length(), 8);
                in.copyFrom(run.data().segment());
                Bpf.put(attr, 8, run.data().length());
                Bpf.put(attr, 12, dataRoom);
                Bpf.put(attr, 16, in);
                Bpf.put(attr, 24, data);
            }
            MemorySegment context = arena.allocate(Math.max(1, contextSize), 8);
            if (contextSize > 0) {
                MemorySegment in = arena.allocate(contextSize, 8);
                in.copyFrom(run.context().segment());
                Bpf.put(attr, 40, contextSize);
                Bpf.put(attr, 44, contextSize);
                Bpf.put(attr, 48, in);
                Bpf.put(attr, 56, context);
            }
            Bpf.put(attr, 32, run.repeat());
            Bpf.check(Bpf.PROG_TEST_RUN, attr, "test-run program " + name);
            return new TestRun.Result(
                    Bpf.getInt(attr, 4),
                    take(data, Bpf.getInt(attr, 12)),
                    take(context, Bpf.getInt(attr, 44)),
                    Bpf.getInt(attr, 36));
        }
    }

    private static Bytes take(MemorySegment from, int size) {
        return Bytes.copyOf(from.asSlice(0, size).toArray(ValueLayout.JAVA_BYTE));
    }

    @Override
    public void close() {
        fd.close();
    }

    @Override
    public String toString() {
        return "program " + name;
    }
}
