package io.weft.ipam;

import io.weft.ipam.Forecast.Sample;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Remembers how full pools were lately, at most {@value #MOST} looks at each, however often they
 * are looked at. Not thread-safe.
 */
public final class UsageHistory {
    private static final int MOST = 60;

    private record Which(String pool, Family family) {}

    private final long windowNanos;
    private final TimeSource time;
    private final Map<Which, Deque<Sample>> samples = new HashMap<>();

    /**
     * @param window how long ago counts as lately
     */
    public UsageHistory(Duration window, TimeSource time) {
        this.windowNanos = window.toNanos();
        this.time = time;
    }

    /** Takes what {@link Ipam#usage} says now; a pool that is not in it is forgotten. */
    public void add(List<Usage> usage) {
        long now = time.monotonicNanos();
        samples.keySet()
                .retainAll(usage.stream().map(u -> new Which(u.pool(), u.family())).toList());
        for (Usage one : usage) {
            Deque<Sample> list =
                    samples.computeIfAbsent(
                            new Which(one.pool(), one.family()), w -> new ArrayDeque<>());
            while (!list.isEmpty() && now - list.getFirst().nanos() > windowNanos) {
                list.removeFirst();
            }
            if (list.isEmpty() || now - list.getLast().nanos() >= windowNanos / MOST) {
                list.add(new Sample(now, one.used() + one.cooling() + one.reserved()));
            }
        }
    }

    /** {@return when this pool, of which {@link Ipam#usage} spoke just now, will be empty} */
    public Forecast forecast(Usage usage) {
        Deque<Sample> list = samples.get(new Which(usage.pool(), usage.family()));
        return Forecast.of(list == null ? List.of() : List.copyOf(list), usage.free());
    }
}
