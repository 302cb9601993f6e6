package io.weft.tables;

import static io.weft.tables.Layout.member;

import io.weft.model.Ip;
import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_origin_key}: key of {@code weft_origins}.
 *
 * <pre>
 *   0                 8                                24     26           32
 *   +-----------------+--------------------------------+------+------------+
 *   |     socket      |               ip               | port |    zero    |
 *   +-----------------+--------------------------------+------+------------+
 * </pre>
 *
 * @param socket its cookie (SO_COOKIE)
 * @param ip of the backend
 * @param port of the backend
 */
public record OriginKey(long socket, Ip ip, int port) {
    public static final int SOCKET_OFFSET = 0;
    public static final int IP_OFFSET = 8;
    public static final int PORT_OFFSET = 24;
    public static final int ZERO_OFFSET = 26;
    public static final int SIZE = 32;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_origin_key",
                    SIZE,
                    member("socket", SOCKET_OFFSET, 8),
                    member("ip", IP_OFFSET, 16),
                    member("port", PORT_OFFSET, 2),
                    member("zero", ZERO_OFFSET, 6));

    public void write(MemorySegment to, long offset) {
        Bytes.putU64(to, offset + SOCKET_OFFSET, socket);
        Bytes.putIp(to, offset + IP_OFFSET, ip);
        Bytes.putPort(to, offset + PORT_OFFSET, port);
        Bytes.zero(to, offset + ZERO_OFFSET, 6);
    }

    public static OriginKey read(MemorySegment from, long offset) {
        return new OriginKey(
                Bytes.u64(from, offset + SOCKET_OFFSET),
                Bytes.ip(from, offset + IP_OFFSET),
                Bytes.port(from, offset + PORT_OFFSET));
    }
}
