package io.weft.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Whether an experiment's figures may be quoted: not those of a quick run, nor of a busy machine,
 * nor when the spread of all that was compared is wider than the effect.
 *
 * @param why what is wrong, also when only some comparisons decide nothing
 */
record Conclusion(boolean conclusive, String why) {
    /** Of all processors' time, used by others while the lab was idle. */
    static final double MOST_BUSY = 0.1;

    private static final int NAMED = 3;

    /**
     * @param before share of processor time that was used before the experiment began
     * @param after likewise, once it had ended
     */
    static Conclusion of(boolean quick, double before, double after, List<Comparison> comparisons) {
        List<String> reasons = new ArrayList<>();
        boolean conclusive = !quick;
        if (quick) {
            reasons.add("a quick run has too few repetitions to quote");
        }
        double busiest = Math.max(before, after);
        if (busiest > MOST_BUSY) {
            conclusive = false;
            reasons.add(
                    String.format(
                            Locale.ROOT,
                            "the machine was busy: %.0f %% of its processors' time went to others"
                                    + " before, %.0f %% after",
                            before * 100,
                            after * 100));
        }
        List<String> undecided =
                comparisons.stream().filter(c -> !c.decided()).map(Comparison::what).toList();
        if (!undecided.isEmpty() && !quick) {
            conclusive &= undecided.size() < comparisons.size();
            int more = undecided.size() - NAMED;
            reasons.add(
                    "the spread is wider than the effect of "
                            + String.join(
                                    "; ", undecided.subList(0, Math.min(NAMED, undecided.size())))
                            + (more > 0 ? "; and " + more + " more" : ""));
        }
        return new Conclusion(conclusive, String.join(". ", reasons));
    }
}
