package io.weft.cli;

import java.util.List;
import java.util.Map;

/** Reads the JSON of a node's replies. */
final class Replies {
    private Replies() {}

    /** {@return the list of objects under {@code name}; empty when absent} */
    @SuppressWarnings("unchecked") // JSON objects have string keys
    static List<Map<String, Object>> objects(Map<String, Object> reply, String name) {
        return reply.get(name) instanceof List<?> list
                ? list.stream()
                        .filter(Map.class::isInstance)
                        .map(o -> (Map<String, Object>) o)
                        .toList()
                : List.of();
    }

    /** {@return the object under {@code name}; empty when absent} */
    @SuppressWarnings("unchecked") // JSON objects have string keys
    static Map<String, Object> object(Map<String, Object> reply, String name) {
        return reply.get(name) instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    /** {@return the list of texts under {@code name}; empty when absent} */
    static List<String> texts(Map<String, Object> reply, String name) {
        return reply.get(name) instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    static String text(Map<String, Object> reply, String name) {
        Object value = reply.get(name);
        return value == null ? "" : value.toString();
    }

    /** {@return {@code namespace/name}, or the name alone} */
    static String path(Map<String, Object> object) {
        String namespace = text(object, "namespace");
        return namespace.isEmpty() ? text(object, "name") : namespace + "/" + text(object, "name");
    }
}
