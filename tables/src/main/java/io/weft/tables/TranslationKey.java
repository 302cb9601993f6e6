package io.weft.tables;

import static io.weft.tables.Layout.member;

import io.weft.model.Ip;
import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_translation_key}: key of {@code weft_translations}: a packet as it comes.
 *
 * <pre>
 *   0                16               32     34     36   37   38   40
 *   +----------------+----------------+------+------+----+----+----+
 *   |     source     |  destination   |s.port|d.port|prot|rev.|zero|
 *   +----------------+----------------+------+------+----+----+----+
 * </pre>
 *
 * @param source the client; reverse: the backend
 * @param destination the service; reverse: the client, or the node in its place
 * @param protocol IANA number
 */
public record TranslationKey(
        Ip source,
        int sourcePort,
        Ip destination,
        int destinationPort,
        int protocol,
        boolean reverse) {
    public static final int SOURCE_OFFSET = 0;
    public static final int DESTINATION_OFFSET = 16;
    public static final int SOURCE_PORT_OFFSET = 32;
    public static final int DESTINATION_PORT_OFFSET = 34;
    public static final int PROTOCOL_OFFSET = 36;
    public static final int REVERSE_OFFSET = 37;
    public static final int ZERO_OFFSET = 38;
    public static final int SIZE = 40;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_translation_key",
                    SIZE,
                    member("source", SOURCE_OFFSET, 16),
                    member("destination", DESTINATION_OFFSET, 16),
                    member("source_port", SOURCE_PORT_OFFSET, 2),
                    member("destination_port", DESTINATION_PORT_OFFSET, 2),
                    member("protocol", PROTOCOL_OFFSET, 1),
                    member("reverse", REVERSE_OFFSET, 1),
                    member("zero", ZERO_OFFSET, 2));

    public void write(MemorySegment to, long offset) {
        Bytes.putIp(to, offset + SOURCE_OFFSET, source);
        Bytes.putIp(to, offset + DESTINATION_OFFSET, destination);
        Bytes.putPort(to, offset + SOURCE_PORT_OFFSET, sourcePort);
        Bytes.putPort(to, offset + DESTINATION_PORT_OFFSET, destinationPort);
        Bytes.putU8(to, offset + PROTOCOL_OFFSET, protocol);
        Bytes.putU8(to, offset + REVERSE_OFFSET, reverse ? 1 : 0);
        Bytes.zero(to, offset + ZERO_OFFSET, 2);
    }

    public static TranslationKey read(MemorySegment from, long offset) {
        return new TranslationKey(
                Bytes.ip(from, offset + SOURCE_OFFSET),
                Bytes.port(from, offset + SOURCE_PORT_OFFSET),
                Bytes.ip(from, offset + DESTINATION_OFFSET),
                Bytes.port(from, offset + DESTINATION_PORT_OFFSET),
                Bytes.u8(from, offset + PROTOCOL_OFFSET),
                Bytes.u8(from, offset + REVERSE_OFFSET) != 0);
    }
}
