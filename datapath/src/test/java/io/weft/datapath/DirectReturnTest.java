package io.weft.datapath;

import static io.weft.datapath.DirectNodes.CLIENT4;
import static io.weft.datapath.DirectNodes.CLIENT6;
import static io.weft.datapath.DirectNodes.FAR_POD;
import static io.weft.datapath.DirectNodes.NEAR4;
import static io.weft.datapath.DirectNodes.NEAR6;
import static io.weft.datapath.DirectNodes.NEAR_POD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.model.Protocol;
import io.weft.tables.Direction;
import io.weft.tables.EventType;
import io.weft.tables.Frontend.Exposure;
import io.weft.tables.MatchKey;
import io.weft.tables.Reason;
import io.weft.tables.TranslationValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client's packets come by one node, and the answers by another. */
@KernelTest
@SuppressWarnings("NullAway.Init") // BeforeEach
class DirectReturnTest {
    private DirectNodes nodes;

    /** The nodes under test; the same tests run with XDP at their uplinks. */
    DirectNodes create() {
        return DirectNodes.create(Xdp.OFF, false);
    }

    @BeforeEach
    void makeNodes() {
        nodes = create();
    }

    @AfterEach
    void deleteNodes() {
        nodes.close();
    }

    /** One family's addresses. */
    private record Family(Ip balancer, Ip nearPod, Ip farPod, Ip node, Ip client) {
        static Family of(String name) {
            return name.equals("v4")
                    ? new Family(
                            Ip.parse("203.0.113.5"), NEAR_POD.ip4(), FAR_POD.ip4(), NEAR4, CLIENT4)
                    : new Family(
                            Ip.parse("2001:db8:5::5"),
                            NEAR_POD.ip6(),
                            FAR_POD.ip6(),
                            NEAR6,
                            CLIENT6);
        }

        String at(Ip ip, int port) {
            return ip.isV4() ? ip + ":" + port : "[" + ip + "]:" + port;
        }

        String any(int port) {
            return node.isV4() ? "0.0.0.0:" + port : "[::]:" + port;
        }
    }

    private void serve(UnaryOperator<TestServices> services) {
        nodes.near.serve(services);
        nodes.far.serve(services);
    }

    private static TestServices direct(TestServices services) {
        return services.exposed(Exposure.LOAD_BALANCER).answeredDirectly(true);
    }

