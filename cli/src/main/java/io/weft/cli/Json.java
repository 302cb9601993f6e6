package io.weft.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;

/** JSON on stdout: maps and lists keep their order. */
final class Json {
    private Json() {}

    static void print(Object document) {
        try {
            System.out.println(JSON.std.asString(document));
        } catch (IOException e) {
            throw new UncheckedIOException("write JSON", e);
        }
    }
}
