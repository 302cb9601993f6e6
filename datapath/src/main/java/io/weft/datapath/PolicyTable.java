package io.weft.datapath;

import io.weft.model.MapDiff;
import io.weft.tables.Direction;
import io.weft.tables.Group;
import io.weft.tables.Lengths;
import io.weft.tables.MatchKey;
import io.weft.tables.PolicyKey;
import io.weft.tables.PolicyValue;
import io.weft.tables.Rules;
import io.weft.tables.Tables;
import io.weft.tables.Verdict;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The groups that the kernel holds, at the revision in force. Not for several threads. */
final class PolicyTable {
    private final Map<Integer, Group> groups = new HashMap<>();
    private final Map<Integer, LengthCounts> counts = new HashMap<>(); // by group
    private int size;

    /** Groups with these entries, as read back: direction and default are unknown. */
    PolicyTable(Map<PolicyKey, Verdict> readBack) {
        Map<Integer, Map<MatchKey, Verdict>> byGroup = new HashMap<>();
        readBack.forEach((key, verdict) ->
                byGroup.computeIfAbsent(key.group(), id -> new HashMap<>())
                        .put(key.match(), verdict));
        byGroup.forEach((id, matches) -> {
            put(id, new Group(id, Direction.INGRESS, Rules.NONE, matches));
            matches.keySet().forEach(match -> count(id, match, Change.Kind.ADDED));
        });
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

    Set<Integer> ids() {
        return groups.keySet();
    }

    /** {@return of the entries of a group that the kernel holds} */
    Lengths lengths(int group) {
        LengthCounts found = counts.get(group);
        return found == null ? Lengths.NONE : found.lengths();
    }

    /** {@return entries of all groups} */
    int size() {
        return size;
    }

    /**
     * @param group null: the kernel holds it no longer
     */
    void put(int id, @Nullable Group group) {
        Group before = group == null ? groups.remove(id) : groups.put(id, group);
        size += (group == null ? 0 : group.entries().size());
        size -= (before == null ? 0 : before.entries().size());
        if (group == null) {
            counts.remove(id);
        }
    }

    /** Takes note of an entry that came or went; {@link #put} does so of its group. */
    void count(int group, MatchKey match, Change.Kind kind) {
        counts.computeIfAbsent(group, id -> new LengthCounts()).count(match, kind);
    }

    /**
     * Finds what makes the entries of one group others. Versions of a group that share entries cost
     * what differs.
     *
     * @param next null: the group goes
     * @return of the entries that it has then
     */
    Lengths changes(int id, @Nullable Group next, List<Change<PolicyKey, Verdict>> found) {
        Group old = groups.get(id);
        LengthCounts there = counts.get(id);
        LengthCounts then = there == null ? new LengthCounts() : there.copy();
        MapDiff.between(
                old == null ? Map.of() : old.entries(),
                next == null ? Map.of() : next.entries(),
                (match, before, after) -> {
                    PolicyKey key = new PolicyKey(id, match);
                    Change.Kind kind =
                            before == null
                                    ? Change.Kind.ADDED
                                    : after == null ? Change.Kind.REMOVED : Change.Kind.CHANGED;
                    then.count(match, kind);
                    found.add(new Change<>(key, orNone(before), orNone(after), kind));
                });
        return then.lengths();
    }

    private static Verdict orNone(@Nullable Verdict verdict) {
        return verdict == null ? PolicyValue.NO_ENTRY : verdict;
    }
}
