package io.weft.ipam;

import io.weft.ipam.IpamException.Code;
import io.weft.ipam.Keepers.Keeper;
import io.weft.ipam.Records.Kept;
import io.weft.ipam.Space.Taken;
import io.weft.model.Ip;
import io.weft.model.Span;
import io.weft.store.Batch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One acquire: takes an address of each family in memory, or none, and adds to the batch. */
final class Acquisition {
    private final State state;
    private final Request request;
    private final List<Taken> taken = new ArrayList<>(2);
    private @Nullable Keeper keeper;

    Acquisition(State state, Request request) {
        this.state = state;
        this.request = request;
    }

    Lease run(Batch batch) {
        state.requireIdle(request.key());
        state.find(request.key())
                .ifPresent(lease -> {
                    throw IpamException.duplicate(lease);
                });
        boolean done = false;
        try {
            Lease lease = take();
            batch.put(state.records.key(lease.key()), Records.encode(lease));
            for (Taken one : taken) {
                if (one.rested()) {
                    batch.remove(state.records.rest(one.ip()));
                }
            }
            Runnable[] claim = claim(lease, batch);
            state.acquiring.put(lease.key(), lease);
            batch.whenWritten(
                    state.lockedLater(() -> {
                        state.acquiring.remove(lease.key());
                        claim[0].run();
                    }));
            batch.whenAbandoned(
                    state.lockedLater(() -> {
                        state.acquiring.remove(lease.key());
                        claim[1].run();
                        undo();
                    }));
            done = true;
            return lease;
        } finally {
            if (!done) {
                undo();
            }
        }
    }

    private void undo() {
        taken.reversed().forEach(Taken::undo);
    }

    private Lease take() {
        Set<Family> asked = EnumSet.noneOf(Family.class);
        request.requested().forEach(ip -> asked.add(Family.of(ip)));
        asked.addAll(request.families());
        state.addresses.spaces(request.pool(), asked); // has them all
        List<Space> spaces =
                state.addresses.spaces(
                        request.pool(), request.families().isEmpty() ? Set.of() : asked);
        request.claim()
                .flatMap(state.keepers::find)
                .ifPresent(found -> {
                    Keepers.require(found, request);
                    keeper = found;
                });
        List<Ip> ips = new ArrayList<>(2);
        for (Space space : spaces) {
            ips.add(address(space));
        }
        return new Lease(
                request.key(),
                request.owner(),
                request.pool(),
                ips,
                request.claim(),
                Instant.ofEpochMilli(state.time.wallMillis()));
    }

    private Ip address(Space space) {
        Optional<Ip> kept =
                Optional.ofNullable(keeper).flatMap(found -> found.address(space.family()));
        List<Span> within = request.within(space.family());
        if (kept.isPresent()) {
            requireThere(space, kept.get());
            requireWithin(kept.get(), within);
            return kept.get();
        }
        Optional<Ip> requested =
                request.requested().stream()
                        .filter(ip -> Family.of(ip) == space.family())
                        .findFirst();
        requested.ifPresent(ip -> requireWithin(ip, within));
        Taken one =
                requested.isPresent()
                        ? state.addresses.take(space, requested.get(), request.evenResting())
                        : within.isEmpty()
                                ? state.addresses.take(space, request.node())
                                : state.addresses.take(space, within);
        taken.add(one);
        return one.ip();
    }

    private static void requireWithin(Ip ip, List<Span> within) {
        if (!within.isEmpty() && within.stream().noneMatch(span -> span.contains(ip))) {
            throw new IpamException(
                    Code.OUTSIDE_POOL, ip + " is outside of the ranges asked for, " + within);
        }
    }

    private void requireThere(Space space, Ip kept) {
        if (!space.contains(kept)) {
            Keeper found = Objects.requireNonNull(keeper);
            throw new IpamException(
                    Code.OUTSIDE_POOL,
                    "the claim of "
                            + found.key
                            + " keeps "
                            + kept
                            + ", which pool "
                            + found.pool
                            + " has no longer: put it back, or "
                            + found.howToEnd());
        }
    }

    /** {@return what to do when the batch is written, and when it is abandoned} */
    private Runnable[] claim(Lease lease, Batch batch) {
        if (lease.claim().isEmpty()) {
            return new Runnable[] {() -> {}, () -> {}};
        }
        Keeper found = keeper;
        if (found == null) {
            return newClaim(lease, batch);
        }
        List<Ip> all = new ArrayList<>(found.addresses);
        taken.forEach(one -> all.add(one.ip()));
        all.sort(null);
        boolean grows = !taken.isEmpty();
        if (grows) {
            batch.put(
                    state.records.key(found.key),
                    Records.encode(new Kept(found.pool, List.copyOf(all))));
        }
        found.changing = grows;
        state.keepers.hold(found, lease.key(), state.addresses);
        return new Runnable[] {
            () -> {
                found.addresses = List.copyOf(all);
                found.changing = false;
            },
            () -> {
                found.changing = false;
                state.keepers.letGo(found, lease.key(), state.addresses);
            }
        };
    }

    private Runnable[] newClaim(Lease lease, Batch batch) {
        Keeper made = new Keeper(lease.claim().orElseThrow(), lease.pool(), lease.addresses());
        batch.put(state.records.key(made.key), Records.encode(new Kept(made.pool, made.addresses)));
        made.changing = true;
        made.holders.add(lease.key());
        state.keepers.byKey.put(made.key, made);
        return new Runnable[] {
            () -> made.changing = false, () -> state.keepers.byKey.remove(made.key)
        };
    }
}
