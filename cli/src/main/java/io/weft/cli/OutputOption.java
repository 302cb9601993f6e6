package io.weft.cli;

import picocli.CommandLine.Option;

/** How a command prints its result. */
final class OutputOption {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "text or json (default: ${DEFAULT-VALUE}).")
    Format format = Format.TEXT;

    boolean json() {
        return format == Format.JSON;
    }
}
