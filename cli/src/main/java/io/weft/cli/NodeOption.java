package io.weft.cli;

import io.weft.agent.NodeClient;
import io.weft.agent.NodeConfig;
import java.util.List;
import picocli.CommandLine.Option;

/** Which node a command talks to. */
final class NodeOption {
    @Option(
            names = "--instance",
            paramLabel = "NAME",
            defaultValue = NodeConfig.DEFAULT_INSTANCE,
            description = "Name of the node on this machine (default: ${DEFAULT-VALUE}).")
    String instance = NodeConfig.DEFAULT_INSTANCE;

    NodeClient connect() {
        return NodeClient.connect(NodeConfig.of(instance, List.of()).socket());
    }
}
