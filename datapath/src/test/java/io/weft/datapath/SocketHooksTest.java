package io.weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.bpf.BpfFs;
import io.weft.bpf.Cgroups;
import io.weft.bpf.Codec;
import io.weft.bpf.TypedMap;
import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.model.Protocol;
import io.weft.netlink.Address;
import io.weft.netlink.Cidr;
import io.weft.netlink.LinkAddress;
import io.weft.netlink.Netlink;
import io.weft.tables.Frontend;
import io.weft.tables.MemberKey;
import io.weft.tables.OriginKey;
import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real sockets in a namespace whose loopback interface has the backends' addresses. */
@KernelTest
@SuppressWarnings("NullAway.Init") // BeforeEach
class SocketHooksTest {
    private static final int PATIENCE_MILLIS = 20_000;
    private static final List<String> ADDRESSES =
            List.of("10.1.0.1", "10.1.0.2", "10.1.0.3", "fd00:1::1", "fd00:1::2");

    private final String unique = "weft-t-so" + ProcessHandle.current().pid();
    private final Path pins = BpfFs.DEFAULT.resolve(unique);
    private final List<AutoCloseable> toClose = new ArrayList<>();
    private NetNs pod;
    private Datapath datapath;
    private SocketHooks hooks;

    @BeforeEach
    void open() {
        BpfFs.ensureMounted();
        pod = NetNs.create(unique);
        toClose.add(() -> NetNs.delete(unique));
        toClose.add(pod);
        try (Netlink inside = Netlink.open(pod)) {
            int lo = inside.links().require("lo").index();
            inside.links().setUp(lo);
            for (String address : ADDRESSES) {
                inside.addresses().add(LinkAddress.of(lo, Cidr.host(Address.parse(address))));
            }
        }
        toClose.add(() -> Datapath.unpin(pins));
        datapath = Datapath.open(pins, TestNode.SMALL);
        toClose.add(datapath);
        hooks = openHooks();
        toClose.add(() -> hooks.close());
        hooks.enter(pod.cookie(), List.of(Ip.parse("10.1.0.1"), Ip.parse("fd00:1::1")));
    }

