package io.weft.lab;

import io.weft.kernel.NetNs;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Runs the tools that Weft is compared with. The agent itself never does. */
final class Commands {
    /** A tool that is not there or refuses. */
    static final class ToolException extends RuntimeException {
        ToolException(String message) {
            super(message);
        }
    }

    private Commands() {}

    /** {@return whether a program is in PATH} */
    static boolean isInstalled(String program) {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":", -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    /** Runs a command line, split at spaces, inside a namespace. {@return what it says} */
    static String run(NetNs namespace, String line) {
        return run(namespace, line, "");
    }

    /**
     * Likewise.
     *
     * @param input for its standard input
     */
    static String run(NetNs namespace, String line, String input) {
        List<String> words = List.of(line.split(" ", -1));
        try {
            Process process =
                    namespace.call(
                            () -> new ProcessBuilder(words).redirectErrorStream(true).start());
            try (Writer writer = process.outputWriter(StandardCharsets.UTF_8)) {
                writer.write(input); // none of them speaks before it has read all
            }
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = process.onExit().join().exitValue();
            if (code != 0) {
                throw new ToolException(line + ": exit code " + code + ": " + output.strip());
            }
            return output.strip();
        } catch (java.io.UncheckedIOException e) {
            throw new ToolException(words.getFirst() + " is not installed here");
        } catch (IOException e) {
            throw new ToolException(line + ": " + e.getMessage());
        }
    }
}