    private void assertNothingWasDropped() {
        assertThat(nodes.near.dropped()).isEmpty();
        assertThat(nodes.far.dropped()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void theBackendSeesTheClientAndAnswersItNotByWayOfTheNodeItAsked(String family) {
        Family f = Family.of(family);
        // one port each: a client's port may be the same to both, and then one of them is
        // masqueraded
        nodes.tcpServer(nodes.far.pod, f.farPod, 8080, "far");
        nodes.tcpServer(nodes.far.pod, f.farPod, 8081, "far");
        nodes.udpServer(nodes.far.pod, f.farPod, 5353, "far");
        serve(s ->
                direct(s)
                        .service("web", Protocol.TCP, f.at(f.balancer, 80), f.at(f.farPod, 8080))
                        .service("dns", Protocol.UDP, f.at(f.balancer, 53), f.at(f.farPod, 5353))
                        .exposed(Exposure.NODE_PORT)
                        .service("np", Protocol.TCP, f.any(30080), f.at(f.farPod, 8081))
                        .service("npu", Protocol.UDP, f.any(30053), f.at(f.farPod, 5353)));

        for (int i = 0; i < 10; i++) {
            assertThat(nodes.ask(nodes.client, f.balancer, 80)).isEqualTo("far " + f.client);
            assertThat(nodes.ask(nodes.client, f.node, 30080)).isEqualTo("far " + f.client);
        }
        DatagramSocket socket = nodes.datagrams(nodes.client);
        DatagramSocket other = nodes.datagrams(nodes.client);
        for (int size : new int[] {10, 1000, 10}) {
            assertThat(DirectNodes.askUdp(socket, f.balancer, 53, size))
                    .isEqualTo("far " + f.client);
            assertThat(DirectNodes.askUdp(other, f.node, 30053, size)).isEqualTo("far " + f.client);
        }
        assertNothingWasDropped();
        assertThat(nodes.near.datapath.translations().list().values())
                .as("nothing of what comes back is known where it was asked")
                .hasSize(22)
                .allMatch(t -> t.has(TranslationValue.DIRECT))
                .noneMatch(t -> t.has(TranslationValue.REVERSE));
        assertThat(nodes.near.datapath.connections().list()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void muchDataBothWays(String family) throws Exception {
        Family f = Family.of(family);
        nodes.echoServer(nodes.far.pod, f.farPod, 7000);
        serve(s ->
                direct(s).service("echo", Protocol.TCP, f.at(f.balancer, 7), f.at(f.farPod, 7000)));

        assertEchoes(nodes.connect(nodes.client, f.balancer, 7), 3_000_000);

        assertThat(nodes.near.dropped().keySet())
                .as("until the client knew what fits")
                .isSubsetOf(Reason.TOO_BIG);
        assertThat(nodes.far.dropped()).isEmpty();
    }

    private static void assertEchoes(Socket socket, int bytes) throws Exception {
        byte[] sent = new byte[bytes];
        new Random(bytes).nextBytes(sent);
        Thread writer =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                socket.getOutputStream().write(sent);
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        });
        assertThat(socket.getInputStream().readNBytes(bytes)).isEqualTo(sent);
        writer.join();
    }

    /** The first is too big, and its sender is told; those after it come in smaller pieces. */
    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void datagramsInFragments(String family) throws Exception {
        Family f = Family.of(family);
        nodes.udpServer(nodes.far.pod, f.farPod, 5353, "far");
        serve(s ->
                direct(s).service("dns", Protocol.UDP, f.at(f.balancer, 53), f.at(f.farPod, 5353)));
        DatagramSocket socket = nodes.datagrams(nodes.client);

        assertThat(askAgain(socket, f.balancer, 53, 4000)).isEqualTo("far " + f.client);

        assertThat(nodes.near.dropped().keySet())
                .contains(Reason.TOO_BIG)
                .isSubsetOf(Reason.TOO_BIG, Reason.FRAGMENT);
    }

    /** Nobody promises that a datagram arrives. */
    private static String askAgain(DatagramSocket socket, Ip to, int port, int size)
            throws IOException {
        for (int i = 0; i < 20; i++) {
            try {
                return DirectNodes.askUdp(socket, to, port, size, 500);
            } catch (UncheckedIOException e) {
                if (!(e.getCause() instanceof SocketTimeoutException)) {
                    throw e;
                }
            }
        }
        throw new SocketTimeoutException("no answer from " + to);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void policyAtTheBackendJudgesTheClientAndTheTargetPort(String family) {
        Family f = Family.of(family);
        nodes.tcpServer(nodes.far.pod, f.farPod, 8080, "far");
        nodes.tcpServer(nodes.far.pod, f.farPod, 8081, "other");
        serve(s ->
                direct(s)
                        .service("web", Protocol.TCP, f.at(f.balancer, 80), f.at(f.farPod, 8080))
                        .service("two", Protocol.TCP, f.at(f.balancer, 81), f.at(f.farPod, 8081)));
        String block = f.client + (f.client.isV4() ? "/32" : "/128");
        nodes.far.apply(
                nodes.far
                        .tables()
                        .block(block, 900)
                        .isolate(
                                "far",
                                Direction.INGRESS,
                                50,
                                Map.of(new MatchKey(900, 6, 8080, 24), TestTables.allow(51)))
                        .build());

        assertThat(nodes.ask(nodes.client, f.balancer, 80)).isEqualTo("far " + f.client);
        assertTimesOut(f.balancer, 81);

        assertThat(nodes.far.events)
                .filteredOn(e -> e.type() == EventType.DENIED)
                .isNotEmpty()
                .allSatisfy(e -> {
                    assertThat(e.source()).isEqualTo(f.client);
                    assertThat(e.sourceIdentity()).isEqualTo(900);
                    assertThat(e.destination()).isEqualTo(f.farPod);
                    assertThat(e.destinationPort()).isEqualTo(8081);
                });
    }

    private void assertTimesOut(Ip to, int port) {
        assertThatThrownBy(() ->
                        nodes.client.call(() -> {
                            try (Socket socket = new Socket()) {
                                socket.connect(
                                        new InetSocketAddress(DirectNodes.inet(to), port), 300);
                                return socket;
                            }
                        }))
                .hasRootCauseInstanceOf(SocketTimeoutException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void anotherServiceIsMasqueradedAsEver(String family) {
        Family f = Family.of(family);
        nodes.tcpServer(nodes.far.pod, f.farPod, 8080, "far");
        nodes.tcpServer(nodes.near.pod, f.nearPod, 8080, "near");
        serve(s ->
                direct(s)
                        .service("here", Protocol.TCP, f.at(f.balancer, 80), f.at(f.nearPod, 8080))
                        .answeredDirectly(false)
                        .service("snat", Protocol.TCP, f.at(f.balancer, 81), f.at(f.farPod, 8080)));

        assertThat(nodes.ask(nodes.client, f.balancer, 81)).isEqualTo("far " + f.node);
        assertThat(nodes.ask(nodes.client, f.balancer, 80))
                .as("a backend here needs neither")
                .isEqualTo("near " + f.client);
        assertNothingWasDropped();
        assertThat(nodes.near.datapath.translations().list().values())
                .noneMatch(t -> t.has(TranslationValue.DIRECT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void aBackendInTheNamespaceOfItsNode(String family) {
        Family f = Family.of(family);
        Ip host = f.node.isV4() ? DirectNodes.FAR4 : DirectNodes.FAR6;
        nodes.tcpServer(nodes.far.ns, host, 8080, "host");
        nodes.udpServer(nodes.far.ns, host, 5353, "host");
        serve(s ->
                direct(s)
                        .service("web", Protocol.TCP, f.at(f.balancer, 80), f.at(host, 8080))
                        .service("dns", Protocol.UDP, f.at(f.balancer, 53), f.at(host, 5353)));

        assertThat(nodes.ask(nodes.client, f.balancer, 80)).isEqualTo("host " + f.client);
        assertThat(DirectNodes.askUdp(nodes.datagrams(nodes.client), f.balancer, 53, 1000))
                .isEqualTo("host " + f.client);
        assertNothingWasDropped();
    }

    /** It would take for forged what comes back to it with an address of its own. */
    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void aNodeAsClientIsMasqueraded(String family) {
        Family f = Family.of(family);
        nodes.tcpServer(nodes.far.pod, f.farPod, 8080, "far");
        serve(s ->
                direct(s)
                        .exposed(Exposure.NODE_PORT)
                        .service("np", Protocol.TCP, f.any(30080), f.at(f.farPod, 8080)));

        assertThat(nodes.ask(nodes.far.ns, f.node, 30080)).isEqualTo("far " + f.node);
        assertNothingWasDropped();
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void anErrorOfTheBackendFindsItsClient(String family) throws Exception {
        Family f = Family.of(family);
        serve(
                s -> // nobody listens there
                direct(s).service("dns", Protocol.UDP, f.at(f.balancer, 53), f.at(f.farPod, 5353)));
        DatagramSocket socket = nodes.datagrams(nodes.client);
        socket.connect(new InetSocketAddress(DirectNodes.inet(f.balancer), 53));

        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < 40; i++) {
                                socket.setSoTimeout(500);
                                socket.send(new DatagramPacket(new byte[100], 100));
                                try {
                                    socket.receive(new DatagramPacket(new byte[1], 1));
                                } catch (SocketTimeoutException e) {
                                    // nothing yet
                                }
                            }
                        })
                .isInstanceOf(PortUnreachableException.class);
        assertNothingWasDropped();
    }

    @Test
    void aConnectionStaysWithItsBackendWhenTheServiceChanges() throws Exception {
        Family f = Family.of("v4");
        nodes.echoServer(nodes.far.pod, f.farPod, 7000);
        nodes.tcpServer(nodes.near.pod, f.nearPod, 7000, "near");
        serve(s ->
                direct(s).service("echo", Protocol.TCP, f.at(f.balancer, 7), f.at(f.farPod, 7000)));
        try (Socket socket = nodes.connect(nodes.client, f.balancer, 7)) {
            assertEchoes(socket, 1000);

            serve(s ->
                    direct(s)
                            .service(
                                    "echo",
                                    Protocol.TCP,
                                    f.at(f.balancer, 7),
                                    f.at(f.nearPod, 7000)));

            assertEchoes(socket, 1000);
            assertThat(nodes.ask(nodes.client, f.balancer, 7)).isEqualTo("near " + f.client);
        }
    }

    @Test
    void whatTheBalancerSeesAloneSaysHowLongAConnectionIsKept() throws Exception {
        Family f = Family.of("v4");
        nodes.echoServer(nodes.far.pod, f.farPod, 7000);
        serve(s ->
                direct(s)
                        .service("echo", Protocol.TCP, f.at(f.balancer, 7), f.at(f.farPod, 7000))
                        .service("dead", Protocol.TCP, f.at(f.balancer, 8), f.at(f.farPod, 7001)));
        nodes.far.apply(
                nodes.far
                        .tables()
                        .isolate(
                                "far",
                                Direction.INGRESS,
                                50,
                                Map.of(new MatchKey(0, 6, 7000, 24), TestTables.allow(51)))
                        .build());
        Translations kept = nodes.near.datapath.translations();
        assertTimesOut(f.balancer, 8);
        try (Socket socket = nodes.connect(nodes.client, f.balancer, 7)) {
            assertEchoes(socket, 10);
            assertThat(kept.list()).hasSize(2);
            long later = System.nanoTime() + Timeouts.DEFAULT.tcpOpening().plusSeconds(5).toNanos();

            assertThat(kept.sweep(later, Timeouts.DEFAULT)).as("never answered").isEqualTo(1);
            assertThat(kept.list().values())
                    .singleElement()
                    .matches(t -> t.has(TranslationValue.ANSWERED));
        }
        assertThat(List.of(nodes.near.dropped())).containsExactly(Map.of());
    }
}
