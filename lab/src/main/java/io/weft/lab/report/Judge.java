package io.weft.lab.report;

import io.weft.claims.Claim;
import io.weft.claims.ClaimTable;
import io.weft.claims.Claims;
import io.weft.claims.Metric;
import io.weft.claims.Range;
import io.weft.claims.Unit;
import io.weft.claims.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The rule by which a claim is confirmed or contradicted.
 *
 * <ul>
 *   <li>A change ("-60 %", "10x"): the median ratio of both figures, measured in turn in one run,
 *       with its 95 % interval. A gain is confirmed when it is at least as large as claimed, short
 *       of it by no more than a tenth of the claim or 3 points; a cost when it lies in the claimed
 *       range with that tolerance. When the interval lies on both sides of the border, nothing is
 *       concluded.
 *   <li>A figure of its own ("20-30 us"): hardware differs, so it is confirmed when the median is
 *       within a factor of two of the claimed range.
 *   <li>A rank: its order among those of the table that were measured.
 * </ul>
 *
 * <p>A result that is not conclusive decides nothing; its figure is shown.
 */
final class Judge {
    static final double FACTOR = 2;
    private static final double SHARE = 0.1;
    private static final double POINTS = 3;

    private final Claims claims;
    private final Results results;
    private final Unmeasurable unmeasurable;

    Judge(Claims claims, Results results) {
        this.claims = claims;
        this.results = results;
        this.unmeasurable = new Unmeasurable(results);
    }

    Judgement judge(ClaimTable table, Claim claim) {
        if (claim.figure().isEmpty()) {
            return new Judgement(
                    claim, Verdict.WORDS, Optional.empty(), Words.same(""), Optional.empty());
        }
        if (claim.metric().isEmpty()) {
            return Judgement.notMeasurable(claim, unmeasurable.withoutMetric(claim));
        }
        return switch (claim.meaning()) {
            case VALUE -> value(table, claim, claim.figure().get());
            case ADDED -> added(table, claim, claim.figure().get());
            case CHANGE, TIMES -> change(table, claim, claim.figure().get());
            case RANK -> rank(table, claim);
        };
    }

    private static String metric(Claim claim) {
        return claim.metric().orElseThrow();
    }

    private Judgement missing(ClaimTable table, Claim claim, String id) {
        return Judgement.notMeasurable(claim, unmeasurable.figure(table, id));
    }

    // ---- a figure of its own

    private Judgement value(ClaimTable table, Claim claim, Claim.Amount amount) {
        Optional<Results.Found> found = results.find(metric(claim));
        if (found.isEmpty()) {
            return missing(table, claim, metric(claim));
        }
        return found.get()
                .in(amount.unit())
                .map(m -> absolute(claim, amount, m, found.get()))
                .orElseGet(() -> missing(table, claim, metric(claim)));
    }

    private Judgement added(ClaimTable table, Claim claim, Claim.Amount amount) {
        String other = claim.against().orElse("");
        Optional<List<Results.Found>> both = results.findBoth(metric(claim), other);
        if (both.isEmpty()) {
            return missing(table, claim, metric(claim));
        }
        Optional<Judgement.Measured> with = both.get().getFirst().in(amount.unit());
        Optional<Judgement.Measured> without = both.get().getLast().in(amount.unit());
        if (with.isEmpty() || without.isEmpty()) {
            return missing(table, claim, metric(claim));
        }
        Judgement.Measured difference =
                new Judgement.Measured(
                        with.get().median() - without.get().median(),
                        with.get().low() - without.get().high(),
                        with.get().high() - without.get().low(),
                        Math.min(with.get().n(), without.get().n()),
                        amount.unit().toString());
        return absolute(claim, amount, difference, both.get().getFirst());
    }

    private Judgement absolute(
            Claim claim, Claim.Amount amount, Judgement.Measured m, Results.Found found) {
        if (!found.source().conclusive()) {
            return undecided(claim, m, found);
        }
        Range range = amount.range();
        boolean above =
                range.high().isPresent() && m.median() > range.high().getAsDouble() * FACTOR;
        boolean below = range.low().isPresent() && m.median() < range.low().getAsDouble() / FACTOR;
        if (!above && !below) {
            return decided(claim, Verdict.CONFIRMED, m, Phrase.WITHIN_FACTOR.words(), found);
        }
        boolean lowerIsBetter =
                claims.metric(metric(claim)).map(Metric::lowerIsBetter).orElse(false);
        Words why = (above == lowerIsBetter ? Phrase.WORSE : Phrase.BETTER).words();
        return decided(claim, Verdict.CONTRADICTED, m, why, found);
    }

    // ---- a change

    private Judgement change(ClaimTable table, Claim claim, Claim.Amount amount) {
        String id = metric(claim);
        String other = claim.against().orElse("");
        Optional<Results.Found> found = results.find(id + "/" + other);
        if (found.isEmpty()) {
            return missing(
                    table, claim, results.find(id).isEmpty() || other.isEmpty() ? id : other);
        }
        boolean percent = amount.unit() == Unit.PERCENT;
        Judgement.Measured ratio =
                found.get().in(Unit.TIMES).orElseThrow(() -> new IllegalStateException(id));
        Judgement.Measured m = percent ? asPercent(ratio) : ratio;
        if (!found.get().source().conclusive()) {
            return undecided(claim, m, found.get());
        }
        boolean lowerIsBetter = claims.metric(id).map(Metric::lowerIsBetter).orElse(false);
        return weigh(claim, amount.range(), m, lowerIsBetter, percent ? 0 : 1, found.get());
    }

