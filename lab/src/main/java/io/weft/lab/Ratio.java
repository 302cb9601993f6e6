package io.weft.lab;

import java.util.ArrayList;
import java.util.List;

/** Compares what was measured in the same repetition: drift of the machine cancels out. */
final class Ratio {
    private Ratio() {}

    /** {@return the median of {@code a[i] / b[i]}} */
    static double median(List<Double> a, List<Double> b) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < a.size(); i++) {
            ratios.add(a.get(i) / b.get(i));
        }
        return Statistics.of(ratios).median();
    }
}
