package io.weft.agent;

import io.weft.compiler.CompilerOptions;
import io.weft.compiler.ServiceOptions;
import io.weft.datapath.Limits;
import io.weft.kernel.NetNs;
import io.weft.model.Prefix;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where a node keeps its things and which addresses it gives out.
 *
 * @param instance name of this node on the machine; several may run side by side
 * @param runDirectory socket, lock and journal: {@code /run/weft/INSTANCE}
 * @param pinDirectory on a BPF file system: {@code /sys/fs/bpf/weft/INSTANCE}
 * @param pool4 IPv4 pool; its first usable address is the node's own
 * @param pool6 IPv6 pool, likewise
 * @param host the namespace that plays the machine; empty: this process's own
 * @param launcher how to start {@code weft} again, for pods whose command is {@code weft …}
 * @param limits sizes of the kernel's maps
 * @param options what holds for all pods
 * @param services how services are reached
 * @param stays whether pods are others' and live on when this process ends, as programs and policy
 *     do; the next process adopts them
 */
public record NodeConfig(
        String instance,
        Path runDirectory,
        Path pinDirectory,
        Prefix pool4,
        Prefix pool6,
        Optional<NetNs> host,
        List<String> launcher,
        Limits limits,
        CompilerOptions options,
        ServiceSettings services,
        boolean stays) {
    public static final String DEFAULT_INSTANCE = "default";
    public static final Prefix DEFAULT_POOL4 = Prefix.parse("10.77.0.0/16");
    public static final Prefix DEFAULT_POOL6 = Prefix.parse("fd77::/64");

    public NodeConfig {
        if (!instance.matches("[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?")) {
            throw new IllegalArgumentException(
                    "instance '" + instance + "': 1 to 32 of a-z, 0-9 and -, not at the ends");
        }
        launcher = List.copyOf(launcher);
    }

    /** A node with maps of the usual sizes. */
    public NodeConfig(
            String instance,
            Path runDirectory,
            Path pinDirectory,
            Prefix pool4,
            Prefix pool6,
            Optional<NetNs> host,
            List<String> launcher) {
        this(
                instance,
                runDirectory,
                pinDirectory,
                pool4,
                pool6,
                host,
                launcher,
                Limits.DEFAULT,
                new CompilerOptions(false, servicesOf(pool4, pool6)),
                ServiceSettings.DEFAULT,
                false);
    }

    private static ServiceOptions servicesOf(Prefix pool4, Prefix pool6) {
        return new ServiceOptions(Optional.empty(), List.of(pool4, pool6), List.of(), false);
    }

    /** {@return the same node with maps of other sizes} */
    NodeConfig withLimits(Limits other) {
        return new NodeConfig(
                instance,
                runDirectory,
                pinDirectory,
                pool4,
                pool6,
                host,
                launcher,
                other,
                options,
                services,
                stays);
    }

    /** {@return the same node, where services are reached otherwise} */
    public NodeConfig withServices(ServiceSettings other) {
        return new NodeConfig(
                instance,
                runDirectory,
                pinDirectory,
                pool4,
                pool6,
                host,
                launcher,
                limits,
                new CompilerOptions(
                        options.auditAll(),
                        options.services().withDirect(other.masquerade().orElse(List.of()))),
                other,
                stays);
    }

    /** {@return the same node with pods in audit mode, if they do not say otherwise} */
    public NodeConfig withAuditForAll(boolean audit) {
        return new NodeConfig(
                instance,
                runDirectory,
                pinDirectory,
                pool4,
                pool6,
                host,
                launcher,
                limits,
                new CompilerOptions(audit, options.services()),
                services,
                stays);
    }

    /** {@return the same node, of pods that others run} */
    NodeConfig staying() {
        return new NodeConfig(
                instance,
                runDirectory,
                pinDirectory,
                pool4,
                pool6,
                host,
                launcher,
                limits,
                options,
                services,
                true);
    }

    /** {@return the usual places and pools of {@code instance}} */
    public static NodeConfig of(String instance, List<String> launcher) {
        return new NodeConfig(
                instance,
                Path.of("/run/weft", instance),
                Path.of("/sys/fs/bpf/weft", instance),
                DEFAULT_POOL4,
                DEFAULT_POOL6,
                Optional.empty(),
                launcher);
    }

    public Path socket() {
        return runDirectory.resolve("api.sock");
    }
}
