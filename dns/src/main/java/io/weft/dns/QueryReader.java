package io.weft.dns;

/**
 * Reads one question after another without garbage. What the fields mean when {@link #read} says
 * that a packet is malformed is undefined, but for {@link #id} and {@link #flags}.
 */
final class QueryReader {
    /** What a packet is. */
    enum Kind {
        QUESTION,
        /** Too short to be answered, or an answer itself: whoever replied could start a loop. */
        SILENCE,
        MALFORMED,
        OTHER_OPCODE
    }

    final WireName name = WireName.probe();
    int id;
    int flags;
    int type;
    int questionClass;

    /** Where the question ends, in bytes from the start. */
    int questionEnd;

    boolean edns;
    int ednsVersion;

    /** Of the requestor, in bytes; 512 without EDNS. */
    int payload;

    boolean dnssecOk;

    Kind read(byte[] packet, int length) {
        if (length < Wire.HEADER) {
            return Kind.SILENCE;
        }
        id = Wire.u16(packet, 0);
        flags = Wire.u16(packet, 2);
        if ((flags & Wire.QR) != 0) {
            return Kind.SILENCE;
        }
        if ((flags & Wire.OPCODE) != 0) {
            return Kind.OTHER_OPCODE;
        }
        if (Wire.u16(packet, 4) != 1 || Wire.u16(packet, 6) != 0 || Wire.u16(packet, 8) != 0) {
            return Kind.MALFORMED;
        }
        int at = name.load(packet, Wire.HEADER, length);
        if (at < 0 || at + 4 > length) {
            return Kind.MALFORMED;
        }
        type = Wire.u16(packet, at);
        questionClass = Wire.u16(packet, at + 2);
        questionEnd = at + 4;
        edns = false;
        ednsVersion = 0;
        dnssecOk = false;
        payload = DnsServer.UDP_PLAIN;
        return readAdditional(packet, length, Wire.u16(packet, 10))
                ? Kind.QUESTION
                : Kind.MALFORMED;
    }

    private boolean readAdditional(byte[] packet, int length, int count) {
        int at = questionEnd;
        for (int i = 0; i < count; i++) {
            int end = Wire.skipRecord(packet, at, length);
            if (end < 0) {
                return false;
            }
            int fixed = Wire.skipName(packet, at, length);
            if (Wire.u16(packet, fixed) == Wire.OPT) {
                if (edns || fixed != at + 1) { // one, of the root
                    return false;
                }
                edns = true;
                payload = Math.max(DnsServer.UDP_PLAIN, Wire.u16(packet, fixed + 2));
                ednsVersion = packet[fixed + 5] & 0xff;
                dnssecOk = (Wire.u16(packet, fixed + 6) & Wire.DNSSEC_OK) != 0;
            }
            at = end;
        }
        return true;
    }

    boolean recursionDesired() {
        return (flags & Wire.RD) != 0;
    }
}
