package io.weft.datapath;

import static io.weft.datapath.ServiceNode.FAR4;
import static io.weft.datapath.ServiceNode.FAR6;
import static io.weft.datapath.ServiceNode.OUT4;
import static io.weft.datapath.ServiceNode.OUT6;
import static io.weft.datapath.ServiceNode.UP4;
import static io.weft.datapath.ServiceNode.UP6;
import static io.weft.datapath.TestNode.DB;
import static io.weft.datapath.TestNode.WEB;
import static io.weft.datapath.TestNode.WEB_ID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.model.Protocol;
import io.weft.tables.Direction;
import io.weft.tables.EventType;
import io.weft.tables.Frontend.Exposure;
import io.weft.tables.Frontend.Masquerade;
import io.weft.tables.MatchKey;
import io.weft.tables.Reason;
import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real sockets to services, of processes whose sockets nobody leads: each packet is translated. */
@KernelTest
@SuppressWarnings("NullAway.Init") // BeforeEach
class ServiceTrafficTest {
    private ServiceNode node;

    /** The node under test; the same tests run with XDP at its uplink. */
    ServiceNode create() {
        return ServiceNode.create();
    }

    @BeforeEach
    void makeNode() {
        node = create();
    }

    @AfterEach
    void deleteNode() {
        node.close();
    }

    /** One family's addresses. */
    private record Family(Ip service, Ip web, Ip db, Ip node, Ip out, Ip far) {
        static Family of(String name) {
            return name.equals("v4")
                    ? new Family(Ip.parse("10.96.0.1"), WEB.ip4(), DB.ip4(), UP4, OUT4, FAR4)
                    : new Family(Ip.parse("fd00:96::1"), WEB.ip6(), DB.ip6(), UP6, OUT6, FAR6);
        }

        String at(Ip ip, int port) {
            return ip.isV4() ? ip + ":" + port : "[" + ip + "]:" + port;
        }

        String any(int port) {
            return service.isV4() ? "0.0.0.0:" + port : "[::]:" + port;
        }
    }

