package io.weft.datapath;

import io.weft.datapath.EndpointTable.Sides;
import io.weft.model.MapDiff;
import io.weft.model.Ref;
import io.weft.tables.Abi;
import io.weft.tables.Group;
import io.weft.tables.Lengths;
import io.weft.tables.PolicyKey;
import io.weft.tables.PrefixKey;
import io.weft.tables.Tables;
import io.weft.tables.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel holds at the revision in force, so that a change is found without asking it. The
 * first {@link #plan} compares everything with what was read back; each later one costs in
 * proportion to what differs. Not for several threads.
 */
final class Mirror {
    private final PrefixTable identities = new PrefixTable();
    private final PolicyTable policy;
    private final EndpointTable endpoints;
    private final Map<Integer, Ref> owners = new HashMap<>(); // slot → pod
    private @Nullable Tables tables; // null: nothing but what was read back
    private Map<Ref, Integer> slots = Map.of();

    Mirror(
            Map<PrefixKey, Integer> identities,
            Map<PolicyKey, Verdict> policy,
            Map<Integer, Sides> endpoints) {
        identities.forEach(this.identities::put);
        this.policy = new PolicyTable(policy);
        this.endpoints = new EndpointTable(endpoints);
    }

    int identityCount() {
        return identities.size();
    }

    int policyCount() {
        return policy.size();
    }

    /** {@return what makes this into {@code next}; nothing changes yet} */
    Plan plan(Tables next, Map<Ref, Integer> nextSlots) {
        Map<Integer, Optional<Ref>> moved = ownersAfter(nextSlots);
        Set<Integer> changedGroups = new HashSet<>();
        Set<Integer> touched = touched(next, nextSlots, moved.keySet(), changedGroups);
        Map<Integer, Integer> uses = new HashMap<>(); // more or less than now, by group
        for (int slot : touched) {
            EndpointTable.count(endpoints.get(slot), -1, uses);
            EndpointTable.count(sidesAfter(slot, moved, next, _ -> Lengths.NONE), 1, uses);
        }
        changedGroups.addAll(uses.keySet());
        Map<Integer, Optional<Group>> groups = new LinkedHashMap<>();
        List<Change<PolicyKey, Verdict>> entries = new ArrayList<>();
        Map<Integer, Lengths> lengths = new HashMap<>(); // of groups that have others than now
        for (int id : changedGroups) {
            boolean used = endpoints.uses(id) + uses.getOrDefault(id, 0) > 0;
            if (used || policy.holds(id)) {
                Group group = used ? PolicyTable.group(next, id) : null;
                Lengths after = policy.changes(id, group, entries);
                groups.put(id, Optional.ofNullable(group));
                if (!after.equals(policy.lengths(id))) {
                    lengths.put(id, after);
                    touched.addAll(endpoints.slotsOf(id));
                }
            }
        }
        List<Change<Integer, Sides>> sides = new ArrayList<>();
        for (int slot : touched) {
            Sides before = endpoints.get(slot);
            Sides after =
                    sidesAfter(
                            slot, moved, next, id -> lengths.getOrDefault(id, policy.lengths(id)));
            if (!before.equals(after)) {
                sides.add(new Change<>(slot, before, after, Change.Kind.CHANGED));
            }
        }
        List<Change<PrefixKey, Integer>> addresses =
                tables == null ? identities.changesTo(next) : identities.changesTo(next, tables);
        return new Plan(
                new Plan.Entries(addresses, entries, sides), groups, moved, next, nextSlots);
    }

    private Sides sidesAfter(
            int slot,
            Map<Integer, Optional<Ref>> moved,
            Tables next,
            IntFunction<Lengths> lengths) {
        if (slot == Abi.NODE_SLOT) {
            return Sides.ofNode(next, lengths);
        }
        Ref owner = moved.containsKey(slot) ? moved.get(slot).orElse(null) : owners.get(slot);
        return Sides.of(next, owner, lengths);
    }

    /** {@return the slots whose pod is another than now} */
    private Map<Integer, Optional<Ref>> ownersAfter(Map<Ref, Integer> nextSlots) {
        Map<Integer, Optional<Ref>> after = new HashMap<>();
        Map<Ref, Integer> come = new LinkedHashMap<>();
        MapDiff.between(
                slots,
                nextSlots,
                (pod, before, now) -> {
                    if (before != null) {
                        after.put(before, Optional.empty());
                    }
                    if (now != null) {
                        come.put(pod, now);
                    }
                });
        come.forEach((pod, slot) -> {
            if (slot < 0 || slot >= Abi.MAX_WORKLOADS) {
                throw new IllegalArgumentException(
                        pod
                                + " in slot "
                                + slot
                                + ": a node holds "
                                + Abi.MAX_WORKLOADS
                                + " workloads");
            }
            Optional<Ref> there = after.getOrDefault(slot, Optional.ofNullable(owners.get(slot)));
            if (there.isPresent()) {
                throw new IllegalArgumentException("slot " + slot + " is given twice");
            }
            after.put(slot, Optional.of(pod));
        });
        return after;
    }

    /** {@return slots that may be judged otherwise}; adds the groups that may have other entries */
    private Set<Integer> touched(
            Tables next, Map<Ref, Integer> nextSlots, Set<Integer> moved, Set<Integer> groups) {
        Set<Integer> touched = new HashSet<>(moved);
        touched.add(Abi.NODE_SLOT);
        if (tables == null) {
            touched.addAll(endpoints.slots());
            groups.addAll(policy.ids());
            groups.addAll(endpoints.groups()); // also those without entries
            return touched;
        }
        MapDiff.between(
                tables.pods(),
                next.pods(),
                (pod, before, after) -> {
                    Integer slot = nextSlots.get(pod);
                    if (slot != null) {
                        touched.add(slot);
                    }
                });
        MapDiff.between(
                tables.groups(),
                next.groups(),
                (id, before, after) -> {
                    groups.add(id);
                    if (before == null
                            || after == null
                            || before.defaultRule() != after.defaultRule()) {
                        touched.addAll(endpoints.slotsOf(id));
                    }
                });
        return touched;
    }

    /** Takes note of a plan that is in force. */
    void accept(Plan plan) {
        plan.entries()
                .identities()
                .forEach(change -> {
                    if (change.kind() == Change.Kind.REMOVED) {
                        identities.remove(change.key());
                    } else {
                        identities.put(change.key(), change.after());
                    }
                });
        plan.entries()
                .policy()
                .forEach(change ->
                        policy.count(change.key().group(), change.key().match(), change.kind()));
        plan.groups().forEach((id, group) -> policy.put(id, group.orElse(null)));
        plan.entries().endpoints().forEach(change -> endpoints.put(change.key(), change.after()));
        plan.owners()
                .forEach((slot, pod) ->
                        pod.ifPresentOrElse(
                                ref -> owners.put(slot, ref), () -> owners.remove(slot)));
        tables = plan.tables();
        slots = plan.slots();
    }

    /**
     * Whether no packet can tell in which order this change is made, so that it needs neither the
     * other slot nor a grace period: workloads that come, whose interface is still down, or that
     * went, whose interface is gone. That is: slots that get or lose their policy, addresses that
     * get or lose their owner, and policy entries that no packet can reach before (their group or
     * their identity is new) or after (likewise, gone). Which lengths a side looks for follows from
     * the entries.
     */
    boolean isUnseen(Plan plan) {
        for (Change<Integer, Sides> change : plan.entries().endpoints()) {
            if (change.before().judgesAs(change.after())) {
                continue;
            }
            if (change.key() == Abi.NODE_SLOT) {
                return false; // the node is always there
            }
            if (!change.before().equals(EndpointTable.NOT_LOADED)
                    && !change.after().equals(EndpointTable.NOT_LOADED)) {
                return false;
            }
        }
        Map<Integer, Integer> uses = new HashMap<>(); // of identities, by this change
        for (Change<PrefixKey, Integer> change : plan.entries().identities()) {
            if (change.kind() == Change.Kind.CHANGED
                    || change.key().bits() != PrefixTable.ADDRESS_BITS) {
                return false;
            }
            boolean added = change.kind() == Change.Kind.ADDED;
            uses.merge(added ? change.after() : change.before(), added ? 1 : -1, Integer::sum);
        }
        for (Change<PolicyKey, Verdict> change : plan.entries().policy()) {
            if (isReachable(change, plan, uses)) {
                return false;
            }
        }
        return true;
    }

    private boolean isReachable(
            Change<PolicyKey, Verdict> change, Plan plan, Map<Integer, Integer> uses) {
        int group = change.key().group();
        int identity = change.key().match().identity();
        boolean other = !uses.containsKey(identity); // not of a pod that comes or goes
        int now = identities.uses(identity);
        return switch (change.kind()) {
            case ADDED -> policy.holds(group) && (other || now > 0);
            case REMOVED ->
                    plan.groups().getOrDefault(group, Optional.empty()).isPresent()
                            && (other || now + uses.getOrDefault(identity, 0) > 0);
            case CHANGED -> true;
        };
    }
}
