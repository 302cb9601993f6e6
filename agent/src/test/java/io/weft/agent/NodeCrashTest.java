package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.ManifestReader;
import io.weft.netlink.Netlink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node is killed with SIGKILL; the next one takes back what it left. */
@KernelTest
@Timeout(60)
class NodeCrashTest {
    private static final String PODS =
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: one, annotations: {weft.io/bandwidth: 1G}}
            spec: {containers: [{name: main, command: [sleep, "1000"]}]}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: two}
            spec:
              containers:
              - {name: main, command: [sh, -c, "sleep 1001 & exec sleep 1002"]}
              - {name: stubborn, command: [sh, -c, "trap '' TERM; while :; do sleep 1; done"]}
            """;

    @TempDir private Path temporary;

    /** The node that will be killed. */
    static final class Victim {
        private Victim() {}

        public static void main(String[] arguments) throws IOException {
            try (NetNs host = NetNs.named(arguments[0]);
                    Node node =
                            Node.start(
                                    TestNode.config(
                                            arguments[1],
                                            Path.of(arguments[2]),
                                            host,
                                            "10.77.0.0/16"),
                                    "weft victim")) {
                node.apply(new ManifestReader().readTexts(Map.of("pods.yaml", PODS)));
                System.out.println("running");
                System.in.read();
            }
        }
    }

    @Test
    void theNextNodeTakesBackWhatAKilledOneLeft() throws IOException {
        String hostName = "weft-t-crash-" + ProcessHandle.current().pid();
        String instance = "t" + ProcessHandle.current().pid() + "-crash";
        try (NetNs host = NetNs.create(hostName)) {
            NodeConfig config = TestNode.config(instance, temporary, host, "10.77.0.0/16");
            List<Path> namespaces =
                    List.of(
                            NetNs.pathOf("weft." + instance + ".default.one"),
                            NetNs.pathOf("weft." + instance + ".default.two"));
            ChildJvm victim = ChildJvm.start(Victim.class, hostName, instance, temporary);
            assertThat(victim.line()).isEqualTo("running");
            assertThatThrownBy(() -> Node.start(config, "weft test"))
                    .isInstanceOf(NodeException.class)
                    .hasMessageContaining("(pid " + victim.pid() + ", weft victim)");
            victim.kill();

            List<ProcessHandle> processes = new ArrayList<>();
            namespaces.forEach(n -> processes.addAll(NamespaceProcesses.in(n)));
            assertThat(processes).hasSizeGreaterThanOrEqualTo(4).allMatch(ProcessHandle::isAlive);
            assertThat(links(host)).hasSize(5); // lo, two hosts' ends, a pair that shapes
            assertThat(config.pinDirectory()).isNotEmptyDirectory();

            try (Node next = Node.start(config, "weft next")) {
                assertThat(next.state().endpoints()).isEmpty();
                TestNode.until(
                        "the processes end",
                        () -> processes.stream().noneMatch(ProcessHandle::isAlive));
                assertThat(namespaces).allSatisfy(n -> assertThat(n).doesNotExist());
                assertThat(links(host)).containsExactly("lo");
                assertThat(next.datapath().workloads()).isEmpty();
                assertThat(next.apply(new ManifestReader().readTexts(Map.of("p.yaml", PODS))))
                        .hasSize(2);
            }
            assertThat(config.pinDirectory().getParent()).doesNotExist();
            assertThat(config.runDirectory()).doesNotExist();
        } finally {
            NetNs.delete(hostName);
        }
    }

    private static List<String> links(NetNs host) {
        try (Netlink netlink = Netlink.open(host)) {
            return netlink.links().list().stream().map(l -> l.name()).toList();
        }
    }

    /** The name is there, but the namespace was not bound to it yet. */
    @Test
    void theNextNodeTakesBackANamespaceThatWasMadeHalf() throws IOException {
        try (NetNs host = NetNs.createAnonymous()) {
            NodeConfig config = TestNode.config(temporary, host, "10.77.0.0/16");
            String name = "weft." + config.instance() + ".default.half";
            Files.createDirectories(NetNs.NAMES);
            Files.createFile(NetNs.pathOf(name));
            Files.createDirectories(config.runDirectory());
            Files.writeString(
                    config.runDirectory().resolve("journal"), "+ NAMESPACE " + name + "\n");

            Node.start(config, "weft test").close();

            assertThat(NetNs.pathOf(name)).doesNotExist();
        }
    }

    /** A crash right after the journal was written and before anything was made. */
    @Test
    void theNextNodeStartsAlsoWhenNothingWasMadeYet() throws IOException {
        try (NetNs host = NetNs.createAnonymous()) {
            NodeConfig config = TestNode.config(temporary, host, "10.77.0.0/16");
            Files.createDirectories(config.runDirectory());
            Files.writeString(
                    config.runDirectory().resolve("journal"),
                    "+ PINS " + config.pinDirectory() + "\n+ NAMESPACE weft.nowhere.a.b\n+ NAMES");

            Node.start(config, "weft test").close();

            assertThat(config.runDirectory()).doesNotExist();
        }
    }
}
