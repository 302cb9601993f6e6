package io.weft.tables;

import static io.weft.tables.Layout.member;

import io.weft.model.Ip;
import io.weft.model.Protocol;
import java.lang.foreign.MemorySegment;

/**
 * Where clients find a service; {@code struct weft_frontend_key}.
 *
 * <pre>
 *   0                                16     18       19     20
 *   +--------------------------------+------+--------+------+
 *   |               ip               | port |protocol| zero |
 *   +--------------------------------+------+--------+------+
 * </pre>
 *
 * @param ip {@link #ANY_V4} or {@link #ANY_V6}: every address of this node that takes node ports
 * @param port 1–65535
 */
public record FrontendKey(Ip ip, int port, Protocol protocol) implements Comparable<FrontendKey> {
    public static final Ip ANY_V4 = Ip.v4(0);
    public static final Ip ANY_V6 = Ip.parse("::");

    public static final int IP_OFFSET = 0;
    public static final int PORT_OFFSET = 16;
    public static final int PROTOCOL_OFFSET = 18;
    public static final int ZERO_OFFSET = 19;
    public static final int SIZE = 20;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_frontend_key",
                    SIZE,
                    member("ip", IP_OFFSET, 16),
                    member("port", PORT_OFFSET, 2),
                    member("protocol", PROTOCOL_OFFSET, 1),
                    member("zero", ZERO_OFFSET, 1));

    /** {@return the node port of a family} */
    public static FrontendKey nodePort(boolean v4, int port, Protocol protocol) {
        return new FrontendKey(v4 ? ANY_V4 : ANY_V6, port, protocol);
    }

    public boolean isNodePort() {
        return ip.equals(ANY_V4) || ip.equals(ANY_V6);
    }

    @Override
    public int compareTo(FrontendKey other) {
        int c = ip.compareTo(other.ip);
        c = c != 0 ? c : Integer.compare(port, other.port);
        return c != 0 ? c : protocol.compareTo(other.protocol);
    }

    /** {@return {@code 10.96.0.1:80/TCP}, {@code *:30080/TCP}} */
    @Override
    public String toString() {
        String host = isNodePort() ? "*" : ip.isV4() ? ip.toString() : "[" + ip + "]";
        return host + ":" + port + "/" + protocol;
    }

    public void write(MemorySegment to, long offset) {
        Bytes.putIp(to, offset + IP_OFFSET, ip);
        Bytes.putPort(to, offset + PORT_OFFSET, port);
        Bytes.putU8(to, offset + PROTOCOL_OFFSET, protocol.number());
        Bytes.putU8(to, offset + ZERO_OFFSET, 0);
    }

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException when the protocol is none of {@link Protocol}
     */
    public static FrontendKey read(MemorySegment from, long offset) {
        return new FrontendKey(
                Bytes.ip(from, offset + IP_OFFSET),
                Bytes.port(from, offset + PORT_OFFSET),
                protocol(Bytes.u8(from, offset + PROTOCOL_OFFSET)));
    }

    private static Protocol protocol(int number) {
        for (Protocol protocol : Protocol.values()) {
            if (protocol.number() == number) {
                return protocol;
            }
        }
        throw Abi.unknown("protocol of a frontend", number);
    }
}