    private static TestServices services() {
        return new TestServices().masquerade(new Masquerade(false, true, true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void aPodReachesABackendThatSeesItsAddress(String family) throws Exception {
        Family f = Family.of(family);
        node.tcpServer(node.db, f.db, 8080, "db");
        node.serve(services().service("db", Protocol.TCP, f.at(f.service, 80), f.at(f.db, 8080)));

        for (int i = 0; i < 20; i++) {
            assertThat(node.ask(node.web, f.service, 80)).isEqualTo("db " + f.web);
        }

        assertThat(node.dropped()).isEmpty();
        assertThat(node.datapath.connections().list().keySet())
                .hasSize(20)
                .allSatisfy(key ->
                        assertThat(List.of(key.a(), key.b()))
                                .containsExactlyInAnyOrder(f.web, f.db));
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void muchDataBothWays(String family) throws Exception {
        Family f = Family.of(family);
        node.echoServer(node.db, f.db, 7000);
        node.serve(services().service("db", Protocol.TCP, f.at(f.service, 7), f.at(f.db, 7000)));

        assertEchoes(node.connect(node.web, f.service, 7), 3_000_000);
        assertThat(node.dropped()).isEmpty();
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
                                throw new java.io.UncheckedIOException(e);
                            }
                        });
        assertThat(socket.getInputStream().readNBytes(bytes)).isEqualTo(sent);
        writer.join();
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void datagramsAndTheirFragments(String family) {
        Family f = Family.of(family);
        node.udpServer(node.db, f.db, 5353, "db");
        node.serve(
                services()
                        .service("dns", Protocol.UDP, f.at(f.service, 53), f.at(f.db, 5353))
                        .exposed(Exposure.NODE_PORT)
                        .masquerade(Masquerade.ALL)
                        .service("np", Protocol.UDP, f.any(30053), f.at(f.db, 5353)));

        DatagramSocket pod = node.datagrams(node.web);
        DatagramSocket outside = node.datagrams(node.outside);
        for (int size : new int[] {10, 4000, 10}) {
            assertThat(ServiceNode.askUdp(pod, f.service, 53, size)).isEqualTo("db " + f.web);
            assertThat(ServiceNode.askUdp(pod, f.node, 30053, size)).isEqualTo("db " + f.node);
            assertThat(ServiceNode.askUdp(outside, f.node, 30053, size)).isEqualTo("db " + f.node);
        }
        assertThat(node.dropped()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void aNodePortIsReachedFromOutsideAndPolicySeesTheTrueClient(String family) throws Exception {
        Family f = Family.of(family);
        node.echoServer(node.db, f.db, 7000);
        node.tcpServer(node.db, f.db, 8080, "db");
        node.serve(
                services()
                        .exposed(Exposure.NODE_PORT)
                        .masquerade(Masquerade.ALL)
                        .service("db", Protocol.TCP, f.any(30080), f.at(f.db, 8080))
                        .service("echo", Protocol.TCP, f.any(30007), f.at(f.db, 7000)));

        assertThat(node.ask(node.outside, f.node, 30080)).isEqualTo("db " + f.node);
        assertThat(node.ask(node.web, f.node, 30080)).isEqualTo("db " + f.node);
        assertEchoes(node.connect(node.outside, f.node, 30007), 3_000_000);

        assertThat(node.dropped()).isEmpty();
        assertThat(node.datapath.connections().list().keySet())
                .anySatisfy(key ->
                        assertThat(List.of(key.a(), key.b()))
                                .containsExactlyInAnyOrder(f.out, f.db));
        node.apply(
                ServiceNode.tables()
                        .block(f.out + (f.out.isV4() ? "/32" : "/128"), 900)
                        .isolate(
                                "db",
                                Direction.INGRESS,
                                50,
                                Map.of(new MatchKey(WEB_ID, 6, 8080, 24), TestTables.allow(51)))
                        .build());
        assertThat(node.ask(node.web, f.node, 30080)).isEqualTo("db " + f.node);
        assertTimesOut(node.outside, f.node, 30080);
        assertThat(node.events)
                .filteredOn(e -> e.type() == EventType.DENIED && e.destinationPort() == 8080)
                .isNotEmpty()
                .allSatisfy(e -> {
                    assertThat(e.source()).isEqualTo(f.out);
                    assertThat(e.sourceIdentity()).isEqualTo(900);
                    assertThat(e.destination()).isEqualTo(f.db);
                });
    }

    private void assertTimesOut(NetNs from, Ip to, int port) {
        assertThatThrownBy(() ->
                        from.call(() -> {
                            try (Socket socket = new Socket()) {
                                socket.connect(
                                        new InetSocketAddress(ServiceNode.inet(to), port), 300);
                                return socket;
                            }
                        }))
                .hasRootCauseInstanceOf(SocketTimeoutException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void withoutMasqueradingTheBackendSeesTheClientOutside(String family) {
        Family f = Family.of(family);
        Ip balancer = Ip.parse(f.service.isV4() ? "203.0.113.5" : "2001:db8:5::5");
        node.tcpServer(node.db, f.db, 8080, "db");
        node.udpServer(node.db, f.db, 5353, "db");
        node.serve(
                services()
                        .exposed(Exposure.LOAD_BALANCER)
                        .masquerade(new Masquerade(false, true, false))
                        .service("db", Protocol.TCP, f.at(balancer, 80), f.at(f.db, 8080))
                        .service("dns", Protocol.UDP, f.at(balancer, 53), f.at(f.db, 5353))
                        .exposed(Exposure.NODE_PORT)
                        .service("np", Protocol.TCP, f.any(30080), f.at(f.db, 8080)));

        assertThat(node.ask(node.outside, balancer, 80)).isEqualTo("db " + f.out);
        assertThat(node.ask(node.outside, f.node, 30080)).isEqualTo("db " + f.out);
        assertThat(ServiceNode.askUdp(node.datagrams(node.outside), balancer, 53, 4000))
                .isEqualTo("db " + f.out);
        assertThat(node.dropped()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void aBackendElsewhereAnswersByWayOfThisNode(String family) throws Exception {
        Family f = Family.of(family);
        Ip external = Ip.parse(f.service.isV4() ? "203.0.113.6" : "2001:db8:5::6");
        node.tcpServer(node.outside, f.far, 8080, "far");
        node.udpServer(node.outside, f.far, 5353, "far");
        node.echoServer(node.outside, f.far, 7000);
        node.serve(
                services()
                        .service("cluster", Protocol.TCP, f.at(f.service, 80), f.at(f.far, 8080))
                        .exposed(Exposure.EXTERNAL_IP)
                        .masquerade(Masquerade.ALL)
                        .service("far", Protocol.TCP, f.at(external, 80), f.at(f.far, 8080))
                        .service("echo", Protocol.TCP, f.at(external, 7), f.at(f.far, 7000))
                        .service("dns", Protocol.UDP, f.at(external, 53), f.at(f.far, 5353)));

        assertThat(node.ask(node.outside, external, 80)).isEqualTo("far " + f.node);
        assertThat(node.ask(node.web, external, 80)).isEqualTo("far " + f.node);
        assertThat(node.ask(node.web, f.service, 80)).isEqualTo("far " + f.web);
        assertThat(ServiceNode.askUdp(node.datagrams(node.outside), external, 53, 4000))
                .isEqualTo("far " + f.node);
        assertThat(ServiceNode.askUdp(node.datagrams(node.web), external, 53, 4000))
                .isEqualTo("far " + f.node);
        assertEchoes(node.connect(node.outside, external, 7), 1_000_000);
        assertEchoes(node.connect(node.web, external, 7), 1_000_000);
        assertThat(node.dropped()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void aPodReachesItselfThroughItsService(String family) {
        Family f = Family.of(family);
        node.tcpServer(node.web, f.web, 8080, "web");
        node.udpServer(node.web, f.web, 5353, "web");
        node.serve(
                services()
                        .service("web", Protocol.TCP, f.at(f.service, 80), f.at(f.web, 8080))
                        .service("dns", Protocol.UDP, f.at(f.service, 53), f.at(f.web, 5353)));

        assertThat(node.ask(node.web, f.service, 80)).isEqualTo("web " + f.node);
        assertThat(ServiceNode.askUdp(node.datagrams(node.web), f.service, 53, 3000))
                .isEqualTo("web " + f.node);
        assertThat(node.dropped()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void theNodesOwnSocketsReachServicesToo(String family) throws Exception {
        Family f = Family.of(family);
        node.tcpServer(node.db, f.db, 8080, "db");
        node.echoServer(node.db, f.db, 7000);
        node.tcpServer(node.outside, f.far, 8080, "far");
        node.udpServer(node.db, f.db, 5353, "db");
        node.udpServer(node.outside, f.far, 5353, "far");
        node.serve(
                services()
                        .service("db", Protocol.TCP, f.at(f.service, 80), f.at(f.db, 8080))
                        .service("echo", Protocol.TCP, f.at(f.service, 7), f.at(f.db, 7000))
                        .service("far", Protocol.TCP, f.at(f.service, 81), f.at(f.far, 8080))
                        .service("dns", Protocol.UDP, f.at(f.service, 53), f.at(f.db, 5353))
                        .service("fdns", Protocol.UDP, f.at(f.service, 54), f.at(f.far, 5353))
                        .service("dead", Protocol.UDP, f.at(f.service, 55), f.at(f.db, 5354))
                        .service("none", Protocol.TCP, f.at(f.service, 90)));

        assertThat(node.ask(node.node, f.service, 80)).isEqualTo("db " + f.node);
        assertThat(node.ask(node.node, f.service, 81)).isEqualTo("far " + f.node);
        assertEchoes(node.connect(node.node, f.service, 7), 1_000_000);
        DatagramSocket own = node.datagrams(node.node);
        assertThat(ServiceNode.askUdp(own, f.service, 53, 10)).isEqualTo("db " + f.node);
        assertThat(ServiceNode.askUdp(own, f.service, 54, 10)).isEqualTo("far " + f.node);
        assertUnreachable(node.node, f.service, 55);
        assertThat(node.dropped()).isEmpty();
        assertRefused(node.node, f.service, 90);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void aBackendInTheNodesOwnNamespace(String family) throws Exception {
        Family f = Family.of(family);
        node.tcpServer(node.node, f.node, 8080, "node");
        node.udpServer(node.node, f.node, 5353, "node");
        node.serve(
                services()
                        .service("s", Protocol.TCP, f.at(f.service, 80), f.at(f.node, 8080))
                        .service("dns", Protocol.UDP, f.at(f.service, 53), f.at(f.node, 5353))
                        .exposed(Exposure.NODE_PORT)
                        .masquerade(Masquerade.ALL)
                        .service("np", Protocol.TCP, f.any(30080), f.at(f.node, 8080))
                        .service("npu", Protocol.UDP, f.any(30053), f.at(f.node, 5353))
                        .service("dead", Protocol.UDP, f.any(30054), f.at(f.node, 5354)));

        assertThat(node.ask(node.web, f.service, 80)).isEqualTo("node " + f.web);
        assertThat(node.ask(node.web, f.node, 30080)).isEqualTo("node " + f.web);
        assertThat(node.ask(node.outside, f.node, 30080)).isEqualTo("node " + f.out);
        for (NetNs from : List.of(node.web, node.outside)) {
            assertThat(ServiceNode.askUdp(node.datagrams(from), f.node, 30053, 10))
                    .startsWith("node ");
            assertUnreachable(from, f.node, 30054);
        }
        assertThat(ServiceNode.askUdp(node.datagrams(node.web), f.service, 53, 10))
                .isEqualTo("node " + f.web);
        assertThat(node.dropped()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void nobodyThereIsToldAtOnce(String family) throws Exception {
        Family f = Family.of(family);
        node.serve(
                services()
                        .service("none", Protocol.TCP, f.at(f.service, 80))
                        .service("dns", Protocol.UDP, f.at(f.service, 53))
                        .exposed(Exposure.NODE_PORT)
                        .service("np", Protocol.TCP, f.any(30080))
                        .service("npu", Protocol.UDP, f.any(30053)));

        assertRefused(node.web, f.service, 80);
        assertRefused(node.web, f.service, 81); // a cluster IP has no other ports
        assertRefused(node.web, f.node, 30080);
        assertRefused(node.outside, f.node, 30080);
        assertUnreachable(node.web, f.service, 53);
        assertUnreachable(node.outside, f.node, 30053);
        assertThat(node.dropped().keySet()).containsExactly(Reason.NO_ENDPOINT);
    }

    private void assertRefused(NetNs from, Ip to, int port) {
        assertThatThrownBy(() -> node.ask(from, to, port))
                .as("%s:%d", to, port)
                .hasRootCauseInstanceOf(ConnectException.class);
    }

    /** Again and again: nobody promises that a datagram, or an ICMP error about it, arrives. */
    private void assertUnreachable(NetNs from, Ip to, int port) throws IOException {
        DatagramSocket client = node.datagrams(from);
        client.connect(new InetSocketAddress(ServiceNode.inet(to), port));
        client.setSoTimeout(500);
        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < 40; i++) {
                                client.send(new DatagramPacket(new byte[100], 100));
                                try {
                                    client.receive(new DatagramPacket(new byte[1], 1));
                                } catch (SocketTimeoutException e) {
                                    // nothing yet
                                }
                            }
                        })
                .as("%s:%d", to, port)
                .isInstanceOf(PortUnreachableException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void anErrorAboutATranslatedDatagramFindsItsSender(String family) throws Exception {
        Family f = Family.of(family);
        node.serve( // nobody listens there
                services()
                        .service("dns", Protocol.UDP, f.at(f.service, 53), f.at(f.db, 5353))
                        .service("self", Protocol.UDP, f.at(f.service, 54), f.at(f.web, 5353))
                        .service("far", Protocol.UDP, f.at(f.service, 55), f.at(f.far, 5353))
                        .exposed(Exposure.NODE_PORT)
                        .masquerade(Masquerade.ALL)
                        .service("np", Protocol.UDP, f.any(30053), f.at(f.db, 5353))
                        .service("npf", Protocol.UDP, f.any(30054), f.at(f.far, 5353)));

        assertUnreachable(node.web, f.service, 53);
        assertUnreachable(node.web, f.service, 54);
        assertUnreachable(node.web, f.service, 55);
        assertUnreachable(node.outside, f.node, 30053);
        assertUnreachable(node.outside, f.node, 30054);
        assertUnreachable(node.web, f.node, 30054);
        assertThat(node.dropped()).isEmpty();
    }

    @Test
    void silenceWhereAnotherNodeMayAnswer() {
        node.serve(
                services()
                        .droppedWhenEmpty()
                        .service("none", Protocol.TCP, "10.96.0.1:80")
                        .exposed(Exposure.NODE_PORT)
                        .service("np", Protocol.TCP, "0.0.0.0:30080")
                        .reserved("10.96.0.0/16"));

        assertTimesOut(node.web, Ip.parse("10.96.0.1"), 80);
        assertTimesOut(node.outside, UP4, 30080);
        assertThat(node.dropped().keySet()).containsExactly(Reason.NO_LOCAL_ENDPOINT);
        assertTimesOut(node.web, Ip.parse("10.96.0.2"), 80);
        assertTimesOut(node.outside, Ip.parse("10.96.0.2"), 80);
        assertThat(node.dropped().keySet())
                .containsExactly(Reason.NO_LOCAL_ENDPOINT, Reason.NO_SERVICE);
    }

    @Test
    void onlyClientsInTheSourceRangesAreLetIn() {
        node.tcpServer(node.db, DB.ip4(), 8080, "db");
        Ip balancer = Ip.parse("203.0.113.5");
        TestServices services =
                services()
                        .exposed(Exposure.LOAD_BALANCER)
                        .onlyFrom("198.51.100.0/24")
                        .masquerade(Masquerade.ALL)
                        .service("db", Protocol.TCP, "203.0.113.5:80", DB.ip4() + ":8080");
        node.serve(services);

        assertThat(node.ask(node.outside, balancer, 80)).isEqualTo("db " + UP4);
        assertTimesOut(node.web, balancer, 80);
        assertThat(node.dropped().keySet()).containsExactly(Reason.SOURCE_RANGE);
    }

    @Test
    void aClientKeepsItsBackend() {
        for (int port = 8080; port < 8084; port++) {
            node.tcpServer(node.db, DB.ip4(), port, "db" + port);
        }
        String[] backends = {
            DB.ip4() + ":8080", DB.ip4() + ":8081", DB.ip4() + ":8082", DB.ip4() + ":8083"
        };
        node.serve(
                services()
                        .service("any", Protocol.TCP, "10.96.0.1:80", backends)
                        .affinity(Duration.ofHours(3))
                        .service("same", Protocol.TCP, "10.96.0.2:80", backends));
        Set<String> any = new HashSet<>();
        Set<String> same = new HashSet<>();
        for (int i = 0; i < 60; i++) {
            any.add(serverOf(node.ask(node.web, Ip.parse("10.96.0.1"), 80)));
            same.add(serverOf(node.ask(node.web, Ip.parse("10.96.0.2"), 80)));
        }
        assertThat(any).hasSize(4);
        assertThat(same).hasSize(1);
    }

    /**
     * Of "db8080 10.1.0.10": now and then a client's port leads to the same backend by the other
     * service already, and then it is seen with an address of the node.
     */
    private static String serverOf(String answer) {
        return answer.substring(0, answer.indexOf(' '));
    }

    @Test
    void datagramsLeaveABackendAtOnceWhenItGoesAndStayWithOneThatIsThere() {
        for (int port = 5350; port < 5354; port++) {
            node.udpServer(node.db, DB.ip4(), port, "db" + port);
        }
        Ip service = Ip.parse("10.96.0.1");
        Set<Integer> there = new HashSet<>(Set.of(5350, 5351, 5352, 5353));
        Random random = new Random(7);
        serveUdp(there);
        DatagramSocket client = node.datagrams(node.web);
        String before = ServiceNode.askUdp(client, service, 53, 10);
        for (int i = 0; i < 60; i++) {
            int port = 5350 + random.nextInt(4);
            if (there.size() == 1 || !there.remove(port)) {
                there.add(port);
            }
            serveUdp(there);
            String now = ServiceNode.askUdp(client, service, 53, 10);
            int at = Integer.parseInt(now.substring(2, 6));
            int was = Integer.parseInt(before.substring(2, 6));
            assertThat(there).as("step %d", i).contains(at);
            if (there.contains(was)) {
                assertThat(at).as("step %d", i).isEqualTo(was);
            }
            before = now;
        }
        serveUdp(Set.of());
        assertThatThrownBy(() -> assertUnreachableFrom(client, service))
                .isInstanceOf(PortUnreachableException.class);
    }

    private static void assertUnreachableFrom(DatagramSocket client, Ip service)
            throws IOException {
        client.connect(new InetSocketAddress(ServiceNode.inet(service), 53));
        client.send(new DatagramPacket(new byte[1], 1));
        client.receive(new DatagramPacket(new byte[100], 100));
    }

    private void serveUdp(Set<Integer> ports) {
        node.serve(
                services()
                        .service(
                                "dns",
                                Protocol.UDP,
                                "10.96.0.1:53",
                                ports.stream()
                                        .map(port -> DB.ip4() + ":" + port)
                                        .toArray(String[]::new)));
    }

    @Test
    void anEstablishedConnectionStaysWhereItIsAndANewOneGoesElsewhere() throws Exception {
        node.echoServer(node.db, DB.ip4(), 7000);
        node.tcpServer(node.db, DB.ip4(), 7001, "other");
        Ip service = Ip.parse("10.96.0.1");
        node.serve(services().service("s", Protocol.TCP, "10.96.0.1:7", DB.ip4() + ":7000"));
        Socket old = node.connect(node.web, service, 7);
        assertEchoes(old, 10);

        node.serve(services().service("s", Protocol.TCP, "10.96.0.1:7", DB.ip4() + ":7001"));
        assertEchoes(old, 1000);
        assertThat(node.ask(node.web, service, 7)).isEqualTo("other " + WEB.ip4());
    }

    /** Both clients have one port, and both go to one backend in the name of the node. */
    @Test
    void twoMasqueradedClientsWithOnePortAreToldApart() throws Exception {
        node.echoServer(node.outside, FAR4, 7000);
        node.serve(
                services()
                        .exposed(Exposure.NODE_PORT)
                        .masquerade(Masquerade.ALL)
                        .service("echo", Protocol.TCP, "0.0.0.0:30007", FAR4 + ":7000"));
        try (Socket one = from(node.web, 45678);
                Socket two = from(node.db, 45678);
                Socket three = from(node.outside, 45678)) {
            for (int i = 1; i < 4; i++) {
                assertEchoes(one, i * 100);
                assertEchoes(two, i * 200);
                assertEchoes(three, i * 300);
            }
        }
        assertThat(node.dropped()).isEmpty();
    }

    private Socket from(NetNs namespace, int port) {
        return namespace.call(() -> {
            Socket socket = new Socket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(port));
            socket.connect(
                    new InetSocketAddress(ServiceNode.inet(UP4), 30007),
                    ServiceNode.PATIENCE_MILLIS);
            return socket;
        });
    }

    /** Through two services, from one port, to one backend: its answers would look alike. */
    @Test
    void twoServicesWithOneBackendAreToldApart() throws Exception {
        node.udpServer(node.db, DB.ip4(), 5353, "db");
        node.serve(
                services()
                        .service("one", Protocol.UDP, "10.96.0.1:53", DB.ip4() + ":5353")
                        .service("two", Protocol.UDP, "10.96.0.2:53", DB.ip4() + ":5353"));
        DatagramSocket client = node.datagrams(node.web);
        for (int i = 0; i < 3; i++) {
            assertThat(ServiceNode.askUdp(client, Ip.parse("10.96.0.1"), 53, 10))
                    .isEqualTo("db " + WEB.ip4());
            assertThat(ServiceNode.askUdp(client, Ip.parse("10.96.0.2"), 53, 10))
                    .isEqualTo("db " + UP4);
        }
    }

    @Test
    void anUplinkIsTakenOverAndGivenBack() {
        node.tcpServer(node.db, DB.ip4(), 8080, "db");
        node.serve(
                services()
                        .exposed(Exposure.NODE_PORT)
                        .masquerade(Masquerade.ALL)
                        .service("np", Protocol.TCP, "0.0.0.0:30080", DB.ip4() + ":8080"));
        node.uplink.release();
        assertThat(node.ask(node.outside, UP4, 30080)).isEqualTo("db " + UP4);

        try (Uplink again = node.node.call(() -> node.datapath.uplink(node.uplinkIndex))) {
            assertThat(again).isNotNull();
            assertThat(node.ask(node.outside, UP4, 30080)).isEqualTo("db " + UP4);
        }
        assertRefused(node.outside, UP4, 30080); // by the node's stack: nothing listens there
    }

    @Test
    void silentTranslationsAreForgottenAndThoseOfAnOwnerWhoIsGone() {
        node.udpServer(node.db, DB.ip4(), 5353, "db");
        node.serve(services().service("dns", Protocol.UDP, "10.96.0.1:53", DB.ip4() + ":5353"));
        DatagramSocket client = node.datagrams(node.web);
        Ip service = Ip.parse("10.96.0.1");
        ServiceNode.askUdp(client, service, 53, 10);
        Translations translations = node.datapath.translations();
        assertThat(translations.list()).hasSize(2);

        assertThat(translations.sweep(System.nanoTime(), Timeouts.DEFAULT)).isZero();
        long later = System.nanoTime() + Timeouts.DEFAULT.udp().plusSeconds(5).toNanos();
        assertThat(translations.sweep(later, Timeouts.DEFAULT)).isEqualTo(2);
        assertThat(translations.list()).isEmpty();

        assertThat(ServiceNode.askUdp(client, service, 53, 10)).isEqualTo("db " + WEB.ip4());
        assertThat(translations.end(List.of(DB.ip4()))).isEqualTo(2);
        assertThat(translations.end(List.of(DB.ip4()))).isZero();
    }
}
