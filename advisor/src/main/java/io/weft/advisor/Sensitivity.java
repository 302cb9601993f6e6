package io.weft.advisor;

import io.weft.advisor.Advice.Candidate;
import io.weft.advisor.Advice.PriceChange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which price would have to change by how much to change the answer. Totals are linear in prices:
 *
 * <pre>
 *   total = … + w / Σw · (1 − Σ part · price / reference)
 * </pre>
 *
 * so the change at which a rival draws level is lead / (w / Σw · (parts of the first − parts of the
 * rival) / reference).
 */
final class Sensitivity {
    private static final int MOST = 5;

    private Sensitivity() {}

    static List<PriceChange> of(
            Need need,
            List<Candidate> ranked,
            Map<Criterion, Double> weights,
            Map<String, Double> prices,
            double reference) {
        if (ranked.isEmpty()) {
            return List.of();
        }
        Candidate first = ranked.getFirst();
        double all = weights.values().stream().mapToDouble(Double::doubleValue).sum();
        double weight = weights.getOrDefault(Criterion.COST, 0.0);
        Map<String, Double> mine = Cost.parts(first.architecture(), need, prices);
        List<PriceChange> changes = new ArrayList<>();
        for (Map.Entry<String, Double> price : prices.entrySet()) {
            String key = price.getKey();
            Optional<PriceChange> nearest = Optional.empty();
            for (Candidate rival : ranked.subList(1, ranked.size())) {
                double parts =
                        mine.getOrDefault(key, 0.0)
                                - Cost.parts(rival.architecture(), need, prices)
                                        .getOrDefault(key, 0.0);
                if (parts == 0 || weight == 0) {
                    continue;
                }
                double change =
                        (first.total() - rival.total()) / (weight / all * parts / reference);
                PriceChange candidate =
                        new PriceChange(
                                key,
                                price.getValue(),
                                price.getValue() + change,
                                Optional.of(rival.architecture()));
                nearest = nearer(nearest, candidate);
            }
            nearest = nearer(nearest, budget(need, first, key, price.getValue(), mine));
            nearest.ifPresent(changes::add);
        }
        changes.sort(Comparator.comparingDouble(Sensitivity::relative));
        return List.copyOf(changes.subList(0, Math.min(MOST, changes.size())));
    }

    private static PriceChange budget(
            Need need, Candidate first, String key, double price, Map<String, Double> mine) {
        double parts = mine.getOrDefault(key, 0.0) * need.scale().instances();
        double room =
                need.money().budget().orElse(Double.POSITIVE_INFINITY) - first.cost().monthly();
        double to = parts == 0 ? Double.POSITIVE_INFINITY : price + room / parts;
        return new PriceChange(key, price, to, Optional.empty());
    }

    private static Optional<PriceChange> nearer(Optional<PriceChange> best, PriceChange other) {
        if (!Double.isFinite(other.to()) || other.to() < 0) {
            return best;
        }
        return best.isPresent() && distance(best.get()) <= distance(other)
                ? best
                : Optional.of(other);
    }

    private static double distance(PriceChange change) {
        return Math.abs(change.to() - change.from());
    }

    private static double relative(PriceChange change) {
        return distance(change) / Math.max(change.from(), 1);
    }
}
