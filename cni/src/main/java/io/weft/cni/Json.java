package io.weft.cni;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON as unmodifiable maps and lists that keep their order, text, booleans and numbers. As in Go,
 * which the other plugins are written in, null is as absent and the last of equal keys counts.
 */
final class Json {
    private Json() {}

    /**
     * {@return the one object that {@code bytes} are}
     *
     * @throws IOException saying where it is not JSON, or not one object
     */
    static Map<String, Object> object(byte[] bytes) throws IOException {
        try (JsonParser parser = JSON.std.createParser(bytes)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("not a JSON object");
            }
            Map<String, Object> object = map(parser);
            if (parser.nextToken() != null) {
                throw new IOException("something follows the JSON object");
            }
            return object;
        }
    }

    private static Map<String, Object> map(JsonParser parser) throws IOException {
        Map<String, Object> map = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            if (parser.nextToken() == JsonToken.VALUE_NULL) {
                map.remove(key);
            } else {
                map.put(key, value(parser));
            }
        }
        return Collections.unmodifiableMap(map);
    }

    private static Object value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> map(parser);
            case START_ARRAY -> {
                List<Object> list = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    if (parser.currentToken() != JsonToken.VALUE_NULL) {
                        list.add(value(parser));
                    }
                }
                yield Collections.unmodifiableList(list);
            }
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> parser.getNumberValue();
            case VALUE_NUMBER_FLOAT -> parser.getDecimalValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL,
                    VALUE_EMBEDDED_OBJECT,
                    NOT_AVAILABLE,
                    END_OBJECT,
                    END_ARRAY,
                    FIELD_NAME ->
                    throw new IOException("not a JSON value: " + parser.currentToken());
        };
    }

    static String text(Map<String, ?> object) {
        try {
            return JSON.std.asString(object);
        } catch (IOException e) {
            throw new UncheckedIOException("write JSON", e);
        }
    }

    static byte[] write(Map<String, ?> object) {
        try {
            return JSON.std.asBytes(object);
        } catch (IOException e) {
            throw new UncheckedIOException("write JSON", e);
        }
    }
}
