package io.weft.tables;

import static io.weft.tables.Layout.member;

import io.weft.model.Ip;
import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_connection_key}: key of {@code weft_connections}. Both directions of a
 * connection have one key: end a is the lower address, then the lower port, as unsigned bytes.
 * Which end opened it is in {@link ConnectionValue#flags}.
 *
 * <pre>
 *   0                16               32     34     36   37       40
 *   +----------------+----------------+------+------+----+--------+
 *   |       a        |       b        |a_port|b_port|prot|  zero  |
 *   +----------------+----------------+------+------+----+--------+
 * </pre>
 *
 * @param aPort 0–65535; ICMP echo: the identifier at the end that asks, 0 at the other
 * @param bPort likewise
 * @param protocol IANA number
 */
public record ConnectionKey(Ip a, int aPort, Ip b, int bPort, int protocol) {
    public static final int A_OFFSET = 0;
    public static final int B_OFFSET = 16;
    public static final int A_PORT_OFFSET = 32;
    public static final int B_PORT_OFFSET = 34;
    public static final int PROTOCOL_OFFSET = 36;
    public static final int ZERO_OFFSET = 37;
    public static final int SIZE = 40;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_connection_key",
                    SIZE,
                    member("a", A_OFFSET, 16),
                    member("b", B_OFFSET, 16),
                    member("a_port", A_PORT_OFFSET, 2),
                    member("b_port", B_PORT_OFFSET, 2),
                    member("protocol", PROTOCOL_OFFSET, 1),
                    member("zero", ZERO_OFFSET, 3));

    /** One end of a connection. */
    public record End(Ip ip, int port) implements Comparable<End> {
        @Override
        public int compareTo(End other) {
            int c = ip.compareTo(other.ip);
            return c != 0 ? c : Integer.compare(port, other.port);
        }
    }

    /**
     * @throws IllegalArgumentException when a is not the lower end; {@link #of} orders them
     */
    public ConnectionKey {
        Bytes.checked("port", aPort, 16);
        Bytes.checked("port", bPort, 16);
        Bytes.checked("protocol", protocol, 8);
        if (new End(a, aPort).compareTo(new End(b, bPort)) > 0) {
            throw new IllegalArgumentException(
                    "end a is not the lower one: " + a + " " + aPort + ", " + b + " " + bPort);
        }
    }

    /** {@return the key of a packet, whichever way it goes} */
    public static ConnectionKey of(
            Ip source, int sourcePort, Ip destination, int destinationPort, int protocol) {
        return isFromB(source, sourcePort, destination, destinationPort)
                ? new ConnectionKey(destination, destinationPort, source, sourcePort, protocol)
                : new ConnectionKey(source, sourcePort, destination, destinationPort, protocol);
    }

    /** {@return whether the sender of this packet is end b of its key} */
    public static boolean isFromB(Ip source, int sourcePort, Ip destination, int destinationPort) {
        return new End(source, sourcePort).compareTo(new End(destination, destinationPort)) > 0;
    }

    /** {@return the end that opened the connection} */
    public End opener(ConnectionValue value) {
        return value.has(ConnectionValue.FROM_B) ? new End(b, bPort) : new End(a, aPort);
    }

    /** {@return the other end} */
    public End responder(ConnectionValue value) {
        return value.has(ConnectionValue.FROM_B) ? new End(a, aPort) : new End(b, bPort);
    }

    public void write(MemorySegment to, long offset) {
        Bytes.putIp(to, offset + A_OFFSET, a);
        Bytes.putIp(to, offset + B_OFFSET, b);
        Bytes.putPort(to, offset + A_PORT_OFFSET, aPort);
        Bytes.putPort(to, offset + B_PORT_OFFSET, bPort);
        Bytes.putU8(to, offset + PROTOCOL_OFFSET, protocol);
        Bytes.zero(to, offset + ZERO_OFFSET, 3);
    }

    public static ConnectionKey read(MemorySegment from, long offset) {
        return new ConnectionKey(
                Bytes.ip(from, offset + A_OFFSET),
                Bytes.port(from, offset + A_PORT_OFFSET),
                Bytes.ip(from, offset + B_OFFSET),
                Bytes.port(from, offset + B_PORT_OFFSET),
                Bytes.u8(from, offset + PROTOCOL_OFFSET));
    }
}
