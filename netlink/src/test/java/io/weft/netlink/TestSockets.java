package io.weft.netlink;

import io.weft.kernel.Fd;
import io.weft.kernel.Linux;
import io.weft.kernel.NetNs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Plain sockets of one namespace, as a client written in C has them. */
final class TestSockets implements AutoCloseable {
    private static final int SO_REUSEADDR = 2;
    private static final ValueLayout.OfShort PORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final NetNs namespace;
    private final List<Fd> open = new ArrayList<>();

    TestSockets(NetNs namespace) {
        this.namespace = namespace;
    }

    /** A UDP socket, not connected. */
    Fd udp(int family) {
        Fd fd =
                namespace.socket(
                        family, Linux.SOCK_DGRAM | Linux.SOCK_NONBLOCK, 0, "udp " + family);
        open.add(fd);
        return fd;
    }

    /** A UDP socket of the address's family, connected. */
    Fd udpTo(String address, int port) {
        Fd fd = udp(Address.parse(address).family());
        connect(fd, address, port);
        return fd;
    }

    /** A UDP socket that shares its local address with others. */
    Fd sharedUdp(String local, int port) {
        Fd fd = udp(Address.parse(local).family());
        Linux.setOption(fd, Linux.SOL_SOCKET, SO_REUSEADDR, 1);
        bind(fd, local, port);
        return fd;
    }

    static void bind(Fd fd, String address, int port) {
        try (Arena arena = Arena.ofConfined()) {
            Linux.bind(fd, name(arena, address, port));
        }
    }

    static void connect(Fd fd, String address, int port) {
        try (Arena arena = Arena.ofConfined()) {
            Linux.connect(fd, name(arena, address, port));
        }
    }

    /** struct sockaddr_in or sockaddr_in6. */
    private static MemorySegment name(Arena arena, String text, int port) {
        Address address = Address.parse(text);
        byte[] raw = address.bytes();
        MemorySegment name = arena.allocate(address.isV6() ? 28 : 16, 4);
        name.set(ValueLayout.JAVA_SHORT, 0, (short) address.family());
        name.set(PORT, 2, (short) port);
        MemorySegment.copy(raw, 0, name, ValueLayout.JAVA_BYTE, address.isV6() ? 8 : 4, raw.length);
        return name;
    }

    static void send(Fd fd, String text) {
        try (Arena arena = Arena.ofConfined()) {
            byte[] raw = text.getBytes(StandardCharsets.UTF_8);
            Linux.send(fd, arena.allocateFrom(ValueLayout.JAVA_BYTE, raw), 0);
        }
    }

    /** {@return what recv(2) says: bytes, or the negated EAGAIN} */
    static int receive(Fd fd) {
        try (Arena arena = Arena.ofConfined()) {
            return Linux.receive(fd, arena.allocate(64), 0);
        }
    }

    @Override
    public void close() {
        open.forEach(Fd::close);
    }
}
