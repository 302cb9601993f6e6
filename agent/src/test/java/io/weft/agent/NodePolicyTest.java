package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.agent.Probe.Outcome;
import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.tables.Reason;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What policy does to real traffic between the pods of a node. */
@KernelTest
@Timeout(60)
class NodePolicyTest {
    private static final int PORT = 8080;
    private static final Ref POLICY = new Ref(Kind.NETWORK_POLICY, "default", "server");

    /** The server takes TCP 8080 from pods with app=client, and opens nothing. */
    private static final String CLIENTS_ONLY =
            """
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: server}
            spec:
              podSelector: {matchLabels: {app: server}}
              policyTypes: [Ingress, Egress]
              ingress:
              - from: [{podSelector: {matchLabels: {app: client}}}]
                ports: [{port: 8080}, {port: 8080, protocol: UDP}]
            """;

    /** Nothing goes in or out of any pod. */
    private static final String DENY_ALL =
            """
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: server}
            spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
            """;

    @TempDir private Path temporary;
    private TestNode node;

    @BeforeEach
    void start() {
        node = TestNode.start(temporary);
        node.apply(
                TestNode.pod("client", "app: client")
                        + TestNode.pod("other", "app: other")
                        + TestNode.pod("server", "app: server"));
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private Echo serve(String pod) {
        try (NetNs namespace = node.namespace(pod)) {
            return new Echo().tcp(namespace, PORT).udp(namespace, PORT);
        }
    }

    @Test
    void podsReachEachOtherOverTcpAndUdpInBothFamilies() {
        try (Echo server = serve("server")) {
            assertThat(server).isNotNull();
            for (Protocol protocol : List.of(Protocol.TCP, Protocol.UDP)) {
                assertThat(node.probe("client", "server", protocol, PORT))
                        .isEqualTo(Outcome.ANSWERED);
                assertThat(node.probe6("client", "server", protocol, PORT))
                        .isEqualTo(Outcome.ANSWERED);
            }
            assertThat(node.probe("client", "server", Protocol.TCP, 9)).isEqualTo(Outcome.REFUSED);
            assertThat(node.probe6("client", "server", Protocol.UDP, 9)).isEqualTo(Outcome.REFUSED);
        }
    }

    @Test
    void policyLetsInWhomItNamesAndNobodyElse() {
        node.apply(CLIENTS_ONLY);
        try (Echo server = serve("server");
                Echo client = serve("client")) {
            assertThat(List.of(server, client)).doesNotContainNull();
            for (Protocol protocol : List.of(Protocol.TCP, Protocol.UDP)) {
                assertThat(node.probe("client", "server", protocol, PORT))
                        .isEqualTo(Outcome.ANSWERED);
                assertThat(node.probe6("client", "server", protocol, PORT))
                        .isEqualTo(Outcome.ANSWERED);
                assertThat(node.probe("other", "server", protocol, PORT)).isEqualTo(Outcome.DENIED);
                assertThat(node.probe6("other", "server", protocol, PORT))
                        .isEqualTo(Outcome.DENIED);
                assertThat(node.probe("client", "server", protocol, 9)).isEqualTo(Outcome.DENIED);
                assertThat(node.probe("server", "client", protocol, PORT))
                        .isEqualTo(Outcome.DENIED);
                assertThat(node.probe6("server", "client", protocol, PORT))
                        .isEqualTo(Outcome.DENIED);
                assertThat(node.probe("other", "client", protocol, PORT))
                        .isEqualTo(Outcome.ANSWERED);
            }
        }
    }

    @Test
    void aChangedPolicyIsInForceOnALivingConnection() throws IOException {
        livingConnection(node.ip4("server"));
    }

    @Test
    void aChangedPolicyIsInForceOnALivingIpv6Connection() throws IOException {
        livingConnection(node.ip6("server"));
    }

    private void livingConnection(Ip target) throws IOException {
        node.apply(CLIENTS_ONLY);
        try (NetNs server = node.namespace("server");
                NetNs client = node.namespace("client");
                ServerSocketChannel listening =
                        server.call(() ->
                                ServerSocketChannel.open().bind(new InetSocketAddress(PORT)));
                SocketChannel sender = client.call(SocketChannel::open)) {
            sender.connect(Echo.address(target, PORT));
            try (SocketChannel receiver = listening.accept()) {
                write(sender, "before ");
                assertThat(read(receiver, 7)).isEqualTo("before ");

                node.apply(DENY_ALL);
                long dropped = node.drops("client", Reason.POLICY_EGRESS);
                write(sender, "denied ");
                TestNode.until(
                        "a drop of the connection's next packet",
                        () -> node.drops("client", Reason.POLICY_EGRESS) > dropped);
                receiver.configureBlocking(false);
                assertThat(receiver.read(ByteBuffer.allocate(100))).isZero();
                receiver.configureBlocking(true);

                // TCP sends again what was lost: the same connection lives on
                node.apply(CLIENTS_ONLY);
                write(sender, "after");
                assertThat(read(receiver, 12)).isEqualTo("denied after");
                write(receiver, "answer");
                assertThat(read(sender, 6)).isEqualTo("answer");
            }
        }
    }

    private static void write(SocketChannel channel, String text) throws IOException {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static String read(SocketChannel channel, int bytes) throws IOException {
        Socket socket = channel.socket();
        socket.setSoTimeout(20_000);
        return new String(socket.getInputStream().readNBytes(bytes), StandardCharsets.UTF_8);
    }

    @Test
    void aChangedLabelChangesWhatAPodMayDo() {
        node.apply(CLIENTS_ONLY);
        try (Echo server = serve("server")) {
            assertThat(server).isNotNull();
            assertThat(node.probe("other", "server", Protocol.TCP, PORT)).isEqualTo(Outcome.DENIED);
            Ip before = node.ip4("other");

            node.apply(TestNode.pod("other", "app: client") + TestNode.pod("client", "app: other"));

            assertThat(node.ip4("other")).isEqualTo(before);
            assertThat(node.probe("other", "server", Protocol.TCP, PORT))
                    .isEqualTo(Outcome.ANSWERED);
            assertThat(node.probe6("client", "server", Protocol.TCP, PORT))
                    .isEqualTo(Outcome.DENIED);
        }
    }

    @Test
    void aDeletedPolicyNoLongerCounts() {
        node.apply(CLIENTS_ONLY);
        try (Echo server = serve("server")) {
            assertThat(server).isNotNull();
            assertThat(node.probe("other", "server", Protocol.UDP, PORT)).isEqualTo(Outcome.DENIED);

            node.delete(POLICY);

            assertThat(node.probe("other", "server", Protocol.UDP, PORT))
                    .isEqualTo(Outcome.ANSWERED);
        }
    }

    @Test
    void theNodeReachesPodsAndPodsTheNodeWhateverPolicySays() throws IOException {
        node.apply(DENY_ALL);
        try (Echo server = serve("server");
                Echo machine = new Echo().tcp(node.host, PORT)) {
            assertThat(List.of(server, machine)).doesNotContainNull();
            for (Ip ip : node.endpoint("server").ips()) {
                try (SocketChannel socket = node.host.call(SocketChannel::open)) {
                    socket.socket().connect(Echo.address(ip, PORT), 10_000);
                    write(socket, "hello");
                    assertThat(read(socket, 5)).isEqualTo("hello");
                }
            }
            for (Ip gateway :
                    AddressPool.nodeAddresses(NodeConfig.DEFAULT_POOL4, NodeConfig.DEFAULT_POOL6)) {
                try (NetNs client = node.namespace("client");
                        SocketChannel socket = client.call(SocketChannel::open)) {
                    socket.socket().connect(Echo.address(gateway, PORT), 10_000);
                    write(socket, "hello");
                    assertThat(read(socket, 5)).isEqualTo("hello");
                }
            }
        }
    }

    /** A pod's process sends at once, when nobody can have looked at its policy yet. */
    @Test
    void theFirstPacketOfAPodIsUnderPolicy() throws IOException {
        node.apply(DENY_ALL);
        String target = node.ip4("server").toString();
        try (NetNs server = node.namespace("server");
                DatagramChannel receiver =
                        server.call(() -> DatagramChannel.open().bind(address(PORT)))) {
            receiver.configureBlocking(false);
            node.run(sender("eager", target));
            TestNode.until(
                    "the first packet is dropped",
                    () -> node.drops("eager", Reason.POLICY_EGRESS) >= 3);
            assertThat(receiver.receive(ByteBuffer.allocate(100))).isNull();

            // the same pod without policy gets through: the test can fail
            node.delete(POLICY);
            node.run(sender("free", target));
            ByteBuffer got = ByteBuffer.allocate(100);
            TestNode.until("a packet arrives", () -> receives(receiver, got));
            assertThat(new String(got.array(), 0, got.position(), StandardCharsets.UTF_8))
                    .isEqualTo("free 1\n");
        }
    }

    private static boolean receives(DatagramChannel receiver, ByteBuffer into) {
        try {
            return receiver.receive(into) != null;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static InetSocketAddress address(int port) {
        return new InetSocketAddress(port);
    }

    private static String sender(String name, String target) {
        return """
        apiVersion: v1
        kind: Pod
        metadata: {name: %1$s}
        spec:
          containers:
          - name: main
            command:
            - bash
            - -c
            - "exec 3<>/dev/udp/%2$s/8080; for i in 1 2 3; do echo %1$s $i >&3; done; exec sleep 1000"
        """
                .formatted(name, target);
    }

    @Test
    void aPodThatGetsAUsedAddressInheritsNoConnection() throws IOException {
        node.close();
        node = TestNode.start(temporary, "192.0.2.0/29"); // five addresses
        node.apply(
                TestNode.pod("server", "app: server")
                        + TestNode.pod("client", "app: client")
                        + CLIENTS_ONLY);
        Ip used = node.ip4("client");
        try (Echo server = serve("server")) {
            assertThat(server).isNotNull();
            assertThat(exchange("client", 4040)).isTrue();
            assertThat(connectionsOf(used)).isEqualTo(1);

            node.delete(TestNode.ref("client"));
            assertThat(connectionsOf(used)).isZero();
            String name = "none";
            for (int i = 0; i < 4; i++) {
                name = "heir-" + i;
                node.apply(TestNode.pod(name, "app: other"));
            }
            assertThat(node.ip4(name)).isEqualTo(used);

            assertThat(exchange(name, 4040)).isFalse();
            assertThat(connectionsOf(used)).isZero();
        }
    }

    private long connectionsOf(Ip ip) {
        return node.node.datapath().connections().list().keySet().stream()
                .filter(key -> key.a().equals(ip) || key.b().equals(ip))
                .count();
    }

    /** Sends a datagram from a port. {@return whether an answer came, and no drop} */
    private boolean exchange(String pod, int from) throws IOException {
        long dropped = node.drops(pod, Reason.POLICY_INGRESS);
        try (NetNs namespace = node.namespace(pod);
                DatagramChannel socket =
                        namespace.call(() ->
                                DatagramChannel.open().bind(Echo.address(node.ip4(pod), from)))) {
            socket.connect(Echo.address(node.ip4("server"), PORT));
            socket.write(ByteBuffer.wrap(new byte[] {1}));
            socket.configureBlocking(false);
            boolean[] answered = {false};
            TestNode.until(
                    "an answer or a drop",
                    () -> {
                        answered[0] = receives(socket, ByteBuffer.allocate(10));
                        return answered[0] || node.drops(pod, Reason.POLICY_INGRESS) > dropped;
                    });
            return answered[0];
        }
    }
}
