package io.weft.cli;

import io.weft.agent.Agent;
import io.weft.agent.AgentSettings;
import io.weft.agent.NodeConfig;
import io.weft.model.AgentConfiguration;
import io.weft.model.AgentConfigurationReader;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "agent",
        mixinStandardHelpOptions = true,
        description = {
            "The daemon of a node: containers come by CNI and are under policy from their first",
            "packet on. It runs in the foreground, for a service manager to keep. When it ends,",
            "containers, policy and connections go on; the next one takes over."
        },
        footer = {
            "",
            "Examples:",
            "  weft agent",
            "  weft agent --config /etc/weft/agent.yaml",
            "  weft agent --remove",
            "",
            "A configuration, all of it optional:",
            "  apiVersion: weft.io/v1alpha1",
            "  kind: AgentConfiguration",
            "  spec:",
            "    podCIDRs: [10.77.0.0/16, \"fd77::/64\"]",
            "    addressPools:",
            "    - name: databases",
            "      ranges: [{subnet: 10.78.0.0/24, rangeStart: 10.78.0.10}]",
            "      namespaceSelector: {matchLabels: {team: data}}",
            "    - {name: rest, ranges: [{subnet: 10.79.0.0/16}]}",
            "    coolDown: 10m",
            "    uplinks: [eth0]",
            "    manifests: /etc/weft/manifests"
        })
final class AgentCommand implements Callable<Integer> {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "An AgentConfiguration (default: all as it is when not said).")
    private @Nullable Path config;

    @Option(
            names = "--instance",
            paramLabel = "NAME",
            description = "Name of the node on this machine (default: ${DEFAULT-VALUE}).")
    private String instance = NodeConfig.DEFAULT_INSTANCE;

    @Option(
            names = "--root",
            paramLabel = "DIR",
            description = "Below it lie run/weft and var/lib/weft (default: /).")
    private Path root = Path.of("/");

    @Option(
            names = "--remove",
            description =
                    "Take back what an agent left that does not run any more: interfaces, programs,"
                            + " addresses, state. Refused while containers are attached.")
    private boolean remove;

    @Option(names = "--force", description = "With --remove: living containers lose the network.")
    private boolean force;

    @Override
    public Integer call() throws InterruptedException {
        AgentConfiguration configuration =
                config == null ? AgentConfiguration.DEFAULT : AgentConfigurationReader.read(config);
        AgentSettings settings = AgentSettings.of(instance, root, configuration);
        if (remove) {
            int attached = Agent.remove(settings, force);
            System.err.printf(
                    "weft: agent %s is removed, with %d attachments%n", instance, attached);
            return Exit.DONE;
        }
        Progress progress = new Progress();
        try (Shutdown shutdown = Shutdown.saying("ended; containers and policy go on")) {
            Agent agent = Agent.start(settings, "weft agent");
            shutdown.closing(agent);
            progress.say(
                    "agent "
                            + instance
                            + ": "
                            + agent.node().state().endpoints().size()
                            + " containers taken over; CNI calls are served at "
                            + settings.cniSocket());
            new CountDownLatch(1).await(); // until a signal
            return Exit.DONE;
        }
    }
}
