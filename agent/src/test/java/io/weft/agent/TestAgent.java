package io.weft.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.jr.ob.JSON;
import io.weft.cni.CniAnswer;
import io.weft.cni.CniClient;
import io.weft.ipam.TimeSource;
import io.weft.kernel.NetNs;
import io.weft.model.AgentConfiguration;
import io.weft.model.AgentConfigurationReader;
import io.weft.model.Ip;
import io.weft.netlink.Link;
import io.weft.netlink.Netlink;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** An agent whose machine is an anonymous namespace, called as a runtime does. */
final class TestAgent implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    final NetNs host = NetNs.createAnonymous();
    final AgentSettings settings;
    private final List<String> namespaces = new ArrayList<>();
    private final TimeSource time;
    Agent agent;

    private TestAgent(Path temporary, AgentConfiguration configuration, TimeSource time) {
        this.time = time;
        String instance = "a" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();
        settings =
                new AgentSettings(
                        instance,
                        temporary,
                        Path.of("/sys/fs/bpf/weft-t-" + instance, "pins"),
                        Optional.of(host),
                        configuration);
        try {
            agent = Agent.start(settings, "weft test", time);
        } catch (RuntimeException e) {
            host.close();
            throw e;
        }
    }

    static TestAgent start(Path temporary) {
        return new TestAgent(temporary, AgentConfiguration.DEFAULT, TimeSource.system());
    }

    /**
     * @param spec of an AgentConfiguration, YAML
     */
    static TestAgent start(Path temporary, String spec) {
        return start(temporary, spec, TimeSource.system());
    }

    /**
     * @param time by which addresses rest and pools are looked at
     */
    static TestAgent start(Path temporary, String spec, TimeSource time) {
        return new TestAgent(
                temporary,
                AgentConfigurationReader.parse(
                        "agent.yaml",
                        """
                        apiVersion: weft.io/v1alpha1
                        kind: AgentConfiguration
                        spec:
                        """
                                + spec.indent(2)),
                time);
    }

    /** The next process takes over. */
    void restart() {
        agent.close();
        agent = Agent.start(settings, "weft test", time);
    }

    /** {@return the path of a namespace of that name, which is made when it is not there} */
    Path namespace(String name) {
        String unique = "weft-t-" + settings.instance() + "-" + name;
        if (!namespaces.contains(unique)) {
            NetNs.create(unique).close();
            namespaces.add(unique);
        }
        return NetNs.pathOf(unique);
    }

    void endNamespace(String name) {
        String unique = "weft-t-" + settings.instance() + "-" + name;
        NetNs.delete(unique);
        namespaces.remove(unique);
    }

    static String config(String more) {
        return """
        {"cniVersion": "1.1.0", "name": "net", "type": "weft"%s}
        """
                .formatted(more);
    }

    /** What a plugin answered. */
    record Answer(int exitCode, Map<String, Object> json) {
        int code() {
            return json.get("code") instanceof Number code ? code.intValue() : 0;
        }

        String text() {
            return json.get("msg") + "; " + json.get("details");
        }

        List<String> ips() {
            List<String> ips = new ArrayList<>();
            if (json.get("ips") instanceof List<?> list) {
                for (Object ip : list) {
                    String text = String.valueOf(((Map<?, ?>) ip).get("address"));
                    ips.add(text.substring(0, text.indexOf('/')));
                }
            }
            return ips;
        }
    }

    Answer call(String verb, String container, String config) {
        return call(verb, container, Map.of(), config);
    }

    /**
     * @param more variables, over the usual ones
     */
    Answer call(String verb, String container, Map<String, String> more, String config) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("CNI_COMMAND", verb);
        environment.put("CNI_CONTAINERID", container);
        environment.put(
                "CNI_NETNS",
                NetNs.pathOf("weft-t-" + settings.instance() + "-" + container).toString());
        environment.put("CNI_IFNAME", "eth0");
        environment.put("CNI_PATH", "/usr/lib/cni");
        environment.put("WEFT_CNI_SOCKET", settings.cniSocket().toString());
        environment.put("WEFT_CNI_TOMBSTONES", settings.tombstones().toString());
        environment.putAll(more);
        CniAnswer answer =
                CniClient.call(
                        environment,
                        new ByteArrayInputStream(config.getBytes(UTF_8)),
                        settings.instance());
        try {
            return new Answer(
                    answer.exitCode(),
                    answer.stdout().isBlank() ? Map.of() : JSON.std.mapFrom(answer.stdout()));
        } catch (IOException e) {
            throw new UncheckedIOException(answer.stdout(), e);
        }
    }

    /** Attaches a container of a namespace of its name to network {@code net}. */
    Answer add(String container, String labels) {
        namespace(container);
        Answer answer = call("ADD", container, config(", \"labels\": {" + labels + "}"));
        if (answer.exitCode() != 0) {
            throw new AssertionError("ADD " + container + ": " + answer.json());
        }
        return answer;
    }

    /** {@return the leases that {@code weft get leases} prints} */
    List<?> leases() {
        return listed("items");
    }

    /** {@return what it says is kept} */
    List<?> claims() {
        return listed("claims");
    }

    List<?> listed(String key) {
        return api("Leases", Map.of()).get(key) instanceof List<?> items ? items : List.of();
    }

    void apply(String manifest) {
        api("Apply", Map.of("files", List.of(Map.of("name", "test.yaml", "text", manifest))));
    }

    /** Deletes an object of the namespace {@code default}. */
    void delete(String kind, String name) {
        api("Delete", Map.of("kind", kind, "namespace", "default", "names", List.of(name)));
    }

    Map<String, Object> api(String method, Map<String, Object> parameters) {
        try (NodeClient client = NodeClient.connect(settings.runDirectory().resolve("api.sock"))) {
            return client.call(method, parameters);
        }
    }

    /** {@return whether something in the container's namespace can connect to TCP port 80} */
    boolean reaches(String container, Ip target) {
        try (NetNs from = NetNs.open(namespace(container))) {
            return connects(from, target);
        }
    }

    /** {@return whether something in that namespace can connect to TCP port 80} */
    static boolean connects(NetNs from, Ip target) {
        return from.call(() -> {
            try (SocketChannel channel = SocketChannel.open()) {
                channel.socket().connect(Echo.address(target, 80), 400);
                return true;
            } catch (IOException e) {
                return false;
            }
        });
    }

    /**
     * Waits until the node reaches it: the IPv6 addresses of a new bridge are tentative until its
     * carrier is seen, which may take a second (net/core/link_watch.c), and duplicates looked for.
     */
    void awaitFromNode(Ip target) {
        TestNode.until("the node reaches " + target, () -> connects(host, target));
    }

    /** Serves TCP port 80 in the container's namespace. */
    Echo serve(String container) {
        try (NetNs namespace = NetNs.open(namespace(container))) {
            return new Echo().tcp(namespace, 80);
        }
    }

    /** {@return names of the guests' links} */
    List<String> links() {
        try (Netlink netlink = Netlink.open(host)) {
            return netlink.links().list().stream()
                    .map(Link::name)
                    .filter(name -> name.startsWith("weft"))
                    .toList();
        }
    }

    @Override
    public void close() {
        try {
            agent.close();
            Agent.remove(settings, true);
        } finally {
            namespaces.forEach(NetNs::delete);
            host.close();
        }
    }
}
