package io.weft.datapath;

import io.weft.model.Ref;
import io.weft.tables.EndpointValue.Side;
import io.weft.tables.Group;
import io.weft.tables.Lengths;
import io.weft.tables.NodePolicy;
import io.weft.tables.PodPolicy;
import io.weft.tables.Rules;
import io.weft.tables.Tables;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Which group judges which slot, as the kernel holds it at the revision in force; slots that deny
 * everything are left out. Not for several threads.
 */
final class EndpointTable {
    /** Denies everything: nobody has written this slot. */
    static final Side UNSET = new Side(Group.OPEN, Rules.NONE);

    static final Sides NOT_LOADED = new Sides(UNSET, UNSET);

    record Sides(Side egress, Side ingress) {
        /**
         * {@return how {@code pod} is judged; a pod that the tables do not know, not at all}
         *
         * @param lengths of a group
         */
        static Sides of(Tables tables, @Nullable Ref pod, IntFunction<Lengths> lengths) {
            PodPolicy policy = pod == null ? null : tables.pods().get(pod);
            return policy == null
                    ? NOT_LOADED
                    : new Sides(
                            side(tables, policy.egressGroup(), policy.audit(), lengths),
                            side(tables, policy.ingressGroup(), policy.audit(), lengths));
        }

        /** {@return how the node itself is judged; while no policy selects it, not at all} */
        static Sides ofNode(Tables tables, IntFunction<Lengths> lengths) {
            NodePolicy host = tables.host();
            return host.equals(NodePolicy.OPEN)
                    ? NOT_LOADED
                    : new Sides(
                            side(tables, host.egressGroup(), false, lengths),
                            side(tables, host.ingressGroup(), false, lengths));
        }

        private static Side side(
                Tables tables, int group, boolean audit, IntFunction<Lengths> lengths) {
            return group == Group.OPEN
                    ? Side.OPEN
                    : new Side(
                            group,
                            PolicyTable.group(tables, group).defaultRule(),
                            audit,
                            lengths.apply(group));
        }

        /** {@return whether the two judge alike} They may look for entries that are not there. */
        boolean judgesAs(Sides other) {
            return withoutLengths().equals(other.withoutLengths());
        }

        Sides withoutLengths() {
            return new Sides(egress.withLengths(Lengths.NONE), ingress.withLengths(Lengths.NONE));
        }

        /** {@return these, looking also for what {@code other} looks for} */
        Sides widened(Sides other) {
            return new Sides(
                    egress.withLengths(egress.lengths().or(other.egress.lengths())),
                    ingress.withLengths(ingress.lengths().or(other.ingress.lengths())));
        }

        boolean names(int group) {
            return egress.group() == group || ingress.group() == group;
        }
    }

    private final Map<Integer, Sides> sides = new HashMap<>();
    private final Map<Integer, Integer> uses = new HashMap<>(); // group → sides that name it

    EndpointTable(Map<Integer, Sides> readBack) {
        readBack.forEach(this::put);
    }

    Sides get(int slot) {
        return sides.getOrDefault(slot, NOT_LOADED);
    }

    Set<Integer> slots() {
        return sides.keySet();
    }

    /** {@return the groups that are named} */
    Set<Integer> groups() {
        return uses.keySet();
    }

    /** {@return by how many sides the group is named} */
    int uses(int group) {
        return uses.getOrDefault(group, 0);
    }

    /** {@return the slots that a group judges} */
    Set<Integer> slotsOf(int group) {
        Set<Integer> slots = new HashSet<>();
        if (uses(group) > 0) {
            sides.forEach((slot, both) -> {
                if (both.names(group)) {
                    slots.add(slot);
                }
            });
        }
        return slots;
    }

    void put(int slot, Sides both) {
        Sides before = both.equals(NOT_LOADED) ? sides.remove(slot) : sides.put(slot, both);
        if (before != null) {
            count(before, -1, uses);
        }
        count(both, 1, uses);
    }

    /** Adds {@code by} for each group that is named. */
    static void count(Sides both, int by, Map<Integer, Integer> uses) {
        for (int group : new int[] {both.egress.group(), both.ingress.group()}) {
            if (group != Group.OPEN) {
                uses.merge(group, by, (a, b) -> a + b == 0 ? null : a + b);
            }
        }
    }
}
