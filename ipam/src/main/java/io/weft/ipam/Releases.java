package io.weft.ipam;

import io.weft.ipam.IpamException.Code;
import io.weft.ipam.Keepers.Keeper;
import io.weft.ipam.Records.Rest;
import io.weft.model.Ip;
import io.weft.store.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Gives leases and claims back: addresses rest from the moment of the call. */
final class Releases {
    private final State state;

    Releases(State state) {
        this.state = state;
    }

    Optional<Lease> release(LeaseKey key, Batch batch) {
        state.requireIdle(key);
        if (state.acquiring.containsKey(key)) {
            throw new IpamException(
                    Code.CONFLICT, key + " is being acquired; close that batch instead");
        }
        Optional<Lease> found = state.written(key);
        if (found.isEmpty()) {
            return found;
        }
        Lease lease = found.get();
        Keeper keeper = lease.claim().flatMap(state.keepers::find).orElse(null);
        batch.remove(state.records.key(key));
        Runnable end =
                keeper == null
                        ? rest(lease.pool(), lease.addresses(), batch)
                        : () -> state.keepers.letGo(keeper, key, state.addresses);
        state.releasing.add(key);
        batch.whenWritten(
                state.lockedLater(() -> {
                    state.releasing.remove(key);
                    end.run();
                }));
        batch.whenAbandoned(state.lockedLater(() -> state.releasing.remove(key)));
        return found;
    }

    /** {@return what has addresses in use rest when the batch is written} */
    private Runnable rest(String pool, List<Ip> ips, Batch batch) {
        long cooldown = state.settings.cooldown().toNanos();
        Rest now = Rest.now(state.time);
        if (cooldown > 0) {
            ips.forEach(ip -> batch.put(state.records.rest(ip), Records.encode(now)));
        }
        return () -> {
            for (Ip ip : ips) {
                Space space = state.addresses.space(pool, ip).orElse(null);
                if (space == null) {
                    continue; // no pool has it any longer
                }
                if (cooldown > 0) {
                    space.rest(ip, now.monotonicNanos() + cooldown);
                } else {
                    space.free(ip);
                }
            }
        };
    }

    boolean deleteClaim(ClaimKey key, Batch batch) {
        Keeper keeper = state.keepers.find(key).orElse(null);
        if (keeper == null) {
            return false;
        }
        if (keeper.holders.size() > 1) {
            throw new IpamException(
                    Code.CONFLICT,
                    "the claim of "
                            + key
                            + " is held by "
                            + keeper.holders
                            + ", and can be deleted when one is left");
        }
        List<Ip> free = new ArrayList<>(keeper.addresses);
        for (LeaseKey holder : keeper.holders) {
            state.requireIdle(holder);
            Lease lease =
                    state.written(holder)
                            .orElseThrow(() ->
                                    new IpamException(
                                            Code.CONFLICT,
                                            holder + " is being acquired; try again"));
            free.removeAll(lease.addresses());
            batch.put(state.records.key(holder), Records.encode(lease.withoutClaim()));
        }
        batch.remove(state.records.key(key));
        Runnable end = rest(keeper.pool, free, batch);
        keeper.changing = true;
        batch.whenWritten(
                state.lockedLater(() -> {
                    if (keeper.holders.isEmpty()) {
                        state.keepers.use(keeper, state.addresses);
                    }
                    state.keepers.byKey.remove(key);
                    end.run();
                }));
        batch.whenAbandoned(state.lockedLater(() -> keeper.changing = false));
        return true;
    }
}
