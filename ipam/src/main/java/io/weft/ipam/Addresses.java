package io.weft.ipam;

import io.weft.ipam.IpamException.Code;
import io.weft.ipam.Space.Taken;
import io.weft.model.Ip;
import io.weft.model.Span;
import io.weft.store.Batch;
import io.weft.store.Ledger;
import io.weft.store.LedgerException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The spaces of all pools; says why an address cannot be had. The caller holds the lock. */
final class Addresses {
    /** So many removals of ended rests are written together. */
    private static final int TIDY = 64;

    private final Map<String, List<Space>> byPool = new LinkedHashMap<>();
    private final Ledger ledger;
    private final Records records;
    private final Settings settings;
    private final TimeSource time;

    Addresses(Pools pools, Ledger ledger, Records records, Settings settings, TimeSource time) {
        this.ledger = ledger;
        this.records = records;
        this.settings = settings;
        this.time = time;
        for (Pool pool : pools.pools()) {
            List<Space> spaces =
                    pool.families().stream().map(f -> new Space(pool, f, this::owned)).toList();
            byPool.put(pool.name(), spaces);
        }
    }

    /** A block's owner is durable before what is leased of it: logs keep their order. */
    private void owned(Ip base, String node) {
        try (Batch batch = new Batch()) {
            String key = records.block(base);
            write(node.isEmpty() ? batch.remove(key) : batch.put(key, Records.encodeBlock(node)));
        }
    }

    private void write(Batch batch) {
        try {
            ledger.write(batch);
        } catch (LedgerException e) {
            // The same is wrong for the lease's own batch, whose writer is told.
            return;
        }
    }

    List<Space> all() {
        return byPool.values().stream().flatMap(List::stream).toList();
    }

    /**
     * {@return the spaces of a pool, IPv4 first}
     *
     * @throws IpamException {@code UNKNOWN_POOL}, {@code OUTSIDE_POOL}: it lacks a family
     */
    List<Space> spaces(String pool, Set<Family> families) {
        List<Space> spaces = byPool.get(pool);
        if (spaces == null) {
            throw new IpamException(
                    Code.UNKNOWN_POOL,
                    "there is no pool '"
                            + pool
                            + "'; there are "
                            + String.join(", ", byPool.keySet().stream().limit(10).toList()));
        }
        for (Family family : families) {
            if (spaces.stream().noneMatch(space -> space.family() == family)) {
                throw new IpamException(
                        Code.OUTSIDE_POOL, "pool " + pool + " has no " + family + " range");
            }
        }
        return families.isEmpty()
                ? spaces
                : spaces.stream().filter(space -> families.contains(space.family())).toList();
    }

    /**
     * {@return the space of an address, in whatever pool it is now; none when it is in no pool}
     *
     * @param pool where it was when it was given, and mostly is
     */
    Optional<Space> space(String pool, Ip ip) {
        Optional<Space> there = space(byPool.getOrDefault(pool, List.of()), ip);
        return there.isPresent() ? there : space(ip);
    }

    /** {@return the space of an address} */
    Optional<Space> space(Ip ip) {
        return byPool.values().stream().flatMap(spaces -> space(spaces, ip).stream()).findFirst();
    }

    private static Optional<Space> space(List<Space> spaces, Ip ip) {
        for (Space space : spaces) {
            if (space.contains(ip)) {
                return Optional.of(space);
            }
        }
        return Optional.empty();
    }

    /** Takes any address. */
    Taken take(Space space, String node) {
        long now = time.monotonicNanos();
        if (space.rested(TIDY, now)) {
            expire(space, now, TIDY);
        }
        if (!space.hasFree()) {
            expire(space, now, Integer.MAX_VALUE);
        }
        if (space.hasFree()) {
            return space.take(node.isEmpty() ? settings.node() : node);
        }
        if (settings.evenResting() && space.resting() > 0) {
            return space.takeLongestRested();
        }
        throw exhausted(space, now);
    }

