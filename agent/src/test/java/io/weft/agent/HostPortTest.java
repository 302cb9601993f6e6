package io.weft.agent;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.netlink.Cidr;
import io.weft.netlink.LinkAddress;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ports of the node that lead to a pod. */
@KernelTest
@Timeout(60)
@SuppressWarnings({"try", "NullAway.Init"}) // servers serve, and are not asked; BeforeEach
class HostPortTest {
    private static final String SERVER =
            """
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: server, labels: {app: server}}
            spec:
              containers:
              - name: main
                ports:
                - {containerPort: 80, hostPort: 8080}
                - {containerPort: 53, hostPort: 5353, protocol: UDP}
                - {containerPort: 80, hostPort: 8081, hostIP: 192.0.2.1}
            """;

    @TempDir private Path temporary;
    private NetNs host;
    private NetNs outside;
    private TestNode node;

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
        node =
                TestNode.start(
                        host,
                        TestNode.config(temporary, host, "10.77.0.0/16")
                                .withServices(
                                        new ServiceSettings(
                                                ServicePools.DEFAULT,
                                                ServiceSettings.DEFAULT_CLUSTER_DOMAIN,
                                                List.of(UplinkSetting.of("up0")))));
    }

    private static void give(Netlink netlink, String name, String v4, String v6) {
        int link = netlink.links().require(name).index();
        netlink.addresses().add(LinkAddress.of(link, Cidr.parse(v4)));
        netlink.addresses().add(LinkAddress.of(link, Cidr.parse(v6), LinkAddress.Flag.NODAD));
        netlink.links().setUp(link);
    }

    @AfterEach
    void disconnect() {
        node.close();
        outside.close();
    }

    private static String ask(NetNs from, String ip, int port) {
        return from.call(() -> {
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

    private static String askUdp(NetNs from, String ip, int port) {
        return from.call(() -> {
            try (DatagramSocket socket = new DatagramSocket()) {
                socket.setSoTimeout(5_000);
                byte[] hello = "hello".getBytes(US_ASCII);
                socket.send(new DatagramPacket(hello, 5, InetAddress.getByName(ip), port));
                DatagramPacket answer = new DatagramPacket(new byte[5], 5);
                socket.receive(answer);
                assertThat(answer.getPort()).isEqualTo(port);
                return new String(answer.getData(), US_ASCII);
            } catch (IOException e) {
                return e.getMessage();
            }
        });
    }

    @Test
    void leadToThePodFromEverywhereUnderPolicy() {
        node.apply(SERVER + TestNode.pod("client", "app: client"));
        try (NetNs server = node.namespace("server");
                NetNs client = node.namespace("client");
                Echo echo = new Echo().tcp(server, 80).udp(server, 53)) {
            for (NetNs from : List.of(outside, host, client, server)) {
                assertThat(ask(from, "192.0.2.1", 8080)).isEqualTo("hello");
                assertThat(ask(from, "2001:db8::1", 8080)).isEqualTo("hello");
                assertThat(askUdp(from, "192.0.2.1", 5353)).isEqualTo("hello");
                assertThat(askUdp(from, "2001:db8::1", 5353)).isEqualTo("hello");
                assertThat(ask(from, "192.0.2.1", 8081)).isEqualTo("hello");
                assertThat(ask(from, "2001:db8::1", 8081)).as("of one address").contains("refused");
                assertThat(ask(from, "192.0.2.1", 5353)).as("UDP only").contains("refused");
            }
            node.apply(
                    """
                    apiVersion: networking.k8s.io/v1
                    kind: NetworkPolicy
                    metadata: {name: server}
                    spec:
                      podSelector: {matchLabels: {app: server}}
                      ingress: [{from: [{ipBlock: {cidr: 192.0.2.2/32}}]}]
                    """);
            assertThat(ask(outside, "192.0.2.1", 8080)).as("the true client").isEqualTo("hello");
        }
        node.delete(TestNode.ref("server"));
        assertThat(ask(outside, "192.0.2.1", 8080)).contains("refused");
    }

    @Test
    void onePortIsOfOnePodOrOneService() {
        node.apply(SERVER);
        assertThatThrownBy(() -> node.apply(SERVER.replace("name: server", "name: another")))
                .isInstanceOf(NodeException.class)
                .hasMessage(
                        "test.yaml:2: Pod default/another: port 8080/tcp of the node is taken by"
                                + " Pod default/server (test.yaml:2)");
        assertThat(node.node.state().endpoints()).hasSize(1);

        String service =
                """
                {apiVersion: v1, kind: Service, metadata: {name: web}, spec: {type: NodePort,
                 selector: {app: server}, ports: [{port: 80, nodePort: 30080}]}}
                """;
        node.apply(service);
        String pod =
                "{apiVersion: v1, kind: Pod, metadata: {name: late}, spec: {containers: [{name:"
                        + " a, ports: [{containerPort: 1, hostPort: 30080}]}]}}";
        assertThatThrownBy(() -> node.apply(pod))
                .hasMessage(
                        "test.yaml:1: Pod default/late: port 30080/tcp of the node is taken by"
                                + " Service default/web (test.yaml:1)");
        node.delete(new io.weft.model.Ref(io.weft.model.Kind.SERVICE, "default", "web"));
        node.apply(pod);
        assertThatThrownBy(() -> node.apply(service))
                .hasMessage(
                        "test.yaml:1: Service default/web: port 30080/tcp of the node is taken by"
                                + " Pod default/late (test.yaml:1)");
        assertThatThrownBy(() ->
                        node.apply(
                                SERVER.replace("name: server", "name: a").replace("80", "90")
                                        + SERVER.replace("name: server", "name: b")
                                                .replace("80", "90")))
                .hasMessageContaining("Pod default/a: port 9090/tcp of the node is taken by Pod");
        assertThat(node.node.state().endpoints()).hasSize(2);
    }

    @Test
    void isExplainedAndListed() {
        node.apply(SERVER + TestNode.pod("client", "app: client"));
        Map<String, ?> answer =
                new WhyCall(node.node)
                        .answer(
                                Map.of(
                                        "from",
                                        "client",
                                        "to",
                                        "192.0.2.1",
                                        "protocol",
                                        "TCP",
                                        "port",
                                        "8080",
                                        "live",
                                        true));
        assertThat(answer.get("agree")).isEqualTo(true);
        assertThat(Objects.requireNonNull(answer.get("explanations")).toString())
                .contains("is a host port of Pod default/server, port 80 (test.yaml:2)")
                .contains("the endpoint sees the client's own address");
        assertThat(
                        new GetCall(node.node, claim -> Optional.empty())
                                .answer(Map.<String, Object>of("kind", "Pod"))
                                .toString())
                .contains("8080/tcp -> 80", "5353/udp -> 53", "192.0.2.1:8081/tcp -> 80");
    }
}
