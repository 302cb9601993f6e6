package io.weft.cli;

import java.util.Locale;

/** Says on stderr how far long work has come, with the seconds since it began. */
final class Progress {
    private final long start = System.nanoTime();

    void say(String message) {
        System.err.printf(
                Locale.ROOT, "weft %5.1fs  %s%n", (System.nanoTime() - start) / 1e9, message);
    }
}