    /**
     * Takes any address of these, of the space's family.
     *
     * @throws IpamException {@code OUTSIDE_POOL}: the pool has none of them
     */
    Taken take(Space space, List<Span> within) {
        List<Span> parts = space.parts(within);
        if (parts.isEmpty()) {
            throw new IpamException(
                    Code.OUTSIDE_POOL,
                    "pool "
                            + space.pool().name()
                            + " has no address of "
                            + within
                            + ": it has "
                            + spans(space.pool()));
        }
        Optional<Taken> taken = space.take(parts);
        long now = time.monotonicNanos();
        if (taken.isEmpty() && space.rested(1, now)) {
            expire(space, now, Integer.MAX_VALUE);
            taken = space.take(parts);
        }
        return taken.orElseThrow(() ->
                IpamException.exhausted(
                        "no address of "
                                + parts
                                + " is free, in "
                                + space.usage()
                                + "; delete pods, wait for those that rest, or ask for more",
                        Optional.empty()));
    }

    private IpamException exhausted(Space space, long now) {
        Usage usage = space.usage();
        StringBuilder text = new StringBuilder();
        text.append("pool ").append(usage.pool()).append(": no ").append(usage.family());
        text.append(" address is free: of ").append(usage.total()).append(", ");
        text.append(usage.used()).append(" are in use, ");
        text.append(usage.reserved()).append(" are kept for claims, ");
        text.append(usage.cooling()).append(" rest ").append(text(settings.cooldown()));
        text.append(" after their release");
        Optional<Duration> retry = Optional.empty();
        if (space.resting() > 0) {
            Duration next = Duration.ofNanos(Math.max(0, space.firstDeadline() - now));
            retry = Optional.of(next);
            text.append("; the next is free in ").append(text(next));
        }
        text.append("; delete pods or claims, or enlarge the pool");
        return IpamException.exhausted(text.toString(), retry);
    }

    /** Takes this address. */
    Taken take(Space space, Ip ip, boolean evenResting) {
        if (!space.contains(ip)) {
            throw new IpamException(
                    Code.OUTSIDE_POOL,
                    ip + " is never given by pool " + space.pool().name() + why(space.pool(), ip));
        }
        long now = time.monotonicNanos();
        expire(space, now, Integer.MAX_VALUE);
        if (space.isTaken(ip)) {
            // the ledger knows at once; the queue is sought through only for one that rests
            long until = ledger.contains(records.rest(ip)) ? space.restsUntil(ip) : Space.FRESH;
            if (until == Space.FRESH) {
                throw new IpamException(
                        Code.CONFLICT,
                        ip + " of pool " + space.pool().name() + " is in use, or kept for a claim");
            }
            if (!evenResting) {
                throw new IpamException(
                        Code.CONFLICT,
                        ip
                                + " of pool "
                                + space.pool().name()
                                + " was given back and rests for another "
                                + text(Duration.ofNanos(until - now)));
            }
        }
        return space.take(ip);
    }

    private static String why(Pool pool, Ip ip) {
        for (Range range : pool.ranges()) {
            if (range.gateway().filter(ip::equals).isPresent()) {
                return ": it is the gateway of " + range.subnet();
            }
            if (range.span().contains(ip)) {
                return pool.exclusions().stream().anyMatch(e -> e.contains(ip))
                        ? ": it is excluded"
                        : ": it is the network or broadcast address of " + range.subnet();
            }
        }
        return ", which has " + spans(pool);
    }

    private static String spans(Pool pool) {
        return String.join(
                ", ", pool.ranges().stream().map(range -> range.span().toString()).toList());
    }

    /** Frees all addresses whose rest has ended. */
    void expireAll() {
        long now = time.monotonicNanos();
        all().forEach(space -> expire(space, now, Integer.MAX_VALUE));
    }

    private void expire(Space space, long now, int most) {
        int left = most;
        while (left > 0 && space.rested(1, now)) {
            int step = Math.min(left, 4096);
            left -= step;
            List<Ip> freed = new ArrayList<>();
            space.expire(now, step, freed::add);
            try (Batch batch = new Batch()) {
                freed.forEach(ip -> batch.remove(records.rest(ip)));
                write(batch);
            }
        }
    }

    static String text(Duration duration) {
        long seconds = duration.plusMillis(999).toSeconds();
        long minutes = seconds / 60;
        return minutes == 0
                ? seconds + " s"
                : minutes + " min" + (seconds % 60 == 0 ? "" : " " + seconds % 60 + " s");
    }
}
