package io.weft.lab;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects what an experiment found, in numbers: figures, comparisons, and what it could not. */
public final class Findings {
    /**
     * One quantity.
     *
     * @param id {@code subject.quantity} or {@code subject.quantity.size}, as the claims of the
     *     source document name it; of a ratio two of them, {@code a.rtt/b.rtt}
     * @param low least repetition; of a ratio the low end of its interval
     * @param high greatest repetition; of a ratio the high end of its interval
     */
    public record Figure(String id, String unit, double median, double low, double high, int n) {}

    private final List<Figure> figures = new ArrayList<>();
    private final List<Comparison> comparisons = new ArrayList<>();
    private final Map<String, String> notMeasured = new LinkedHashMap<>();

    /** Adds the repetitions of one quantity; none adds nothing. */
    void add(String id, String unit, List<Double> values) {
        if (values.isEmpty()) {
            return;
        }
        Statistics s = Statistics.of(values);
        figures.add(new Figure(id, unit, s.median(), s.min(), s.max(), values.size()));
    }

    /** Adds a quantity that was measured once. */
    void add(String id, String unit, double value) {
        add(id, unit, List.of(value));
    }

    /** Compares two figures and adds their ratio as one. {@return what came out} */
    Comparison compare(String id, String other, List<Double> a, List<Double> b) {
        Comparison comparison = Comparison.of(id + " / " + other, a, b);
        comparisons.add(comparison);
        Statistics all = Statistics.of(Comparison.ratios(a, b));
        boolean interval = !Double.isNaN(comparison.low());
        figures.add(
                new Figure(
                        id + "/" + other,
                        "x",
                        comparison.ratio(),
                        interval ? comparison.low() : all.min(),
                        interval ? comparison.high() : all.max(),
                        comparison.n()));
        return comparison;
    }

    /** Says of a figure or a subject why it could not be measured here. */
    void notMeasured(String id, String why) {
        notMeasured.put(id, why);
    }

    public List<Figure> figures() {
        return List.copyOf(figures);
    }

    public List<Comparison> comparisons() {
        return List.copyOf(comparisons);
    }

    /** {@return why not, by the id of a figure or the name of a subject} */
    public Map<String, String> notMeasured() {
        return notMeasured;
    }
}
