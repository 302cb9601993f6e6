package io.weft.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Programs of the lab that run in a JVM of their own. */
final class OwnProcess {
    private OwnProcess() {}

    /**
     * {@return the command line of one}
     *
     * @param options of the JVM, beside those that all have
     */
    static List<String> command(Class<?> program, List<String> options, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:+UseSerialGC");
        command.addAll(options);
        command.addAll(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        program.getName()));
        command.addAll(arguments);
        return command;
    }

    /** {@return the options that {@code ./weft agent} gives its JVM, as far as they are known} */
    static List<String> agentOptions() {
        List<String> options = new ArrayList<>(List.of("-Xss512k"));
        Optional.ofNullable(System.getProperty("weft.launcher"))
                .map(launcher -> Path.of(launcher).resolveSibling("build/agent.options"))
                .filter(Files::isReadable)
                .ifPresent(file -> options.add("@" + file));
        return options;
    }

    /**
     * Runs one to its end.
     *
     * @param lines takes what it prints
     * @throws Commands.ToolException when it fails; what it says of that is on standard error
     */
    static void run(List<String> command, Consumer<String> lines) {
        Ending.check();
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            try {
                process.inputReader(StandardCharsets.UTF_8).lines().forEach(lines);
            } catch (RuntimeException | Error e) {
                process.destroyForcibly();
                throw e;
            } finally {
                process.onExit().join();
            }
            Ending.check();
            if (process.exitValue() != 0) {
                throw new Commands.ToolException(
                        command + " ended with " + process.exitValue() + "; see above");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("run " + command, e);
        }
    }
}
