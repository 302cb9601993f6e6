package io.weft.lab;

import io.weft.agent.Agent;
import io.weft.cni.CniResult;
import io.weft.cni.CniVersion;
import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.netlink.LinkChange;
import io.weft.netlink.Netlink;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BiFunction;

/** Gives virtual machines a Weft tap, as a runtime would: a namespace, ADD, and DEL. */
final class VmOnWeft implements AutoCloseable {
    private static final String CONFIG =
            """
            {"cniVersion": "1.0.0", "name": "weft", "type": "weft", "interface": "tap"}\
            """;
    private static final String TAP = "eth0";

    private final Opened opened = new Opened();
    private final NetNs host;
    private final CniDriver.Plugin plugin;
    private final String prefix = "weft-lab-" + ProcessHandle.current().pid() + "-vm-";

    /**
     * Starts an agent.
     *
     * @param directory of its files
     */
    VmOnWeft(Path directory) {
        boolean done = false;
        try {
            host = opened.add(NetNs.createAnonymous());
            try (Netlink netlink = Netlink.open(host)) {
                netlink.links().change(1, new LinkChange.Up(true));
            }
            String instance = "lab" + ProcessHandle.current().pid();
            opened.add(() ->
                    host.run(() -> Agent.remove(AgentProcess.settings(instance, directory), true)));
            plugin =
                    opened.add(AgentProcess.start(host, instance, directory))
                            .plugin(directory, CONFIG);
            done = true;
        } finally {
            if (!done) {
                opened.close();
            }
        }
    }

    /**
     * {@return what {@code use} makes of the network of a new machine, which ends with this call}
     *
     * @param use gets the card, and when ADD was called, by {@link System#nanoTime}
     */
    <T> T with(int number, BiFunction<VirtualMachine.Card, Long, T> use) {
        String name = prefix + number;
        long start = System.nanoTime();
        try (NetNs namespace = NetNs.create(name)) {
            try {
                return use.apply(add(namespace, name), start);
            } finally {
                call("DEL", name);
                NetNs.delete(name);
            }
        }
    }

    private VirtualMachine.Card add(NetNs namespace, String name) {
        CniResult result = CniResult.parse(call("ADD", name), CniVersion.V1_0_0);
        CniResult.Address v4 =
                result.ips().stream()
                        .filter(address -> address.address().ip().isV4())
                        .findFirst()
                        .orElseThrow();
        String mac =
                result.interfaces().stream()
                        .filter(link -> link.name().equals(TAP))
                        .findFirst()
                        .orElseThrow()
                        .mac();
        Ip gateway = v4.gateway().orElseThrow();
        return new VirtualMachine.Card(
                namespace, TAP, mac, v4.address().toString(), gateway.toString());
    }

    private String call(String verb, String container) {
        ProcessBuilder builder = new ProcessBuilder(plugin.program().toString());
        builder.environment().clear();
        builder.environment().putAll(plugin.environment());
        builder.environment().put("CNI_COMMAND", verb);
        builder.environment().put("CNI_CONTAINERID", container);
        builder.environment().put("CNI_IFNAME", TAP);
        builder.environment().put("CNI_NETNS", NetNs.pathOf(container).toString());
        builder.environment().put("CNI_PATH", plugin.program().resolveSibling("").toString());
        try {
            Process process = host.call(builder::start);
            try (OutputStream stdin = process.getOutputStream()) {
                stdin.write(Files.readAllBytes(plugin.config()));
            }
            String answer =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.onExit().join().exitValue() != 0) {
                throw new Commands.ToolException(verb + " of a VM's tap: " + answer.strip());
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(verb + " of a VM's tap", e);
        }
    }

    @Override
    public void close() {
        opened.close();
    }
}
