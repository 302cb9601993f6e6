package io.weft.flow;

import io.weft.model.Ip;
import io.weft.model.MapDiff;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.tables.Rule;
import io.weft.tables.Rules;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Names as the agent learns them. What goes away keeps its name for a while, because its last
 * events come after it; a new owner of an address, slot or id takes the name over at once.
 *
 * <p>Writers exclude each other; readers never wait. Time comes in with every change.
 */
public final class RecentNames implements NameBook {
    /** A name in use; compared by identity, so that one holder's end is not another's. */
    private static final class Held<T> {
        final T value;

        Held(T value) {
            this.value = value;
        }
    }

    /** Something that is gone and still named. */
    private record Departed(Instant until, Runnable forget) {}

    private final Duration keep;
    private final int maxDeparted;
    private final ConcurrentMap<Ip, Held<NamedPod>> byIp = new ConcurrentHashMap<>();
    private final ConcurrentMap<Integer, Held<Ref>> bySlot = new ConcurrentHashMap<>();
    private final ConcurrentMap<Integer, Held<Rule>> oldRules = new ConcurrentHashMap<>();
    private final Map<Ref, List<Ip>> current = new HashMap<>(); // guarded by this
    private final ArrayDeque<Departed> departed = new ArrayDeque<>(); // oldest first; likewise
    private volatile Rules rules = new Rules(Map.of());

    /**
     * @param keep how long something keeps its name after it went away
     * @param maxDeparted how many of these at most; past it the oldest is forgotten early
     */
    public RecentNames(Duration keep, int maxDeparted) {
        if (keep.isNegative() || maxDeparted < 0) {
            throw new IllegalArgumentException("keep " + keep + ", at most " + maxDeparted);
        }
        this.keep = keep;
        this.maxDeparted = maxDeparted;
    }

    /**
     * A pod is new, or its labels or addresses changed. One that shares the node's network has no
     * address of its own, one that finished counts as removed.
     */
    public synchronized void put(Pod pod, Instant now) {
        List<Ip> ips = pod.counts() ? pod.ips() : List.of();
        List<Ip> before = current.getOrDefault(pod.ref(), List.of());
        for (Ip ip : before) {
            if (!ips.contains(ip)) {
                depart(pod.ref(), ip, now);
            }
        }
        for (Ip ip : ips) {
            byIp.put(ip, new Held<>(new NamedPod(pod.ref(), pod.labels())));
        }
        if (ips.isEmpty()) {
            current.remove(pod.ref());
        } else {
            current.put(pod.ref(), ips);
        }
        expire(now);
    }

    /** A pod is gone. */
    public synchronized void remove(Ref pod, Instant now) {
        List<Ip> ips = current.remove(pod);
        if (ips != null) {
            ips.forEach(ip -> depart(pod, ip, now));
        }
        expire(now);
    }

    /** A local workload got this slot. */
    public synchronized void wire(int slot, Ref workload, Instant now) {
        bySlot.put(slot, new Held<>(workload));
        expire(now);
    }

    /** The slot is free again. */
    public synchronized void unwire(int slot, Instant now) {
        Held<Ref> held = bySlot.get(slot);
        if (held != null) {
            later(now, () -> bySlot.remove(slot, held));
        }
        expire(now);
    }

    /** These rules are in force from now on. */
    public synchronized void rules(Rules next, Instant now) {
        MapDiff.between(
                rules.byId(),
                next.byId(),
                (id, rule, after) -> {
                    if (rule != null && after == null) {
                        Held<Rule> held = new Held<>(rule);
                        oldRules.put(id, held);
                        later(now, () -> oldRules.remove(id, held));
                    }
                });
        rules = next;
        expire(now);
    }

    /** Forgets what went away longer ago than it is kept; every change does it too. */
    public synchronized void expire(Instant now) {
        for (Departed first = departed.peekFirst();
                first != null && (departed.size() > maxDeparted || !first.until.isAfter(now));
                first = departed.peekFirst()) {
            departed.removeFirst();
            first.forget.run();
        }
    }

    private void depart(Ref pod, Ip ip, Instant now) {
        Held<NamedPod> held = byIp.get(ip);
        if (held != null && held.value.ref().equals(pod)) {
            later(now, () -> byIp.remove(ip, held));
        }
    }

    private void later(Instant now, Runnable forget) {
        departed.addLast(new Departed(now.plus(keep), forget));
    }

    @Override
    public Optional<NamedPod> pod(Ip ip) {
        return Optional.ofNullable(byIp.get(ip)).map(held -> held.value);
    }

    @Override
    public Optional<Ref> workload(int slot) {
        return Optional.ofNullable(bySlot.get(slot)).map(held -> held.value);
    }

    @Override
    public Optional<Rule> rule(int id) {
        return rules.find(id)
                .or(() -> Optional.ofNullable(oldRules.get(id)).map(held -> held.value));
    }
}
