package io.weft.agent;

import io.weft.datapath.Limits;
import io.weft.model.Ip;
import io.weft.model.Prefix;
import io.weft.model.Ref;
import io.weft.tables.Abi;
import io.weft.tables.Group;
import io.weft.tables.MatchKey;
import io.weft.tables.PodPolicy;
import io.weft.tables.Tables;
import io.weft.tables.Verdict;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether a change fits into the kernel's maps of this node. Until no packet uses what goes, a map
 * holds what goes and what comes together: that is what must fit.
 */
final class Capacity {
    /**
     * @param what {@code policy entries}
     * @param needed while the change is made
     * @param max that fit
     */
    record Need(String what, long needed, long max) {
        boolean fits() {
            return needed <= max;
        }

        /** {@return {@code needs 12 of 10 policy entries}} */
        String text() {
            return "needs " + needed + " of " + max + " " + what;
        }
    }

    private Capacity() {}

    /**
     * {@return what the change needs, of each map that it could fill}
     *
     * @param wiredBefore pods of this node, before
     * @param wired pods of this node, after
     */
    static List<Need> needs(
            Tables before, Set<Ref> wiredBefore, Tables after, Set<Ref> wired, Limits limits) {
        return List.of(
                new Need("workloads", wired.size(), Abi.MAX_WORKLOADS),
                new Need("identity prefixes", prefixes(before, after), limits.identityPrefixes()),
                new Need(
                        "policy entries",
                        entries(before, groups(before, wiredBefore), after, groups(after, wired)),
                        limits.policyEntries()));
    }

    /** {@return a text for each map that would be too small} */
    static List<String> refusals(List<Need> needs) {
        return needs.stream().filter(need -> !need.fits()).map(Need::text).toList();
    }

    private static long prefixes(Tables before, Tables after) {
        Set<Prefix> all = new HashSet<>();
        for (Tables tables : List.of(before, after)) {
            for (Ip ip : tables.podIdentities().keySet()) {
                all.add(Prefix.of(ip));
            }
            all.addAll(tables.blockIdentities().keySet());
        }
        return all.size();
    }

    private static Set<Integer> groups(Tables tables, Set<Ref> wired) {
        Set<Integer> groups = new HashSet<>();
        for (Ref ref : wired) {
            PodPolicy pod = tables.pods().get(ref);
            if (pod != null) {
                groups.add(pod.egressGroup());
                groups.add(pod.ingressGroup());
            }
        }
        groups.remove(Group.OPEN);
        return groups;
    }

    private static long entries(
            Tables before, Set<Integer> groupsBefore, Tables after, Set<Integer> groupsAfter) {
        long sum = 0;
        for (int group : groupsBefore) {
            sum += of(before, group).size();
        }
        for (int group : groupsAfter) {
            Map<MatchKey, Verdict> there =
                    groupsBefore.contains(group) ? of(before, group) : Map.of();
            for (MatchKey match : of(after, group).keySet()) {
                sum += there.containsKey(match) ? 0 : 1;
            }
        }
        return sum;
    }

    private static Map<MatchKey, Verdict> of(Tables tables, int group) {
        Group found = tables.groups().get(group);
        return found == null ? Map.of() : found.entries();
    }
}
