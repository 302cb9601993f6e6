package io.weft.cni;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * One object of a config, read key by key. What is wrong is added to {@code problems}, with its
 * path and what would be right, and reads as absent.
 *
 * @param path {@code runtimeConfig.portMappings[0].}, empty at the top
 * @param problems shared by all sections of a config
 */
record Section(String path, Map<String, Object> map, List<String> problems) {
    static Section of(Map<String, Object> map, List<String> problems) {
        return new Section("", map, problems);
    }

    void wrong(String key, String what) {
        problems.add(path + key + ": " + what);
    }

    private void wrong(String key, Object value, String right) {
        wrong(key, Values.shown(value) + ": must be " + right);
    }

    boolean has(String key) {
        return map.containsKey(key);
    }

    private <T> Optional<T> typed(String key, Class<T> type, String right) {
        Object value = map.get(key);
        if (value == null) {
            return Optional.empty();
        }
        if (type.isInstance(value)) {
            return Optional.of(type.cast(value));
        }
        wrong(key, value, right);
        return Optional.empty();
    }

    /** {@return the text, or nothing when it is absent or empty} */
    Optional<String> text(String key) {
        return typed(key, String.class, "text").filter(t -> !t.isEmpty());
    }

    boolean flag(String key) {
        return typed(key, Boolean.class, "true or false").orElse(false);
    }

    OptionalLong number(String key, long min, long max) {
        Object value = map.get(key);
        if (value == null) {
            return OptionalLong.empty();
        }
        if (value instanceof Integer || value instanceof Long || value instanceof BigInteger) {
            BigInteger number = new BigInteger(value.toString());
            if (number.bitLength() < 64 && number.longValue() >= min && number.longValue() <= max) {
                return OptionalLong.of(number.longValue());
            }
        }
        wrong(key, value, "a whole number from " + min + " to " + max);
        return OptionalLong.empty();
    }

    OptionalInt integer(String key, int min, int max) {
        OptionalLong number = number(key, min, max);
        return number.isPresent() ? OptionalInt.of((int) number.getAsLong()) : OptionalInt.empty();
    }

    /** {@return what {@code parser} makes of the text} */
    <T> Optional<T> value(String key, Function<String, Optional<T>> parser, String right) {
        Optional<String> text = text(key);
        Optional<T> value = text.flatMap(parser);
        if (text.isPresent() && value.isEmpty()) {
            wrong(key, text.get(), right);
        }
        return value;
    }

    Optional<Section> section(String key) {
        return typed(key, Map.class, "an object").map(m -> child(key, m));
    }

    private Section child(String key, Map<?, ?> object) {
        Map<String, Object> copy = new LinkedHashMap<>();
        object.forEach((k, v) -> {
            if (v != null) {
                copy.put(String.valueOf(k), v);
            }
        });
        return new Section(path + key + ".", copy, problems);
    }

    private List<?> list(String key, String right) {
        Object value = map.get(key);
        if (value == null || value instanceof List<?>) {
            return value == null ? List.of() : (List<?>) value;
        }
        wrong(key, value, right);
        return List.of();
    }

    /** {@return the objects of a list} */
    List<Section> sections(String key) {
        List<Section> sections = new ArrayList<>();
        List<?> list = list(key, "a list of objects");
        for (int i = 0; i < list.size(); i++) {
            if (list.get(i) instanceof Map<?, ?> object) {
                sections.add(child(key + "[" + i + "]", object));
            } else {
                wrong(key + "[" + i + "]", list.get(i), "an object");
            }
        }
        return sections;
    }

    /** {@return the lists of objects of a list} */
    List<List<Section>> sectionLists(String key) {
        List<List<Section>> lists = new ArrayList<>();
        List<?> list = list(key, "a list of lists of objects");
        for (int i = 0; i < list.size(); i++) {
            String name = key + "[" + i + "]";
            lists.add(new Section(path, Map.of(name, list.get(i)), problems).sections(name));
        }
        return lists;
    }

    List<String> texts(String key) {
        return values(key, Optional::of, "text");
    }

    /** {@return what {@code parser} makes of the texts of a list} */
    <T> List<T> values(String key, Function<String, Optional<T>> parser, String right) {
        List<T> values = new ArrayList<>();
        List<?> list = list(key, "a list, each " + right);
        for (int i = 0; i < list.size(); i++) {
            Object item = list.get(i);
            Optional<T> value = item instanceof String text ? parser.apply(text) : Optional.empty();
            if (value.isPresent()) {
                values.add(value.get());
            } else {
                wrong(key + "[" + i + "]", item, right);
            }
        }
        return List.copyOf(values);
    }

    /** {@return the texts of an object} */
    Map<String, String> textMap(String key) {
        Map<String, String> texts = new LinkedHashMap<>();
        section(key)
                .ifPresent(s ->
                        s.map.forEach((k, v) -> {
                            if (v instanceof String text) {
                                texts.put(k, text);
                            } else {
                                s.wrong(k, v, "text");
                            }
                        }));
        return texts;
    }
}