    private static Judgement.Measured asPercent(Judgement.Measured ratio) {
        return new Judgement.Measured(
                (ratio.median() - 1) * 100,
                (ratio.low() - 1) * 100,
                (ratio.high() - 1) * 100,
                ratio.n(),
                Unit.PERCENT.toString());
    }

    /**
     * @param none the value that means no change
     */
    private static Judgement weigh(
            Claim claim,
            Range range,
            Judgement.Measured m,
            boolean lowerIsBetter,
            double none,
            Results.Found found) {
        boolean less = range.middle() < none;
        double weakest =
                less ? range.high().orElse(range.middle()) : range.low().orElse(range.middle());
        double points = none == 0 ? POINTS : POINTS / 100;
        double tolerance = Math.max(points, Math.abs(weakest - none) * SHARE);
        boolean gain = less == lowerIsBetter;
        double low;
        double high;
        if (gain) {
            low = less ? Double.NEGATIVE_INFINITY : weakest - tolerance;
            high = less ? weakest + tolerance : Double.POSITIVE_INFINITY;
        } else {
            low = range.low().orElse(Double.NEGATIVE_INFINITY) - tolerance;
            high = range.high().orElse(Double.POSITIVE_INFINITY) + tolerance;
        }
        if (m.low() >= low && m.high() <= high) {
            Phrase how = gain ? Phrase.AT_LEAST_AS_LARGE : Phrase.IN_RANGE;
            return decided(claim, Verdict.CONFIRMED, m, how.words(), found);
        }
        if (m.high() < low || m.low() > high) {
            boolean same = less == m.median() < none;
            Phrase how;
            if (gain) {
                how = same ? Phrase.SMALLER_GAIN : Phrase.NO_GAIN;
            } else {
                how = m.median() < low == lowerIsBetter ? Phrase.LESS_COST : Phrase.MORE_COST;
            }
            return decided(claim, Verdict.CONTRADICTED, m, how.words(), found);
        }
        return new Judgement(
                claim,
                Verdict.NOT_MEASURABLE,
                Optional.of(m),
                Phrase.SPREAD_TOO_WIDE.words(),
                Optional.of(found.source()));
    }

    // ---- a rank

    private Judgement rank(ClaimTable table, Claim claim) {
        Optional<Results.Found> own = results.find(metric(claim));
        if (own.isEmpty()) {
            return missing(table, claim, metric(claim));
        }
        Judgement.Measured m = asMeasured(own.get());
        if (!own.get().source().conclusive()) {
            return undecided(claim, m, own.get());
        }
        boolean lowerIsBetter =
                claims.metric(metric(claim)).map(Metric::lowerIsBetter).orElse(false);
        double rank = rankOf(claim);
        List<String> wrong = new ArrayList<>();
        int compared = 0;
        for (ClaimTable.Row row : table.rows()) {
            Optional<Claim> cell = row.cell(claim.column());
            if (cell.isEmpty() || cell.get().id().equals(claim.id())) {
                continue;
            }
            Optional<Results.Found> other = cell.get().metric().flatMap(id -> results.find(id));
            if (other.isPresent() && other.get().source().equals(own.get().source())) {
                compared++;
                double theirs = other.get().figure().median();
                boolean better = lowerIsBetter ? m.median() < theirs : m.median() > theirs;
                if (better != rank < rankOf(cell.get())) {
                    wrong.add(row.id());
                }
            }
        }
        if (compared == 0) {
            return missing(table, claim, metric(claim));
        }
        return wrong.isEmpty()
                ? decided(claim, Verdict.CONFIRMED, m, Phrase.ORDER_HOLDS.words(), own.get())
                : decided(
                        claim,
                        Verdict.CONTRADICTED,
                        m,
                        Phrase.ORDER_BROKEN.with(String.join(", ", wrong)),
                        own.get());
    }

    private static double rankOf(Claim claim) {
        return claim.figure().map(f -> f.range().middle()).orElse(Double.NaN);
    }

    private static Judgement.Measured asMeasured(Results.Found found) {
        return new Judgement.Measured(
                found.figure().median(),
                found.figure().low(),
                found.figure().high(),
                found.figure().n(),
                found.figure().unit());
    }

    // ---- both

    private static Judgement decided(
            Claim claim, Verdict verdict, Judgement.Measured m, Words why, Results.Found found) {
        return new Judgement(claim, verdict, Optional.of(m), why, Optional.of(found.source()));
    }

    private static Judgement undecided(Claim claim, Judgement.Measured m, Results.Found found) {
        return new Judgement(
                claim,
                Verdict.NOT_MEASURABLE,
                Optional.of(m),
                Phrase.NOT_CONCLUSIVE.with(found.source().why()),
                Optional.of(found.source()));
    }
}
