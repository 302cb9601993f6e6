package io.weft.model;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The labels of one object, sorted by key.
 *
 * @param asMap unmodifiable, sorted by key
 */
public record Labels(Map<String, String> asMap) {
    public static final Labels EMPTY = new Labels(Map.of());

    public Labels {
        asMap = Collections.unmodifiableMap(new TreeMap<>(asMap));
    }

    public static Labels of(Map<String, String> labels) {
        return labels.isEmpty() ? EMPTY : new Labels(labels);
    }

    public Optional<String> get(String key) {
        return Optional.ofNullable(asMap.get(key));
    }

    /** {@return these labels and one more, or one changed} */
    public Labels with(String key, String value) {
        TreeMap<String, String> more = new TreeMap<>(asMap);
        more.put(key, value);
        return new Labels(more);
    }

    /** {@return {@code app=web,tier=front}} */
    @Override
    public String toString() {
        return asMap.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining(","));
    }
}
