package io.weft.dns;

import org.jspecify.annotations.Nullable;

/**
 * Answers what the zone can answer. One thread's: it keeps the question between calls, and makes no
 * garbage but for names of pods.
 */
final class Responder {
    /** {@link #respond}: says nothing. */
    static final int SILENCE = 0;

    /** {@link #respond}: the zone alone cannot answer; {@link #query} says what is asked. */
    static final int RECURSE = -1;

    static final byte[] NO_OPTION = {};
    private static final byte[] ROOT_OPT = {0, 0, Wire.OPT};

    private final Counters counters;
    private final boolean recursion;
    private final byte[] refusal;
    private final byte[] notDesired;
    private final QueryReader query = new QueryReader();

    /** Where the next answer starts in a set of several addresses. */
    private int turn;

    private int at;
    private int limit;
    private boolean truncated;
    private int answers;
    private int authorities;

    /**
     * @param forwarder says whether names outside the zone are resolved, and why not
     */
    Responder(Counters counters, Forwarder forwarder) {
        this.counters = counters;
        this.recursion = forwarder.hasUpstreams();
        this.refusal = forwarder.refusal().option();
        this.notDesired =
                new ExtendedError(
                                ExtendedError.NOT_AUTHORITATIVE,
                                "the name is not of this cluster, and recursion was not desired")
                        .option();
    }

    QueryReader query() {
        return query;
    }

    /**
     * Answers one packet.
     *
     * @param out takes the answer, from 0
     * @param most bytes over this transport, whatever the requestor says; at most {@code out} has
     * @param stream whether the requestor's payload size does not count
     * @return bytes in {@code out}, or {@link #SILENCE} or {@link #RECURSE}
     */
    int respond(ClusterZone zone, byte[] packet, int length, byte[] out, int most, boolean stream) {
        counters.queries.increment();
        switch (query.read(packet, length)) {
            case SILENCE -> {
                counters.dropped.increment();
                return SILENCE;
            }
            case MALFORMED -> {
                counters.malformed.increment();
                return headerOnly(out, Wire.FORMERR);
            }
            case OTHER_OPCODE -> {
                return headerOnly(out, Wire.NOTIMP);
            }
            case QUESTION -> {}
        }
        limit = limit(most, stream);
        if (query.edns && query.ednsVersion != 0) {
            return start(packet, out).finish(out, Wire.BADVERS, false);
        }
        boolean meta = query.type >= 249 && query.type < Wire.ANY; // transfers, signatures
        if (query.questionClass != Wire.IN || query.type == Wire.OPT || query.type == 0 || meta) {
            return start(packet, out).finish(out, Wire.REFUSED, false);
        }
        Owner owner = zone.find(query.name);
        if (owner != null) {
            return answer(zone, owner, packet, out);
        }
        if (zone.isAuthorityFor(query.name)) {
            start(packet, out).authority(zone, out);
            return finish(out, Wire.NXDOMAIN, true);
        }
        if (recursion && query.recursionDesired()) {
            return RECURSE;
        }
        start(packet, out);
        return finish(out, Wire.REFUSED, false, recursion ? notDesired : refusal);
    }

    /** {@return how long an answer to {@link #query} may be, in bytes} */
    int limit(int most, boolean stream) {
        return stream ? most : Math.min(most, query.payload);
    }

    private int answer(ClusterZone zone, Owner owner, byte[] packet, byte[] out) {
        RrSet found = find(zone, owner, query.type);
        if (found == null && owner.find(Wire.CNAME) != null && query.type != Wire.ANY) {
            return RECURSE;
        }
        start(packet, out);
        if (found != null) {
            int first = found.size() == 1 ? 0 : Integer.remainderUnsigned(turn++, found.size());
            for (int i = 0; i < found.size() && !truncated; i++) {
                int index = first + i;
                answers +=
                        put(
                                found.encoded(index < found.size() ? index : index - found.size()),
                                out);
            }
        } else if (query.type == Wire.ANY) {
            answers += put(Rr.minimalAny().encode(zone.settings().ttl()), out);
        } else {
            authority(zone, out);
        }
        return finish(out, Wire.NOERROR, true);
    }

    private static @Nullable RrSet find(ClusterZone zone, Owner owner, int type) {
        return type == Wire.SOA && owner == zone.names().get(zone.domain().apex())
                ? zone.soa()
                : owner.find(type);
    }

    // ---- writing

    /** Writes the header's place and the question as it was asked, case and all. */
    private Responder start(byte[] packet, byte[] out) {
        System.arraycopy(packet, 0, out, 0, query.questionEnd);
        at = query.questionEnd;
        answers = 0;
        authorities = 0;
        truncated = false;
        if (query.edns) {
            limit -= Wire.OPT_SIZE;
        }
        return this;
    }

    /** {@return 1; 0 when it has no room} */
    private int put(byte[] record, byte[] out) {
        if (at + record.length > limit) {
            truncated = true;
            return 0;
        }
        System.arraycopy(record, 0, out, at, record.length);
        at += record.length;
        return 1;
    }

    /** Writes the SOA that says how long a negative answer holds (RFC 2308). */
    private void authority(ClusterZone zone, byte[] out) {
        int start = at;
        authorities = put(zone.soa().encoded(0), out);
        if (authorities == 1 && zone.isAuthorityFor(query.name)) {
            int above = query.name.length() - zone.domain().apex().length();
            Wire.put16(out, start, Wire.TO_QUESTION + above);
        }
    }

    private int finish(byte[] out, int rcode, boolean authoritative) {
        return finish(out, rcode, authoritative, NO_OPTION);
    }

    /**
     * @param option has room: the answer has no records
     */
    private int finish(byte[] out, int rcode, boolean authoritative, byte[] option) {
        Wire.put16(
                out,
                2,
                Wire.QR
                        | (query.flags & (Wire.RD | Wire.CD))
                        | (authoritative ? Wire.AA : 0)
                        | (truncated ? Wire.TC : 0)
                        | (recursion ? Wire.RA : 0)
                        | (rcode & Wire.RCODE));
        Wire.put16(out, 6, answers);
        Wire.put16(out, 8, authorities);
        Wire.put16(out, 10, query.edns ? 1 : 0);
        if (query.edns) {
            at = putOpt(out, at, rcode, query.dnssecOk, option);
        }
        counters.answered(rcode);
        return at;
    }

    /** {@return the position after it} */
    static int putOpt(byte[] out, int offset, int rcode, boolean dnssecOk, byte[] option) {
        System.arraycopy(ROOT_OPT, 0, out, offset, ROOT_OPT.length);
        int at = Wire.put16(out, offset + 3, DnsServer.UDP_MOST);
        at = Wire.put16(out, at, (rcode >> 4) << 8);
        at = Wire.put16(out, at, dnssecOk ? Wire.DNSSEC_OK : 0);
        at = Wire.put16(out, at, option.length);
        System.arraycopy(option, 0, out, at, option.length);
        return at + option.length;
    }

    /** Answers what cannot be understood: the question may not be there. */
    private int headerOnly(byte[] out, int rcode) {
        Wire.put16(out, 0, query.id);
        Wire.put16(out, 2, Wire.QR | (query.flags & (Wire.OPCODE | Wire.RD)) | rcode);
        for (int section = 4; section < Wire.HEADER; section += 2) {
            Wire.put16(out, section, 0);
        }
        counters.answered(rcode);
        return Wire.HEADER;
    }
}
