package io.weft.bpf;

import io.weft.kernel.Errno;
import io.weft.kernel.Fd;
import io.weft.kernel.KernelException;
import io.weft.kernel.Linux;
import io.weft.kernel.NetNs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * A program attached somewhere, bpf_link. It stays attached while a descriptor or a pin holds it:
 * {@link #close} detaches unless it is pinned. Interface indexes are looked up in the network
 * namespace of the calling thread.
 */
public final class BpfLink implements AutoCloseable {
    /** Where XDP programs run. */
    public enum XdpMode {
        /** The driver's choice: native when it can. */
        ANY(0),
        /** In the stack, any interface can; XDP_FLAGS_SKB_MODE. */
        GENERIC(2),
        /** In the driver, or refuse; XDP_FLAGS_DRV_MODE. */
        NATIVE(4);

        private final int flags;

        XdpMode(int flags) {
            this.flags = flags;
        }
    }

    /** Of the host's stack: from the interface, to the interface. */
    public enum Direction {
        INGRESS(AttachType.TCX_INGRESS),
        EGRESS(AttachType.TCX_EGRESS);

        private final AttachType attachType;

        Direction(AttachType attachType) {
            this.attachType = attachType;
        }
    }

    private final Fd fd;
    private final String what;

    private BpfLink(Fd fd, String what) {
        this.fd = fd;
        this.what = what;
    }

    /** Attaches an XDP program. EBUSY when the interface has one already. */
    public static BpfLink attachXdp(BpfProgram program, int ifindex, XdpMode mode) {
        return create(
                program,
                ifindex,
                AttachType.XDP,
                attr -> Bpf.put(attr, 12, mode.flags),
                "XDP on interface " + ifindex);
    }

    /** Attaches a tc program behind those that are there, by tcx; Linux 6.6. */
    public static BpfLink attachTcx(BpfProgram program, int ifindex, Direction direction) {
        return create(
                program,
                ifindex,
                direction.attachType,
                attr -> {},
                "tcx " + direction + " on interface " + ifindex);
    }

    /**
     * Attaches to the processes of a control group and of those below it, beside other programs.
     *
     * @param cgroup directory on cgroup2, see {@link Cgroups#root}
     */
    public static BpfLink attachCgroup(BpfProgram program, Path cgroup, AttachType type) {
        try (Fd directory = Linux.open(cgroup, Linux.O_RDONLY)) {
            return create(program, directory.number(), type, attr -> {}, type + " on " + cgroup);
        } catch (KernelException e) {
            throw new BpfSyscallException(
                    "attach " + program + " to " + cgroup,
                    e.errno().code(),
                    e.is(Errno.ENOENT) ? "no such cgroup" : "");
        }
    }

    /** Attaches an {@code sk_lookup} or {@code flow_dissector} program to a network namespace. */
    public static BpfLink attachNetns(BpfProgram program, NetNs namespace, AttachType type) {
        return create(
                program, namespace.fd().number(), type, attr -> {}, type + " on " + namespace);
    }

    private static BpfLink create(
            BpfProgram program,
            int target,
            AttachType type,
            Consumer<MemorySegment> more,
            String what) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = Bpf.attr(arena, 48);
            Bpf.put(attr, 0, program.fd().number());
            Bpf.put(attr, 4, target);
            Bpf.put(attr, 8, type.code());
            more.accept(attr);
            long fd = Bpf.call(Bpf.LINK_CREATE, attr);
            if (fd < 0) {
                throw new BpfSyscallException(
                        "attach " + program + ": " + what,
                        (int) -fd,
                        Explain.attach(type, (int) -fd));
            }
            return new BpfLink(Fd.own((int) fd, "link " + what), what);
        }
    }

    /** Opens a link that was pinned: it is taken over, not detached in between. */
    public static BpfLink openPinned(Path path) {
        return new BpfLink(Bpf.openPinned(path, "link"), path.toString());
    }

    public Fd fd() {
        return fd;
    }

    /** Puts another program in place, atomically: each packet meets the old or the new one. */
    public void update(BpfProgram program) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = Bpf.attr(arena, 16);
            Bpf.put(attr, 0, fd.number());
            Bpf.put(attr, 4, program.fd().number());
            Bpf.check(Bpf.LINK_UPDATE, attr, "replace by " + program + ": " + what);
        }
    }

    /** Detaches even when it is pinned; Linux 5.9. */
    public void detach() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = Bpf.attr(arena, 4);
            Bpf.put(attr, 0, fd.number());
            Bpf.check(Bpf.LINK_DETACH, attr, "detach " + what);
        }
    }

    /** Gives it a name on a bpffs; the program then stays attached after this process. */
    public void pin(Path path) {
        Bpf.pin(fd, path);
    }

    /** {@return what the kernel knows now} */
    public LinkInfo info() {
        return LinkInfo.of(fd);
    }

    /** Detaches, unless it is pinned or open elsewhere. */
    @Override
    public void close() {
        fd.close();
    }

    @Override
    public String toString() {
        return what;
    }
}
