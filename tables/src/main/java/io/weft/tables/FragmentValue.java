package io.weft.tables;

import static io.weft.tables.Layout.member;

import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_fragment}: value of {@code weft_fragments}, what only the first fragment
 * carries.
 *
 * <pre>
 *   0             2                  4          5           6      8
 *   +-------------+------------------+----------+-----------+------+
 *   | source_port | destination_port | protocol | icmp_type | zero |   ports in network order
 *   +-------------+------------------+----------+-----------+------+
 * </pre>
 *
 * @param protocol IANA number of the transport; IPv6 may have extension headers before it
 * @param icmpType of {@link Icmp} only
 */
public record FragmentValue(int sourcePort, int destinationPort, int protocol, int icmpType) {
    public static final int SOURCE_PORT_OFFSET = 0;
    public static final int DESTINATION_PORT_OFFSET = 2;
    public static final int PROTOCOL_OFFSET = 4;
    public static final int ICMP_TYPE_OFFSET = 5;
    public static final int ZERO_OFFSET = 6;
    public static final int SIZE = 8;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_fragment",
                    SIZE,
                    member("source_port", SOURCE_PORT_OFFSET, 2),
                    member("destination_port", DESTINATION_PORT_OFFSET, 2),
                    member("protocol", PROTOCOL_OFFSET, 1),
                    member("icmp_type", ICMP_TYPE_OFFSET, 1),
                    member("zero", ZERO_OFFSET, 2));

    public FragmentValue {
        Bytes.checked("port", sourcePort, 16);
        Bytes.checked("port", destinationPort, 16);
        Bytes.checked("protocol", protocol, 8);
        Bytes.checked("ICMP type", icmpType, 8);
    }

    public void write(MemorySegment to, long offset) {
        Bytes.putPort(to, offset + SOURCE_PORT_OFFSET, sourcePort);
        Bytes.putPort(to, offset + DESTINATION_PORT_OFFSET, destinationPort);
        Bytes.putU8(to, offset + PROTOCOL_OFFSET, protocol);
        Bytes.putU8(to, offset + ICMP_TYPE_OFFSET, icmpType);
        Bytes.zero(to, offset + ZERO_OFFSET, SIZE - ZERO_OFFSET);
    }

    public static FragmentValue read(MemorySegment from, long offset) {
        return new FragmentValue(
                Bytes.port(from, offset + SOURCE_PORT_OFFSET),
                Bytes.port(from, offset + DESTINATION_PORT_OFFSET),
                Bytes.u8(from, offset + PROTOCOL_OFFSET),
                Bytes.u8(from, offset + ICMP_TYPE_OFFSET));
    }
}
