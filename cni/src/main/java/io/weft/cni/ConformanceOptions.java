package io.weft.cni;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the suite is pointed at.
 *
 * @param plugin the program
 * @param config JSON of one plugin; {@link #DATA} in it is a directory of the suite
 * @param node the file of the namespace that the plugin works in; nothing makes one for each case
 * @param environment more variables for the plugin
 * @param leaseCounter shell command that prints how many addresses are taken
 * @param leaseRemover shell command that takes the lease of $CNI_CONTAINERID away
 * @param limit of one call
 */
public record ConformanceOptions(
        Path plugin,
        String config,
        Optional<Path> node,
        Map<String, String> environment,
        Optional<String> leaseCounter,
        Optional<String> leaseRemover,
        Duration limit) {
    /** Stands for a fresh directory in a config, as for {@code dataDir} of host-local. */
    public static final String DATA = "@DATA@";

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String POOL =
            "\"ipam\":{\"type\":\"host-local\",\"dataDir\":\""
                    + DATA
                    + "\",\"ranges\":[[{\"subnet\":\"10.77.0.0/28\"}]],"
                    + "\"routes\":[{\"dst\":\"0.0.0.0/0\"}]}";

    /** Reference plugins that only change what one before them made. */
    private static final Set<String> CHAINED =
            Set.of("portmap", "bandwidth", "firewall", "tuning", "sbr");

    /**
     * A config for a plugin of this name, with a pool of 13 addresses where it takes host-local's.
     *
     * @throws IllegalArgumentException when the plugin is no program
     */
    public static ConformanceOptions of(Path plugin) {
        if (!Files.isRegularFile(plugin) || !Files.isExecutable(plugin)) {
            throw new IllegalArgumentException(
                    "--plugin: " + plugin + ": must be an executable file");
        }
        String type = String.valueOf(plugin.getFileName());
        String own =
                switch (type) {
                    case "bridge" ->
                            ",\"bridge\":\"cnf0\",\"isGateway\":true,\"ipMasq\":true," + POOL;
                    case "ptp" -> ",\"ipMasq\":true," + POOL;
                    default -> type.startsWith("weft") ? "" : "," + POOL;
                };
        return new ConformanceOptions(
                plugin,
                "{\"name\":\"conformance\",\"type\":\"" + type + "\"" + own + "}",
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                LIMIT);
    }

    public ConformanceOptions withConfig(String json) {
        return new ConformanceOptions(
                plugin, json, node, environment, leaseCounter, leaseRemover, limit);
    }

    /** For a plugin with an agent: its namespace, and how it is reached. */
    public ConformanceOptions inPlace(Optional<Path> namespace, Map<String, String> variables) {
        return new ConformanceOptions(
                plugin, config, namespace, variables, leaseCounter, leaseRemover, limit);
    }

    /** For a plugin that keeps its leases elsewhere: commands that count them, and remove one. */
    public ConformanceOptions withLeases(Optional<String> counter, Optional<String> remover) {
        return new ConformanceOptions(plugin, config, node, environment, counter, remover, limit);
    }

    String type() {
        return String.valueOf(plugin.getFileName());
    }

    boolean usesData() {
        return config.contains(DATA);
    }

    boolean isWeft() {
        return type().startsWith("weft");
    }

    /** {@return whether it can follow another plugin} */
    boolean canBeChained() {
        return isWeft() || CHAINED.contains(type());
    }
}
