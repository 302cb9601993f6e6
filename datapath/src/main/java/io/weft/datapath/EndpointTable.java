package io.weft.datapath;

import io.weft.model.Ref;
import io.weft.tables.Abi;
import io.weft.tables.EndpointValue.Side;
import io.weft.tables.Group;
import io.weft.tables.PodPolicy;
import io.weft.tables.Rules;
import io.weft.tables.Tables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which group judges which slot, at one revision; slots without a policy are left out. */
record EndpointTable(Map<Integer, Sides> slots) {
    /** Denies everything: nobody has written this slot. */
    static final Side UNSET = new Side(Group.OPEN, Rules.NONE);

    static final Sides NOT_LOADED = new Sides(UNSET, UNSET);

    record Sides(Side egress, Side ingress) {}

    /** A pod that the tables do not know gets no policy, so everything is denied. */
    static EndpointTable of(Tables tables, Map<Ref, Integer> slots) {
        Map<Integer, Sides> sides = new HashMap<>();
        slots.forEach((pod, slot) -> {
            if (slot < 0 || slot >= Abi.MAX_WORKLOADS) {
                throw new IllegalArgumentException(
                        pod
                                + " in slot "
                                + slot
                                + ": a node holds "
                                + Abi.MAX_WORKLOADS
                                + " workloads");
            }
            PodPolicy policy = tables.pods().get(pod);
            Sides both =
                    policy == null
                            ? NOT_LOADED
                            : new Sides(
                                    side(tables, policy.egressGroup()),
                                    side(tables, policy.ingressGroup()));
            if (sides.put(slot, both) != null) {
                throw new IllegalArgumentException("slot " + slot + " is given twice");
            }
        });
        return new EndpointTable(sides);
    }

    private static Side side(Tables tables, int group) {
        return group == Group.OPEN
                ? Side.OPEN
                : new Side(group, PolicyTable.group(tables, group).defaultRule());
    }

    List<Change<Integer, Sides>> changesTo(EndpointTable next) {
        List<Change<Integer, Sides>> changes = new ArrayList<>();
        next.slots.forEach((slot, sides) -> {
            Sides there = slots.getOrDefault(slot, NOT_LOADED);
            if (!there.equals(sides)) {
                changes.add(new Change<>(slot, there, sides, Change.Kind.CHANGED));
            }
        });
        slots.forEach((slot, sides) -> {
            if (!next.slots.containsKey(slot) && !sides.equals(NOT_LOADED)) {
                changes.add(new Change<>(slot, sides, NOT_LOADED, Change.Kind.CHANGED));
            }
        });
        return changes;
    }
}
