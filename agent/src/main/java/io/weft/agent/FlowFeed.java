package io.weft.agent;

import io.weft.datapath.Connections;
import io.weft.datapath.Datapath;
import io.weft.datapath.EventReader;
import io.weft.datapath.Timeouts;
import io.weft.datapath.Translations;
import io.weft.flow.FlowClock;
import io.weft.flow.FlowDecoder;
import io.weft.flow.FlowLog;
import io.weft.flow.RecentNames;
import io.weft.model.Ip;
import io.weft.tables.EventRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** From the kernel's events to named flows: the log that people read, and the probes' watch. */
final class FlowFeed implements AutoCloseable {
    private static final Duration SWEEP_PAUSE = Duration.ofSeconds(1);
    private static final int SWEEP_SHARE = 20;
    private static final Duration GATHER = Duration.ofMillis(200);
    private static final int KEPT_FLOWS = 1 << 16;
    private static final int MAX_FOLLOWERS = 64;
    private static final Duration KEEP_NAMES = Duration.ofMinutes(5);
    private static final int MAX_DEPARTED = 1 << 16;

    private final FlowLog log = new FlowLog(KEPT_FLOWS, MAX_FOLLOWERS);
    private final FlowWatch watch = new FlowWatch();
    private final RecentNames names = new RecentNames(KEEP_NAMES, MAX_DEPARTED);
    private final FlowDecoder decoder =
            new FlowDecoder(FlowClock.of(System.nanoTime(), Instant.now()), names);
    private final Connections connections;
    private final Translations translations;
    private final EventReader events;
    private final Thread sweeper;
    private final Set<Ip> gone = new HashSet<>(); // guarded by itself
    private final Semaphore someGone = new Semaphore(0);
    private volatile boolean closed;

    private FlowFeed(Datapath datapath) {
        connections = datapath.connections();
        translations = datapath.translations();
        events = datapath.events(this::accept);
        sweeper = Thread.ofPlatform().name("sweeper").daemon().start(this::sweep);
    }

    static FlowFeed start(Datapath datapath) {
        return new FlowFeed(datapath);
    }

    /**
     * Ends silent connections, about once a second, and never more than a twentieth of the time;
     * and those of addresses whose owner is gone.
     */
    private void sweep() {
        while (!closed) {
            long start = System.nanoTime();
            connections.sweep(start, Timeouts.DEFAULT, this::accept);
            translations.sweep(start, Timeouts.DEFAULT);
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            Duration pause = took.multipliedBy(SWEEP_SHARE);
            try {
                Duration wait = pause.compareTo(SWEEP_PAUSE) > 0 ? pause : SWEEP_PAUSE;
                if (someGone.tryAcquire(wait.toNanos(), TimeUnit.NANOSECONDS)) {
                    Thread.sleep(GATHER); // one walk for many
                    someGone.drainPermits();
                    synchronized (gone) {
                        end(List.copyOf(gone));
                        gone.clear();
                    }
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** The owner of these addresses is gone: its connections end now. */
    void end(List<Ip> ips) {
        connections.end(ips, System.nanoTime(), this::accept);
        translations.end(ips);
    }

    /** Likewise, soon, or when {@link #settle} is called for one. */
    void endSoon(List<Ip> ips) {
        synchronized (gone) {
            gone.addAll(ips);
        }
        someGone.release();
    }

    /** Ends now what was to end soon: somebody else gets these addresses. */
    void settle(List<Ip> ips) {
        synchronized (gone) {
            if (gone.removeAll(ips)) {
                end(ips);
            }
        }
    }

    private void accept(EventRecord event) {
        log.append(decoder.flow(event));
        watch.accept(event);
    }

    FlowLog log() {
        return log;
    }

    FlowWatch watch() {
        return watch;
    }

    /** {@return the names, for the node's thread to keep} */
    RecentNames names() {
        return names;
    }

    @Override
    public void close() {
        closed = true;
        sweeper.interrupt();
        try {
            sweeper.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        events.close();
        log.close();
    }
}
