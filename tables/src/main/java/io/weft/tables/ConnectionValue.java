package io.weft.tables;

import static io.weft.tables.Layout.member;

import java.lang.foreign.MemorySegment;

/**
 * {@code struct weft_connection}: value of {@code weft_connections}.
 *
 * <pre>
 *   0         8         16                  32                  48
 *   +---------+---------+---------+---------+---------+---------+
 *   | created |last_seen|    packets[2]     |     bytes[2]      |
 *   +----+----+----+----+----+----+---------+---------+---------+
 *   |rev.|flag|o.id|r.id|eg. |ing.|slot|zero|
 *   +----+----+----+----+----+----+----+----+
 *   48   52   56   60   64   68   72   76   80
 * </pre>
 *
 * @param created nanoseconds of CLOCK_MONOTONIC
 * @param lastSeen likewise, coarse
 * @param openerPackets packets that the opener sent
 * @param responderPackets packets that the responder sent
 * @param openerBytes of the opener's IP packets, headers included
 * @param responderBytes likewise of the responder's
 * @param revision under which it was judged
 * @param flags sum of {@link #FROM_B} and its siblings
 * @param egressRule at the opener; {@link Rules#NONE} when it is no local workload
 * @param ingressRule at the responder; likewise
 * @param slotA where {@code weft_places} may have the workload at end a
 * @param slotB likewise of end b; the same as a's: not known, or not both are local
 */
public record ConnectionValue(
        long created,
        long lastSeen,
        long openerPackets,
        long responderPackets,
        long openerBytes,
        long responderBytes,
        int revision,
        int flags,
        int openerIdentity,
        int responderIdentity,
        int egressRule,
        int ingressRule,
        int slotA,
        int slotB) {
    /** End b opened the connection. */
    public static final int FROM_B = 0x01;

    /** A later revision denies it. */
    public static final int DENIED = 0x02;

    /** RST, or FIN from both ends. */
    public static final int CLOSED = 0x04;

    /** The responder has answered. */
    public static final int REPLIED = 0x08;

    /** The opener has sent its FIN. */
    public static final int FIN_OPENER = 0x10;

    /** The responder has sent its FIN. */
    public static final int FIN_RESPONDER = 0x20;

    /** With {@link #DENIED} or {@link #AUDIT}: at the responder. */
    public static final int DENIED_INGRESS = 0x40;

    /** A side in audit mode would deny it. */
    public static final int AUDIT = 0x80;

    /** Through a service: {@code weft_translations} has what its packets become. */
    public static final int TRANSLATED = 0x100;

    public static final int CREATED_OFFSET = 0;
    public static final int LAST_SEEN_OFFSET = 8;
    public static final int PACKETS_OFFSET = 16;
    public static final int BYTES_OFFSET = 32;
    public static final int REVISION_OFFSET = 48;
    public static final int FLAGS_OFFSET = 52;
    public static final int OPENER_IDENTITY_OFFSET = 56;
    public static final int RESPONDER_IDENTITY_OFFSET = 60;
    public static final int EGRESS_RULE_OFFSET = 64;
    public static final int INGRESS_RULE_OFFSET = 68;
    public static final int SLOTS_OFFSET = 72;
    public static final int ZERO_OFFSET = 76;
    public static final int SIZE = 80;

    public static final Layout LAYOUT =
            Layout.of(
                    "weft_connection",
                    SIZE,
                    member("created", CREATED_OFFSET, 8),
                    member("last_seen", LAST_SEEN_OFFSET, 8),
                    member("packets", PACKETS_OFFSET, 16),
                    member("bytes", BYTES_OFFSET, 16),
                    member("revision", REVISION_OFFSET, 4),
                    member("flags", FLAGS_OFFSET, 4),
                    member("opener_identity", OPENER_IDENTITY_OFFSET, 4),
                    member("responder_identity", RESPONDER_IDENTITY_OFFSET, 4),
                    member("egress_rule", EGRESS_RULE_OFFSET, 4),
                    member("ingress_rule", INGRESS_RULE_OFFSET, 4),
                    member("slots", SLOTS_OFFSET, 4),
                    member("zero", ZERO_OFFSET, 4));

    /** {@return what it would have been dropped for, were no side in audit mode} */
    public Reason audited() {
        if (!has(AUDIT)) {
            return Reason.FORWARDED;
        }
        return has(DENIED_INGRESS) ? Reason.POLICY_INGRESS : Reason.POLICY_EGRESS;
    }

    /** {@return whether all bits of {@code flag} are set} */
    public boolean has(int flag) {
        return (flags & flag) == flag;
    }

    public void write(MemorySegment to, long offset) {
        Bytes.putU64(to, offset + CREATED_OFFSET, created);
        Bytes.putU64(to, offset + LAST_SEEN_OFFSET, lastSeen);
        Bytes.putU64(to, offset + PACKETS_OFFSET, openerPackets);
        Bytes.putU64(to, offset + PACKETS_OFFSET + 8, responderPackets);
        Bytes.putU64(to, offset + BYTES_OFFSET, openerBytes);
        Bytes.putU64(to, offset + BYTES_OFFSET + 8, responderBytes);
        Bytes.putU32(to, offset + REVISION_OFFSET, revision);
        Bytes.putU32(to, offset + FLAGS_OFFSET, flags);
        Bytes.putU32(to, offset + OPENER_IDENTITY_OFFSET, openerIdentity);
        Bytes.putU32(to, offset + RESPONDER_IDENTITY_OFFSET, responderIdentity);
        Bytes.putU32(to, offset + EGRESS_RULE_OFFSET, egressRule);
        Bytes.putU32(to, offset + INGRESS_RULE_OFFSET, ingressRule);
        Bytes.putU16(to, offset + SLOTS_OFFSET, slotA);
        Bytes.putU16(to, offset + SLOTS_OFFSET + 2, slotB);
        Bytes.putU32(to, offset + ZERO_OFFSET, 0);
    }

    public static ConnectionValue read(MemorySegment from, long offset) {
        return new ConnectionValue(
                Bytes.u64(from, offset + CREATED_OFFSET),
                Bytes.u64(from, offset + LAST_SEEN_OFFSET),
                Bytes.u64(from, offset + PACKETS_OFFSET),
                Bytes.u64(from, offset + PACKETS_OFFSET + 8),
                Bytes.u64(from, offset + BYTES_OFFSET),
                Bytes.u64(from, offset + BYTES_OFFSET + 8),
                Bytes.u32(from, offset + REVISION_OFFSET),
                Bytes.u32(from, offset + FLAGS_OFFSET),
                Bytes.u32(from, offset + OPENER_IDENTITY_OFFSET),
                Bytes.u32(from, offset + RESPONDER_IDENTITY_OFFSET),
                Bytes.u32(from, offset + EGRESS_RULE_OFFSET),
                Bytes.u32(from, offset + INGRESS_RULE_OFFSET),
                Bytes.u16(from, offset + SLOTS_OFFSET),
                Bytes.u16(from, offset + SLOTS_OFFSET + 2));
    }
}
