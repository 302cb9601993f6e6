package io.weft.lab;

import io.weft.kernel.NetNs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

    /** Runs a command line, split at spaces, inside a namespace. */
    static void run(NetNs namespace, String line) {
        List<String> words = List.of(line.split(" ", -1));
        try {
            Process process =
                    namespace.call(
                            () -> new ProcessBuilder(words).redirectErrorStream(true).start());
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = process.onExit().join().exitValue();
            if (code != 0) {
                throw new ToolException(line + ": exit code " + code + ": " + output.strip());
            }
        } catch (java.io.UncheckedIOException e) {
            throw new ToolException(words.getFirst() + " is not installed here");
        } catch (IOException e) {
            throw new ToolException(line + ": " + e.getMessage());
        }
    }
}
