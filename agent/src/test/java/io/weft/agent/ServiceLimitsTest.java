package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.datapath.Limits;
import io.weft.datapath.ServiceLimits;
import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Kind;
import io.weft.model.Ref;
import io.weft.model.Service;
import io.weft.tables.Abi;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Services that cannot be had are refused with the numbers, and the others go on. */
@KernelTest
@Timeout(60)
@SuppressWarnings("try") // servers serve, and are not asked
class ServiceLimitsTest {
    private static final Limits SMALL =
            new Limits(64, 1024, 1024, Abi.EVENT_BYTES, new ServiceLimits(8, 8, 8));

    @TempDir private Path temporary;

    /** {@return a service of so many ports, all of which lead to 8080} */
    private static String service(String name, int ports) {
        String list =
                IntStream.range(0, ports)
                        .mapToObj(
                                i -> "{name: p%d, port: %d, targetPort: 8080}".formatted(i, 80 + i))
                        .collect(Collectors.joining(", "));
        return """
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: %s}
        spec: {selector: {app: server}, ports: [%s]}
        """
                .formatted(name, list);
    }

    private static boolean answers(TestNode node, NetNs from) {
        Service web =
                node.node
                        .state()
                        .snapshot()
                        .services()
                        .get(new Ref(Kind.SERVICE, "default", "web"));
        String ip = Objects.requireNonNull(web).clusterIps().getFirst().toString();
        return from.call(() -> {
            try (SocketChannel channel = SocketChannel.open(new InetSocketAddress(ip, 80))) {
                return channel.isConnected();
            } catch (IOException e) {
                return false;
            }
        });
    }

    @Test
    void whatDoesNotFitIsRefusedWithTheNumbersAndTheRestGoesOn() {
        NetNs host = NetNs.createAnonymous();
        NodeConfig config = TestNode.config(temporary, host, "10.77.0.0/16").withLimits(SMALL);
        try (TestNode node = TestNode.start(host, config)) {
            node.apply(
                    TestNode.pod("client", "app: client")
                            + TestNode.pod("server", "app: server")
                            + service("web", 2));
            NodeState before = node.node.state();
            try (NetNs server = node.namespace("server");
                    NetNs client = node.namespace("client");
                    Echo echo = new Echo().tcp(server, 8080)) {
                assertThat(answers(node, client)).isTrue();

                assertThatThrownBy(() -> node.apply(service("more", 7)))
                        .hasMessageContaining("9 service frontends do not fit: 2 are there, 7 come")
                        .hasMessageContaining("the map holds 8");

                assertThat(node.node.state()).isSameAs(before);
                assertThat(answers(node, client)).isTrue();
                assertThat(node.apply(service("more", 3)).values())
                        .containsExactly(Node.Change.CREATED);
                assertThat(answers(node, client)).isTrue();
            }
        }
    }

    @Test
    void aNodePortThatIsTakenOrOutOfRangeIsRefused() {
        String asking =
                """
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: %s}
                spec: {type: NodePort, ports: [{port: 80, nodePort: %d}]}
                """;
        try (TestNode node = TestNode.start(temporary)) {
            node.apply(asking.formatted("one", 30080));
            NodeState before = node.node.state();

            assertThatThrownBy(() -> node.apply(asking.formatted("two", 30080)))
                    .hasMessageContaining("spec.ports[0].nodePort: Invalid value: \"30080\"")
                    .hasMessageContaining("already allocated, to Service default/one");
            assertThatThrownBy(() -> node.apply(asking.formatted("two", 80)))
                    .hasMessageContaining("The range of valid ports is 30000-32767");

            assertThat(node.node.state()).isSameAs(before);
        }
    }
}
