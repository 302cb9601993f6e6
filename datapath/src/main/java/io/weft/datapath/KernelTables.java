package io.weft.datapath;

import io.weft.bpf.BpfMap;
import io.weft.bpf.Codec;
import io.weft.kernel.Mapping;
import io.weft.model.Ref;
import io.weft.tables.PodPolicy;
import io.weft.tables.PolicyKey;
import io.weft.tables.PrefixKey;
import io.weft.tables.StateValue;
import io.weft.tables.Tables;
import io.weft.tables.Verdict;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes the kernel's maps equal to {@link Tables}, at once for every packet.
 *
 * <p>Each value has two slots, and a packet uses the one that the low bit of the revision names. At
 * rest both slots of every value are equal. A change goes in three steps:
 *
 * <ol>
 *   <li>write every key that changes: the slot in use keeps what a look-up of this key gives now,
 *       by longest prefix, and the other slot gets what it shall give. Packets notice nothing;
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
    private static final int ADDRESS_BITS = 128;
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
     * @param endpoints slots whose groups are others
     */
    public record Applied(int revision, int identities, int policyEntries, int endpoints) {}

    private record Plan(
            List<Change<PrefixKey, Integer>> identities,
            List<Change<PolicyKey, Verdict>> policy,
            List<Change<Integer, EndpointTable.Sides>> endpoints) {
        static final Plan NOTHING = new Plan(List.of(), List.of(), List.of());

        boolean isEmpty() {
            return identities.isEmpty() && policy.isEmpty() && endpoints.isEmpty();
        }

        /** {@return only the policy entries that go} */
        Plan removals() {
            return new Plan(
                    List.of(),
                    policy.stream().filter(c -> c.kind() == Change.Kind.REMOVED).toList(),
                    List.of());
        }

        Plan and(Plan other) {
            return new Plan(
                    both(identities, other.identities),
                    both(policy, other.policy),
                    both(endpoints, other.endpoints));
        }

        private static <T> List<T> both(List<T> a, List<T> b) {
            List<T> all = new ArrayList<>(a);
            all.addAll(b);
            return all;
        }

        /** {@return whether both change one address, one slot, or entries of one group} */
        boolean touches(Plan other) {
            return touches(identities, other.identities, PrefixKey::ip)
                    || touches(policy, other.policy, PolicyKey::group)
                    || touches(endpoints, other.endpoints, slot -> slot);
        }

        private static <K, V, P> boolean touches(
                List<Change<K, V>> a, List<Change<K, V>> b, Function<K, P> part) {
            Set<P> parts = new HashSet<>();
            b.forEach(change -> parts.add(part.apply(change.key())));
            return a.stream().anyMatch(change -> parts.contains(part.apply(change.key())));
        }
    }

    private final Mapping state;
    private final VersionedMap<PrefixKey, Integer> identityMap;
    private final VersionedMap<PolicyKey, Verdict> policyMap;
    private final VersionedMap<Integer, EndpointTable.Sides> endpointMap;
    private final GracePeriod grace;
    private final Consumer<Step> watcher;
    private final ExecutorService settler =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("weft-settle").daemon().factory());

    private final PrefixTable identities;
    private PolicyTable policy;
    private EndpointTable endpoints;
    private @Nullable Tables last;
    private @Nullable Map<Ref, Integer> lastSlots;
    private Plan settling = Plan.NOTHING; // all that waits for a grace period
    private int unsettled; // how many changes that is
    private CompletableFuture<Void> settled = CompletableFuture.completedFuture(null);

    KernelTables(Map<String, BpfMap> maps, Consumer<Step> watcher) {
        this.watcher = watcher;
        BpfMap stateMap = require(maps, "weft_state");
        identityMap =
                new VersionedMap<>(
                        require(maps, "weft_identities"), Codecs.PREFIX, VersionedMap.IDENTITIES);
        policyMap =
                new VersionedMap<>(
                        require(maps, "weft_policy"), Codecs.POLICY_KEY, VersionedMap.VERDICTS);
        endpointMap =
                new VersionedMap<>(
                        require(maps, "weft_endpoints"), Codec.U32, VersionedMap.ENDPOINTS);
        grace = new GracePeriod();
        try {
            state = stateMap.map(true);
        } catch (RuntimeException e) {
            grace.close();
            throw e;
        }
        int revision = revision();
        grace.await(); // whatever ran under the revision before
        identities = new PrefixTable();
        identityMap.repair(revision).forEach(identities::put);
        policy = PolicyTable.of(policyMap.repair(revision));
        endpoints = new EndpointTable(endpointMap.repair(revision));
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
        if (same(tables, last) && slots.equals(lastSlots)) {
            return new Applied(revision(), 0, 0, 0);
        }
        EndpointTable nextEndpoints = EndpointTable.of(tables, slots);
        List<PodPolicy> pods =
                slots.keySet().stream()
                        .map(pod -> tables.pods().get(pod))
                        .filter(Objects::nonNull)
                        .toList();
        PolicyTable nextPolicy = PolicyTable.used(tables, pods);
        Tables before = last;
        boolean sameIdentities =
                before != null
                        && same(before.podIdentities(), tables.podIdentities())
                        && same(before.blockIdentities(), tables.blockIdentities());
        Plan plan =
                new Plan(
                        sameIdentities ? List.of() : identities.changesTo(tables),
                        policy.changesTo(nextPolicy),
                        endpoints.changesTo(nextEndpoints));
        int revision = revision();
        if (!plan.isEmpty()) {
            boolean unseen = isUnseen(plan, nextPolicy);
            if (!unseen
                    || unsettled >= MAX_UNSETTLED
                    || (!settled.isDone() && plan.touches(settling))) {
                awaitSettled();
            }
            checkRoom(identityMap, "identity prefixes", identities.size(), plan.identities);
            checkRoom(policyMap, "policy entries", policy.size(), plan.policy);
            revision = unseen ? writeThrough(plan, revision) : writeAside(plan, revision);
        }
        plan.identities.forEach(this::remember);
        policy = nextPolicy;
        endpoints = nextEndpoints;
        last = tables;
        lastSlots = Map.copyOf(slots);
        return new Applied(
                revision, plan.identities.size(), plan.policy.size(), plan.endpoints.size());
    }

    /** {@return whether both are one object: parts that a change did not touch are} */
    @SuppressWarnings("ReferenceEquality") // that is the question
    static boolean same(@Nullable Object a, @Nullable Object b) {
        return a == b;
    }

    /**
     * Whether no packet can tell in which order this change is made, so that it needs neither the
     * other slot nor a grace period: workloads that come, whose interface is still down, or that
     * went, whose interface is gone. That is: slots that get or lose their policy, addresses that
     * get or lose their owner, and policy entries that no packet can reach before (their group or
     * their identity is new) or after (likewise, gone).
     */
    private boolean isUnseen(Plan plan, PolicyTable next) {
        for (Change<Integer, EndpointTable.Sides> change : plan.endpoints) {
            if (!change.before().equals(EndpointTable.NOT_LOADED)
                    && !change.after().equals(EndpointTable.NOT_LOADED)) {
                return false;
            }
        }
        Map<Integer, Integer> uses = new HashMap<>(); // of identities, by this change
        for (Change<PrefixKey, Integer> change : plan.identities) {
            if (change.kind() == Change.Kind.CHANGED || change.key().bits() != ADDRESS_BITS) {
                return false;
            }
            boolean added = change.kind() == Change.Kind.ADDED;
            uses.merge(added ? change.after() : change.before(), added ? 1 : -1, Integer::sum);
        }
        for (Change<PolicyKey, Verdict> change : plan.policy) {
            int group = change.key().group();
            int identity = change.key().match().identity();
            int now = identities.uses(identity);
            boolean reachable =
                    switch (change.kind()) {
                        case ADDED ->
                                policy.holds(group) && (now > 0 || !uses.containsKey(identity));
                        case REMOVED ->
                                next.holds(group)
                                        && (now + uses.getOrDefault(identity, 0) > 0
                                                || !uses.containsKey(identity));
                        case CHANGED -> true;
                    };
            if (reachable) {
                return false;
            }
        }
        return true;
    }

    /**
     * Writes both slots at once: first what nobody reaches yet, then what leads there. The revision
     * moves on by two, which keeps the slot in use and has connections judged again. {@return it}
     */
    private int writeThrough(Plan plan, int revision) {
        List<Change<PolicyKey, Verdict>> entries =
                plan.policy.stream().filter(c -> c.kind() != Change.Kind.REMOVED).toList();
        try {
            policyMap.settle(entries);
            watcher.accept(Step.POLICY_WRITTEN);
            endpointMap.settle(plan.endpoints);
            watcher.accept(Step.ENDPOINTS_WRITTEN);
            identityMap.settle(plan.identities);
            watcher.accept(Step.IDENTITIES_WRITTEN);
        } catch (io.weft.bpf.BpfException e) {
            identityMap.undo(plan.identities);
            endpointMap.undo(plan.endpoints);
            policyMap.undo(entries);
            throw e;
        }
        int next = revision + 2;
        REVISION.setRelease(state.segment(), (long) StateValue.REVISION_OFFSET, next);
        watcher.accept(Step.REVISION_STORED);
        Plan later = plan.removals();
        if (!later.isEmpty()) { // a packet on its way may still look for them
            settleLater(later);
        }
        return next;
    }

    /** Writes the slot that is not in use, then switches. {@return the revision in force} */
    private int writeAside(Plan plan, int revision) {
        write(plan, revision);
        int next = revision + 1;
        REVISION.setRelease(state.segment(), (long) StateValue.REVISION_OFFSET, next);
        watcher.accept(Step.REVISION_STORED);
        settleLater(plan);
        return next;
    }

    private void settleLater(Plan plan) {
        settling = settled.isDone() ? plan : settling.and(plan);
        unsettled = settled.isDone() ? 1 : unsettled + 1;
        settled = settled.thenRunAsync(() -> settle(plan), settler);
    }

    private void remember(Change<PrefixKey, Integer> change) {
        switch (change.kind()) {
            case ADDED, CHANGED -> identities.put(change.key(), change.after());
            case REMOVED -> identities.remove(change.key());
        }
    }

    private static <K, V> void checkRoom(
            VersionedMap<K, V> map, String what, int there, List<Change<K, V>> changes) {
        long added = changes.stream().filter(c -> c.kind() == Change.Kind.ADDED).count();
        if (there + added > map.maxEntries()) {
            throw new DatapathException(
                    "%d %s do not fit: %d are there, %d come on top of them before others go, and the"
                                    .formatted(there + added, what, there, added)
                            + " map holds "
                            + map.maxEntries()
                            + ". Nothing was changed; use fewer or wider CIDR blocks and port ranges,"
                            + " or a larger limit");
        }
    }

    private void write(Plan plan, int revision) {
        try {
            identityMap.prepare(plan.identities, revision);
            watcher.accept(Step.IDENTITIES_WRITTEN);
            policyMap.prepare(plan.policy, revision);
            watcher.accept(Step.POLICY_WRITTEN);
            endpointMap.prepare(plan.endpoints, revision);
            watcher.accept(Step.ENDPOINTS_WRITTEN);
        } catch (io.weft.bpf.BpfException e) {
            endpointMap.undo(plan.endpoints);
            policyMap.undo(plan.policy);
            identityMap.undo(plan.identities);
            throw e;
        }
    }

    private void settle(Plan plan) {
        grace.await();
        watcher.accept(Step.GRACE_OVER);
        identityMap.settle(plan.identities);
        watcher.accept(Step.IDENTITIES_SETTLED);
        policyMap.settle(plan.policy);
        watcher.accept(Step.POLICY_SETTLED);
        endpointMap.settle(plan.endpoints);
    }

    /**
     * Waits until the last change has settled.
     *
     * @throws DatapathException when it could not; open the datapath anew to repair it
     */
    public synchronized void awaitSettled() {
        try {
            settled.join();
            settling = Plan.NOTHING;
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
