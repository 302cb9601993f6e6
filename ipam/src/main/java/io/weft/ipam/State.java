package io.weft.ipam;

import io.weft.ipam.IpamException.Code;
import io.weft.store.Ledger;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * What {@link Ipam} has in memory, besides the ledger. All of it is guarded by the lock, which is
 * taken before the ledger's own.
 */
final class State {
    final Ledger ledger;
    final Settings settings;
    final TimeSource time;
    final Records records;
    private final ReentrantLock lock = new ReentrantLock();

    /** Leases whose batch is not written yet. */
    final Map<LeaseKey, Lease> acquiring = new HashMap<>();

    /** Leases that go with a batch which is not written yet. */
    final Set<LeaseKey> releasing = new HashSet<>();

    Addresses addresses;
    Keepers keepers;

    State(Ledger ledger, Pools pools, Settings settings, TimeSource time) {
        this.ledger = ledger;
        this.settings = settings;
        this.time = time;
        this.records = new Records(settings.domain());
        this.addresses = new Addresses(pools, ledger, records, settings, time);
        this.keepers = new Loader(ledger, records, settings, time).load(addresses);
    }

    void use(Pools pools) {
        if (!acquiring.isEmpty() || !releasing.isEmpty() || keepers.changing()) {
            throw new IllegalStateException(
                    "the pools cannot change while a batch of an operation is neither written nor"
                            + " closed");
        }
        Addresses next = new Addresses(pools, ledger, records, settings, time);
        keepers = new Loader(ledger, records, settings, time).load(next);
        addresses = next;
    }

    /** {@return the lease that the ledger holds} */
    Optional<Lease> written(LeaseKey key) {
        String name = records.key(key);
        return ledger.get(name).map(value -> records.lease(name, value));
    }

    /** {@return the lease that the ledger holds or is about to} */
    Optional<Lease> find(LeaseKey key) {
        // in this order: it leaves acquiring after it came into the ledger
        Optional<Lease> lease = written(key);
        return lease.isPresent() ? lease : Optional.ofNullable(acquiring.get(key));
    }

    /** Refuses what another batch is about to change. */
    void requireIdle(LeaseKey key) {
        if (releasing.contains(key)) {
            throw new IpamException(Code.CONFLICT, key + " is being released; try again");
        }
    }

    <T> T locked(Supplier<T> action) {
        lock.lock();
        try {
            return action.get();
        } finally {
            lock.unlock();
        }
    }

    /** {@return the same, to be run later} */
    Runnable lockedLater(Runnable action) {
        return () -> {
            lock.lock();
            try {
                action.run();
            } finally {
                lock.unlock();
            }
        };
    }
}
