package io.weft.advisor;

import io.weft.claims.Forecast;
import io.weft.claims.Words;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The answer to a need.
 *
 * @param candidates best first; empty when nothing satisfies every constraint
 * @param excluded in the order of the catalogue
 * @param nearest when there is no candidate: those that are least far from the need
 * @param weights of the criteria that count
 * @param prices key → price for each instance and month
 * @param sensitivity prices whose change would change the answer, the smallest change first
 * @param evidence which results of the lab were used, and which not and why
 */
public record Advice(
        Need need,
        Hardware hardware,
        List<Candidate> candidates,
        List<Excluded> excluded,
        List<Excluded> nearest,
        Map<Criterion, Double> weights,
        Map<String, Double> prices,
        List<PriceChange> sensitivity,
        DecisionTree.Path tree,
        List<Words> evidence) {
    public Advice {
        candidates = List.copyOf(candidates);
        excluded = List.copyOf(excluded);
        nearest = List.copyOf(nearest);
        sensitivity = List.copyOf(sensitivity);
        evidence = List.copyOf(evidence);
    }

    /**
     * An architecture that satisfies every constraint.
     *
     * @param total weighted mean of the scores
     * @param unknown capabilities that it needs and that could not be found out
     * @param immature technologies that it depends on and that are not stable
     * @param behind what put it behind the first, most important first; empty for the first
     */
    public record Candidate(
            Architecture architecture,
            double total,
            List<Scoring.Score> scores,
            List<Evidence.Expected> expected,
            Cost cost,
            List<Capability> unknown,
            List<Forecast> immature,
            List<Words> behind) {}

    /** An architecture that does not, with all that excludes it. */
    public record Excluded(Architecture architecture, List<Exclusion> by) {
        public Excluded {
            by = List.copyOf(by);
        }
    }

    /**
     * A price at which another answer would come out first.
     *
     * @param key {@code vm.licences}
     * @param from for each instance and month
     * @param then what comes first beyond {@code to}; nothing when the budget is exceeded there
     */
    public record PriceChange(String key, double from, double to, Optional<Architecture> then) {}

    public Optional<Candidate> first() {
        return candidates.stream().findFirst();
    }
}
