package io.weft.tables;

import static io.weft.tables.Layout.member;

import io.weft.model.Ip;
import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_backend}: element of {@code weft_backends}.
 *
 * <pre>
 *   0                                16     18     20        24
 *   +--------------------------------+------+------+---------+
 *   |               ip               | port | zero |   id    |
 *   +--------------------------------+------+------+---------+
 * </pre>
 *
 * @param port 1–65535
 * @param id of this address and port, in sets with affinity; else 0
 */
public record BackendValue(Ip ip, int port, int id) {
    public static final int IP_OFFSET = 0;
    public static final int PORT_OFFSET = 16;
    public static final int ZERO_OFFSET = 18;
    public static final int ID_OFFSET = 20;
    public static final int SIZE = 24;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_backend",
                    SIZE,
                    member("ip", IP_OFFSET, 16),
                    member("port", PORT_OFFSET, 2),
                    member("zero", ZERO_OFFSET, 2),
                    member("id", ID_OFFSET, 4));

    public void write(MemorySegment to, long offset) {
        Bytes.putIp(to, offset + IP_OFFSET, ip);
        Bytes.putPort(to, offset + PORT_OFFSET, port);
        Bytes.zero(to, offset + ZERO_OFFSET, 2);
        Bytes.putU32(to, offset + ID_OFFSET, id);
    }

    public static BackendValue read(MemorySegment from, long offset) {
        return new BackendValue(
                Bytes.ip(from, offset + IP_OFFSET),
                Bytes.port(from, offset + PORT_OFFSET),
                Bytes.u32(from, offset + ID_OFFSET));
    }
}
