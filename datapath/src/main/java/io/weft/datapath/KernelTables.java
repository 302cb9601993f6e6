package io.weft.datapath;

import io.weft.bpf.BpfMap;
import io.weft.kernel.Mapping;
import io.weft.model.PersistentMap;
import io.weft.model.Ref;
import io.weft.tables.PolicyKey;
import io.weft.tables.PrefixKey;
import io.weft.tables.StateValue;
import io.weft.tables.Tables;
import io.weft.tables.Verdict;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * Makes the kernel's maps equal to {@link Tables}, at once for every packet.
 *
 * <p>Each value has two slots, and a packet uses the one that the low bit of the revision names. At
 * rest both slots of every value are equal. A change goes in three steps:
 *
 * <ol>
 *   <li>write every key that changes: the slot in use keeps what a look-up of this key gives now,
 *       and the other slot gets what it shall give. Packets notice nothing;
 *   <li>store the next revision, one write of 4 bytes: from then on packets read the other slot;
 *   <li>settle: wait until no program runs that began before, then make both slots equal and delete
 *       what is no longer there. It runs in the background, and the next change waits for it.
 * </ol>
 *
 * <p>What comes with a new workload or goes with one that is gone takes no such steps: no packet is
 * there to see the order. It is written at once, and the revision moves on by two.
 *
 * <p>A process that dies in between leaves one revision in force, the old or the new, whole. The
 * next one reads it back and makes both slots equal before it changes anything.
 */
public final class KernelTables implements AutoCloseable {
    private static final int MAX_UNSETTLED = 64;
    private static final VarHandle REVISION = ValueLayout.JAVA_INT.varHandle();

    /** Where a process may die, for tests. */
    enum Step {
        IDENTITIES_WRITTEN,
        POLICY_WRITTEN,
        ENDPOINTS_WRITTEN,
        REVISION_STORED,
        GRACE_OVER,
        IDENTITIES_SETTLED,
        POLICY_SETTLED
    }

    /**
     * What a change did.
     *
     * @param revision in force since
     * @param identities prefixes that were added, changed or removed
     * @param policyEntries likewise
     * @param endpoints slots that have other groups, or whose groups have entries of other lengths
     */
    public record Applied(int revision, int identities, int policyEntries, int endpoints) {}

