package io.weft.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The rule by which the lab says that one thing differs from another, or refuses to.
 *
 * <p>Both were measured in turn, so each repetition gives one ratio, from which the machine's drift
 * has cancelled out. For the median of these ratios the two-sided sign-test interval of at least 95
 * % is taken: it asks nothing of the distribution but that repetitions are independent. Of n sorted
 * ratios it spans from the k-th least to the k-th greatest, with the greatest k for which the
 * chance of fewer than k heads in n throws of a fair coin is at most 2.5 % (k = 1 needs n = 6).
 *
 * <ul>
 *   <li>The interval lies wholly within 3 % of 1: they are equal for all that matters.
 *   <li>It lies wholly above or below 1: they differ, by the median ratio.
 *   <li>Else, or with fewer than six repetitions, nothing is concluded: the spread is wider than
 *       the effect.
 * </ul>
 *
 * @param what such as {@code round trip, weft / bridge}
 * @param ratio median
 * @param low end of its interval; NaN with too few repetitions
 * @param high likewise
 * @param n repetitions
 */
public record Comparison(String what, double ratio, double low, double high, int n) {
    static final double EQUAL_WITHIN = 0.03;
    private static final double TAIL = 0.025;

    /** What the rule says. */
    public enum Outcome {
        LESS,
        MORE,
        EQUAL,
        UNDECIDED
    }

    /**
     * Compares what was measured in the same repetitions.
     *
     * @param a of the same size as {@code b}, at least one
     */
    static Comparison of(String what, List<Double> a, List<Double> b) {
        List<Double> ratios = ratios(a, b);
        int k = rank(ratios.size());
        List<Double> sorted = ratios.stream().sorted().toList();
        return new Comparison(
                what,
                Statistics.of(ratios).median(),
                k == 0 ? Double.NaN : sorted.get(k - 1),
                k == 0 ? Double.NaN : sorted.get(sorted.size() - k),
                sorted.size());
    }

    static List<Double> ratios(List<Double> a, List<Double> b) {
        if (a.size() != b.size()) {
            throw new IllegalArgumentException(a.size() + " repetitions beside " + b.size());
        }
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < a.size(); i++) {
            ratios.add(a.get(i) / b.get(i));
        }
        return ratios;
    }

    /** {@return the rank of the interval's ends, from 1; 0 when n is too small for any} */
    static int rank(int n) {
        double chance = Math.pow(0.5, n); // of exactly i heads
        double tail = 0;
        int k = 0;
        for (int i = 0; i < n; i++) {
            tail += chance;
            if (tail > TAIL) {
                break;
            }
            k = i + 1;
            chance = chance * (n - i) / (i + 1);
        }
        return k;
    }

    public Outcome outcome() {
        if (low >= 1 - EQUAL_WITHIN && high <= 1 + EQUAL_WITHIN) {
            return Outcome.EQUAL;
        }
        if (low > 1) {
            return Outcome.MORE;
        }
        return high < 1 ? Outcome.LESS : Outcome.UNDECIDED;
    }

    /** {@return whether the rule says anything} */
    public boolean decided() {
        return outcome() != Outcome.UNDECIDED;
    }

    /** {@return {@code 1.062 [1.051-1.070]}} */
    public String interval() {
        return Double.isNaN(low)
                ? String.format(Locale.ROOT, "%.3f", ratio)
                : String.format(Locale.ROOT, "%.3f [%.3f-%.3f]", ratio, low, high);
    }

    /** {@return the conclusion, for people} */
    public String conclusion() {
        return switch (outcome()) {
            case LESS -> String.format(Locale.ROOT, "less, by %.1f %%", (1 - ratio) * 100);
            case MORE -> String.format(Locale.ROOT, "more, by %.1f %%", (ratio - 1) * 100);
            case EQUAL -> "equal within 3 %";
            case UNDECIDED ->
                    Double.isNaN(low)
                            ? "no conclusion: " + n + " repetitions are too few"
                            : "no conclusion: the spread is wider than the effect";
        };
    }
}
