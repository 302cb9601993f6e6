package io.weft.agent;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.datapath.Xdp;
import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.model.Prefix;
import io.weft.netlink.Address;
import io.weft.netlink.Cidr;
import io.weft.netlink.LinkAddress;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import io.weft.netlink.Route;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients outside reach the services of a node over its uplink. */
@KernelTest
@Timeout(60)
@SuppressWarnings("try") // servers serve, and are not asked
class UplinkTest {
    private static final String SERVICE =
            """
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec:
              type: LoadBalancer
              selector: {app: server}
              ipFamilyPolicy: PreferDualStack
              ports: [{name: http, port: 80, targetPort: 8080, nodePort: 30080}]
            """;

    @TempDir private Path temporary;
    private NetNs host;
    private NetNs outside;

    @BeforeEach
    void connect() {
        host = NetNs.createAnonymous();
        outside = NetNs.createAnonymous();
        try (Netlink here = Netlink.open(host);
                Netlink there = Netlink.open(outside)) {
            here.links()
                    .create(
                            new LinkSpec.Veth(
                                    LinkSettings.named("up0"),
                                    LinkSettings.named("out0").in(outside)));
            give(here, "up0", "192.0.2.1/24", "2001:db8::1/64");
            give(there, "out0", "192.0.2.2/24", "2001:db8::2/64");
        }
    }

    private static void give(Netlink netlink, String name, String v4, String v6) {
        int link = netlink.links().require(name).index();
        netlink.addresses().add(LinkAddress.of(link, Cidr.parse(v4)));
        netlink.addresses().add(LinkAddress.of(link, Cidr.parse(v6), LinkAddress.Flag.NODAD));
        netlink.links().setUp(link);
    }

    @AfterEach
    void disconnect() {
        host.close();
        outside.close();
    }

    private TestNode start(String uplink) {
        return start(UplinkSetting.parse(uplink));
    }

    private TestNode start(UplinkSetting uplink) {
        return start(uplink, Optional.empty());
    }

    private TestNode start(UplinkSetting uplink, Optional<List<Prefix>> masquerade) {
        NodeConfig config = TestNode.config(temporary, host, "10.77.0.0/16");
        return TestNode.start(
                host,
                config.withServices(
                        new ServiceSettings(
                                ServicePools.DEFAULT,
                                ServiceSettings.DEFAULT_CLUSTER_DOMAIN,
                                List.of(uplink),
                                masquerade)));
    }

    private String ask(String ip, int port) {
        return outside.call(() -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(ip, port), 5_000);
                socket.setSoTimeout(5_000);
                socket.getOutputStream().write("hello".getBytes(US_ASCII));
                return new String(socket.getInputStream().readNBytes(5), US_ASCII);
            } catch (IOException e) {
                return e.getMessage();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"up0", "up0,xdp=auto", "up0,xdp=native", "up0,xdp=generic"})
    void aNodePortIsReachedFromOutsideUnderPolicy(String uplink) {
        try (TestNode node = start(uplink)) {
            node.apply(TestNode.pod("server", "app: server") + SERVICE);
            try (NetNs namespace = node.namespace("server");
                    Echo server = new Echo().tcp(namespace, 8080)) {
                assertThat(ask("192.0.2.1", 30080)).isEqualTo("hello");
                assertThat(ask("2001:db8::1", 30080)).isEqualTo("hello");
                assertThat(ask("192.0.2.1", 30081)).isEqualTo("Connection refused");

                node.apply(
                        """
                        apiVersion: networking.k8s.io/v1
                        kind: NetworkPolicy
                        metadata: {name: server}
                        spec:
                          podSelector: {}
                          ingress: [{from: [{ipBlock: {cidr: 192.0.2.0/24}}]}]
                        """);
                assertThat(ask("192.0.2.1", 30080)).as("the true client").isEqualTo("hello");
            }
            node.apply(TestNode.pod("server", "app: retired"));
            assertThat(ask("192.0.2.1", 30080)).isEqualTo("Connection refused");
        }
    }

    /** {@return whom a server outside at {@code ip} takes for its client} */
    private String seenFrom(TestNode node, String ip) throws IOException {
        try (NetNs pod = node.namespace("client");
                ServerSocket server =
                        outside.call(() -> new ServerSocket(80, 5, InetAddress.getByName(ip)));
                Socket client = pod.call(() -> new Socket(ip, 80));
                Socket accepted = server.accept()) {
            assertThat(client.isConnected()).isTrue();
            return Ip.parse(accepted.getInetAddress().getHostAddress()).toString();
        }
    }

    @Test
    void podsAreSeenOutsideWithTheNodesAddressButForSome() throws IOException {
        try (Netlink there = Netlink.open(outside)) {
            int link = there.links().require("out0").index();
            there.addresses().add(LinkAddress.of(link, Cidr.parse("192.0.2.99/24")));
            there.routes()
                    .add(
                            Route.to(Cidr.parse("10.77.0.0/16"))
                                    .via(Address.parse("192.0.2.1"))
                                    .dev(link)
                                    .build());
        }
        try (TestNode node =
                start(
                        UplinkSetting.of("up0"),
                        Optional.of(List.of(Prefix.parse("192.0.2.99/32"))))) {
            node.apply(TestNode.pod("client", "app: client"));

            assertThat(seenFrom(node, "192.0.2.2")).isEqualTo("192.0.2.1");
            assertThat(seenFrom(node, "2001:db8::2")).isEqualTo("2001:db8::1");
            assertThat(seenFrom(node, "192.0.2.99")).isEqualTo(node.ip4("client").toString());
        }
    }

    @Test
    void anUplinkThatCannotDoNativeXdpIsRefused() {
        try (Netlink here = Netlink.open(host)) {
            here.links().create(new LinkSpec.Bridge(LinkSettings.named("br0")));
        }

        assertThatThrownBy(() -> start("br0,xdp=native"))
                .isInstanceOf(NodeException.class)
                .hasMessageStartingWith("--uplink br0: attach XDP native to br0: ")
                .hasMessageEndingWith("Its driver may not be able to: use xdp=auto, or xdp=off");
    }

    @Test
    void wrongOptionsAreNamed() {
        assertThat(UplinkSetting.parse("eth0,xdp=auto"))
                .isEqualTo(new UplinkSetting("eth0", Xdp.AUTO));
        assertThatThrownBy(() -> UplinkSetting.parse("eth0,xdp=fast"))
                .hasMessage(
                        "--uplink eth0,xdp=fast: xdp is auto, native, generic or off, not 'fast'");
        assertThatThrownBy(() -> UplinkSetting.parse("eth0,mtu=9000"))
                .hasMessage(
                        "--uplink eth0,mtu=9000: 'mtu=9000' is no option of an uplink; xdp=MODE"
                                + " is");
        assertThatThrownBy(() -> UplinkSetting.parse(",xdp=auto"))
                .hasMessage("--uplink ,xdp=auto: it begins with the name of an interface");
    }

    @Test
    void anUplinkThatIsNotThereIsRefused() {
        assertThatThrownBy(() -> start("up1"))
                .hasMessage("--uplink up1: there is no such interface; see `ip link`");
    }
}