    private final Mapping state;
    private final VersionedMap<PrefixKey, Integer, ?> identityMap;
    private final VersionedMap<PolicyKey, Verdict, ?> policyMap;
    private final VersionedMap<Integer, EndpointTable.Sides, ?> endpointMap;
    private final GracePeriod grace;
    private final Consumer<Step> watcher;
    private final ExecutorService settler =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("weft-settle").daemon().factory());

    private final Mirror mirror;
    private Plan.Entries settling = Plan.Entries.NONE; // all that waits for a grace period
    private int unsettled; // how many changes that is
    private CompletableFuture<Void> settled = CompletableFuture.completedFuture(null);

    KernelTables(Map<String, BpfMap> maps, Consumer<Step> watcher) {
        this.watcher = watcher;
        BpfMap stateMap = require(maps, "weft_state");
        identityMap = new VersionedMap<>(require(maps, "weft_identities"), VersionedMap.IDENTITIES);
        policyMap = new VersionedMap<>(require(maps, "weft_policy"), VersionedMap.VERDICTS);
        endpointMap = new VersionedMap<>(require(maps, "weft_endpoints"), VersionedMap.ENDPOINTS);
        grace = new GracePeriod();
        try {
            state = stateMap.map(true);
        } catch (RuntimeException e) {
            grace.close();
            throw e;
        }
        int revision = revision();
        grace.await(); // whatever ran under the revision before
        mirror =
                new Mirror(
                        identityMap.repair(revision),
                        policyMap.repair(revision),
                        endpointMap.repair(revision));
    }

    private static BpfMap require(Map<String, BpfMap> maps, String name) {
        return Objects.requireNonNull(maps.get(name), name);
    }

    /** {@return the revision in force} */
    public int revision() {
        return (int) REVISION.getVolatile(state.segment(), (long) StateValue.REVISION_OFFSET);
    }

    /**
     * Puts {@code tables} in force for the pods of this node. When it returns, packets see them.
     *
     * @param slots pod → slot of each local workload. A pod that the tables do not know, and a slot
     *     that is not given, denies everything
     * @throws DatapathException when it does not fit; nothing is changed then
     * @throws io.weft.bpf.BpfException when the kernel refuses; the old tables stay in force
     */
    public synchronized Applied apply(Tables tables, Map<Ref, Integer> slots) {
        checkSettler();
        Plan plan = mirror.plan(tables, unchanging(slots));
        Plan.Entries entries = plan.entries();
        int revision = revision();
        if (!entries.isEmpty()) {
            boolean unseen = mirror.isUnseen(plan);
            if (!unseen
                    || unsettled >= MAX_UNSETTLED
                    || (!settled.isDone() && entries.touches(settling))) {
                awaitSettled();
            }
            for (Need need : needs(plan)) {
                need.check();
            }
            revision = unseen ? writeThrough(entries, revision) : writeAside(entries, revision);
        }
        mirror.accept(plan);
        return new Applied(
                revision,
                entries.identities().size(),
                entries.policy().size(),
                entries.endpoints().size());
    }

    private static Map<Ref, Integer> unchanging(Map<Ref, Integer> slots) {
        return slots instanceof PersistentMap ? slots : Map.copyOf(slots);
    }

    /**
     * Writes both slots at once: first what nobody reaches yet, then what leads there. The revision
     * moves on by two, which keeps the slot in use and has connections judged again. {@return it}
     */
    private int writeThrough(Plan.Entries plan, int revision) {
        Plan.Entries now = plan.arrivals();
        try {
            policyMap.reserve(now.policy());
            policyMap.settle(now.policy());
            watcher.accept(Step.POLICY_WRITTEN);
            endpointMap.settle(now.endpoints());
            watcher.accept(Step.ENDPOINTS_WRITTEN);
            identityMap.settle(now.identities());
            watcher.accept(Step.IDENTITIES_WRITTEN);
        } catch (io.weft.bpf.BpfException e) {
            identityMap.undo(now.identities());
            endpointMap.undo(now.endpoints());
            policyMap.undo(now.policy());
            throw e;
        }
        int next = revision + 2;
        REVISION.setRelease(state.segment(), (long) StateValue.REVISION_OFFSET, next);
        watcher.accept(Step.REVISION_STORED);
        Plan.Entries later = plan.departures();
        if (!later.isEmpty()) { // a packet on its way may still look for them
            settleLater(later);
        }
        return next;
    }

    /** Writes the slot that is not in use, then switches. {@return the revision in force} */
    private int writeAside(Plan.Entries plan, int revision) {
        write(plan, revision);
        int next = revision + 1;
        REVISION.setRelease(state.segment(), (long) StateValue.REVISION_OFFSET, next);
        watcher.accept(Step.REVISION_STORED);
        settleLater(plan);
        return next;
    }

    private void settleLater(Plan.Entries plan) {
        settling = settled.isDone() ? plan : settling.and(plan);
        unsettled = settled.isDone() ? 1 : unsettled + 1;
        settled = settled.thenRunAsync(() -> settle(plan), settler);
    }

    /**
     * What a change takes of one map: until no packet uses what goes, the map holds what goes and
     * what comes together.
     *
     * @param what {@code policy entries}
     * @param needed while the change is made
     * @param added of these, come with it
     */
    public record Need(String what, long needed, long added, long max) {
        public boolean fits() {
            return needed <= max;
        }

        private void check() {
            if (!fits()) {
                throw new DatapathException(
                        "%d %s do not fit: %d are there, %d come on top of them before others go, and the"
                                        .formatted(needed, what, needed - added, added)
                                + " map holds "
                                + max
                                + ". Nothing was changed; use fewer or wider CIDR blocks and port ranges,"
                                + " or a larger limit");
            }
        }
    }

    /** {@return what {@link #apply} would take of each map that it could fill} */
    public synchronized List<Need> needs(Tables tables, Map<Ref, Integer> slots) {
        return needs(mirror.plan(tables, slots));
    }

    private List<Need> needs(Plan plan) {
        Plan.Entries entries = plan.entries();
        return List.of(
                need(
                        "identity prefixes",
                        identityMap,
                        mirror.identityCount(),
                        entries.identities()),
                need("policy entries", policyMap, mirror.policyCount(), entries.policy()));
    }

    private static <K, V> Need need(
            String what, VersionedMap<K, V, ?> map, int there, List<Change<K, V>> changes) {
        long added = changes.stream().filter(c -> c.kind() == Change.Kind.ADDED).count();
        return new Need(what, there + added, added, map.maxEntries());
    }

    private void write(Plan.Entries plan, int revision) {
        try {
            identityMap.prepare(plan.identities(), revision);
            watcher.accept(Step.IDENTITIES_WRITTEN);
            policyMap.prepare(plan.policy(), revision);
            watcher.accept(Step.POLICY_WRITTEN);
            endpointMap.prepare(plan.endpoints(), revision);
            watcher.accept(Step.ENDPOINTS_WRITTEN);
        } catch (io.weft.bpf.BpfException e) {
            endpointMap.undo(plan.endpoints());
            policyMap.undo(plan.policy());
            identityMap.undo(plan.identities());
            throw e;
        }
    }

    private void settle(Plan.Entries plan) {
        grace.await();
        watcher.accept(Step.GRACE_OVER);
        identityMap.settle(plan.identities());
        watcher.accept(Step.IDENTITIES_SETTLED);
        policyMap.settle(plan.policy());
        watcher.accept(Step.POLICY_SETTLED);
        endpointMap.settle(plan.endpoints());
    }

    /**
     * Waits until the last change has settled.
     *
     * @throws DatapathException when it could not; open the datapath anew to repair it
     */
    public synchronized void awaitSettled() {
        try {
            settled.join();
            settling = Plan.Entries.NONE;
            unsettled = 0;
        } catch (CompletionException e) {
            throw new DatapathException(
                    "the change to revision "
                            + revision()
                            + " is in force but did not settle: open the datapath anew",
                    e);
        }
    }

    /** A change that failed to settle must not be built upon. */
    private void checkSettler() {
        if (settled.isCompletedExceptionally()) {
            awaitSettled();
        }
    }

    /** Waits for the last change to settle. The tables stay in force. */
    @Override
    public void close() {
        settler.shutdown();
        settled.handle((done, failed) -> true).join();
        grace.close();
        state.close();
    }
}
