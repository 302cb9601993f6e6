package io.weft.lab;

import java.util.List;
import java.util.Locale;

/**
 * Repetitions of one measurement.
 *
 * @param sorted ascending, never empty
 */
record Statistics(List<Double> sorted) {
    Statistics {
        if (sorted.isEmpty()) {
            throw new IllegalArgumentException("no repetition");
        }
        sorted = sorted.stream().sorted().toList();
    }

    static Statistics of(List<Double> values) {
        return new Statistics(values);
    }

    double median() {
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** {@return {@code 1.23 [1.20-1.31]}: median, least and most, two decimals} */
    static String spread(List<Double> values) {
        Statistics s = of(values);
        return String.format(Locale.ROOT, "%.2f [%.2f-%.2f]", s.median(), s.min(), s.max());
    }

    double min() {
        return sorted.getFirst();
    }

    double max() {
        return sorted.getLast();
    }
}
