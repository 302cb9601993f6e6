package io.weft.tables;

import static io.weft.tables.Layout.member;

import io.weft.model.Ip;
import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_origin}: value of {@code weft_origins}: the service to which a socket spoke.
 *
 * <pre>
 *   0                                16     18     20
 *   +--------------------------------+------+------+
 *   |               ip               | port | zero |
 *   +--------------------------------+------+------+
 * </pre>
 */
public record OriginValue(Ip ip, int port) {
    public static final int IP_OFFSET = 0;
    public static final int PORT_OFFSET = 16;
    public static final int ZERO_OFFSET = 18;
    public static final int SIZE = 20;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_origin",
                    SIZE,
                    member("ip", IP_OFFSET, 16),
                    member("port", PORT_OFFSET, 2),
                    member("zero", ZERO_OFFSET, 2));

    public void write(MemorySegment to, long offset) {
        Bytes.putIp(to, offset + IP_OFFSET, ip);
        Bytes.putPort(to, offset + PORT_OFFSET, port);
        Bytes.zero(to, offset + ZERO_OFFSET, 2);
    }

    public static OriginValue read(MemorySegment from, long offset) {
        return new OriginValue(
                Bytes.ip(from, offset + IP_OFFSET), Bytes.port(from, offset + PORT_OFFSET));
    }
}
