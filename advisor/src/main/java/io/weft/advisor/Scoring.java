package io.weft.advisor;

import io.weft.advisor.Architecture.Quantity;
import io.weft.advisor.Architecture.Skill;
import io.weft.advisor.Evidence.Expected;
import io.weft.advisor.Hardware.Presence;
import io.weft.claims.Forecast;
import io.weft.claims.Words;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A number from 0 to 1 for each criterion, and where it comes from. Each depends on the
 * architecture's own figures and on the need, never on the other candidates; so leaving one out
 * changes nobody's score. What nobody has a figure for scores 0: it is not counted in its favour.
 */
public final class Scoring {
    /** What each part without a price takes from the score of cost: it is not for nothing. */
    private static final double UNPRICED = 0.25;

    private static final Words JUDGED = new Words("Weft's judgement: ", "Weft 的判断：");

    private final Need need;
    private final Hardware hardware;
    private final Evidence evidence;
    private final Map<String, Double> prices;
    private final Map<Criterion, Double> weights;

    Scoring(Need need, Hardware hardware, Evidence evidence, Map<String, Double> prices) {
        this.need = need;
        this.hardware = hardware;
        this.evidence = evidence;
        this.prices = prices;
        this.weights = Weights.of(need);
    }

    /**
     * @param value 0–1; of cost it may be negative
     * @param source claim, metric, formula, or whose judgement
     */
    public record Score(Criterion criterion, double value, double weight, Words source) {}

    Map<Criterion, Double> weights() {
        return weights;
    }

    List<Score> of(Architecture a) {
        List<Score> scores = new ArrayList<>();
        for (Criterion criterion : Criterion.values()) {
            double weight = weights.getOrDefault(criterion, 0.0);
            if (weight > 0) {
                scores.add(score(a, criterion, weight));
            }
        }
        return List.copyOf(scores);
    }

    /** {@return the weighted mean; 0 when no criterion counts} */
    static double total(List<Score> scores) {
        double sum = 0;
        double weight = 0;
        for (Score score : scores) {
            sum += score.value() * score.weight();
            weight += score.weight();
        }
        return weight == 0 ? 0 : sum / weight;
    }

    private Score score(Architecture a, Criterion criterion, double weight) {
        return switch (criterion) {
            case LATENCY -> figure(a, criterion, weight, Quantity.LATENCY, "1 − log10(us) / 2");
            case THROUGHPUT -> figure(a, criterion, weight, Quantity.THROUGHPUT, "log10(Gbps) / 3");
            case HOST_THROUGHPUT ->
                    figure(a, criterion, weight, Quantity.HOST_THROUGHPUT, "log10(Gbps) / 3");
            case FOOTPRINT -> figure(a, criterion, weight, Quantity.MEMORY, "1 − log10(MB) / 3");
            case ISOLATION ->
                    new Score(
                            criterion,
                            switch (a.isolation()) {
                                case SHARED -> 0;
                                case KERNEL -> 0.7;
                                case HARDWARE -> 1;
                            },
                            weight,
                            Words.same("9.1/isolation"));
            case SEGMENTATION ->
                    new Score(
                            criterion,
                            switch (a.segmentation()) {
                                case NONE -> 0;
                                case MANUAL -> 0.4;
                                case ENFORCED -> 1;
                            },
                            weight,
                            Words.same("9.3/east-west"));
            case COST -> cost(a, weight);
            case TEAM ->
                    new Score(criterion, fits(a.skill(), need.team()), weight, Words.same("12"));
            case MESH -> mesh(a, weight);
            case SCENE -> scene(a, weight);
            case READINESS -> readiness(a, weight);
            case MATURITY -> maturity(a, weight);
            case PACKETS, AUDIT, SCALE, SIMPLICITY, STORAGE -> judged(a, criterion, weight);
        };
    }

    private Score figure(
            Architecture a, Criterion criterion, double weight, Quantity quantity, String formula) {
        Optional<Expected> expected = evidence.of(a, quantity);
        if (expected.isEmpty()) {
            return new Score(criterion, 0, weight, new Words("no figure", "无数据"));
        }
        double middle = Math.max(expected.get().middle(), 1e-9);
        double value =
                switch (quantity) {
                    case LATENCY -> 1 - Math.log10(middle) / 2;
                    case MEMORY -> 1 - Math.log10(middle) / 3;
                    case THROUGHPUT, HOST_THROUGHPUT, START, PER_HOST, SERVICES ->
                            Math.log10(middle) / 3;
                };
        String ids = String.join(", ", expected.get().ids());
        Words kind = Texts.source(expected.get().source());
        return new Score(
                criterion,
                Math.min(Math.max(value, 0), 1),
                weight,
                new Words(
                        kind.en() + " " + ids + "; " + formula,
                        kind.zh() + " " + ids + "；" + formula));
    }

