package io.weft.datapath;

import static io.weft.datapath.ServiceNode.OUT4;
import static io.weft.datapath.ServiceNode.OUT6;
import static io.weft.datapath.ServiceNode.UP4;
import static io.weft.datapath.ServiceNode.UP6;
import static io.weft.datapath.TestNode.DB;
import static io.weft.datapath.TestNode.NODE4;
import static io.weft.datapath.TestNode.NODE6;
import static io.weft.datapath.TestNode.WEB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.weft.kernel.testing.KernelTest;
import io.weft.model.Bandwidth;
import io.weft.model.Bandwidth.Limit;
import io.weft.model.Ip;
import io.weft.model.Protocol;
import io.weft.netlink.Link;
import io.weft.netlink.Netlink;
import io.weft.netlink.Qdisc;
import io.weft.tables.Direction;
import io.weft.tables.Frontend.Exposure;
import io.weft.tables.Frontend.Masquerade;
import io.weft.tables.Identities;
import io.weft.tables.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workloads with a bandwidth. How fast they are then, {@code weft lab run bandwidth} measures. */
@KernelTest
@SuppressWarnings("NullAway.Init") // BeforeEach
class ShapeTest {
    private static final int BYTES = 400_000;
    private static final Limit FAST = Limit.of(1_000_000_000);

    private ServiceNode node;
    private Netlink host;
    private int web;
    private int db;

    @BeforeEach
    void makeNode() {
        node = ServiceNode.create();
        host = Netlink.open(node.node);
        web = host.links().require("web").index();
        db = host.links().require("db").index();
    }

    @AfterEach
    void deleteNode() {
        host.close();
        node.close();
    }

    /** One family's addresses. */
    private record Family(Ip web, Ip db, Ip node, Ip up, Ip out, Ip service) {
        static Family of(String name) {
            return name.equals("v4")
                    ? new Family(WEB.ip4(), DB.ip4(), NODE4, UP4, OUT4, Ip.parse("10.96.0.1"))
                    : new Family(WEB.ip6(), DB.ip6(), NODE6, UP6, OUT6, Ip.parse("fd00:96::1"));
        }

        String at(Ip ip, int port) {
            return ip.isV4() ? ip + ":" + port : "[" + ip + "]:" + port;
        }
    }

    private static Bandwidth ingress(Limit limit) {
        return new Bandwidth(Optional.of(limit), Optional.empty());
    }

    private static Bandwidth egress(Limit limit) {
        return new Bandwidth(Optional.empty(), Optional.of(limit));
    }

    private static Bandwidth both(Limit limit) {
        return new Bandwidth(Optional.of(limit), Optional.of(limit));
    }

    private Qdisc bucket(String link) {
        return host.traffic().qdiscs(host.links().require(link).index()).stream()
                .filter(q -> q.kind().equals("tbf"))
                .findFirst()
                .orElseThrow(() -> new AssertionError(link + " has no tbf"));
    }

