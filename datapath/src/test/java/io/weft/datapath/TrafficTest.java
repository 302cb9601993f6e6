package io.weft.datapath;

import static io.weft.datapath.TestNode.DB;
import static io.weft.datapath.TestNode.DB_ID;
import static io.weft.datapath.TestNode.NODE4;
import static io.weft.datapath.TestNode.NODE6;
import static io.weft.datapath.TestNode.WEB;
import static io.weft.datapath.TestNode.WEB_ID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.bpf.BpfFs;
import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.netlink.Address;
import io.weft.netlink.Cidr;
import io.weft.netlink.HardwareAddress;
import io.weft.netlink.LinkAddress;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import io.weft.netlink.Route;
import io.weft.tables.ConnectionValue;
import io.weft.tables.Direction;
import io.weft.tables.EventRecord;
import io.weft.tables.EventType;
import io.weft.tables.MatchKey;
import io.weft.tables.Reason;
import io.weft.tables.Tables;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real sockets in real namespaces: a node, and the workloads WEB and DB behind veths. */
@KernelTest
@SuppressWarnings("NullAway.Init") // BeforeEach
class TrafficTest {
    private static final int PATIENCE_SECONDS = 20;

    private final String unique = "weft-t-tr" + ProcessHandle.current().pid();
    private final Path pins = BpfFs.DEFAULT.resolve(unique);
    private final BlockingQueue<EventRecord> events = new LinkedBlockingQueue<>();
    private final List<AutoCloseable> toClose = new ArrayList<>();
    private NetNs node;
    private NetNs web;
    private NetNs db;
    private Datapath datapath;

    @BeforeEach
    void wireTwoWorkloads() {
        BpfFs.ensureMounted();
        node = namespace("");
        web = namespace("-web");
        db = namespace("-db");
        node.run(() -> {
            sysctl("net/ipv4/ip_forward");
            sysctl("net/ipv6/conf/all/forwarding");
        });
        datapath = Datapath.open(pins, TestNode.SMALL);
        toClose.add(() -> Datapath.unpin(pins));
        toClose.add(datapath);
        toClose.add(datapath.events(events::add));
        apply(tables().build());
        try (Netlink host = Netlink.open(node)) {
            int lo = host.links().require("lo").index();
            host.links().setUp(lo);
            host.addresses().add(LinkAddress.of(lo, Cidr.host(address(NODE4))));
            host.addresses().add(LinkAddress.of(lo, Cidr.host(address(NODE6))));
            wire(host, web, WEB);
            wire(host, db, DB);
        }
    }

    @AfterEach
    void takeDown() throws Exception {
        for (AutoCloseable resource : toClose.reversed()) {
            resource.close();
        }
    }

    private NetNs namespace(String suffix) {
        NetNs ns = NetNs.create(unique + suffix);
        toClose.add(() -> NetNs.delete(unique + suffix));
        toClose.add(ns);
        return ns;
    }

