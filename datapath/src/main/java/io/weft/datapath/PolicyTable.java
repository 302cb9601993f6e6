package io.weft.datapath;

import io.weft.tables.Direction;
import io.weft.tables.Group;
import io.weft.tables.MatchKey;
import io.weft.tables.PodPolicy;
import io.weft.tables.PolicyKey;
import io.weft.tables.PolicyValue;
import io.weft.tables.Rules;
import io.weft.tables.Tables;
import io.weft.tables.Verdict;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The groups that the kernel holds, at the revision in force. */
final class PolicyTable {
    private final Map<Integer, Group> groups;

    PolicyTable(Map<Integer, Group> groups) {
        this.groups = groups;
    }

    /** {@return groups with these entries, as read back: direction and default are unknown} */
    static PolicyTable of(Map<PolicyKey, Verdict> entries) {
        Map<Integer, Map<MatchKey, Verdict>> byGroup = new TreeMap<>();
        entries.forEach((key, verdict) ->
                byGroup.computeIfAbsent(key.group(), id -> new HashMap<>())
                        .put(key.match(), verdict));
        Map<Integer, Group> groups = new HashMap<>();
        byGroup.forEach((id, matches) ->
                groups.put(id, new Group(id, Direction.INGRESS, Rules.NONE, matches)));
        return new PolicyTable(groups);
    }

    /** {@return the groups that these pods use} */
    static PolicyTable used(Tables tables, Collection<PodPolicy> pods) {
        Map<Integer, Group> groups = new HashMap<>();
        for (PodPolicy pod : pods) {
            for (int id : new int[] {pod.egressGroup(), pod.ingressGroup()}) {
                if (id != Group.OPEN) {
                    groups.put(id, group(tables, id));
                }
            }
        }
        return new PolicyTable(groups);
    }

    static Group group(Tables tables, int id) {
        Group group = tables.groups().get(id);
        if (group == null) {
            throw new IllegalArgumentException("a pod uses group " + id + ", which is not there");
        }
        return group;
    }

    boolean holds(int group) {
        return groups.containsKey(group);
    }

    int size() {
        return groups.values().stream().mapToInt(group -> group.entries().size()).sum();
    }

    /** {@return what makes these entries those of {@code next}; equal objects cost nothing} */
    List<Change<PolicyKey, Verdict>> changesTo(PolicyTable next) {
        List<Change<PolicyKey, Verdict>> changes = new ArrayList<>();
        next.groups.forEach((id, group) -> {
            Group old = groups.get(id);
            if (old == null || !KernelTables.same(old.entries(), group.entries())) {
                changes(id, old, group, changes);
            }
        });
        groups.forEach((id, old) -> {
            if (!next.groups.containsKey(id)) {
                changes(id, old, null, changes);
            }
        });
        return changes;
    }

    private static void changes(
            int id,
            @Nullable Group old,
            @Nullable Group next,
            List<Change<PolicyKey, Verdict>> changes) {
        if (next != null) {
            next.entries()
                    .forEach((match, verdict) -> {
                        Verdict there = old == null ? null : old.entries().get(match);
                        if (there == null) {
                            changes.add(
                                    new Change<>(
                                            new PolicyKey(id, match),
                                            longest(old, match),
                                            verdict,
                                            Change.Kind.ADDED));
                        } else if (!there.equals(verdict)) {
                            changes.add(
                                    new Change<>(
                                            new PolicyKey(id, match),
                                            there,
                                            verdict,
                                            Change.Kind.CHANGED));
                        }
                    });
        }
        if (old != null) {
            old.entries()
                    .forEach((match, verdict) -> {
                        if (next == null || !next.entries().containsKey(match)) {
                            changes.add(
                                    new Change<>(
                                            new PolicyKey(id, match),
                                            verdict,
                                            longest(next, match),
                                            Change.Kind.REMOVED));
                        }
                    });
        }
    }

    private static Verdict longest(@Nullable Group group, MatchKey match) {
        Verdict verdict = group == null ? null : group.longestMatch(match);
        return verdict == null ? PolicyValue.NO_ENTRY : verdict;
    }
}
