package io.weft.cli;

import java.io.Console;

/** What stdout is connected to. */
final class Terminal {
    private Terminal() {}

    /** {@return whether colours help: a terminal, and NO_COLOR (no-color.org) is not set} */
    @SuppressWarnings("SystemConsoleNull") // another console provider may still give none
    static boolean colour() {
        Console console = System.console();
        return console != null && console.isTerminal() && System.getenv("NO_COLOR") == null;
    }
}
