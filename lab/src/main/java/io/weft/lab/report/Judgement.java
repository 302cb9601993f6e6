package io.weft.lab.report;

import io.weft.claims.Claim;
import io.weft.claims.Measurement;
import io.weft.claims.Words;
import java.util.Optional;

/**
 * A claim beside what was measured.
 *
 * @param measured the figure as the claim asks for it; empty when there is none
 * @param why why so: how far it is from the claim, or what is missing
 * @param source whose figure it is
 */
public record Judgement(
        Claim claim,
        Verdict verdict,
        Optional<Measured> measured,
        Words why,
        Optional<Measurement> source) {
    /**
     * @param unit as a claim's
     * @param low of the spread, as {@code high}
     */
    public record Measured(double median, double low, double high, int n, String unit) {}

    static Judgement notMeasurable(Claim claim, Words why) {
        return new Judgement(
                claim, Verdict.NOT_MEASURABLE, Optional.empty(), why, Optional.empty());
    }
}