    private static void assertEchoes(Socket socket, int bytes) throws Exception {
        byte[] sent = new byte[bytes];
        new Random(bytes).nextBytes(sent);
        Thread writer =
                Thread.ofVirtual()
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

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void whatAWorkloadGetsWaits(String family) throws Exception {
        Family f = Family.of(family);
        node.echoServer(node.db, f.db, 7000);
        node.datapath.shape(host, db, ingress(FAST));

        assertEchoes(node.connect(node.web, f.db, 7000), BYTES);
        assertThat(bucket("db").sent().bytes()).as("from a pod").isGreaterThan(BYTES);
        assertEchoes(node.connect(node.node, f.db, 7000), BYTES);
        assertThat(bucket("db").sent().bytes()).as("from the node").isGreaterThan(2 * BYTES);
        assertEchoes(node.connect(node.outside, f.db, 7000), BYTES);
        assertThat(bucket("db").sent().bytes()).as("from outside").isGreaterThan(3 * BYTES);

        assertThat(node.dropped()).isEmpty();
        assertThat(node.datapath.connections().list()).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void whatAWorkloadSendsWaits(String family) throws Exception {
        Family f = Family.of(family);
        node.echoServer(node.db, f.db, 7000);
        node.echoServer(node.node, f.node, 7000);
        node.echoServer(node.outside, f.out, 7000);
        node.datapath.shape(host, web, egress(FAST));

        assertEchoes(node.connect(node.web, f.db, 7000), BYTES);
        assertThat(bucket("weftq" + web).sent().bytes()).as("to a pod").isGreaterThan(BYTES);
        assertEchoes(node.connect(node.web, f.node, 7000), BYTES);
        assertThat(bucket("weftq" + web).sent().bytes()).as("to the node").isGreaterThan(2 * BYTES);
        assertEchoes(node.connect(node.web, f.out, 7000), BYTES);
        assertThat(bucket("weftq" + web).sent().bytes()).as("outside").isGreaterThan(3 * BYTES);

        assertThat(node.dropped()).isEmpty();
        assertThat(node.datapath.connections().list().keySet()).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void packetsToServicesWaitToo(String family) throws Exception {
        Family f = Family.of(family);
        node.echoServer(node.db, f.db, 7000);
        node.serve(
                new TestServices()
                        .masquerade(new Masquerade(true, true, true))
                        .service("db", Protocol.TCP, f.at(f.service, 7), f.at(f.db, 7000))
                        .exposed(Exposure.NODE_PORT)
                        .service(
                                "np",
                                Protocol.TCP,
                                f.web.isV4() ? "0.0.0.0:30007" : "[::]:30007",
                                f.at(f.db, 7000)));
        node.datapath.shape(host, web, both(FAST));
        node.datapath.shape(host, db, both(FAST));

        assertEchoes(node.connect(node.web, f.service, 7), BYTES);
        assertEchoes(node.connect(node.outside, f.up, 30007), BYTES);
        assertEchoes(node.connect(node.db, f.service, 7), BYTES); // from itself to itself

        assertThat(bucket("web").sent().bytes()).isGreaterThan(BYTES);
        assertThat(bucket("weftq" + web).sent().bytes()).isGreaterThan(BYTES);
        assertThat(bucket("db").sent().bytes()).isGreaterThan(4 * BYTES);
        assertThat(bucket("weftq" + db).sent().bytes()).isGreaterThan(4 * BYTES);
        assertThat(node.dropped()).isEmpty();
        assertThat(node.events)
                .as("the true client, whatever the frame says")
                .allSatisfy(e -> assertThat(e.sourceIdentity()).isNotEqualTo(Identities.HOST));
        assertThat(node.datapath.connections().list()).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void datagramsWaitToo(String family) {
        Family f = Family.of(family);
        node.udpServer(node.db, f.db, 5300, "db");
        node.datapath.shape(host, web, both(FAST));

        assertThat(ServiceNode.askUdp(node.datagrams(node.web), f.db, 5300, 5000))
                .as("in fragments")
                .isEqualTo("db " + f.web);
        assertThat(bucket("web").sent().bytes()).isGreaterThan(5000);
        assertThat(bucket("weftq" + web).sent().bytes()).isGreaterThan(5000);
    }

    @Test
    void whoeverWaitsIsJudgedAllTheSame() {
        node.tcpServer(node.db, DB.ip4(), 7000, "db");
        node.datapath.shape(host, web, both(FAST));
        node.datapath.shape(host, db, both(FAST));
        assertThat(node.ask(node.web, DB.ip4(), 7000)).isEqualTo("db " + WEB.ip4());

        node.apply(ServiceNode.tables().isolate("db", Direction.INGRESS, 50, Map.of()).build());
        assertThatThrownBy(() ->
                        node.web.run(() -> {
                            try (Socket socket = new Socket()) {
                                socket.connect(
                                        new InetSocketAddress(ServiceNode.inet(DB.ip4()), 7000),
                                        200);
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        }))
                .hasRootCauseInstanceOf(SocketTimeoutException.class);
        assertThat(node.dropped()).containsOnlyKeys(Reason.POLICY_INGRESS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void aLivingConnectionGoesOnWhateverChanges(String family) throws Exception {
        Family f = Family.of(family);
        node.echoServer(node.db, f.db, 7000);
        Socket socket = node.connect(node.web, f.db, 7000);
        int links = host.links().list().size();

        node.datapath.shape(host, web, both(FAST));
        assertEchoes(socket, BYTES);
        assertThat(bucket("web").rate()).isEqualTo(125_000_000);
        int pair = host.links().require("weftq" + web).index();
        assertThat(node.datapath.shaperOf(web)).contains("weftq" + web);

        node.datapath.shape(host, web, both(new Limit(500_000_000, 4_000_000)));
        assertEchoes(socket, BYTES);
        assertThat(bucket("web").rate()).isEqualTo(62_500_000);
        assertThat(bucket("weftq" + web).burst()).isCloseTo(500_000, within(1000L));
        assertThat(host.links().require("weftq" + web).index()).isEqualTo(pair);
        assertThat(bucket("weftq" + web).sent().bytes()).as("one bucket").isGreaterThan(2 * BYTES);

        node.datapath.shape(host, web, Bandwidth.UNLIMITED);
        assertEchoes(socket, BYTES);
        assertThat(node.datapath.shaperOf(web)).isEmpty();
        assertThat(host.links().list()).hasSize(links);
        assertThat(host.traffic().qdiscs(web)).noneMatch(q -> q.kind().equals("tbf"));
    }

    @Test
    void itOutlivesTheProcessAndIsTakenOver() throws Exception {
        node.echoServer(node.db, DB.ip4(), 7000);
        node.datapath.shape(host, web, both(FAST));
        Socket socket = node.connect(node.web, DB.ip4(), 7000);
        int pair = host.links().require("weftq" + web).index();

        try (Datapath next = Datapath.open(node.pins, TestNode.SMALL)) {
            next.attach(host, web, WEB.workload());
            assertThat(next.shaperOf(web)).as("before anybody says it again").isPresent();
            assertEchoes(socket, BYTES);
            next.shape(host, web, both(FAST));
            assertEchoes(socket, BYTES);
            assertThat(host.links().require("weftq" + web).index()).isEqualTo(pair);
            assertThat(bucket("web").sent().bytes()).isGreaterThan(2 * BYTES);
            assertThat(bucket("weftq" + web).sent().bytes()).isGreaterThan(2 * BYTES);
        }
    }

    @Test
    void whatAGoneWorkloadLeavesIsFound() {
        node.datapath.shape(host, web, egress(FAST));
        assertThat(Datapath.abandonedShapers(host)).isEmpty();

        host.links().delete(web);
        assertThat(Datapath.abandonedShapers(host)).containsExactly("weftq" + web);
        host.links().delete("weftq" + web);
        assertThat(host.links().list())
                .extracting(Link::name)
                .noneMatch(n -> n.startsWith("weftr"));
    }

    @Test
    void nobodyIsShapedBeforeItIsAttached() {
        assertThatThrownBy(() -> node.datapath.shape(host, node.uplinkIndex, both(FAST)))
                .hasMessage("shape interface " + node.uplinkIndex + ": no workload is behind it");
        assertThat(host.links().get("weftq" + node.uplinkIndex)).isEmpty();
    }
}
