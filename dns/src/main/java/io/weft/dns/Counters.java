package io.weft.dns;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** What a server did since it started. */
final class Counters {
    private static final String[] RCODES = {
        "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"
    };
    private final LongAdder[] byRcode = new LongAdder[RCODES.length + 1]; // the last: all others

    final LongAdder queries = new LongAdder();
    final LongAdder dropped = new LongAdder();
    final LongAdder malformed = new LongAdder();
    final LongAdder cacheHits = new LongAdder();
    final LongAdder cacheMisses = new LongAdder();
    final LongAdder upstreamFailures = new LongAdder();
    final LongAdder recursionsRefused = new LongAdder();
    final LongAdder connectionsRefused = new LongAdder();
    final LongAdder sendFailures = new LongAdder();
    final LongAdder bugs = new LongAdder();

    Counters() {
        for (int i = 0; i < byRcode.length; i++) {
            byRcode[i] = new LongAdder();
        }
    }

    void answered(int rcode) {
        byRcode[Math.min(rcode, RCODES.length)].increment();
    }

    /**
     * @param forwarder what the forwarder counted
     */
    DnsCounts read(Counters forwarder) {
        Map<String, Long> rcodes = new TreeMap<>();
        for (int i = 0; i < byRcode.length; i++) {
            long count = byRcode[i].sum();
            if (count > 0) {
                rcodes.put(i < RCODES.length ? RCODES[i] : "other", count);
            }
        }
        return new DnsCounts(
                queries.sum(),
                rcodes,
                dropped.sum(),
                malformed.sum(),
                forwarder.cacheHits.sum(),
                forwarder.cacheMisses.sum(),
                forwarder.upstreamFailures.sum(),
                recursionsRefused.sum(),
                connectionsRefused.sum(),
                sendFailures.sum(),
                bugs.sum());
    }
}
