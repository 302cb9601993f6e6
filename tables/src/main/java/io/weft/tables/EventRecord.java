package io.weft.tables;

import static io.weft.tables.Layout.member;

import io.weft.model.Ip;
import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_event}: what the datapath writes into the ring buffer. Source is always the
 * opener of the connection.
 *
 * <pre>
 *   0               8   9  10  11  12      16              32              48
 *   +---------------+---+---+---+---+-------+---------------+---------------+
 *   |     time      |typ|rea|pro|icm| revis.|    source     |  destination  |
 *   +-------+-------+---+---+---+---+-------+---------------+---------------+
 *   | ports |src.id |dst.id |egress |ingress| slot  |
 *   +-------+-------+-------+-------+-------+-------+
 *   48      52      56      60      64      68      72
 *   +---------------+---------------+---------------+---------------+---------------+
 *   |    created    |  packets[0]   |  packets[1]   |   bytes[0]    |   bytes[1]    |
 *   +---------------+---------------+---------------+---------------+---------------+
 *   72              80              88              96              104             112
 * </pre>
 *
 * @param time nanoseconds of CLOCK_MONOTONIC
 * @param reason {@link Reason#FORWARDED} unless dropped; of AUDIT, and of CLOSED after it, what it
 *     would have been dropped for
 * @param protocol IANA number
 * @param icmpType ICMP and ICMPv6 only
 * @param revision under which it was judged
 * @param source of the opener
 * @param sourcePort ICMP echo: the identifier; the destination's is 0
 * @param egressRule at the source; {@link Rules#NONE} when it is no local workload
 * @param ingressRule at the destination; likewise
 * @param slot of the workload whose hook saw it, or {@link Abi#NO_SLOT}
 * @param created CLOSED: when the connection opened, on the clock of {@code time}
 * @param sourcePackets CLOSED: that the source sent; DENIED and DROPPED: 1
 * @param destinationPackets CLOSED: that the destination sent
 * @param sourceBytes of the IP packets, headers included
 * @param destinationBytes likewise
 */
public record EventRecord(
        long time,
        EventType type,
        Reason reason,
        int protocol,
        int icmpType,
        int revision,
        Ip source,
        Ip destination,
        int sourcePort,
        int destinationPort,
        int sourceIdentity,
        int destinationIdentity,
        int egressRule,
        int ingressRule,
        int slot,
        long created,
        long sourcePackets,
        long destinationPackets,
        long sourceBytes,
        long destinationBytes) {
    public static final int TIME_OFFSET = 0;
    public static final int TYPE_OFFSET = 8;
    public static final int REASON_OFFSET = 9;
    public static final int PROTOCOL_OFFSET = 10;
    public static final int ICMP_TYPE_OFFSET = 11;
    public static final int REVISION_OFFSET = 12;
    public static final int SOURCE_OFFSET = 16;
    public static final int DESTINATION_OFFSET = 32;
    public static final int SOURCE_PORT_OFFSET = 48;
    public static final int DESTINATION_PORT_OFFSET = 50;
    public static final int SOURCE_IDENTITY_OFFSET = 52;
    public static final int DESTINATION_IDENTITY_OFFSET = 56;
    public static final int EGRESS_RULE_OFFSET = 60;
    public static final int INGRESS_RULE_OFFSET = 64;
    public static final int SLOT_OFFSET = 68;
    public static final int CREATED_OFFSET = 72;
    public static final int PACKETS_OFFSET = 80;
    public static final int BYTES_OFFSET = 96;
    public static final int SIZE = 112;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_event",
                    SIZE,
                    member("time", TIME_OFFSET, 8),
                    member("type", TYPE_OFFSET, 1),
                    member("reason", REASON_OFFSET, 1),
                    member("protocol", PROTOCOL_OFFSET, 1),
                    member("icmp_type", ICMP_TYPE_OFFSET, 1),
                    member("revision", REVISION_OFFSET, 4),
                    member("source", SOURCE_OFFSET, 16),
                    member("destination", DESTINATION_OFFSET, 16),
                    member("source_port", SOURCE_PORT_OFFSET, 2),
                    member("destination_port", DESTINATION_PORT_OFFSET, 2),
                    member("source_identity", SOURCE_IDENTITY_OFFSET, 4),
                    member("destination_identity", DESTINATION_IDENTITY_OFFSET, 4),
                    member("egress_rule", EGRESS_RULE_OFFSET, 4),
                    member("ingress_rule", INGRESS_RULE_OFFSET, 4),
                    member("slot", SLOT_OFFSET, 4),
                    member("created", CREATED_OFFSET, 8),
                    member("packets", PACKETS_OFFSET, 16),
                    member("bytes", BYTES_OFFSET, 16));

    public void write(MemorySegment to, long offset) {
        Bytes.putU64(to, offset + TIME_OFFSET, time);
        Bytes.putU8(to, offset + TYPE_OFFSET, type.code());
        Bytes.putU8(to, offset + REASON_OFFSET, reason.code());
        Bytes.putU8(to, offset + PROTOCOL_OFFSET, protocol);
        Bytes.putU8(to, offset + ICMP_TYPE_OFFSET, icmpType);
        Bytes.putU32(to, offset + REVISION_OFFSET, revision);
        Bytes.putIp(to, offset + SOURCE_OFFSET, source);
        Bytes.putIp(to, offset + DESTINATION_OFFSET, destination);
        Bytes.putPort(to, offset + SOURCE_PORT_OFFSET, sourcePort);
        Bytes.putPort(to, offset + DESTINATION_PORT_OFFSET, destinationPort);
        Bytes.putU32(to, offset + SOURCE_IDENTITY_OFFSET, sourceIdentity);
        Bytes.putU32(to, offset + DESTINATION_IDENTITY_OFFSET, destinationIdentity);
        Bytes.putU32(to, offset + EGRESS_RULE_OFFSET, egressRule);
        Bytes.putU32(to, offset + INGRESS_RULE_OFFSET, ingressRule);
        Bytes.putU32(to, offset + SLOT_OFFSET, slot);
        Bytes.putU64(to, offset + CREATED_OFFSET, created);
        Bytes.putU64(to, offset + PACKETS_OFFSET, sourcePackets);
        Bytes.putU64(to, offset + PACKETS_OFFSET + 8, destinationPackets);
        Bytes.putU64(to, offset + BYTES_OFFSET, sourceBytes);
        Bytes.putU64(to, offset + BYTES_OFFSET + 8, destinationBytes);
    }

    /**
     * Reads an event as the ring buffer holds it.
     *
     * @throws IllegalArgumentException when the datapath is newer and knows more types or reasons
     */
    public static EventRecord read(MemorySegment from, long offset) {
        return new EventRecord(
                Bytes.u64(from, offset + TIME_OFFSET),
                EventType.ofCode(Bytes.u8(from, offset + TYPE_OFFSET)),
                Reason.ofCode(Bytes.u8(from, offset + REASON_OFFSET)),
                Bytes.u8(from, offset + PROTOCOL_OFFSET),
                Bytes.u8(from, offset + ICMP_TYPE_OFFSET),
                Bytes.u32(from, offset + REVISION_OFFSET),
                Bytes.ip(from, offset + SOURCE_OFFSET),
                Bytes.ip(from, offset + DESTINATION_OFFSET),
                Bytes.port(from, offset + SOURCE_PORT_OFFSET),
                Bytes.port(from, offset + DESTINATION_PORT_OFFSET),
                Bytes.u32(from, offset + SOURCE_IDENTITY_OFFSET),
                Bytes.u32(from, offset + DESTINATION_IDENTITY_OFFSET),
                Bytes.u32(from, offset + EGRESS_RULE_OFFSET),
                Bytes.u32(from, offset + INGRESS_RULE_OFFSET),
                Bytes.u32(from, offset + SLOT_OFFSET),
                Bytes.u64(from, offset + CREATED_OFFSET),
                Bytes.u64(from, offset + PACKETS_OFFSET),
                Bytes.u64(from, offset + PACKETS_OFFSET + 8),
                Bytes.u64(from, offset + BYTES_OFFSET),
                Bytes.u64(from, offset + BYTES_OFFSET + 8));
    }
}
