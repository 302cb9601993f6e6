package io.weft.lab;

import io.weft.kernel.NetNs;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Calls CNI plugins from a small C program: a JVM would add its own time to start a process. */
final class CniDriver {
    private static final String SOURCE = "cni-driver.c";

    private final Path program;
    private final NetNs host;
    private final String prefix;

    /**
     * One plugin with its config.
     *
     * @param environment more variables for it
     */
    record Plugin(String name, Path program, Path config, Map<String, String> environment) {}

    /**
     * What calls took.
     *
     * @param adds milliseconds each
     * @param deletes likewise
     * @param seconds from the first to the last
     */
    record Times(List<Double> adds, List<Double> deletes, double seconds) {}

    private CniDriver(Path program, NetNs host, String prefix) {
        this.program = program;
        this.host = host;
        this.prefix = prefix;
    }

    /**
     * Compiles it.
     *
     * @param host namespace in which plugins run
     * @param prefix of the paths of containers' namespaces
     */
    static CniDriver compile(Path directory, NetNs host, String prefix) {
        Path source = directory.resolve(SOURCE);
        Path program = directory.resolve("cni-driver");
        try (InputStream in =
                Objects.requireNonNull(CniDriver.class.getResourceAsStream(SOURCE), SOURCE)) {
            Files.write(source, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(source.toString(), e);
        }
        Commands.run(host, "cc -O2 -o " + program + " " + source);
        return new CniDriver(program, host, prefix);
    }

    /**
     * @param mode churn, add or del
     * @throws Commands.ToolException when a call fails
     */
    Times run(String mode, Plugin plugin, int first, int count, int workers) {
        List<String> command =
                List.of(
                        program.toString(),
                        mode,
                        plugin.program().toString(),
                        plugin.config().toString(),
                        prefix,
                        Integer.toString(first),
                        Integer.toString(count),
                        Integer.toString(workers));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(plugin.environment());
        builder.environment().put("CNI_PATH", plugin.program().resolveSibling("").toString());
        try {
            Process process = host.call(builder::start);
            List<Double> adds = new ArrayList<>();
            List<Double> deletes = new ArrayList<>();
            double seconds = 0;
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String errors =
                    new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.onExit().join().exitValue() != 0) {
                throw new Commands.ToolException(plugin.name() + ": " + errors.strip());
            }
            for (String line : output.lines().toList()) {
                String[] words = line.split(" ", 2);
                double nanos = Double.parseDouble(words[1]);
                switch (words[0]) {
                    case "ADD" -> adds.add(nanos / 1e6);
                    case "DEL" -> deletes.add(nanos / 1e6);
                    default -> seconds = nanos / 1e9;
                }
            }
            return new Times(adds, deletes, seconds);
        } catch (IOException e) {
            throw new UncheckedIOException(plugin.name(), e);
        }
    }
}
