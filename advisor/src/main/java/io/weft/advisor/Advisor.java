package io.weft.advisor;

import io.weft.advisor.Advice.Candidate;
import io.weft.advisor.Advice.Excluded;
import io.weft.advisor.Architecture.Quantity;
import io.weft.advisor.Evidence.Expected;
import io.weft.advisor.Hardware.Presence;
import io.weft.advisor.Scoring.Score;
import io.weft.claims.Claims;
import io.weft.claims.Forecast;
import io.weft.claims.Measurement;
import io.weft.claims.Words;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Ranks architectures for a need.
 *
 * <pre>
 *   Advisor advisor = new Advisor(Claims.load());
 *   Advice advice = advisor.advise(need, hardware, List.of(), m -&gt; true);
 *   advice.first().ifPresent(c -&gt; System.out.println(c.architecture().title().en()));
 * </pre>
 */
public final class Advisor {
    /** Totals closer than this are a tie: then the cheaper one, then the catalogue's order. */
    private static final double TIE = 1e-9;

    private static final int NEAREST = 5;

    private final Claims claims;
    private final Catalogue catalogue;

    public Advisor(Claims claims) {
        this.claims = claims;
        this.catalogue = Catalogue.load(claims);
    }

    public Catalogue catalogue() {
        return catalogue;
    }

    public Claims claims() {
        return claims;
    }

    /**
     * {@return the answer; the same for the same input}
     *
     * @param hardware what the machine that it is for offers
     * @param measurements results of the lab
     * @param ofThisMachine whether a result was measured on the machine that it is for
     */
    public Advice advise(
            Need need,
            Hardware hardware,
            List<Measurement> measurements,
            Predicate<Measurement> ofThisMachine) {
        List<Words> used = new ArrayList<>();
        List<Measurement> usable = new ArrayList<>();
        for (Measurement m : measurements) {
            Optional<Words> unusable = unusable(m, hardware, ofThisMachine);
            String at = m.experiment() + ", " + m.at();
            used.add(
                    unusable.map(why ->
                                    new Words(
                                            at + ": not used, " + why.en(),
                                            at + "：未采用，" + why.zh()))
                            .orElse(new Words(at + ": used", at + "：已采用")));
            if (unusable.isEmpty()) {
                usable.add(m);
            }
        }
        Evidence evidence = new Evidence(claims, usable);
        Map<String, Double> prices = Cost.prices(claims, need.money());
        Constraints constraints = new Constraints(need, hardware, evidence, prices);
        Scoring scoring = new Scoring(need, hardware, evidence, prices);
        List<Candidate> candidates = new ArrayList<>();
        List<Excluded> excluded = new ArrayList<>();
        for (Architecture architecture : catalogue.architectures()) {
            List<Exclusion> by = constraints.of(architecture);
            if (by.isEmpty()) {
                candidates.add(candidate(architecture, need, hardware, evidence, scoring, prices));
            } else {
                excluded.add(new Excluded(architecture, by));
            }
        }
        List<Candidate> ranked = ranked(candidates);
        return new Advice(
                need,
                hardware,
                ranked,
                excluded,
                ranked.isEmpty() ? nearest(excluded, scoring) : List.of(),
                scoring.weights(),
                prices,
                Sensitivity.of(
                        need,
                        ranked,
                        scoring.weights(),
                        prices,
                        Cost.reference(claims, need.money())),
                DecisionTree.walk(need, claims),
                used);
    }

    private static Optional<Words> unusable(
            Measurement m, Hardware hardware, Predicate<Measurement> ofThisMachine) {
        if (!hardware.detected()) {
            return Optional.of(
                    new Words(
                            "the need declares hardware, and this was measured on another machine",
                            "需求声明了硬件，而该结果测自另一台机器"));
        }
        if (!ofThisMachine.test(m)) {
            return Optional.of(new Words("measured on another machine", "测自另一台机器"));
        }
        if (!m.conclusive()) {
            return Optional.of(new Words("not conclusive: " + m.why(), "结果不确定：" + m.why()));
        }
        return Optional.empty();
    }

