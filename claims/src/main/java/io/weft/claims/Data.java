package io.weft.claims;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * One mapping of a data file, read strictly: {@link #done} refuses each key that nobody asked for.
 * All errors name the place: {@code tables.yaml: 9.2: macvlan}.
 */
public final class Data {
    private final String place;
    private final Map<?, ?> values;
    private final Set<String> asked = new HashSet<>();

    private Data(String place, Map<?, ?> values) {
        this.place = place;
        this.values = values;
    }

    /**
     * Parses YAML whose top is a mapping.
     *
     * @throws ClaimsException when it is not
     */
    public static Data parse(String name, String yaml) {
        LoadSettings settings =
                LoadSettings.builder().setLabel(name).setAllowDuplicateKeys(false).build();
        try {
            return of(name, new Load(settings).loadFromString(yaml));
        } catch (YamlEngineException e) {
            throw new ClaimsException(name + ": " + e.getMessage(), e);
        }
    }

    private static Data of(String place, @Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return new Data(place, map);
        }
        throw new ClaimsException(place + ": must be a mapping");
    }

    public ClaimsException wrong(String message) {
        return new ClaimsException(place + ": " + message);
    }

    private @Nullable Object value(String key) {
        asked.add(key);
        return values.get(key);
    }

    public boolean has(String key) {
        return values.containsKey(key);
    }

    public Set<String> keys() {
        Set<String> keys = new java.util.LinkedHashSet<>();
        values.keySet().forEach(key -> keys.add(String.valueOf(key)));
        return keys;
    }

    public Optional<String> find(String key) {
        Object value = value(key);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof String || value instanceof Number) {
            return Optional.of(value.toString());
        }
        throw wrong(key + " must be a string");
    }

    public String text(String key) {
        return find(key).orElseThrow(() -> wrong("has no " + key));
    }

    public OptionalDouble findNumber(String key) {
        Object value = value(key);
        if (value == null) {
            return OptionalDouble.empty();
        }
        if (value instanceof Number number) {
            return OptionalDouble.of(number.doubleValue());
        }
        throw wrong(key + " must be a number");
    }

    public double number(String key) {
        return findNumber(key).orElseThrow(() -> wrong("has no " + key));
    }

    public boolean flag(String key) {
        Object value = value(key);
        if (value == null) {
            return false;
        }
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw wrong(key + " must be true or false");
    }

    /** {@return one of an enum's names, in small letters and with dashes} */
    public <E extends Enum<E>> Optional<E> findOne(String key, Class<E> of) {
        Optional<String> text = find(key);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        for (E constant : of.getEnumConstants()) {
            if (name(constant).equals(text.get())) {
                return Optional.of(constant);
            }
        }
        throw wrong(key + ": no such value: " + text.get());
    }

    static String name(Enum<?> constant) {
        return constant.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    /** {@return {@code {en, zh}}, or a text that needs no translation} */
    public Words words(String key) {
        if (value(key) instanceof String text) {
            return Words.same(text);
        }
        Data words = object(key);
        Words both = new Words(words.text("en"), words.text("zh"));
        words.done();
        return both;
    }

    public Optional<Words> findWords(String key) {
        return has(key) ? Optional.of(words(key)) : Optional.empty();
    }

    public Data object(String key) {
        return of(place + ": " + key, value(key));
    }

    /** {@return the mapping; an empty one when it is missing} */
    public Data objectOrEmpty(String key) {
        Object value = value(key);
        return value == null
                ? new Data(place + ": " + key, Map.of())
                : of(place + ": " + key, value);
    }

    private List<?> list(String key) {
        Object value = value(key);
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> list) {
            return list;
        }
        throw wrong(key + " must be a list");
    }

    /** {@return the mappings of a list, each named by its {@code id} in errors} */
    public List<Data> objects(String key) {
        List<Data> objects = new ArrayList<>();
        int number = 0;
        for (Object item : list(key)) {
            String name =
                    item instanceof Map<?, ?> map && map.get("id") != null
                            ? String.valueOf(map.get("id"))
                            : key + "[" + number + "]";
            objects.add(of(place + ": " + name, item));
            number++;
        }
        return objects;
    }

    public List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        for (Object item : list(key)) {
            if (!(item instanceof String) && !(item instanceof Number)) {
                throw wrong(key + " must be a list of strings");
            }
            texts.add(item.toString());
        }
        return texts;
    }

    /**
     * @throws ClaimsException when there is a key that nobody asked for
     */
    public void done() {
        for (String key : keys()) {
            if (!asked.contains(key)) {
                throw wrong("unknown key " + key);
            }
        }
    }
}
