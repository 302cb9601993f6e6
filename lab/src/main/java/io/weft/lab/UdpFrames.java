package io.weft.lab;

import io.weft.kernel.Fd;
import io.weft.kernel.Linux;
import io.weft.kernel.NetNs;
import io.weft.netlink.Address;
import io.weft.netlink.HardwareAddress;
import io.weft.netlink.Netlink;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Sends UDP over IPv4 in frames of 60 bytes from an interface, past the sender's own IP stack:
 * packet(7). Ports may differ from frame to frame; the UDP checksum is 0, which means none.
 */
final class UdpFrames implements AutoCloseable {
    /**
     * Between which ends.
     *
     * @param nextHop the gateway's MAC, or the destination's
     */
    record Route(
            int ifindex,
            HardwareAddress own,
            HardwareAddress nextHop,
            Address source,
            Address destination) {}

    private static final ValueLayout.OfShort U16 =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int SIZE = 60;
    private static final int ETHERNET = 14;
    private static final int IP = 20;
    private static final short ETH_P_IP = 0x0800;
    private static final byte PROTOCOL_UDP = 17;
    private static final int SOCKADDR_LL = 20;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment frame = arena.allocate(SIZE, 8);
    private final Fd socket;

    UdpFrames(NetNs namespace, Route route) {
        socket = namespace.socket(Linux.AF_PACKET, Linux.SOCK_RAW, 0, "packet socket");
        MemorySegment address = arena.allocate(SOCKADDR_LL, 4);
        address.set(ValueLayout.JAVA_SHORT, 0, (short) Linux.AF_PACKET);
        address.set(ValueLayout.JAVA_INT, 4, route.ifindex());
        Linux.bind(socket, address);
        build(route);
    }

    private void build(Route route) {
        bytes(0, route.nextHop().bytes());
        bytes(6, route.own().bytes());
        frame.set(U16, 12, ETH_P_IP);
        frame.set(ValueLayout.JAVA_BYTE, ETHERNET, (byte) 0x45);
        frame.set(U16, ETHERNET + 2, (short) (SIZE - ETHERNET));
        frame.set(ValueLayout.JAVA_BYTE, ETHERNET + 8, (byte) 64);
        frame.set(ValueLayout.JAVA_BYTE, ETHERNET + 9, PROTOCOL_UDP);
        bytes(ETHERNET + 12, route.source().bytes());
        bytes(ETHERNET + 16, route.destination().bytes());
        int sum = 0;
        for (int i = 0; i < IP; i += 2) {
            sum += Short.toUnsignedInt(frame.get(U16, ETHERNET + i));
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        frame.set(U16, ETHERNET + 10, (short) ~(sum + (sum >>> 16)));
        frame.set(U16, ETHERNET + IP + 4, (short) (SIZE - ETHERNET - IP));
    }

    private void bytes(int at, byte[] bytes) {
        MemorySegment.copy(bytes, 0, frame, ValueLayout.JAVA_BYTE, at, bytes.length);
    }

    /** {@return the way of {@code link} in {@code namespace} to an address on the same wire} */
    static Route route(
            NetNs namespace, String link, Address source, NetNs hop, String hopLink, Address to) {
        try (Netlink here = Netlink.open(namespace);
                Netlink there = Netlink.open(hop)) {
            var own = here.links().require(link);
            return new Route(
                    own.index(),
                    own.mac().orElseThrow(),
                    there.links().require(hopLink).mac().orElseThrow(),
                    source,
                    to);
        }
    }

    void send(int sourcePort, int destinationPort) {
        frame.set(U16, ETHERNET + IP, (short) sourcePort);
        frame.set(U16, ETHERNET + IP + 2, (short) destinationPort);
        Linux.send(socket, frame, 0);
    }

    /** Sends the same frame again and again. {@return nanoseconds for each} */
    double flood(int count, int sourcePort, int destinationPort) {
        send(sourcePort, destinationPort);
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            Linux.send(socket, frame, 0);
        }
        return (System.nanoTime() - start) / (double) count;
    }

    @Override
    public void close() {
        socket.close();
        arena.close();
    }
}
