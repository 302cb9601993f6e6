package io.weft.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A label selector of Kubernetes: all requirements must hold; none selects everything. {@code
 * matchLabels} are held as {@link Operator#IN} with one value, so equal selectors are {@code
 * equals} however they were written.
 */
public record LabelSelector(List<Requirement> requirements) {
    public static final LabelSelector EVERYTHING = new LabelSelector(List.of());

    /** NOT_IN and DOES_NOT_EXIST also match objects that lack the key. */
    public enum Operator {
        IN,
        NOT_IN,
        EXISTS,
        DOES_NOT_EXIST
    }

    /**
     * @param values sorted; empty for EXISTS and DOES_NOT_EXIST
     */
    public record Requirement(String key, Operator operator, List<String> values)
            implements Comparable<Requirement> {
        public Requirement {
            values = values.stream().distinct().sorted().toList();
        }

        public boolean matches(Labels labels) {
            Optional<String> value = labels.get(key);
            return switch (operator) {
                case IN -> value.isPresent() && values.contains(value.get());
                case NOT_IN -> value.isEmpty() || !values.contains(value.get());
                case EXISTS -> value.isPresent();
                case DOES_NOT_EXIST -> value.isEmpty();
            };
        }

        @Override
        public int compareTo(Requirement other) {
            int c = key.compareTo(other.key);
            c = c != 0 ? c : operator.compareTo(other.operator);
            return c != 0 ? c : values.toString().compareTo(other.values.toString());
        }

        @Override
        public String toString() {
            return switch (operator) {
                case IN ->
                        values.size() == 1
                                ? key + "=" + values.getFirst()
                                : key + " in (" + String.join(",", values) + ")";
                case NOT_IN -> key + " notin (" + String.join(",", values) + ")";
                case EXISTS -> key;
                case DOES_NOT_EXIST -> "!" + key;
            };
        }
    }

    public LabelSelector {
        requirements = requirements.stream().distinct().sorted().toList();
    }

    /** {@return the selector of {@code matchLabels}} */
    public static LabelSelector of(Map<String, String> matchLabels) {
        return new LabelSelector(
                new TreeMap<>(matchLabels)
                        .entrySet().stream()
                                .map(e ->
                                        new Requirement(
                                                e.getKey(), Operator.IN, List.of(e.getValue())))
                                .toList());
    }

    public boolean matches(Labels labels) {
        for (Requirement requirement : requirements) {
            if (!requirement.matches(labels)) {
                return false;
            }
        }
        return true;
    }

    /** Adds the keys that this selector looks at. */
    public void collectKeys(Set<String> into) {
        requirements.forEach(r -> into.add(r.key()));
    }

    /** {@return as kubectl's {@code -l} writes it; {@code <all>} when empty} */
    @Override
    public String toString() {
        return requirements.isEmpty()
                ? "<all>"
                : String.join(",", requirements.stream().map(Requirement::toString).toList());
    }
}
