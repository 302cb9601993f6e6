package io.weft.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A unix stream socket that can carry descriptors, which those of the JDK cannot; see unix(7).
 * Nothing here waits but {@link #connect}, {@link #sendAll} and {@link #receiveWaiting}: those hold
 * their carrier, so call them on platform threads.
 */
public final class UnixSocket implements AutoCloseable {
    /** Bytes of a path, without its end: sockaddr_un has 108. */
    public static final int MAX_PATH = 107;

    private static final int SO_PEERCRED = 17;
    private static final int SCM_RIGHTS = 1;
    private static final int SHUT_WR = 1;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;

    /** {@code struct msghdr}, {@code iovec} and {@code cmsghdr} of 64-bit Linux. */
    private static final int MSGHDR = 56;

    private static final int IOVEC = 16;
    private static final int CMSGHDR = 16;
    private static final int MAX_DESCRIPTORS = 4;

    /** Who is at the other end, as it was when it connected. */
    public record Peer(int pid, int uid, int gid) {}

    private final Fd fd;

    private UnixSocket(Fd fd) {
        this.fd = fd;
    }

    /**
     * Makes the file {@code path} and listens there.
     *
     * @throws KernelException EADDRINUSE when the file exists, ENAMETOOLONG
     */
    public static UnixSocket listen(Path path, int backlog) {
        Fd fd =
                Linux.socket(
                        Linux.AF_UNIX,
                        Linux.SOCK_STREAM | Linux.SOCK_NONBLOCK,
                        0,
                        "unix socket " + path);
        try (Arena arena = Arena.ofConfined()) {
            Linux.bind(fd, address(arena, path));
            Linux.listen(fd, backlog);
            return new UnixSocket(fd);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /** Connects, and waits while the server's backlog is full. */
    public static UnixSocket connect(Path path) {
        Fd fd = Linux.socket(Linux.AF_UNIX, Linux.SOCK_STREAM, 0, "unix socket " + path);
        try (Arena arena = Arena.ofConfined()) {
            Linux.connect(fd, address(arena, path));
            return new UnixSocket(fd);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    private static MemorySegment address(Arena arena, Path path) {
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        if (name.length == 0 || name.length > MAX_PATH) {
            throw new KernelException(
                    "use socket " + path,
                    Errno.of(36),
                    "a path of " + name.length + " bytes, not of 1 to " + MAX_PATH);
        }
        MemorySegment address = arena.allocate(2 + name.length + 1, 2);
        address.set(ValueLayout.JAVA_SHORT, 0, (short) Linux.AF_UNIX);
        MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, 2, name.length);
        return address;
    }

    /** {@return the next connection, or nothing when none waits} */
    public Optional<UnixSocket> accept() {
        return Linux.accept(fd, "connection to " + fd).map(UnixSocket::new);
    }

    /**
     * @param descriptors takes those that came along, which the caller closes; at most 4 at once
     * @return bytes received, 0 at the end, the negated {@link Errno#EAGAIN} when there is nothing
     */
    public int receive(MemorySegment into, List<Fd> descriptors) {
        return receive(into, descriptors, Linux.MSG_DONTWAIT);
    }

    /** As {@link #receive}, but waits for the first byte; SO_RCVTIMEO limits that. */
    public int receiveWaiting(MemorySegment into, List<Fd> descriptors) {
        return receive(into, descriptors, 0);
    }

    private int receive(MemorySegment into, List<Fd> descriptors, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            int room = CMSGHDR + 4 * MAX_DESCRIPTORS;
            MemorySegment control = arena.allocate(room, 8);
            MemorySegment header = header(arena, into, control, room);
            int n = Linux.receiveMessage(fd, header, flags | MSG_CMSG_CLOEXEC);
            if (n < 0) {
                return n;
            }
            long length = header.get(ValueLayout.JAVA_LONG, 40);
            if (length >= CMSGHDR
                    && control.get(ValueLayout.JAVA_INT, 8) == Linux.SOL_SOCKET
                    && control.get(ValueLayout.JAVA_INT, 12) == SCM_RIGHTS) {
                long end = Math.min(room, control.get(ValueLayout.JAVA_LONG, 0));
                for (long at = CMSGHDR; at + 4 <= end; at += 4) {
                    int number = control.get(ValueLayout.JAVA_INT, at);
                    descriptors.add(Fd.own(number, "descriptor from " + fd));
                }
            }
            return n;
        }
    }

    private static MemorySegment header(
            Arena arena, MemorySegment bytes, MemorySegment control, long controlLength) {
        MemorySegment vector = arena.allocate(IOVEC, 8);
        vector.set(ValueLayout.JAVA_LONG, 0, bytes.address());
        vector.set(ValueLayout.JAVA_LONG, 8, bytes.byteSize());
        MemorySegment header = arena.allocate(MSGHDR, 8);
        header.set(ValueLayout.JAVA_LONG, 16, vector.address());
        header.set(ValueLayout.JAVA_LONG, 24, 1);
        header.set(ValueLayout.JAVA_LONG, 32, controlLength == 0 ? 0 : control.address());
        header.set(ValueLayout.JAVA_LONG, 40, controlLength);
        return header;
    }

    /** {@return bytes sent, or the negated {@link Errno#EAGAIN} when there is no room} */
    public int send(MemorySegment bytes) {
        return send(bytes, Optional.empty(), Linux.MSG_DONTWAIT);
    }

    private int send(MemorySegment bytes, Optional<Fd> carried, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment control = arena.allocate(CMSGHDR + 8, 8);
            control.set(ValueLayout.JAVA_LONG, 0, CMSGHDR + 4);
            control.set(ValueLayout.JAVA_INT, 8, Linux.SOL_SOCKET);
            control.set(ValueLayout.JAVA_INT, 12, SCM_RIGHTS);
            control.set(ValueLayout.JAVA_INT, 16, carried.map(Fd::number).orElse(-1));
            long length = carried.isPresent() ? control.byteSize() : 0;
            return Linux.sendMessage(
                    fd, header(arena, bytes, control, length), flags | MSG_NOSIGNAL);
        }
    }

    /**
     * Sends all and waits for room; SO_SNDTIMEO limits that.
     *
     * @param carried goes along with the first byte; the caller still owns its own
     * @throws KernelException EPIPE when the other end has closed, EAGAIN after SO_SNDTIMEO
     */
    public void sendAll(MemorySegment bytes, Optional<Fd> carried) {
        Optional<Fd> first = carried;
        long at = 0;
        while (at < bytes.byteSize()) {
            int n = send(bytes.asSlice(at), first, 0);
            if (n < 0) {
                throw new KernelException("send on " + fd, -n);
            }
            first = Optional.empty();
            at += n;
        }
    }

    /** How long one send or receive may wait; SO_RCVTIMEO and SO_SNDTIMEO. */
    public void limitWaits(long millis) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(16, 8);
            time.set(ValueLayout.JAVA_LONG, 0, millis / 1000);
            time.set(ValueLayout.JAVA_LONG, 8, millis % 1000 * 1000);
            Linux.setOption(fd, Linux.SOL_SOCKET, 20, time);
            Linux.setOption(fd, Linux.SOL_SOCKET, 21, time);
        }
    }

    /** The other end reads the end of the stream after what was sent. */
    public void endOutput() {
        Linux.shutdown(fd, SHUT_WR);
    }

    /** {@return who connected, by the kernel's word; SO_PEERCRED} */
    public Peer peer() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ucred = arena.allocate(12, 4);
            Linux.option(fd, Linux.SOL_SOCKET, SO_PEERCRED, ucred);
            return new Peer(
                    ucred.get(ValueLayout.JAVA_INT, 0),
                    ucred.get(ValueLayout.JAVA_INT, 4),
                    ucred.get(ValueLayout.JAVA_INT, 8));
        }
    }

    /** {@return the descriptor, for epoll} */
    public Fd fd() {
        return fd;
    }

    @Override
    public void close() {
        fd.close();
    }

    @Override
    public String toString() {
        return fd.toString();
    }
}
