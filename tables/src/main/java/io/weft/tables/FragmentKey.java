package io.weft.tables;

import static io.weft.tables.Layout.member;

import io.weft.model.Ip;
import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_fragment_key}: key of {@code weft_fragments}, what all fragments of one
 * datagram share (RFC 791 §2.3, RFC 8200 §4.5).
 *
 * <pre>
 *   0                16               32       36       40
 *   +----------------+----------------+--------+--------+
 *   |     source     |  destination   |   id   |protocol|
 *   +----------------+----------------+--------+--------+
 * </pre>
 *
 * @param id the identification, 16 bits in IPv4 and 32 in IPv6
 * @param protocol IANA number
 */
public record FragmentKey(Ip source, Ip destination, int id, int protocol) {
    public static final int SOURCE_OFFSET = 0;
    public static final int DESTINATION_OFFSET = 16;
    public static final int ID_OFFSET = 32;
    public static final int PROTOCOL_OFFSET = 36;
    public static final int SIZE = 40;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_fragment_key",
                    SIZE,
                    member("source", SOURCE_OFFSET, 16),
                    member("destination", DESTINATION_OFFSET, 16),
                    member("id", ID_OFFSET, 4),
                    member("protocol", PROTOCOL_OFFSET, 4));

    public void write(MemorySegment to, long offset) {
        Bytes.putIp(to, offset + SOURCE_OFFSET, source);
        Bytes.putIp(to, offset + DESTINATION_OFFSET, destination);
        Bytes.putU32(to, offset + ID_OFFSET, id);
        Bytes.putU32(to, offset + PROTOCOL_OFFSET, protocol);
    }

    public static FragmentKey read(MemorySegment from, long offset) {
        return new FragmentKey(
                Bytes.ip(from, offset + SOURCE_OFFSET),
                Bytes.ip(from, offset + DESTINATION_OFFSET),
                Bytes.u32(from, offset + ID_OFFSET),
                Bytes.u32(from, offset + PROTOCOL_OFFSET));
    }
}
