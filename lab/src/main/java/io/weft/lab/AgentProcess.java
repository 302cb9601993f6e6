package io.weft.lab;

import io.weft.agent.Agent;
import io.weft.agent.AgentSettings;
import io.weft.cni.CniInstaller;
import io.weft.kernel.NetNs;
import io.weft.model.AgentConfiguration;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** An agent in a process of its own, as it is in production, in a namespace of the lab. */
final class AgentProcess implements AutoCloseable {
    private final AgentSettings settings;
    private final Process process;

    private AgentProcess(AgentSettings settings, Process process) {
        this.settings = settings;
        this.process = process;
    }

    /** The agent; ends with its standard input. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws IOException {
            AgentSettings settings = settings(arguments[0], Path.of(arguments[1]));
            try (Agent agent = Agent.start(settings, "weft lab")) {
                System.out.println("running " + agent.node().config().instance());
                System.in.read();
            }
        }
    }

    static AgentSettings settings(String instance, Path root) {
        return AgentSettings.of(instance, root, AgentConfiguration.DEFAULT);
    }

    /**
     * Starts it in {@code host} and waits until it serves.
     *
     * @param root of its files
     */
    static AgentProcess start(NetNs host, String instance, Path root) {
        List<String> command =
                OwnProcess.command(
                        Child.class, OwnProcess.agentOptions(), List.of(instance, root.toString()));
        ProcessBuilder builder = new ProcessBuilder(command);
        try {
            Process process =
                    host.call(() -> builder.redirectError(ProcessBuilder.Redirect.INHERIT).start());
            BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
            String line = output.readLine();
            if (line == null) {
                throw new Commands.ToolException("the agent ended at its start; see above");
            }
            return new AgentProcess(settings(instance, root), process);
        } catch (IOException e) {
            throw new UncheckedIOException("start the agent", e);
        }
    }

    /** {@return resident memory, MiB} */
    double residentMib() {
        try {
            return Files.readAllLines(Path.of("/proc", process.pid() + "", "status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .map(line -> line.replaceAll("[^0-9]", ""))
                    .mapToDouble(kib -> Double.parseDouble(kib) / 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException("memory of the agent", e);
        }
    }

    /**
     * Installs the plugin that calls it.
     *
     * @param directory of the plugin and its config
     */
    CniDriver.Plugin plugin(Path directory, String config) {
        Path program =
                new CniInstaller(
                                directory.resolve("bin"),
                                directory.resolve("net.d"),
                                "weft",
                                "default")
                        .install(List.of("/bin/false")).files().stream()
                                .filter(Files::isExecutable)
                                .findFirst()
                                .orElseThrow();
        try {
            return new CniDriver.Plugin(
                    "weft",
                    program,
                    Files.writeString(directory.resolve("weft.conf"), config),
                    Map.of(
                            "WEFT_CNI_SOCKET",
                            settings.cniSocket().toString(),
                            "WEFT_CNI_TOMBSTONES",
                            directory.resolve("tombstones").toString()));
        } catch (IOException e) {
            throw new UncheckedIOException("write the plugin's config", e);
        }
    }

    /** Ends it; guests stay until {@link Agent#remove}. */
    @Override
    public void close() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            process.destroy();
        }
        process.onExit().join();
    }
}