    private SocketHooks openHooks() {
        return SocketHooks.open(pins, TestNode.SMALL.services(), Cgroups.root().orElseThrow());
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable resource : toClose.reversed()) {
            resource.close();
        }
    }

    private void serve(TestServices services) {
        datapath.services().apply(services.build());
    }

    /** Answers every connection with {@code name}. */
    private void tcpServer(String ip, int port, String name) {
        ServerSocket server =
                pod.call(() -> new ServerSocket(port, 128, InetAddress.getByName(ip)));
        toClose.add(server);
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        while (true) {
                            try (Socket client = server.accept()) {
                                client.getOutputStream()
                                        .write(name.getBytes(StandardCharsets.UTF_8));
                            }
                        }
                    } catch (IOException e) {
                        // closed
                    }
                });
    }

    /** Answers every datagram with {@code name}. */
    private void udpServer(String ip, int port, String name) {
        DatagramSocket server =
                pod.call(() ->
                        new DatagramSocket(new InetSocketAddress(InetAddress.getByName(ip), port)));
        toClose.add(server);
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        while (true) {
                            DatagramPacket packet = new DatagramPacket(new byte[64], 64);
                            server.receive(packet);
                            packet.setData(name.getBytes(StandardCharsets.UTF_8));
                            server.send(packet);
                        }
                    } catch (IOException e) {
                        // closed
                    }
                });
    }

    /** {@return who answers there} */
    private String ask(String ip, int port) {
        return pod.call(() -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(ip, port), PATIENCE_MILLIS);
                assertThat(socket.getRemoteSocketAddress())
                        .isEqualTo(new InetSocketAddress(ip, port));
                socket.setSoTimeout(PATIENCE_MILLIS);
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.96.0.1", "fd00:96::1"})
    void aConnectionToAServiceReachesABackend(String service) {
        boolean v4 = service.indexOf(':') < 0;
        String backend = v4 ? "10.1.0.2" : "fd00:1::2";
        tcpServer(backend, 8080, "web");
        serve(
                new TestServices()
                        .service(
                                "web",
                                Protocol.TCP,
                                v4 ? service + ":80" : "[" + service + "]:80",
                                v4 ? backend + ":8080" : "[" + backend + "]:8080"));

        assertThat(ask(service, 80)).isEqualTo("web");
    }

    /** The JVM's sockets are IPv6 ones unless asked for otherwise; glibc's are not. */
    @Test
    void ipv4SocketsAndMappedOnesAreLedAlikeAndToldTheService() throws IOException {
        tcpServer("10.1.0.2", 8080, "web");
        serve(new TestServices().service("web", Protocol.TCP, "10.96.0.1:80", "10.1.0.2:8080"));
        for (StandardProtocolFamily family :
                List.of(StandardProtocolFamily.INET, StandardProtocolFamily.INET6)) {
            try (SocketChannel channel = pod.call(() -> SocketChannel.open(family))) {
                channel.connect(new InetSocketAddress("10.96.0.1", 80));
                // the JVM remembers what it asked for; the kernel is asked by a new object
                ByteBuffer answer = ByteBuffer.allocate(16);
                while (channel.read(answer) >= 0) {
                    // to its end
                }
                assertThat(new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8))
                        .isEqualTo("web");
            }
        }
    }

    @Test
    void everyBackendIsChosenAndOnlyThose() {
        for (int i = 1; i <= 3; i++) {
            tcpServer("10.1.0." + i, 8080, "b" + i);
        }
        serve(
                new TestServices()
                        .service(
                                "web",
                                Protocol.TCP,
                                "10.96.0.1:80",
                                "10.1.0.1:8080",
                                "10.1.0.2:8080",
                                "10.1.0.3:8080"));
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            seen.add(ask("10.96.0.1", 80));
        }
        assertThat(seen).containsExactlyInAnyOrder("b1", "b2", "b3");

        serve(new TestServices().service("web", Protocol.TCP, "10.96.0.1:80", "10.1.0.2:8080"));
        for (int i = 0; i < 50; i++) {
            assertThat(ask("10.96.0.1", 80)).isEqualTo("b2");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.96.0.1", "fd00:96::1"})
    void whatASocketWasLedToIsForgottenWithIt(String service) throws Exception {
        boolean v4 = service.startsWith("10");
        String backend = v4 ? "10.1.0.2" : "fd00:1::2";
        tcpServer(backend, 8080, "b");
        serve(
                new TestServices()
                        .service(
                                "web",
                                Protocol.TCP,
                                v4 ? service + ":80" : "[" + service + "]:80",
                                v4 ? backend + ":8080" : "[" + backend + "]:8080"));
        Socket socket = pod.call(() -> new Socket(service, 80)); // of IPv6, for both families
        assertThat(hooks.origins().keySet())
                .extracting(OriginKey::ip)
                .containsExactly(Ip.parse(backend));
        socket.close();
        assertThat(hooks.origins()).isEmpty();
    }

    @Test
    void aSetWithoutAffinityHasNoMembers() {
        TypedMap<MemberKey, Integer> members =
                datapath.map("weft_members").typed(Codecs.MEMBER, Codec.U32);
        String[] both = {"10.1.0.1:8080", "10.1.0.2:8080"};
        TestServices sticky = new TestServices().affinity(Duration.ofHours(3));
        serve(sticky.service("web", Protocol.TCP, "10.96.0.1:80", both));
        assertThat(members.entries()).hasSize(2);
        serve(new TestServices().service("web", Protocol.TCP, "10.96.0.1:80", both));
        assertThat(members.entries()).isEmpty();
    }

    @Test
    void aClientKeepsItsBackendWhileItIsThere() {
        for (int i = 1; i <= 3; i++) {
            tcpServer("10.1.0." + i, 8080, "b" + i);
        }
        String[] all = {"10.1.0.1:8080", "10.1.0.2:8080", "10.1.0.3:8080"};
        serve(
                new TestServices()
                        .affinity(Duration.ofHours(3))
                        .service("web", Protocol.TCP, "10.96.0.1:80", all));
        String first = ask("10.96.0.1", 80);
        for (int i = 0; i < 20; i++) {
            assertThat(ask("10.96.0.1", 80)).isEqualTo(first);
        }

        String[] others =
                java.util.Arrays.stream(all)
                        .filter(b -> !b.startsWith("10.1.0." + first.charAt(1)))
                        .toArray(String[]::new);
        serve(
                new TestServices()
                        .affinity(Duration.ofHours(3))
                        .service("web", Protocol.TCP, "10.96.0.1:80", others));
        String second = ask("10.96.0.1", 80);
        assertThat(second).isNotEqualTo(first);
        for (int i = 0; i < 20; i++) {
            assertThat(ask("10.96.0.1", 80)).isEqualTo(second);
        }
    }

    @Test
    void nobodyThereIsRefusedAtOnce() {
        serve(
                new TestServices()
                        .service("web", Protocol.TCP, "10.96.0.1:80")
                        .service("dns", Protocol.UDP, "10.96.0.2:53"));

        assertThatThrownBy(() -> ask("10.96.0.1", 80))
                .hasRootCauseInstanceOf(ConnectException.class);
        assertThatThrownBy(() -> ask("10.96.0.1", 81)) // a cluster IP has no other ports
                .hasRootCauseInstanceOf(ConnectException.class);
        assertThatThrownBy(() ->
                        pod.call(() -> {
                            try (DatagramChannel channel = DatagramChannel.open()) {
                                return channel.connect(new InetSocketAddress("10.96.0.2", 53));
                            }
                        }))
                .hasRootCauseInstanceOf(ConnectException.class);
    }

    @Test
    void onlyClientsInTheSourceRangesAreLed() {
        tcpServer("10.1.0.2", 8080, "web");
        tcpServer("10.1.0.3", 80, "not the service");
        String[] backends = {"10.1.0.2:8080"};
        serve(
                new TestServices()
                        .exposed(Frontend.Exposure.LOAD_BALANCER)
                        .onlyFrom("10.1.0.0/30")
                        .service("web", Protocol.TCP, "10.1.0.3:80", backends));
        assertThat(ask("10.1.0.3", 80)).isEqualTo("web");

        serve(
                new TestServices()
                        .exposed(Frontend.Exposure.LOAD_BALANCER)
                        .onlyFrom("192.0.2.0/24")
                        .service("web", Protocol.TCP, "10.1.0.3:80", backends));
        assertThat(ask("10.1.0.3", 80)).isEqualTo("not the service");
    }

    @Test
    void aNodePortAnswersAtTheNodesAddressesOnly() {
        tcpServer("10.1.0.2", 8080, "web");
        serve(
                new TestServices()
                        .exposed(Frontend.Exposure.NODE_PORT)
                        .nodeAddresses("10.1.0.1")
                        .service("web", Protocol.TCP, "0.0.0.0:30080", "10.1.0.2:8080"));

        assertThat(ask("10.1.0.1", 30080)).isEqualTo("web");
        assertThatThrownBy(() -> ask("10.1.0.3", 30080))
                .hasRootCauseInstanceOf(ConnectException.class);
    }

    private String askUdp(String ip, int port) {
        return pod.call(() -> {
            try (DatagramSocket socket = new DatagramSocket()) {
                socket.setSoTimeout(PATIENCE_MILLIS);
                socket.send(new DatagramPacket(new byte[1], 1, new InetSocketAddress(ip, port)));
                DatagramPacket answer = new DatagramPacket(new byte[64], 64);
                socket.receive(answer);
                assertThat(answer.getSocketAddress()).isEqualTo(new InetSocketAddress(ip, port));
                return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.96.0.2", "fd00:96::2"})
    void datagramsGoToABackendAndItsAnswersComeFromTheService(String service) throws IOException {
        boolean v4 = service.indexOf(':') < 0;
        String one = v4 ? "10.1.0.1" : "fd00:1::1";
        String two = v4 ? "10.1.0.2" : "fd00:1::2";
        udpServer(one, 5353, "one");
        udpServer(two, 5353, "two");
        serve(
                new TestServices()
                        .service(
                                "dns",
                                Protocol.UDP,
                                v4 ? service + ":53" : "[" + service + "]:53",
                                v4 ? one + ":5353" : "[" + one + "]:5353",
                                v4 ? two + ":5353" : "[" + two + "]:5353"));

        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 60; i++) {
            seen.add(askUdp(service, 53));
        }
        assertThat(seen).containsExactlyInAnyOrder("one", "two");

        // one socket stays with its backend
        try (DatagramChannel channel =
                pod.call(() ->
                        DatagramChannel.open(
                                v4 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6))) {
            Set<String> same = new HashSet<>();
            for (int i = 0; i < 20; i++) {
                channel.send(ByteBuffer.wrap(new byte[1]), new InetSocketAddress(service, 53));
                ByteBuffer answer = ByteBuffer.allocate(16);
                assertThat(channel.receive(answer)).isEqualTo(new InetSocketAddress(service, 53));
                same.add(new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8));
            }
            assertThat(same).hasSize(1);
        }
    }

    @Test
    void otherNamespacesAreLeftAlone() {
        tcpServer("10.1.0.2", 8080, "web");
        tcpServer("10.1.0.3", 80, "itself");
        serve(new TestServices().service("web", Protocol.TCP, "10.1.0.3:80", "10.1.0.2:8080"));
        assertThat(ask("10.1.0.3", 80)).isEqualTo("web");

        assertThat(hooks.leave(pod.cookie())).isTrue();
        assertThat(ask("10.1.0.3", 80)).isEqualTo("itself");
    }

    @Test
    void servicesGoOnWithoutUsAndAreTakenOver() {
        tcpServer("10.1.0.1", 8080, "old");
        tcpServer("10.1.0.2", 8080, "new");
        serve(
                new TestServices()
                        .service("web", Protocol.TCP, "10.96.0.1:80", "10.1.0.1:8080")
                        .service("gone", Protocol.TCP, "10.96.0.9:80", "10.1.0.1:8080"));
        hooks.close();
        datapath.close();
        assertThat(ask("10.96.0.1", 80)).isEqualTo("old");

        datapath = Datapath.open(pins, TestNode.SMALL);
        toClose.add(datapath);
        hooks = openHooks();
        assertThat(hooks.namespaces()).containsKey(pod.cookie());
        assertThat(ask("10.96.0.1", 80)).isEqualTo("old");

        serve(new TestServices().service("web", Protocol.TCP, "10.96.0.1:80", "10.1.0.2:8080"));
        assertThat(ask("10.96.0.1", 80)).isEqualTo("new");
        assertThat(
                        datapath.map("weft_frontends")
                                .typed(io.weft.bpf.Codec.bytes(20), io.weft.bpf.Codec.bytes(16))
                                .entries())
                .hasSize(1);
    }
}
