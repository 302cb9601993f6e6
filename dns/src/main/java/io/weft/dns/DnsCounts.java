package io.weft.dns;

import java.util.Map;
import java.util.TreeMap;

/**
 * What a {@link DnsServer} did since it started.
 *
 * @param queries packets that came, over UDP and TCP
 * @param answers by response code: {@code NOERROR}, …; only those that occurred
 * @param dropped packets that nothing was said to: shorter than a header, or answers themselves
 * @param malformed packets that were no question, and were answered FORMERR
 * @param cacheHits names outside the zone that the cache knew
 * @param cacheMisses those that an upstream was asked for, or that waited for such an answer
 * @param upstreamFailures upstreams that did not answer, or with something unusable
 * @param recursionsRefused because too many were under way
 * @param connectionsRefused because too many were open
 * @param sendFailures answers that the kernel did not take
 * @param bugs questions that failed inside the server; its log says how
 */
public record DnsCounts(
        long queries,
        Map<String, Long> answers,
        long dropped,
        long malformed,
        long cacheHits,
        long cacheMisses,
        long upstreamFailures,
        long recursionsRefused,
        long connectionsRefused,
        long sendFailures,
        long bugs) {
    public DnsCounts {
        answers = java.util.Collections.unmodifiableMap(new TreeMap<>(answers));
    }
}
