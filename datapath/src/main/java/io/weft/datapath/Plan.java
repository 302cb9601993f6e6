package io.weft.datapath;

import io.weft.model.Ref;
import io.weft.tables.Group;
import io.weft.tables.PolicyKey;
import io.weft.tables.PrefixKey;
import io.weft.tables.Tables;
import io.weft.tables.Verdict;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What makes the kernel's tables others.
 *
 * @param entries what each map goes through
 * @param groups those whose entries change, or that come or go (empty)
 * @param owners slots whose pod is another, or that have none any more (empty)
 * @param tables what is in force afterwards
 * @param slots likewise
 */
record Plan(
        Entries entries,
        Map<Integer, Optional<Group>> groups,
        Map<Integer, Optional<Ref>> owners,
        Tables tables,
        Map<Ref, Integer> slots) {

    /** What the three maps go through. */
    record Entries(
            List<Change<PrefixKey, Integer>> identities,
            List<Change<PolicyKey, Verdict>> policy,
            List<Change<Integer, EndpointTable.Sides>> endpoints) {
        static final Entries NONE = new Entries(List.of(), List.of(), List.of());

        boolean isEmpty() {
            return identities.isEmpty() && policy.isEmpty() && endpoints.isEmpty();
        }

        /**
         * {@return what can be written before anybody looks for it} A side looks then for what it
         * looks for before and for what it shall look for.
         */
        Entries arrivals() {
            return new Entries(
                    identities,
                    policy.stream().filter(c -> c.kind() != Change.Kind.REMOVED).toList(),
                    endpoints.stream().map(Entries::widened).toList());
        }

        /** {@return what {@link #arrivals} leaves: entries that go, and looking for those} */
        Entries departures() {
            return new Entries(
                    List.of(),
                    policy.stream().filter(c -> c.kind() == Change.Kind.REMOVED).toList(),
                    endpoints.stream().filter(c -> !widened(c).equals(c)).toList());
        }

        private static Change<Integer, EndpointTable.Sides> widened(
                Change<Integer, EndpointTable.Sides> change) {
            return change.before().judgesAs(change.after())
                    ? new Change<>(
                            change.key(),
                            change.before(),
                            change.after().widened(change.before()),
                            change.kind())
                    : change;
        }

        Entries and(Entries other) {
            return new Entries(
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
        boolean touches(Entries other) {
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
}
