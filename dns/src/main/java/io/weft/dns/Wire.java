package io.weft.dns;

/** Numbers and positions of RFC 1035 §4, and what reads and writes them in a packet. */
final class Wire {
    static final int HEADER = 12;

    static final int A = 1;
    static final int NS = 2;
    static final int CNAME = 5;
    static final int SOA = 6;
    static final int PTR = 12;
    static final int HINFO = 13;
    static final int TXT = 16;
    static final int AAAA = 28;
    static final int SRV = 33;
    static final int OPT = 41;
    static final int ANY = 255;

    static final int IN = 1;

    static final int NOERROR = 0;
    static final int FORMERR = 1;
    static final int SERVFAIL = 2;
    static final int NXDOMAIN = 3;
    static final int NOTIMP = 4;
    static final int REFUSED = 5;
    static final int BADVERS = 16;

    // flags, in the third and fourth byte of a packet
    static final int QR = 0x8000;
    static final int AA = 0x0400;
    static final int TC = 0x0200;
    static final int RD = 0x0100;
    static final int RA = 0x0080;
    static final int AD = 0x0020;
    static final int CD = 0x0010;
    static final int OPCODE = 0x7800;
    static final int RCODE = 0x000f;

    /** DO, in an OPT record's flags. */
    static final int DNSSEC_OK = 0x8000;

    /** An OPT record without options. */
    static final int OPT_SIZE = 11;

    /** Type, class, time to live, length: what stands between a record's owner and its data. */
    static final int FIXED = 10;

    /** A pointer to the name of the question. */
    static final int TO_QUESTION = 0xc000 | HEADER;

    private Wire() {}

    static int u16(byte[] packet, int at) {
        return ((packet[at] & 0xff) << 8) | (packet[at + 1] & 0xff);
    }

    static int i32(byte[] packet, int at) {
        return (u16(packet, at) << 16) | u16(packet, at + 2);
    }

    /** {@return the position after it} */
    static int put16(byte[] packet, int at, int value) {
        packet[at] = (byte) (value >> 8);
        packet[at + 1] = (byte) value;
        return at + 2;
    }

    /** {@return the position after it} */
    static int put32(byte[] packet, int at, int value) {
        return put16(packet, put16(packet, at, value >>> 16), value);
    }

    /** {@return where the name at {@code offset}, compressed or not, ends; -1: malformed} */
    static int skipName(byte[] packet, int offset, int end) {
        int at = offset;
        while (at < end) {
            int b = packet[at] & 0xff;
            if (b == 0) {
                return at + 1;
            }
            if ((b & 0xc0) == 0xc0) {
                return at + 2 <= end ? at + 2 : -1;
            }
            if ((b & 0xc0) != 0) {
                return -1;
            }
            at += 1 + b;
        }
        return -1;
    }

    /** {@return where the record at {@code offset} ends; -1: malformed} */
    static int skipRecord(byte[] packet, int offset, int end) {
        int at = skipName(packet, offset, end);
        if (at < 0 || at + FIXED > end) {
            return -1;
        }
        at += FIXED + u16(packet, at + 8);
        return at <= end ? at : -1;
    }

    /**
     * Makes a well-formed answer fit: whole records go, from the end, and TC says so.
     *
     * @return its length now
     */
    static int truncate(byte[] packet, int length, int limit) {
        if (length <= limit) {
            return length;
        }
        int at = skipName(packet, HEADER, length) + 4;
        boolean full = false;
        for (int section = 6; section <= 10; section += 2) {
            int count = u16(packet, section);
            int kept = 0;
            while (kept < count && !full) {
                int next = skipRecord(packet, at, length);
                full = next < 0 || next > limit;
                if (!full) {
                    at = next;
                    kept++;
                }
            }
            put16(packet, section, kept);
        }
        put16(packet, 2, u16(packet, 2) | TC);
        return at;
    }
}
