package io.weft.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
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
 * asked wait for that answer. An upstream that fails is tried last from then on.
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

        public Settings {
            upstreams = List.copyOf(upstreams);
        }

        /** {@return what a resolv.conf asks for} */
        public static Settings of(HostResolvers host) {
            return new Settings(
                    host.nameservers().stream().map(ip -> Upstream.address(ip, PORT)).toList(),
                    host.timeout(),
                    host.attempts(),
                    CACHE_BYTES);
        }
    }

    private final Settings settings;
    private final InstantSource clock;
    private final AnswerCache cache;
    private final Map<AnswerCache.Key, CompletableFuture<StoredAnswer>> asking =
            new ConcurrentHashMap<>();
    private final AtomicInteger preferred = new AtomicInteger();
    private final Counters counters = new Counters();

    /**
     * @param own addresses that the server listens on
     * @throws IllegalArgumentException when an upstream is one of {@code own}
     */
    public Forwarder(Settings settings, Set<InetSocketAddress> own, InstantSource clock) {
        for (InetSocketAddress upstream : settings.upstreams) {
            if (own.contains(upstream)) {
                throw new IllegalArgumentException(
                        "upstream "
                                + upstream.getAddress().getHostAddress()
                                + ":"
                                + upstream.getPort()
                                + " is this DNS server itself: every name outside the cluster would"
                                + " go round in a circle; name another server in the host's"
                                + " resolv.conf");
            }
        }
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
        return !settings.upstreams.isEmpty();
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
        StoredAnswer answer = StoredAnswer.failure(key.name(), key.type(), Wire.SERVFAIL);
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

    private StoredAnswer ask(AnswerCache.Key key) {
        int count = settings.upstreams.size();
        int first = preferred.get();
        StoredAnswer last = StoredAnswer.failure(key.name(), key.type(), Wire.SERVFAIL);
        for (int i = 0; i < settings.attempts * count; i++) {
            int index = (first + i) % count;
            try {
                Message answer =
                        new Upstream(settings.upstreams.get(index), settings.timeout).ask(key);
                last = stored(key, answer);
                if (isUseful(answer.getRcode())) {
                    preferred.compareAndSet(first, index);
                    return last;
                }
            } catch (IOException e) {
                // the next one may do better; the counter tells
            }
            counters.upstreamFailures.increment();
        }
        return last;
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
                        isUseful(rcode) ? lifetime(answer, negative) : 0);
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