    private static Candidate candidate(
            Architecture a,
            Need need,
            Hardware hardware,
            Evidence evidence,
            Scoring scoring,
            Map<String, Double> prices) {
        List<Score> scores = scoring.of(a);
        List<Expected> expected = new ArrayList<>();
        for (Quantity quantity : Quantity.values()) {
            if (a.figures().containsKey(quantity)) {
                evidence.of(a, quantity).ifPresent(expected::add);
            }
        }
        return new Candidate(
                a,
                Scoring.total(scores),
                scores,
                List.copyOf(expected),
                Cost.of(a, need, prices),
                a.needs().stream().filter(c -> hardware.of(c) == Presence.UNKNOWN).toList(),
                scoring.depends(a).stream().filter(f -> f.maturity().immature()).toList(),
                List.of());
    }

    private static List<Candidate> ranked(List<Candidate> candidates) {
        List<Candidate> ranked = new ArrayList<>(candidates);
        // The sort is stable: what is equal stays in the catalogue's order.
        ranked.sort(
                Comparator.comparingDouble((Candidate c) -> -Math.rint(c.total() / TIE))
                        .thenComparingDouble(c -> c.cost().monthly()));
        if (ranked.isEmpty()) {
            return ranked;
        }
        Candidate first = ranked.getFirst();
        for (int i = 1; i < ranked.size(); i++) {
            Candidate c = ranked.get(i);
            ranked.set(
                    i,
                    new Candidate(
                            c.architecture(),
                            c.total(),
                            c.scores(),
                            c.expected(),
                            c.cost(),
                            c.unknown(),
                            c.immature(),
                            behind(first, c)));
        }
        return ranked;
    }

    /** {@return the criteria by which it lost most, at most three} */
    private static List<Words> behind(Candidate first, Candidate other) {
        record Loss(Score mine, Score theirs, double by) {}
        List<Loss> losses = new ArrayList<>();
        for (int i = 0; i < first.scores().size(); i++) {
            Score theirs = first.scores().get(i);
            Score mine = other.scores().get(i);
            double by = (theirs.value() - mine.value()) * mine.weight();
            if (by > TIE) {
                losses.add(new Loss(mine, theirs, by));
            }
        }
        losses.sort(Comparator.comparingDouble(l -> -l.by()));
        return losses.stream()
                .limit(3)
                .map(l -> {
                    String figures =
                            " "
                                    + Numbers.fixed(l.mine().value(), 2)
                                    + " < "
                                    + Numbers.fixed(l.theirs().value(), 2);
                    Words name = l.mine().criterion().words();
                    Words source = l.mine().source();
                    return new Words(
                            name.en() + figures + " (" + source.en() + ")",
                            name.zh() + figures + "（" + source.zh() + "）");
                })
                .toList();
    }

    /** {@return the architectures that are least far from the need; of equals the best first} */
    private static List<Excluded> nearest(List<Excluded> excluded, Scoring scoring) {
        return excluded.stream()
                .sorted(
                        Comparator.comparingDouble((Excluded e) -> Math.rint(distance(e) / TIE))
                                .thenComparingDouble(
                                        e -> -Scoring.total(scoring.of(e.architecture()))))
                .limit(NEAREST)
                .toList();
    }

    static double distance(Excluded excluded) {
        return excluded.by().stream().mapToDouble(Exclusion::distance).sum();
    }

    /** {@return what {@code forecasts} say that a reader must know} */
    static List<Words> cautions(List<Forecast> forecasts) {
        return forecasts.stream()
                .map(f ->
                        new Words(
                                f.title().en()
                                        + " is "
                                        + f.maturity().words().en()
                                        + " ("
                                        + f.asOf()
                                        + "): "
                                        + f.today().en(),
                                f.title().zh()
                                        + "："
                                        + f.maturity().words().zh()
                                        + "（"
                                        + f.asOf()
                                        + "）。"
                                        + f.today().zh()))
                .toList();
    }
}
