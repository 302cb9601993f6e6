package io.weft.advisor;

import java.util.EnumMap;
import java.util.Map;

/**
 * How much each criterion counts. A need's own weight wins; the others follow from the need by the
 * formulas here, each from its own field, and a stricter field never makes its weight smaller.
 */
final class Weights {
    private Weights() {}

    static Map<Criterion, Double> of(Need need) {
        Map<Criterion, Double> weights = new EnumMap<>(Criterion.class);
        for (Criterion criterion : Criterion.values()) {
            weights.put(
                    criterion, need.weights().getOrDefault(criterion, computed(criterion, need)));
        }
        return weights;
    }

    private static double computed(Criterion criterion, Need need) {
        return switch (criterion) {
            case LATENCY ->
                    need.performance().latency().isEmpty()
                            ? 1
                            : 1
                                    + 2
                                            * between(
                                                    2
                                                            - Math.log10(
                                                                    need.performance()
                                                                            .latency()
                                                                            .getAsDouble()),
                                                    2);
            case THROUGHPUT ->
                    1 + between(Math.log10(need.performance().throughput().orElse(1)), 3);
            case HOST_THROUGHPUT ->
                    between(Math.log10(need.performance().hostThroughput().orElse(1)), 3);
            case PACKETS -> need.nfv() || need.performance().throughput().orElse(0) >= 40 ? 1 : 0;
            case ISOLATION ->
                    switch (need.isolation()) {
                        case SHARED -> need.regulated() ? 2 : 0.5;
                        case KERNEL -> 2;
                        case HARDWARE -> 3;
                    };
            case SEGMENTATION -> need.security().microSegmentation() ? 3 : 1;
            case AUDIT -> need.regulated() ? 2 : 0;
            case SCALE -> need.scale().instances() >= 1000 ? 2 : 1;
            case FOOTPRINT -> need.performance().memory().isPresent() ? 3 : 0;
            case COST -> need.money().budget().isPresent() ? 3 : 2;
            case TEAM -> need.team() == Team.UNKNOWN ? 0 : 3;
            case MESH -> need.mesh().needed() ? 4 : 0;
            case STORAGE -> need.networks().storage() ? 2 : 0;
            case SCENE -> need.scene().isPresent() ? 3 : 0;
            case SIMPLICITY, READINESS, MATURITY -> 1;
        };
    }

    private static double between(double value, double most) {
        return Math.min(Math.max(value, 0), most);
    }
}
