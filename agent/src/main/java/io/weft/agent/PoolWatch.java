package io.weft.agent;

import io.weft.ipam.Forecast;
import io.weft.ipam.Ipam;
import io.weft.ipam.TimeSource;
import io.weft.ipam.Usage;
import io.weft.ipam.UsageHistory;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Looks at the pools all the time, and says how full they are and when they will be empty. */
final class PoolWatch implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(PoolWatch.class.getName());

    /** What a trend is of. */
    private static final Duration WINDOW = Duration.ofHours(1);

    /**
     * How often they are looked at: more often than the history takes it, so that it misses none.
     */
    private static final Duration PERIOD = Duration.ofSeconds(20);

    private final Ipam ipam;
    private final UsageHistory history; // guarded by this
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("pool-watch").daemon().factory());

    private PoolWatch(Ipam ipam, TimeSource time) {
        this.ipam = ipam;
        this.history = new UsageHistory(WINDOW, time);
    }

    static PoolWatch start(Ipam ipam, TimeSource time) {
        return start(ipam, time, PERIOD);
    }

    static PoolWatch start(Ipam ipam, TimeSource time, Duration period) {
        PoolWatch watch = new PoolWatch(ipam, time);
        Future<?> _ =
                watch.clock.scheduleAtFixedRate(
                        watch::lookAgain, 0, period.toNanos(), TimeUnit.NANOSECONDS);
        return watch;
    }

    private void lookAgain() {
        try {
            look();
        } catch (RuntimeException e) { // it would not be called again
            LOG.log(Level.ERROR, "pools: " + e.getMessage(), e);
        }
    }

    /** {@return how full each pool is now in each of its families, and what is to be expected} */
    synchronized Map<Usage, Forecast> look() {
        List<Usage> now = ipam.usage();
        history.add(now);
        Map<Usage, Forecast> forecasts = new LinkedHashMap<>();
        now.forEach(usage -> forecasts.put(usage, history.forecast(usage)));
        return forecasts;
    }

    @Override
    public void close() {
        clock.close();
    }
}
