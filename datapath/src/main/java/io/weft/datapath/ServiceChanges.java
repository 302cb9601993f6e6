package io.weft.datapath;

import io.weft.model.MapDiff;
import io.weft.tables.BackendSet;
import io.weft.tables.Frontend;
import io.weft.tables.FrontendKey;
import io.weft.tables.ServiceTable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** In what two tables of services differ. */
record ServiceChanges(List<OfSet> sets, List<OfFrontend> frontends) {
    /**
     * @param before null: it comes
     * @param after null: it goes
     */
    record OfSet(BackendSet.Id id, @Nullable BackendSet before, @Nullable BackendSet after) {
        /** {@return how many more backends other nodes hand packets to} */
        int handed() {
            return (after == null ? 0 : after.handed().size())
                    - (before == null ? 0 : before.handed().size());
        }
    }

    /**
     * @param before null: it comes
     * @param after null: it goes
     */
    record OfFrontend(FrontendKey key, @Nullable Frontend before, @Nullable Frontend after) {}

    static ServiceChanges between(ServiceTable before, ServiceTable after) {
        List<OfSet> sets = new ArrayList<>();
        List<OfFrontend> frontends = new ArrayList<>();
        MapDiff.between(
                before.sets(),
                after.sets(),
                (id, old, now) -> {
                    if (old == null || !old.equals(now)) {
                        sets.add(new OfSet(id, old, now));
                    }
                });
        MapDiff.between(
                before.frontends(),
                after.frontends(),
                (key, old, now) -> {
                    if (old == null || !old.equals(now)) {
                        frontends.add(new OfFrontend(key, old, now));
                    }
                });
        return new ServiceChanges(sets, frontends);
    }

    boolean isEmpty() {
        return sets.isEmpty() && frontends.isEmpty();
    }

    /** {@return how many frontends come} */
    long comingFrontends() {
        return frontends.stream().filter(change -> change.before == null).count();
    }

    /** {@return how many sets come} */
    long comingSets() {
        return sets.stream().filter(change -> change.before == null).count();
    }

    /** {@return how many places the runs of new and changed sets take} */
    long comingBackends() {
        return sets.stream()
                .mapToLong(change -> change.after == null ? 0 : SetRun.length(change.after))
                .sum();
    }

    /**
     * {@return how many backends come to which others hand packets; those of before stay so long}
     */
    long comingHanded() {
        return sets.stream()
                .mapToLong(change -> change.after == null ? 0 : change.after.handed().size())
                .sum();
    }

    /** {@return how many backends of numbered sets come; while they do, those of before stay} */
    long comingNumbers() {
        return sets.stream()
                .filter(change -> change.after != null && SetRun.isNumbered(change.after))
                .mapToLong(change -> change.after.backends().size())
                .sum();
    }
}
