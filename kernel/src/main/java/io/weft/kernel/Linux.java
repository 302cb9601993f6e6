package io.weft.kernel;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.Optional;

/**
 * System calls of Linux. Every method throws {@link KernelException} on failure, repeats a call
 * that a signal interrupted, and sets close-on-exec on each descriptor that it makes.
 *
 * <p>Calls that wait ({@link #epollWait}, {@link #receive} on a blocking socket) hold their
 * carrier: use a platform thread.
 */
public final class Linux {
    public static final int AF_UNIX = 1;
    public static final int AF_INET = 2;
    public static final int AF_INET6 = 10;
    public static final int AF_NETLINK = 16;
    public static final int AF_PACKET = 17;
    public static final int SOCK_STREAM = 1;
    public static final int SOCK_DGRAM = 2;
    public static final int SOCK_RAW = 3;
    public static final int SOCK_NONBLOCK = 0x800;
    public static final int SOCK_CLOEXEC = 0x80000;
    public static final int SOL_SOCKET = 1;
    public static final int SO_NETNS_COOKIE = 71;

    public static final int O_RDONLY = 0;
    public static final int O_RDWR = 2;
    public static final int O_PATH = 0x200000;
    public static final int O_CLOEXEC = 0x80000;

    public static final int MSG_PEEK = 0x2;
    public static final int MSG_TRUNC = 0x20;
    public static final int MSG_DONTWAIT = 0x40;

    public static final int PROT_READ = 1;
    public static final int PROT_WRITE = 2;
    public static final int MAP_SHARED = 1;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_FIXED = 0x10;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MAP_NORESERVE = 0x4000;

    public static final int CLONE_NEWNET = 0x40000000;
    public static final int CLONE_NEWNS = 0x00020000;

    public static final int MS_BIND = 0x1000;
    public static final int MS_REC = 0x4000;
    public static final int MS_PRIVATE = 0x40000;
    public static final int MS_SLAVE = 0x80000;
    public static final int MS_SHARED = 0x100000;
    public static final int MNT_DETACH = 2;

    public static final int EPOLLIN = 1;
    public static final int EPOLL_CTL_ADD = 1;
    public static final int EPOLL_CTL_DEL = 2;

    /** statfs(2) f_type of the BPF file system. */
    public static final long BPF_FS_MAGIC = 0xcafe4a11L;

    private static final int AT_FDCWD = -100;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int ERANGE_BUFFER = 256;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final AddressLayout C_STRING =
            ValueLayout.ADDRESS.withTargetLayout(
                    MemoryLayout.sequenceLayout(ERANGE_BUFFER, ValueLayout.JAVA_BYTE));

