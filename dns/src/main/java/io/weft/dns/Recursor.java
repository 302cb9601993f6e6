package io.weft.dns;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/**
 * Answers what the zone alone cannot: names outside, and services that stand for another name. It
 * may wait for an upstream.
 */
final class Recursor {
    /** So many names may stand for one another. */
    private static final int HOPS = 8;

    private final Forwarder forwarder;
    private final Counters counters;

    Recursor(Forwarder forwarder, Counters counters) {
        this.forwarder = forwarder;
        this.counters = counters;
    }

    /**
     * {@return the answer}
     *
     * @param packet a question that {@link Responder} left
     * @param limit in bytes
     */
    byte[] answer(ClusterZone zone, byte[] packet, int limit) throws IOException {
        QueryReader query = new QueryReader();
        query.read(packet, packet.length);
        Owner owner = zone.find(query.name);
        if (owner != null) {
            return chase(zone, owner, packet, query, limit);
        }
        StoredAnswer answer = resolve(query.name.copy(), query);
        byte[] out = new byte[answer.size()];
        int length = answer.write(packet, query, forwarder.now(), out, limit);
        counters.answered(answer.rcode());
        return Arrays.copyOf(out, length);
    }

    private StoredAnswer resolve(WireName name, QueryReader query) {
        return forwarder.resolve(
                new AnswerCache.Key(name, query.type, AnswerCache.Key.flags(query)));
    }

    /** Follows {@code CNAME}s, in the zone and outside. */
    private byte[] chase(ClusterZone zone, Owner first, byte[] packet, QueryReader query, int limit)
            throws IOException {
        Message answer = new Message(query.id);
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setFlag(Flags.AA);
        flag(answer, Flags.RD, query.recursionDesired());
        flag(answer, Flags.RA, forwarder.hasUpstreams());
        Name asked = new Name(Arrays.copyOfRange(packet, Wire.HEADER, query.questionEnd - 4));
        answer.addRecord(Record.newRecord(asked, query.type, DClass.IN), Section.QUESTION);
        List<EDNSOption> options = new ArrayList<>();
        int rcode = follow(zone, first, asked, query, answer, options);
        answer.getHeader().setRcode(rcode);
        if (query.edns) {
            answer.addRecord(
                    new OPTRecord(
                            DnsServer.UDP_MOST,
                            rcode >> 4,
                            0,
                            query.dnssecOk ? Wire.DNSSEC_OK : 0,
                            options),
                    Section.ADDITIONAL);
        }
        counters.answered(rcode);
        return answer.toWire(limit);
    }

    private static void flag(Message message, byte flag, boolean set) {
        if (set) {
            message.getHeader().setFlag(flag);
        }
    }

    /** {@return the response code} */
    private int follow(
            ClusterZone zone,
            Owner first,
            Name asked,
            QueryReader query,
            Message answer,
            List<EDNSOption> options)
            throws IOException {
        @Nullable Owner owner = first;
        Name name = asked;
        for (int hop = 0; hop < HOPS; hop++) {
            RrSet found = owner == null ? null : owner.find(query.type);
            RrSet alias = owner == null ? null : owner.find(Wire.CNAME);
            if (found != null) {
                add(answer, name, found.records(), zone.settings().ttl());
                return Wire.NOERROR;
            }
            if (alias == null) {
                add(answer, new Name(zone.domain().apex().toBytes()), zone);
                return owner == null ? Wire.NXDOMAIN : Wire.NOERROR;
            }
            add(answer, name, alias.records(), zone.settings().ttl());
            WireName target = alias.records().getFirst().target();
            name = new Name(target.toBytes());
            owner = zone.find(target);
            if (owner == null && !zone.isAuthorityFor(target)) {
                return outside(target, query, answer, options);
            }
        }
        say(
                new ExtendedError(
                        ExtendedError.OTHER,
                        "services of type ExternalName stand for one another in a circle, or more"
                                + " than "
                                + HOPS
                                + " in a row"),
                options);
        return Wire.SERVFAIL;
    }

    private int outside(
            WireName target, QueryReader query, Message answer, List<EDNSOption> options)
            throws IOException {
        if (!query.recursionDesired()) {
            return Wire.NOERROR;
        }
        if (!forwarder.hasUpstreams()) {
            say(forwarder.refusal(), options);
            return Wire.NOERROR;
        }
        StoredAnswer found = resolve(target, query);
        if (found.why() != null) {
            say(found.why(), options);
        }
        Message message = new Message(found.packet(forwarder.now()));
        for (int section : new int[] {Section.ANSWER, Section.AUTHORITY}) {
            message.getSection(section).forEach(r -> answer.addRecord(r, section));
        }
        return found.rcode();
    }

    private static void say(ExtendedError why, List<EDNSOption> options) {
        options.add(new ExtendedErrorCodeOption(why.code(), why.text()));
    }

    private static void add(Message answer, Name name, List<Rr> records, int ttl)
            throws IOException {
        for (Rr record : records) {
            answer.addRecord(
                    Record.newRecord(name, record.type(), DClass.IN, ttl, record.data()),
                    Section.ANSWER);
        }
    }

    private static void add(Message answer, Name apex, ClusterZone zone) throws IOException {
        Rr soa = zone.soa().records().getFirst();
        answer.addRecord(
                Record.newRecord(
                        apex, Wire.SOA, DClass.IN, zone.settings().negativeTtl(), soa.data()),
                Section.AUTHORITY);
    }
}