    private Score cost(Architecture a, double weight) {
        Cost cost = Cost.of(a, need, prices);
        double reference = Cost.reference(evidence.claims(), need.money());
        double unpriced = UNPRICED * cost.unpriced().size();
        String formula =
                "1 − "
                        + Numbers.plain(cost.instance())
                        + " / "
                        + Numbers.plain(reference)
                        + " (10.2/total/vm × 2)";
        String missing = String.join(", ", cost.unpriced());
        Words source =
                cost.unpriced().isEmpty()
                        ? Words.same(formula)
                        : new Words(
                                formula
                                        + " − "
                                        + Numbers.plain(unpriced)
                                        + " for want of a price: "
                                        + missing,
                                formula + " − " + Numbers.plain(unpriced) + "，缺少价格：" + missing);
        return new Score(
                Criterion.COST, 1 - cost.instance() / reference - unpriced, weight, source);
    }

    /** {@return how well a skill that is needed fits the team's} */
    private static double fits(Skill skill, Team team) {
        return switch (team) {
            case KERNEL_EXPERTS ->
                    switch (skill) {
                        case LOW -> 0.4;
                        case MEDIUM -> 0.6;
                        case HIGH -> 1;
                    };
            case APPLICATION_DEVELOPERS ->
                    switch (skill) {
                        case LOW -> 0.6;
                        case MEDIUM -> 1;
                        case HIGH -> 0.4;
                    };
            case TRADITIONAL_OPERATIONS ->
                    switch (skill) {
                        case LOW -> 1;
                        case MEDIUM -> 0.4;
                        case HIGH -> 0.1;
                    };
            case UNKNOWN -> 0;
        };
    }

    private Score mesh(Architecture a, double weight) {
        boolean limited = need.mesh().resourceLimited();
        double value =
                switch (a.mesh()) {
                    case NONE -> 0;
                    case ADDABLE -> limited ? 0.1 : 0.3;
                    case SIDECAR -> limited ? 0.2 : 1;
                    case SIDECARLESS -> limited ? 1 : 0.7;
                };
        String row = limited ? "12/mesh-limited, 5.3" : "12/mesh, 5.3";
        return new Score(Criterion.MESH, value, weight, Words.same(row));
    }

    private Score scene(Architecture a, double weight) {
        String scene = need.scene().orElse("");
        return new Score(
                Criterion.SCENE,
                a.scenes().contains(scene) ? 1 : 0,
                weight,
                Words.same("10.1/" + scene + "/architecture"));
    }

    private Score readiness(Architecture a, double weight) {
        List<String> unknown =
                a.needs().stream()
                        .filter(c -> hardware.of(c) == Presence.UNKNOWN)
                        .map(Capability::key)
                        .toList();
        return new Score(
                Criterion.READINESS,
                unknown.isEmpty() ? 1 : 0.5,
                weight,
                unknown.isEmpty()
                        ? new Words("all that it needs is there", "所需硬件齐备")
                        : new Words(
                                "not known: " + String.join(", ", unknown),
                                "未知：" + String.join("、", unknown)));
    }

    /** {@return the forecasts that the answer depends on: the architecture's, then the need's} */
    List<Forecast> depends(Architecture a) {
        Set<String> ids = new LinkedHashSet<>(a.depends());
        if (need.networks().several()) {
            ids.add("multi-interface");
        }
        if (need.networks().dynamic()) {
            ids.add("cni-2");
        }
        if (need.security().quantumSafe()) {
            ids.add("quantum-safe");
        }
        return ids.stream().flatMap(id -> evidence.claims().forecast(id).stream()).toList();
    }

    private Score maturity(Architecture a, double weight) {
        double value = 1;
        List<String> from = new ArrayList<>();
        for (Forecast forecast : depends(a)) {
            value =
                    Math.min(
                            value,
                            switch (forecast.maturity()) {
                                case STABLE -> 1;
                                case USABLE -> 0.7;
                                case EXPERIMENTAL -> 0.3;
                                case IDEA -> 0;
                            });
            from.add(forecast.id());
        }
        return new Score(
                Criterion.MATURITY,
                value,
                weight,
                from.isEmpty()
                        ? new Words("depends on nothing new", "不依赖新技术")
                        : Words.same("11: " + String.join(", ", from)));
    }

    private static Score judged(Architecture a, Criterion criterion, double weight) {
        Architecture.Judgement judgement = a.scores().get(criterion);
        if (judgement == null) {
            return new Score(criterion, 0, weight, new Words("nothing for it", "无"));
        }
        Words why = judgement.why();
        Words source =
                judgement
                        .claim()
                        .map(id -> new Words(id + ": " + why.en(), id + "：" + why.zh()))
                        .orElseGet(() -> new Words(JUDGED.en() + why.en(), JUDGED.zh() + why.zh()));
        return new Score(criterion, judgement.value(), weight, source);
    }
}