    /** {@code long syscall(long number, ...)}, always with six arguments. */
    private static final MethodHandle SYSCALL =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("syscall"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG),
                    Linker.Option.captureCallState("errno"),
                    Linker.Option.firstVariadicArg(1));

    private static final MethodHandle STRERROR_R =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("strerror_r"),
                    FunctionDescriptor.of(
                            C_STRING,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_LONG));

    private static final long AT_EMPTY_PATH = 0x1000;
    private static final long STATX_INO = 0x100;
    private static final long STX_INO = 32; // offset in struct statx

    private Linux() {}

    /** {@return the result, or the negated errno} */
    private static long raw(Syscall call, long a, long b, long c, long d, long e, long f) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment capture = arena.allocate(CAPTURE);
            while (true) {
                long result = (long) SYSCALL.invokeExact(capture, call.number(), a, b, c, d, e, f);
                if (result != -1) {
                    return result;
                }
                int errno = (int) ERRNO.get(capture, 0L);
                // close(2) has released the descriptor even when interrupted
                if (errno != Errno.EINTR || call == Syscall.CLOSE) {
                    return -errno;
                }
            }
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static long check(String operation, long result) {
        if (result < 0) {
            throw new KernelException(operation, (int) -result);
        }
        return result;
    }

    static String strerror(int code) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(ERANGE_BUFFER);
            MemorySegment text =
                    (MemorySegment) STRERROR_R.invokeExact(code, buffer, (long) ERANGE_BUFFER);
            return text.getString(0);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /**
     * bpf(2), raw: the caller knows which object and which log to blame.
     *
     * @param attr {@code union bpf_attr}; its size is what the kernel is told
     * @return the result, or the negated errno
     */
    public static long bpf(int command, MemorySegment attr) {
        return raw(Syscall.BPF, command, attr.address(), attr.byteSize(), 0, 0, 0);
    }

    /** open(2); {@code O_CLOEXEC} is added. */
    public static Fd open(Path path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path.toString());
            long fd =
                    check(
                            "open " + path,
                            raw(
                                    Syscall.OPENAT,
                                    AT_FDCWD,
                                    name.address(),
                                    flags | O_CLOEXEC,
                                    0,
                                    0,
                                    0));
            return Fd.own((int) fd, path.toString());
        }
    }

    static void close(int fd) {
        raw(Syscall.CLOSE, fd, 0, 0, 0, 0, 0);
    }

    static Fd duplicate(Fd fd, String what) {
        long copy =
                check(
                        "duplicate " + what,
                        raw(Syscall.FCNTL, fd.number(), F_DUPFD_CLOEXEC, 0, 0, 0, 0));
        return Fd.own((int) copy, what);
    }

    /** read(2). {@return bytes read, 0 at the end} */
    public static int read(Fd fd, MemorySegment into) {
        return (int)
                check(
                        "read " + fd,
                        raw(Syscall.READ, fd.number(), into.address(), into.byteSize(), 0, 0, 0));
    }

    /** write(2). {@return bytes written} */
    public static int write(Fd fd, MemorySegment from) {
        return (int)
                check(
                        "write " + fd,
                        raw(Syscall.WRITE, fd.number(), from.address(), from.byteSize(), 0, 0, 0));
    }

    /** socket(2); {@code SOCK_CLOEXEC} is added. */
    public static Fd socket(int domain, int type, int protocol, String what) {
        long fd =
                check(
                        "open " + what,
                        raw(Syscall.SOCKET, domain, type | SOCK_CLOEXEC, protocol, 0, 0, 0));
        return Fd.own((int) fd, what);
    }

    /** bind(2). */
    public static void bind(Fd socket, MemorySegment address) {
        check(
                "bind " + socket,
                raw(Syscall.BIND, socket.number(), address.address(), address.byteSize(), 0, 0, 0));
    }

    /** connect(2), waiting on a blocking socket. */
    public static void connect(Fd socket, MemorySegment address) {
        check(
                "connect " + socket,
                raw(
                        Syscall.CONNECT,
                        socket.number(),
                        address.address(),
                        address.byteSize(),
                        0,
                        0,
                        0));
    }

    /** listen(2). */
    public static void listen(Fd socket, int backlog) {
        check("listen " + socket, raw(Syscall.LISTEN, socket.number(), backlog, 0, 0, 0, 0));
    }

    /**
     * accept4(2), waiting on a blocking socket; the peer's address is not asked for.
     *
     * @return empty when none waits, or the one that did has gone
     */
    public static Optional<Fd> accept(Fd listening, String what) {
        long fd = raw(Syscall.ACCEPT4, listening.number(), 0, 0, SOCK_CLOEXEC, 0, 0);
        return fd == -Errno.EAGAIN || fd == -Errno.ECONNABORTED
                ? Optional.empty()
                : Optional.of(Fd.own((int) check("accept on " + listening, fd), what));
    }

    /** getsockname(2) into {@code address}. */
    public static void socketName(Fd socket, MemorySegment address) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment length =
                    arena.allocateFrom(ValueLayout.JAVA_INT, (int) address.byteSize());
            check(
                    "getsockname " + socket,
                    raw(
                            Syscall.GETSOCKNAME,
                            socket.number(),
                            address.address(),
                            length.address(),
                            0,
                            0,
                            0));
        }
    }

    /** send(2). {@return bytes sent} */
    public static int send(Fd socket, MemorySegment bytes, int flags) {
        return (int)
                check(
                        "send on " + socket,
                        raw(
                                Syscall.SENDTO,
                                socket.number(),
                                bytes.address(),
                                bytes.byteSize(),
                                flags,
                                0,
                                0));
    }

    /**
     * recv(2). {@return bytes received (with {@link #MSG_TRUNC}: the datagram's whole length), or
     * the negated {@link Errno#EAGAIN} when a non-blocking socket has nothing}
     */
    public static int receive(Fd socket, MemorySegment into, int flags) {
        long n =
                raw(
                        Syscall.RECVFROM,
                        socket.number(),
                        into.address(),
                        into.byteSize(),
                        flags,
                        0,
                        0);
        return n == -Errno.EAGAIN ? -Errno.EAGAIN : (int) check("receive on " + socket, n);
    }

    /** sendmsg(2). {@return bytes sent, or the negated {@link Errno#EAGAIN}} */
    static int sendMessage(Fd socket, MemorySegment header, int flags) {
        return orAgain(
                "send on " + socket,
                raw(Syscall.SENDMSG, socket.number(), header.address(), flags, 0, 0, 0));
    }

    /** recvmsg(2). {@return bytes received, 0 at the end, or the negated {@link Errno#EAGAIN}} */
    static int receiveMessage(Fd socket, MemorySegment header, int flags) {
        return orAgain(
                "receive on " + socket,
                raw(Syscall.RECVMSG, socket.number(), header.address(), flags, 0, 0, 0));
    }

    private static int orAgain(String operation, long result) {
        return result == -Errno.EAGAIN ? -Errno.EAGAIN : (int) check(operation, result);
    }

    /** shutdown(2). */
    static void shutdown(Fd socket, int how) {
        check("shutdown " + socket, raw(Syscall.SHUTDOWN, socket.number(), how, 0, 0, 0, 0));
    }

    /** setsockopt(2) with an int. */
    public static void setOption(Fd socket, int level, int option, int value) {
        try (Arena arena = Arena.ofConfined()) {
            setOption(socket, level, option, arena.allocateFrom(ValueLayout.JAVA_INT, value));
        }
    }

    /** setsockopt(2) with bytes. */
    public static void setOption(Fd socket, int level, int option, MemorySegment value) {
        check(
                "setsockopt " + level + "/" + option + " on " + socket,
                raw(
                        Syscall.SETSOCKOPT,
                        socket.number(),
                        level,
                        option,
                        value.address(),
                        value.byteSize(),
                        0));
    }

    /** getsockopt(2) of an 8-byte option such as {@link #SO_NETNS_COOKIE}. */
    public static long optionLong(Fd socket, int level, int option) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(ValueLayout.JAVA_LONG);
            option(socket, level, option, value);
            return value.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    /** getsockopt(2) into {@code value}. */
    static void option(Fd socket, int level, int option, MemorySegment value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, (int) value.byteSize());
            check(
                    "getsockopt " + level + "/" + option + " on " + socket,
                    raw(
                            Syscall.GETSOCKOPT,
                            socket.number(),
                            level,
                            option,
                            value.address(),
                            length.address(),
                            0));
        }
    }

    /** ioctl(2) with a pointer argument. */
    public static int ioctl(Fd fd, long request, MemorySegment argument) {
        return (int)
                check(
                        "ioctl 0x" + Long.toHexString(request) + " on " + fd,
                        raw(Syscall.IOCTL, fd.number(), request, argument.address(), 0, 0, 0));
    }

    /** ioctl(2) with an integer argument. */
    public static int ioctl(Fd fd, long request, long argument) {
        return (int)
                check(
                        "ioctl 0x" + Long.toHexString(request) + " on " + fd,
                        raw(Syscall.IOCTL, fd.number(), request, argument, 0, 0, 0));
    }

    /** mmap(2), shared. The segment lives until {@link Mapping#close}. */
    public static Mapping map(Fd fd, long offset, long length, int protection) {
        long address =
                check(
                        "mmap " + fd,
                        raw(Syscall.MMAP, 0, length, protection, MAP_SHARED, fd.number(), offset));
        return new Mapping(address, length, (protection & PROT_WRITE) == 0);
    }

    /**
     * Keeps addresses free for {@link #mapAt}; to read there before is a fault.
     *
     * @param protection of what will be mapped there
     */
    static Mapping reserve(long length, int protection) {
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
        long address = check("mmap nothing", raw(Syscall.MMAP, 0, length, 0, flags, -1, 0));
        return new Mapping(address, length, (protection & PROT_WRITE) == 0);
    }

    /** mmap(2), shared, in place of what is at {@code address}: a part of {@link #reserve}'s. */
    static void mapAt(long address, Fd fd, long offset, long length, int protection) {
        int flags = MAP_SHARED | MAP_FIXED;
        check(
                "mmap " + fd,
                raw(Syscall.MMAP, address, length, protection, flags, fd.number(), offset));
    }

    static void unmap(long address, long length) {
        raw(Syscall.MUNMAP, address, length, 0, 0, 0, 0);
    }

    /** epoll_create1(2). */
    public static Fd epollCreate() {
        int cloexec = O_CLOEXEC;
        return Fd.own(
                (int) check("epoll_create1", raw(Syscall.EPOLL_CREATE1, cloexec, 0, 0, 0, 0, 0)),
                "epoll");
    }

    /** epoll_ctl(2) EPOLL_CTL_ADD for {@link #EPOLLIN}; {@code data} comes back from the wait. */
    public static void epollAdd(Fd epoll, Fd watched, long data) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(EpollEvents.SIZE, 8);
            EpollEvents.put(event, EPOLLIN, data);
            check(
                    "epoll_ctl add " + watched,
                    raw(
                            Syscall.EPOLL_CTL,
                            epoll.number(),
                            EPOLL_CTL_ADD,
                            watched.number(),
                            event.address(),
                            0,
                            0));
        }
    }

    /** epoll_ctl(2) EPOLL_CTL_DEL. */
    public static void epollRemove(Fd epoll, Fd watched) {
        check(
                "epoll_ctl remove " + watched,
                raw(Syscall.EPOLL_CTL, epoll.number(), EPOLL_CTL_DEL, watched.number(), 0, 0, 0));
    }

    /**
     * epoll_pwait(2).
     *
     * @param timeoutMillis -1 waits for ever
     * @return how many of {@code events} were filled
     */
    public static int epollWait(Fd epoll, EpollEvents events, int timeoutMillis) {
        return (int)
                check(
                        "epoll_wait",
                        raw(
                                Syscall.EPOLL_PWAIT,
                                epoll.number(),
                                events.segment().address(),
                                events.capacity(),
                                timeoutMillis,
                                0,
                                0));
    }

    /** eventfd(2), non-blocking, counter 0. */
    public static Fd eventFd() {
        return Fd.own(
                (int)
                        check(
                                "eventfd",
                                raw(Syscall.EVENTFD2, 0, O_CLOEXEC | SOCK_NONBLOCK, 0, 0, 0, 0)),
                "eventfd");
    }

    /** setns(2): changes the calling thread for good; see {@link NetNs#call}. */
    static void setns(Fd namespace, int type) {
        check(
                "enter namespace " + namespace,
                raw(Syscall.SETNS, namespace.number(), type, 0, 0, 0, 0));
    }

    /** unshare(2): changes the calling thread for good. */
    static void unshare(int flags) {
        check("unshare", raw(Syscall.UNSHARE, flags, 0, 0, 0, 0, 0));
    }

    /** gettid(2). */
    public static int threadId() {
        return (int) raw(Syscall.GETTID, 0, 0, 0, 0, 0, 0);
    }

    /** mount(2) without data. */
    public static void mount(String source, Path target, String type, long flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = arena.allocateFrom(source);
            MemorySegment to = arena.allocateFrom(target.toString());
            MemorySegment fs = arena.allocateFrom(type);
            check(
                    "mount " + type + " on " + target,
                    raw(Syscall.MOUNT, from.address(), to.address(), fs.address(), flags, 0, 0));
        }
    }

    /** umount2(2). */
    public static void unmount(Path target, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment to = arena.allocateFrom(target.toString());
            check("unmount " + target, raw(Syscall.UMOUNT2, to.address(), flags, 0, 0, 0, 0));
        }
    }

    /** {@return f_type of the file system at {@code path}; statfs(2)} */
    public static long fileSystemType(Path path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path.toString());
            MemorySegment buffer = arena.allocate(256, 8);
            check(
                    "statfs " + path,
                    raw(Syscall.STATFS, name.address(), buffer.address(), 0, 0, 0, 0));
            return buffer.get(ValueLayout.JAVA_LONG, 0) & 0xffffffffL;
        }
    }

    /** {@return the inode number of what {@code fd} leads to; statx(2)} */
    static long inode(Fd fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom("");
            MemorySegment buffer = arena.allocate(256, 8); // struct statx
            check(
                    "statx " + fd,
                    raw(
                            Syscall.STATX,
                            fd.number(),
                            path.address(),
                            AT_EMPTY_PATH,
                            STATX_INO,
                            buffer.address(),
                            0));
            return buffer.get(ValueLayout.JAVA_LONG, STX_INO);
        }
    }

    /**
     * sched_setaffinity(2) for the calling thread, which must be a platform thread.
     *
     * @param cpus numbers from 0 to 63
     */
    public static void pinThread(int... cpus) {
        long mask = 0;
        for (int cpu : cpus) {
            mask |= 1L << cpu;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bits = arena.allocateFrom(ValueLayout.JAVA_LONG, mask);
            check(
                    "sched_setaffinity",
                    raw(Syscall.SCHED_SETAFFINITY, 0, 8, bits.address(), 0, 0, 0));
        }
    }

    /** sched_setscheduler(2) SCHED_FIFO for the calling thread; needs CAP_SYS_NICE. */
    public static void realTime(int priority) {
        int fifo = 1;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment param = arena.allocateFrom(ValueLayout.JAVA_INT, priority);
            check(
                    "sched_setscheduler",
                    raw(Syscall.SCHED_SETSCHEDULER, 0, fifo, param.address(), 0, 0, 0));
        }
    }
}
