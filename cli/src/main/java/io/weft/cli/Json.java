package io.weft.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/** JSON on stdout: maps and lists keep their order. */
final class Json {
    private Json() {}

    /** {@return the object that a text holds} */
    static Map<String, Object> parse(String text) {
        try {
            return JSON.std.mapFrom(text);
        } catch (IOException e) {
            throw new UncheckedIOException("read JSON", e);
        }
    }

    static void print(Object document) {
        try {
            System.out.println(JSON.std.asString(document));
        } catch (IOException e) {
            throw new UncheckedIOException("write JSON", e);
        }
    }
}
