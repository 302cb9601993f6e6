package io.weft.advisor;

import io.weft.claims.Words;

/**
 * Why an architecture is no candidate.
 *
 * @param constraint the need's field: {@code latency}
 * @param reason with both figures and the source
 * @param relax what the need would have to say instead
 * @param distance how far it is from the need: of figures the decades between them, {@value #KIND}
 *     for a difference in kind, {@value #NO_FIGURE} when there is no figure
 */
public record Exclusion(String constraint, Words reason, Words relax, double distance) {
    static final double KIND = 1;
    static final double NO_FIGURE = 2;

    /** Hardware can be bought; a regulator cannot be asked. */
    static final double REGULATION = 3;

    /** An exclusion that is no matter of figures. */
    Exclusion(String constraint, Words reason, Words relax) {
        this(constraint, reason, relax, KIND);
    }

    /** {@return decades between two figures} */
    static double decades(double a, double b) {
        return Math.abs(Math.log10(a / b));
    }
}
