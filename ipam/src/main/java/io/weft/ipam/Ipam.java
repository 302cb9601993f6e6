package io.weft.ipam;

import io.weft.ipam.IpamException.Code;
import io.weft.model.Prefix;
import io.weft.store.Batch;
import io.weft.store.Ledger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Gives addresses and takes them back. Thread-safe: one lock, held for microseconds and never while
 * a disk syncs; operations on one {@link LeaseKey} at a time are the caller's care, and are refused
 * with {@code CONFLICT} otherwise.
 *
 * <p>The forms with a {@link Batch} add to it, and hold the address until the batch is written or
 * closed. The forms without one write it, and return when it is durable. When {@link IpamException}
 * is thrown nothing has changed, and nothing was added to the batch; after any other exception the
 * batch must be closed, and then nothing has changed either.
 */
public final class Ipam {
    private final State state;

    private Ipam(State state) {
        this.state = state;
    }

    /**
     * Takes up what the ledger holds of this domain. Leases whose address no pool has any longer
     * stay until they are released.
     *
     * @throws IllegalStateException when the ledger's records contradict each other
     */
    public static Ipam open(Ledger ledger, Pools pools, Settings settings, TimeSource time) {
        return new Ipam(new State(ledger, pools, settings, time));
    }

    /**
     * Uses other pools from now on, as if opened anew.
     *
     * @throws IllegalStateException while a batch of an operation is neither written nor closed
     */
    public void use(Pools pools) {
        state.locked(() -> {
            state.use(pools);
            return pools;
        });
    }

    /**
     * {@return the lease of this key, of which a batch that is not written yet may be the maker}
     */
    public Optional<Lease> find(LeaseKey key) {
        return state.locked(() -> state.find(key));
    }

    /**
     * Takes an address of each family, or none.
     *
     * @throws IpamException with any of its codes; {@code DUPLICATE} leaves the existing lease
     *     intact
     */
    public Lease acquire(Request request, Batch batch) {
        return state.locked(() -> new Acquisition(state, request).run(batch));
    }

    /** The same, durable when it returns. */
    public Lease acquire(Request request) {
        try (Batch batch = new Batch()) {
            Lease lease = acquire(request, batch);
            state.ledger.write(batch).await();
            return lease;
        }
    }

    /**
     * Ends a lease. Its addresses rest, or are kept by its claim.
     *
     * @return the lease; nothing: there is none
     * @throws IpamException {@code CONFLICT}: another batch acquires or releases it
     */
    public Optional<Lease> release(LeaseKey key, Batch batch) {
        return state.locked(() -> new Releases(state).release(key, batch));
    }

    /** The same, durable when it returns. */
    public Optional<Lease> release(LeaseKey key) {
        try (Batch batch = new Batch()) {
            Optional<Lease> lease = release(key, batch);
            state.ledger.write(batch).await();
            return lease;
        }
    }

    /**
     * The same, for whoever decides by what pods there are: only if the lease is that pod's.
     *
     * @throws IpamException {@code CONFLICT}: the lease is of another pod than {@code podUid}
     */
    public Optional<Lease> releaseOf(String podUid, LeaseKey key, Batch batch) {
        return state.locked(() -> {
            Optional<Lease> lease = state.written(key);
            if (lease.isPresent() && !lease.get().owner().podUid().equals(podUid)) {
                throw new IpamException(
                        Code.CONFLICT,
                        key + " is of " + lease.get().owner() + ", not of the pod " + podUid);
            }
            return new Releases(state).release(key, batch);
        });
    }

    /**
     * Deletes a claim. A lease that holds it keeps its addresses, and releases them as any other.
     *
     * @return whether there was one
     * @throws IpamException {@code CONFLICT}: several leases hold it, or another batch changes it
     */
    public boolean deleteClaim(ClaimKey key, Batch batch) {
        return state.locked(() -> new Releases(state).deleteClaim(key, batch));
    }

    /** The same, durable when it returns. */
    public boolean deleteClaim(ClaimKey key) {
        try (Batch batch = new Batch()) {
            boolean deleted = deleteClaim(key, batch);
            state.ledger.write(batch).await();
            return deleted;
        }
    }

    /** Shows each lease that there is at this moment, by key. Nobody waits for the reader. */
    public void forEach(Consumer<Lease> reader) {
        List<Map.Entry<String, byte[]>> records = new ArrayList<>();
        state.ledger.forEach(
                state.records.leases(), (key, value) -> records.add(Map.entry(key, value)));
        records.forEach(one -> reader.accept(state.records.lease(one.getKey(), one.getValue())));
    }

    /** {@return all leases, by key} */
    public List<Lease> leases() {
        List<Lease> leases = new ArrayList<>();
        forEach(leases::add);
        return leases;
    }

    /** {@return the claim of this key; of one that a batch under way makes, too} */
    public Optional<Claim> findClaim(ClaimKey key) {
        return state.locked(
                () -> Optional.ofNullable(state.keepers.byKey.get(key)).map(Keepers.Keeper::claim));
    }

    /** {@return the claims} */
    public List<Claim> claims() {
        return state.locked(
                () -> state.keepers.byKey.values().stream().map(Keepers.Keeper::claim).toList());
    }

    /** {@return how full each pool is, in each of its families} */
    public List<Usage> usage() {
        return state.locked(() -> {
            state.addresses.expireAll();
            return state.addresses.all().stream().map(Space::usage).toList();
        });
    }

    /** {@return the blocks that were ever in use since this was opened} */
    public List<Block> blocks() {
        return state.locked(() -> {
            List<Block> list = new ArrayList<>();
            for (Space space : state.addresses.all()) {
                Blocks blocks = space.blocks();
                int length = space.family() == Family.V4 ? 26 : 122;
                for (int i = 0; i < blocks.count(); i++) {
                    list.add(
                            new Block(
                                    new Prefix(blocks.blockBase(i), length),
                                    space.pool().name(),
                                    blocks.blockNode(i),
                                    blocks.blockTaken(i)));
                }
            }
            return list;
        });
    }
}