    private static void sysctl(String name) {
        try {
            Files.writeString(Path.of("/proc/sys", name), "1");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Address address(Ip ip) {
        return Address.parse(ip.toString());
    }

    private void wire(Netlink host, NetNs inside, TestNode.Pod pod) {
        int outer =
                host.links()
                        .create(
                                new LinkSpec.Veth(
                                        LinkSettings.named(pod.name())
                                                .mac(HardwareAddress.of(pod.gateway().toBytes())),
                                        LinkSettings.named("eth0")
                                                .mac(HardwareAddress.of(pod.mac().toBytes()))
                                                .in(inside)))
                        .index();
        datapath.attach(host, outer, pod.workload());
        host.links().setUp(outer);
        try (Netlink netlink = Netlink.open(inside)) {
            int eth0 = netlink.links().require("eth0").index();
            netlink.links().setUp(netlink.links().require("lo").index());
            netlink.links().setUp(eth0);
            netlink.addresses().add(LinkAddress.of(eth0, Cidr.host(address(pod.ip4()))));
            netlink.addresses()
                    .add(
                            LinkAddress.of(
                                    eth0, Cidr.host(address(pod.ip6())), LinkAddress.Flag.NODAD));
            netlink.routes()
                    .add(
                            Route.to(Cidr.ALL_V4)
                                    .via(Address.parse("169.254.1.1"))
                                    .dev(eth0)
                                    .onLink()
                                    .build());
            netlink.routes()
                    .add(Route.to(Cidr.ALL_V6).via(Address.parse("fe80::1")).dev(eth0).build());
        }
        host.routes().add(Route.to(Cidr.host(address(pod.ip4()))).dev(outer).build());
        host.routes().add(Route.to(Cidr.host(address(pod.ip6()))).dev(outer).build());
    }

    private static TestTables tables() {
        return new TestTables()
                .pod("web", WEB_ID, WEB.ip4(), WEB.ip6())
                .pod("db", DB_ID, DB.ip4(), DB.ip6())
                .node(NODE4, NODE6);
    }

    private void apply(Tables tables) {
        datapath.tables().apply(tables, TestNode.slots());
    }

    private void isolateDb() {
        apply(tables().isolate("db", Direction.INGRESS, 50, Map.of()).build());
    }

    private static InetAddress inet(Ip ip) {
        try {
            return InetAddress.getByName(ip.toString());
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Ip ofDb(String family) {
        return family.equals("v4") ? DB.ip4() : DB.ip6();
    }

    private EventRecord await(Predicate<EventRecord> wanted) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (true) {
            EventRecord event = events.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            assertThat(event).as("the event came in time").isNotNull();
            if (event != null && wanted.test(event)) {
                return event;
            }
        }
    }

    /** Sends back what comes, on one connection. */
    private ServerSocket echoServer(NetNs at) {
        ServerSocket server = at.call(() -> new ServerSocket(0, 5));
        toClose.add(server);
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    try (Socket socket = server.accept()) {
                        socket.getInputStream().transferTo(socket.getOutputStream());
                    } catch (IOException closed) {
                        // the test is over
                    }
                });
        return server;
    }

    private Socket connect(NetNs from, Ip to, int port) {
        Socket socket =
                from.call(() -> {
                    Socket s = new Socket();
                    s.connect(new InetSocketAddress(inet(to), port), PATIENCE_SECONDS * 1000);
                    return s;
                });
        toClose.add(socket);
        return socket;
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
    void tcpBetweenWorkloads(String family) throws Exception {
        ServerSocket server = echoServer(db);
        try (Socket socket = connect(web, ofDb(family), server.getLocalPort())) {
            assertEchoes(socket, 1);
            assertEchoes(socket, 3_000_000);
        }

        EventRecord opened = await(e -> e.type() == EventType.OPENED && e.protocol() == 6);
        assertThat(opened.destinationPort()).isEqualTo(server.getLocalPort());
        assertThat(opened.sourceIdentity()).isEqualTo(WEB_ID);
        ConnectionValue conn =
                datapath.connections().list().entrySet().stream()
                        .filter(e -> e.getKey().protocol() == 6)
                        .findFirst()
                        .orElseThrow()
                        .getValue();
        assertThat(conn.openerBytes()).isGreaterThan(3_000_000);
        assertThat(conn.responderBytes()).isGreaterThan(3_000_000);
        assertThat(conn.has(ConnectionValue.REPLIED)).isTrue();
        assertThat(datapath.drops()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void udpAndItsFragments(String family) throws Exception {
        try (DatagramSocket server = db.call(() -> new DatagramSocket(0));
                DatagramSocket client = web.call(() -> new DatagramSocket(0))) {
            server.setSoTimeout(1000);
            for (int size : new int[] {10, 4000}) {
                byte[] content = new byte[size];
                new Random(size).nextBytes(content);
                sendUntilReceived(
                        client,
                        new DatagramPacket(
                                content, size, inet(ofDb(family)), server.getLocalPort()),
                        server);
            }
        }
    }

    /**
     * Again and again: nobody promises that a datagram arrives. On a busy machine a later fragment
     * may be looked at before the first one, on another processor, and is dropped then. One sent
     * twice may arrive twice, too, after the test has gone on.
     */
    private static void sendUntilReceived(
            DatagramSocket client, DatagramPacket sent, DatagramSocket server) throws IOException {
        for (int i = 0; i < PATIENCE_SECONDS; i++) {
            client.send(sent);
            try {
                DatagramPacket got = new DatagramPacket(new byte[5000], 5000);
                do {
                    got.setLength(5000);
                    server.receive(got);
                } while (got.getLength() != sent.getLength());
                assertThat(Arrays.copyOf(got.getData(), got.getLength())).isEqualTo(sent.getData());
                return;
            } catch (SocketTimeoutException e) {
                // again
            }
        }
        throw new AssertionError(sent.getLength() + " bytes never arrive");
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void aClosedPortIsToldToTheSender(String family) throws Exception {
        try (DatagramSocket client = web.call(() -> new DatagramSocket(0))) {
            client.connect(new InetSocketAddress(inet(ofDb(family)), 9));
            client.setSoTimeout(1000);

            assertThatThrownBy(() -> sendUntilTold(client))
                    .isInstanceOf(PortUnreachableException.class);
        }
    }

    /** Again and again: nobody promises that a datagram, or an ICMP error about it, arrives. */
    private static void sendUntilTold(DatagramSocket client) throws IOException {
        for (int i = 0; i < PATIENCE_SECONDS; i++) {
            client.send(new DatagramPacket(new byte[1], 1));
            try {
                client.receive(new DatagramPacket(new byte[1], 1));
            } catch (SocketTimeoutException e) {
                // nothing yet
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void ping(String family) {
        assertThat(reaches(web, ofDb(family))).isTrue();
        await4(e -> e.protocol() == (family.equals("v4") ? 1 : 58));
    }

    private void await4(Predicate<EventRecord> wanted) {
        try {
            await(wanted);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** By ICMP echo: the JVM runs as root. */
    private static boolean reaches(NetNs from, Ip to) {
        return from.call(() -> inet(to).isReachable(PATIENCE_SECONDS * 1000));
    }

    @Test
    void workloadsReachTheNodeAndBack() throws Exception {
        isolateDb();
        ServerSocket onNode = echoServer(node);
        ServerSocket onDb = echoServer(db);
        try (Socket toNode = connect(web, NODE4, onNode.getLocalPort());
                Socket toDb = connect(node, DB.ip6(), onDb.getLocalPort())) {
            assertEchoes(toNode, 1000);
            assertEchoes(toDb, 1000);
        }
    }

    @Test
    void aDeniedConnectionIsToldWithItsRule() throws Exception {
        isolateDb();
        ServerSocket server = echoServer(db);
        Socket socket = new Socket();
        toClose.add(socket);
        Thread connecting =
                Thread.ofPlatform()
                        .start(() ->
                                web.run(() -> connectUntilClosed(socket, server.getLocalPort())));

        EventRecord denied = await(e -> e.type() == EventType.DENIED && e.protocol() == 6);
        assertThat(denied.reason()).isEqualTo(Reason.POLICY_INGRESS);
        assertThat(denied.ingressRule()).isEqualTo(50);
        assertThat(denied.source()).isEqualTo(WEB.ip4());
        assertThat(socket.isConnected()).isFalse();
        socket.close();
        connecting.join();
    }

    private static void connectUntilClosed(Socket socket, int port) {
        try {
            socket.connect(new InetSocketAddress(inet(DB.ip4()), port));
        } catch (IOException closedByTheTest) {
            // what it waits for is the event
        }
    }

    @Test
    void anEditedPolicyStopsALivingConnectionAndAnotherRevivesIt() throws Exception {
        ServerSocket server = echoServer(db);
        Socket socket = connect(web, DB.ip4(), server.getLocalPort());
        assertEchoes(socket, 10);

        isolateDb();
        socket.getOutputStream().write(1);
        EventRecord changed = await(e -> e.type() == EventType.CHANGED);
        assertThat(changed.reason()).isEqualTo(Reason.POLICY_INGRESS);
        assertThat(changed.destinationPort()).isEqualTo(server.getLocalPort());
        socket.setSoTimeout(50);
        assertThatThrownBy(() -> socket.getInputStream().read())
                .isInstanceOf(SocketTimeoutException.class);

        apply(
                tables().isolate(
                                "db",
                                Direction.INGRESS,
                                50,
                                Map.of(new MatchKey(WEB_ID, 6, 0, 8), TestTables.allow(51)))
                        .build());
        socket.setSoTimeout(PATIENCE_SECONDS * 1000);
        assertThat(socket.getInputStream().read()).as("TCP sent it again").isEqualTo(1);
    }

    @Test
    void trafficGoesOnWhileTheProcessIsAway() throws Exception {
        ServerSocket server = echoServer(db);
        Socket socket = connect(web, DB.ip4(), server.getLocalPort());
        datapath.close();

        assertEchoes(socket, 1000);
        ServerSocket another = echoServer(db);
        assertEchoes(connect(web, DB.ip6(), another.getLocalPort()), 1000);

        datapath = Datapath.open(pins, TestNode.SMALL);
        toClose.add(datapath);
        isolateDb();
        socket.getOutputStream().write(1);
        socket.setSoTimeout(50);
        assertThatThrownBy(() -> socket.getInputStream().read())
                .isInstanceOf(SocketTimeoutException.class);
        assertThat(datapath.connections().list().values())
                .anyMatch(c -> c.has(ConnectionValue.DENIED));
    }

    @Test
    void foreignFiltersAreNamedAndKept() {
        // a filter of somebody else at the identity that ours would take
        try (Netlink host = Netlink.open(node)) {
            int link =
                    host.links()
                            .create(
                                    new LinkSpec.Veth(
                                            LinkSettings.named("foreign"),
                                            LinkSettings.named("foreign-in")))
                            .index();
            host.traffic().addClsact(link);
            host.traffic()
                    .attach(
                            new io.weft.netlink.BpfFilter(
                                    link,
                                    io.weft.netlink.BpfFilter.Direction.INGRESS,
                                    1,
                                    1,
                                    "somebody",
                                    datapath.program("to_workload").fd()));

            Workload workload =
                    new Workload(7, WEB.mac(), WEB.gateway(), List.of(Ip.parse("10.1.0.99")));
            assertThatThrownBy(() -> datapath.attach(host, link, workload))
                    .isInstanceOf(DatapathException.class)
                    .hasMessageContaining("'somebody'");
            assertThat(datapath.workloads()).doesNotContainKey(link);
            assertThatThrownBy(() -> datapath.attach(host, link, WEB.workload()))
                    .hasMessageContaining(WEB.ip4() + " belongs to the workload at interface");
        }
    }
}
