package io.weft.agent;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.Ref;
import io.weft.model.Service;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Services between the pods of a node, with real sockets. */
@KernelTest
@Timeout(60)
@SuppressWarnings("try") // servers serve, and are not asked
class NodeServicesTest {
    private static final int PORT = 8080;

    private static final String SERVICE =
            """
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec:
              selector: {app: server}
              ipFamilyPolicy: PreferDualStack
              ports:
              - {name: http, port: 80, targetPort: 8080}
              - {name: echo, port: 7, targetPort: 8080, protocol: UDP}
            """;

    @TempDir private Path temporary;
    private TestNode node;

    @BeforeEach
    void start() {
        node = TestNode.start(temporary);
        node.apply(
                TestNode.pod("client", "app: client")
                        + TestNode.pod("one", "app: server")
                        + TestNode.pod("two", "app: server"));
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

    private static Ref service(String name) {
        return new Ref(Kind.SERVICE, "default", name);
    }

    private List<Ip> addresses(String name) {
        Service service = node.node.state().snapshot().services().get(service(name));
        return service == null ? List.of() : service.clusterIps();
    }

    /** {@return the address of the pod that answers, as it says itself} */
    private boolean reaches(NetNs from, Ip ip, int port) {
        return from.call(() -> {
            try (SocketChannel channel =
                    SocketChannel.open(new InetSocketAddress(ip.toString(), port))) {
                ByteBuffer echo = ByteBuffer.wrap("hello".getBytes(US_ASCII));
                channel.write(echo);
                ByteBuffer answer = ByteBuffer.allocate(5);
                while (answer.hasRemaining() && channel.read(answer) >= 0) {
                    // whole
                }
                return !answer.hasRemaining();
            } catch (ConnectException refused) {
                return false;
            }
        });
    }

    @Test
    void aServiceIsReachedAtAnAddressOfEachFamilyFromPodsAndFromTheNode() {
        node.apply(SERVICE);
        assertThat(addresses("web")).hasSize(2);
        try (Echo one = serve("one");
                Echo two = serve("two");
                NetNs client = node.namespace("client")) {
            for (Ip ip : addresses("web")) {
                assertThat(reaches(client, ip, 80)).isTrue();
                assertThat(reaches(node.host, ip, 80)).isTrue();
                assertThat(reaches(client, ip, 81)).as("no such port").isFalse();
            }
        }
    }

    @Test
    void itIsListedHowPacketsFromOutsideGoOn() {
        node.apply(
                SERVICE.replace(
                                "{name: web}",
                                "{name: web, annotations: {weft.io/forwarding-mode: dsr}}")
                        .replace("spec:", "spec:\n  type: NodePort"));
        assertThat(forwarding()).containsOnly("dsr");

        node.apply(SERVICE.replace("spec:", "spec:\n  type: NodePort"));
        assertThat(forwarding()).containsOnly("snat");
    }

    /** {@return what is said of the node ports} */
    private List<String> forwarding() {
        String listed =
                new GetCall(node.node, claim -> Optional.empty())
                        .answer(Map.<String, Object>of("kind", "Service"))
                        .toString();
        List<String> found = new ArrayList<>();
        Matcher matcher = Pattern.compile("forwarding=(\\w+)").matcher(listed);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        assertThat(found).as(listed).hasSize(4); // two ports in two families
        return found;
    }

    @Test
    void aServiceKeepsItsAddressAndGivesItBackWhenItGoes() {
        node.apply(SERVICE);
        List<Ip> first = addresses("web");
        node.apply(SERVICE.replace("targetPort: 8080}", "targetPort: 9090}"));
        assertThat(addresses("web")).isEqualTo(first);

        node.delete(service("web"));
        node.apply(SERVICE);
        assertThat(addresses("web")).as("by its name").isEqualTo(first);
    }

    @Test
    void anAddressThatIsTakenOrOutsideThePoolIsRefusedAndNothingChanges() {
        node.apply(SERVICE);
        Ip taken = addresses("web").getFirst();
        String other =
                """
                apiVersion: v1
                kind: Service
                metadata: {name: other}
                spec: {clusterIP: %s, ports: [{port: 80}]}
                """;

        assertThatThrownBy(() -> node.apply(other.formatted(taken)))
                .hasMessageContaining("test.yaml:1: Service default/other: spec.clusterIPs:")
                .hasMessageContaining("provided IP is already allocated, to Service default/web");
        assertThatThrownBy(() -> node.apply(other.formatted("192.0.2.1")))
                .hasMessageContaining("The range of valid IPs is 10.96.0.0/16");
        assertThat(node.node.state().snapshot().services()).hasSize(1);
    }

    @Test
    void withoutEndpointsAConnectionIsRefused() {
        node.apply(SERVICE.replace("app: server", "app: nobody"));
        try (NetNs client = node.namespace("client")) {
            assertThat(reaches(client, addresses("web").getFirst(), 80)).isFalse();
        }
    }

    @Test
    void policyJudgesTheBackendAndItsPort() {
        node.apply(SERVICE);
        Ip ip = addresses("web").getFirst();
        try (Echo one = serve("one");
                Echo two = serve("two");
                NetNs client = node.namespace("client")) {
            node.apply(
                    """
                    apiVersion: networking.k8s.io/v1
                    kind: NetworkPolicy
                    metadata: {name: server}
                    spec:
                      podSelector: {matchLabels: {app: server}}
                      ingress:
                      - from: [{podSelector: {matchLabels: {app: client}}}]
                        ports: [{port: 8080}]
                    """);
            assertThat(reaches(client, ip, 80)).isTrue();

            node.apply(
                    """
                    apiVersion: networking.k8s.io/v1
                    kind: NetworkPolicy
                    metadata: {name: server}
                    spec:
                      podSelector: {matchLabels: {app: server}}
                      ingress:
                      - from: [{podSelector: {matchLabels: {app: client}}}]
                        ports: [{port: 80}]
                    """);
            assertThatThrownBy(() ->
                            client.call(() -> {
                                try (java.net.Socket socket = new java.net.Socket()) {
                                    socket.connect(new InetSocketAddress(ip.toString(), 80), 300);
                                    return true;
                                }
                            }))
                    .hasRootCauseInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void aUdpSocketLosesABackendThatWentAndOthersStay() throws IOException {
        node.apply(SERVICE);
        Ip ip = addresses("web").getFirst();
        try (Echo one = serve("one");
                Echo two = serve("two");
                NetNs client = node.namespace("client");
                DatagramChannel direct = udp(client, node.ip4("one"), PORT)) {
            DatagramChannel led = udp(client, ip, 7);
            List<String> seen = new ArrayList<>();
            while (!peer(client, led).equals(node.ip4("one").toString())) {
                seen.add(peer(client, led));
                led.close();
                assertThat(seen).as("never led to one").hasSizeLessThan(100);
                led = udp(client, ip, 7);
            }
            try (DatagramChannel toOne = led) {
                assertThat(roundTrip(toOne)).isTrue();
                // it is still there, but the service has it no more
                node.apply(TestNode.pod("one", "app: retired"));
                TestNode.until("the socket is ended", () -> !roundTrip(toOne));
                assertThat(roundTrip(direct)).as("went there by itself").isTrue();
                try (DatagramChannel again = udp(client, ip, 7)) {
                    assertThat(peer(client, again)).isEqualTo(node.ip4("two").toString());
                    assertThat(roundTrip(again)).isTrue();
                }
            }
        }
        // it is counted after it has ended
        TestNode.until("one was ended", () -> node.node.services().endedSockets() == 1);
    }

    @Test
    void tcpConnectionsStayUnlessTheServiceSaysOtherwise() throws IOException {
        node.apply(SERVICE);
        node.apply(
                SERVICE.replace(
                        "{name: web}",
                        """
                        {name: ending, annotations: {weft.io/terminate-connections: "true"}}\
                        """));
        try (Echo one = serve("one");
                Echo two = serve("two");
                NetNs client = node.namespace("client");
                SocketChannel stays = tcp(client, addresses("web").getFirst());
                SocketChannel ends = tcp(client, addresses("ending").getFirst())) {
            node.apply(TestNode.pod("one", "app: retired") + TestNode.pod("two", "app: retired"));
            TestNode.until("the connection is ended", () -> !echoes(ends));
            assertThat(echoes(stays)).isTrue();
        }
    }

    private static SocketChannel tcp(NetNs from, Ip ip) {
        return from.call(() -> SocketChannel.open(new InetSocketAddress(ip.toString(), 80)));
    }

    private static boolean echoes(SocketChannel channel) {
        try {
            channel.write(ByteBuffer.wrap(new byte[] {1}));
            return channel.read(ByteBuffer.allocate(1)) == 1;
        } catch (IOException e) {
            return false;
        }
    }

    private static DatagramChannel udp(NetNs from, Ip ip, int port) {
        return from.call(
                () -> DatagramChannel.open().connect(new InetSocketAddress(ip.toString(), port)));
    }

    /** {@return where the kernel has a socket connected to, which the JVM does not know} */
    private static String peer(NetNs namespace, DatagramChannel channel) throws IOException {
        int local = ((InetSocketAddress) channel.getLocalAddress()).getPort();
        try (io.weft.netlink.SocketDiag diag = io.weft.netlink.SocketDiag.open(namespace)) {
            return diag
                    .list(io.weft.netlink.SocketInfo.Protocol.UDP, io.weft.netlink.SocketFilter.ALL)
                    .stream()
                    .filter(socket -> socket.localPort() == local)
                    .map(socket -> InetAddress.ofLiteral(socket.remote().toString()))
                    .map(InetAddress::getHostAddress) // of 10.0.0.1 for ::ffff:10.0.0.1
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static boolean roundTrip(DatagramChannel channel) {
        try {
            channel.socket().setSoTimeout(5_000);
            channel.write(ByteBuffer.wrap(new byte[] {1}));
            java.net.DatagramPacket answer = new java.net.DatagramPacket(new byte[8], 8);
            channel.socket().receive(answer);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
