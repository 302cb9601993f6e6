package io.weft.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;

/**
 * Asks the host's resolvers, and remembers what they said. Questions for what is already being
 * asked wait for that answer; so a circle of servers that ask one another ends with the first
 * timeout. An upstream that fails is tried last from then on.
 */
public final class Forwarder {
    /** So long at most an answer is kept, in seconds; a negative one {@link #MAX_NEGATIVE}. */
    private static final long MAX_POSITIVE = 86_400;

    private static final long MAX_NEGATIVE = 10_800; // RFC 2308 §5

    /**
     * How to forward.
     *
     * @param upstreams whom to ask, in order; none: nobody, and every name is refused
     * @param timeout for one try of one upstream
     * @param attempts how often all are tried
     * @param cacheBytes of memory for answers, about
     */
    public record Settings(
            List<InetSocketAddress> upstreams, Duration timeout, int attempts, long cacheBytes) {
        public static final long CACHE_BYTES = 16L << 20;
        private static final int PORT = 53;

        /** So that the second upstream is asked before a client gives up, after 5 s. */
        private static final Duration MAX_TIMEOUT = Duration.ofSeconds(2);

        public Settings {
            upstreams = List.copyOf(upstreams);
        }

        /** {@return what a resolv.conf asks for, but with no longer timeout than 2 s} */
        public static Settings of(HostResolvers host) {
            return new Settings(
                    host.nameservers().stream().map(ip -> Upstream.address(ip, PORT)).toList(),
                    host.timeout().compareTo(MAX_TIMEOUT) < 0 ? host.timeout() : MAX_TIMEOUT,
                    host.attempts(),
                    CACHE_BYTES);
        }
    }

    private final List<InetSocketAddress> upstreams;
    private final List<InetSocketAddress> circular;
    private final Settings settings;
    private final InstantSource clock;
    private final AnswerCache cache;
    private final Map<AnswerCache.Key, CompletableFuture<StoredAnswer>> asking =
            new ConcurrentHashMap<>();
    private final AtomicInteger preferred = new AtomicInteger();
    private final Counters counters = new Counters();

    /**
     * @param own addresses that the server listens on; an upstream that is one of them is not asked
     */
    public Forwarder(Settings settings, Set<InetSocketAddress> own, InstantSource clock) {
        this.upstreams = settings.upstreams.stream().filter(u -> !own.contains(u)).toList();
        this.circular = settings.upstreams.stream().filter(own::contains).toList();
        this.settings = settings;
        this.clock = clock;
        this.cache = new AnswerCache(settings.cacheBytes);
    }

    /** {@return one that refuses every name} */
    public static Forwarder none() {
        return new Forwarder(
                new Settings(List.of(), Duration.ofSeconds(1), 1, 0),
                Set.of(),
                InstantSource.system());
    }

    boolean hasUpstreams() {
        return !upstreams.isEmpty();
    }

