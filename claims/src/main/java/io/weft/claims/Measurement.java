package io.weft.claims;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one experiment found, as {@code NAME.json} holds it.
 *
 * @param machine what it ran on, in words; {@code host} tells machines apart
 * @param conclusive false when the spread is wider than the effect, or the machine was busy
 * @param why in words, above all when it is not conclusive; may be empty
 * @param notMeasured what this machine cannot measure
 */
public record Measurement(
        String experiment,
        Instant at,
        Map<String, String> machine,
        boolean conclusive,
        String why,
        List<Figure> figures,
        List<NotMeasured> notMeasured) {
    public Measurement {
        machine = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(machine));
        figures = List.copyOf(figures);
        notMeasured = List.copyOf(notMeasured);
    }

    /**
     * @param id of a {@link Metric}
     */
    public record NotMeasured(String id, String why) {}

    public Optional<Figure> figure(String id) {
        return figures.stream().filter(f -> f.id().equals(id)).findFirst();
    }
}
