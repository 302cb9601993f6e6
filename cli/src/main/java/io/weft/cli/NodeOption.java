package io.weft.cli;

import io.weft.agent.NodeClient;
import io.weft.agent.NodeConfig;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which node a command talks to. */
final class NodeOption {
    @Option(
            names = "--instance",
            paramLabel = "NAME",
            defaultValue = NodeConfig.DEFAULT_INSTANCE,
            description = "Name of the node on this machine (default: ${DEFAULT-VALUE}).")
    String instance = NodeConfig.DEFAULT_INSTANCE;

    @Option(
            names = "--root",
            paramLabel = "DIR",
            description = "That of the agent, when it has one (default: /).")
    private Path root = Path.of("/");

    NodeClient connect() {
        Path run = root.resolve("run/weft").resolve(instance);
        return NodeClient.connect(run.resolve("api.sock"));
    }
}