    /** {@return what an operator should know, in sentences} */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        circular.forEach(u ->
                warnings.add(
                        "the host's resolv.conf names this DNS server itself, "
                                + text(u)
                                + ": it is not asked, or names would go round in a circle"));
        if (upstreams.isEmpty()) {
            warnings.add("names outside the cluster are refused: there is no name server to ask");
        }
        return warnings;
    }

    /** {@return what whoever asks for another name is told when there are no upstreams} */
    ExtendedError refusal() {
        return new ExtendedError(
                ExtendedError.NOT_AUTHORITATIVE,
                circular.isEmpty()
                        ? "the name is not of this cluster, and the host's resolv.conf names no"
                                + " name server to ask"
                        : "the name is not of this cluster, and the host's resolv.conf names only"
                                + " this server itself: "
                                + text(circular.getFirst()));
    }

    static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return address.getPort() == Settings.PORT ? host : host + " port " + address.getPort();
    }

    long now() {
        return clock.millis();
    }

    Counters counters() {
        return counters;
    }

    int cached() {
        return cache.size();
    }

    /** {@return what the cache has} */
    Optional<StoredAnswer> cached(AnswerCache.Key key) {
        Optional<StoredAnswer> found = cache.get(key, now());
        if (found.isPresent()) {
            counters.cacheHits.increment();
        }
        return found;
    }

    /** {@return the answer, at worst SERVFAIL; may take {@code timeout} for each try} */
    StoredAnswer resolve(AnswerCache.Key key) {
        Optional<StoredAnswer> known = cached(key);
        if (known.isPresent()) {
            return known.get();
        }
        counters.cacheMisses.increment();
        CompletableFuture<StoredAnswer> mine = new CompletableFuture<>();
        CompletableFuture<StoredAnswer> other = asking.putIfAbsent(key, mine);
        if (other != null) {
            return other.join();
        }
        StoredAnswer answer = failure(key, Wire.SERVFAIL, DnsServer.FAILED);
        try {
            answer = ask(key);
            if (answer.lifetime() > 0) {
                cache.put(key, answer);
            }
            return answer;
        } finally {
            asking.remove(key);
            mine.complete(answer);
        }
    }

    private StoredAnswer failure(AnswerCache.Key key, int rcode, String why) {
        return StoredAnswer.failure(
                key.name(),
                key.type(),
                rcode,
                now(),
                new ExtendedError(ExtendedError.NO_REACHABLE_AUTHORITY, why));
    }

    private StoredAnswer ask(AnswerCache.Key key) {
        int count = upstreams.size();
        int first = preferred.get();
        int rcode = Wire.SERVFAIL;
        Map<InetSocketAddress, String> failures = new LinkedHashMap<>();
        for (int i = 0; i < settings.attempts * count; i++) {
            int index = (first + i) % count;
            InetSocketAddress upstream = upstreams.get(index);
            try {
                Message answer = new Upstream(upstream, settings.timeout).ask(key);
                if (isUseful(answer.getRcode())) {
                    preferred.compareAndSet(first, index);
                    return stored(key, answer);
                }
                rcode = answer.getRcode();
                failures.put(upstream, text(upstream) + ": " + Rcode.string(rcode));
            } catch (IOException e) {
                failures.put(upstream, text(upstream) + ": " + e.getMessage());
            }
            counters.upstreamFailures.increment();
        }
        return failure(key, rcode, String.join("; ", failures.values()));
    }

    private static boolean isUseful(int rcode) {
        return rcode == Rcode.NOERROR || rcode == Rcode.NXDOMAIN;
    }

    private StoredAnswer stored(AnswerCache.Key key, Message answer) throws IOException {
        int rcode = answer.getRcode();
        answer.removeAllRecords(Section.ADDITIONAL);
        boolean negative =
                rcode == Rcode.NXDOMAIN
                        || answer.getSection(Section.ANSWER).stream()
                                .noneMatch(r -> r.getType() == key.type());
        StoredAnswer stored =
                new StoredAnswer(
                        answer.toWire(DnsServer.TCP_MOST),
                        rcode,
                        now(),
                        lifetime(answer, negative));
        if (negative && stored.lifetime() > 0) {
            stored.capTtls(stored.lifetime());
        }
        return stored;
    }

    /** {@return in seconds; a negative answer without SOA is not kept (RFC 2308 §5)} */
    private static long lifetime(Message answer, boolean negative) {
        long answers =
                least(answer.getSection(Section.ANSWER), negative ? MAX_NEGATIVE : MAX_POSITIVE);
        if (!negative) {
            return answers;
        }
        return answer.getSection(Section.AUTHORITY).stream()
                .filter(r -> r instanceof SOARecord)
                .mapToLong(r -> Math.min(r.getTTL(), ((SOARecord) r).getMinimum()))
                .map(soa -> Math.min(soa, answers))
                .findFirst()
                .orElse(0);
    }

    private static long least(List<Record> records, long most) {
        return records.stream().mapToLong(Record::getTTL).reduce(most, Math::min);
    }
}
