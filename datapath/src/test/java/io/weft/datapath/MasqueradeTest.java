package io.weft.datapath;

import static io.weft.datapath.ServiceNode.FAR4;
import static io.weft.datapath.ServiceNode.FAR6;
import static io.weft.datapath.ServiceNode.OUT4;
import static io.weft.datapath.ServiceNode.OUT6;
import static io.weft.datapath.ServiceNode.UP4;
import static io.weft.datapath.ServiceNode.UP6;
import static io.weft.datapath.TestNode.DB;
import static io.weft.datapath.TestNode.WEB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.testing.KernelTest;
import io.weft.model.Bandwidth;
import io.weft.model.Ip;
import io.weft.model.Protocol;
import io.weft.netlink.Netlink;
import io.weft.netlink.Route;
import io.weft.tables.ConnectionValue;
import io.weft.tables.Frontend.Masquerade;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.PortUnreachableException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** WEB is seen outside with the node's address, DB is not. */
@KernelTest
@SuppressWarnings("NullAway.Init") // BeforeEach
class MasqueradeTest {
    private ServiceNode node;
    private int web;

    @BeforeEach
    void makeNode() {
        node = ServiceNode.create();
        node.serve(services());
        try (Netlink host = Netlink.open(node.node)) {
            web = host.links().require("web").index();
        }
        node.datapath.masquerade(web, true);
    }

    @AfterEach
    void deleteNode() {
        node.close();
    }

    private static TestServices services() {
        return new TestServices().masquerade(new Masquerade(false, true, true));
    }

    /** One family's addresses. */
    private record Family(Ip web, Ip db, Ip up, Ip out, Ip far, Ip service, int icmp) {
        static Family of(String name) {
            return name.equals("v4")
                    ? new Family(WEB.ip4(), DB.ip4(), UP4, OUT4, FAR4, Ip.parse("10.96.0.1"), 1)
                    : new Family(WEB.ip6(), DB.ip6(), UP6, OUT6, FAR6, Ip.parse("fd00:96::1"), 58);
        }

        String at(Ip ip, int port) {
            return ip.isV4() ? ip + ":" + port : "[" + ip + "]:" + port;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void whoeverIsOutsideSeesTheNodesAddress(String family) {
        Family f = Family.of(family);
        node.tcpServer(node.outside, f.out, 80, "out");
        node.tcpServer(node.outside, f.far, 80, "far");
        node.tcpServer(node.db, f.db, 80, "db");

        for (int i = 0; i < 50; i++) {
            assertThat(node.ask(node.web, f.out, 80)).isEqualTo("out " + f.up);
        }
        assertThat(node.ask(node.web, f.far, 80)).isEqualTo("far " + f.up);
        assertThat(node.ask(node.web, f.db, 80)).as("a pod").isEqualTo("db " + f.web);
        assertThat(node.ask(node.db, f.out, 80)).as("another pod").isEqualTo("out " + f.db);
        assertThat(node.dropped()).isEmpty();
        assertThat(node.datapath.connections().list().keySet())
                .as("policy and conntrack see the true ends")
                .hasSize(53)
                .noneMatch(key -> key.a().equals(f.up) || key.b().equals(f.up));

        node.datapath.masquerade(web, false);
        assertThat(node.ask(node.web, f.out, 80)).isEqualTo("out " + f.web);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void datagramsToo(String family) {
        Family f = Family.of(family);
        node.udpServer(node.outside, f.out, 5300, "out");
        DatagramSocket socket = node.datagrams(node.web);

        for (int size : new int[] {100, 5000, 100}) { // in fragments, both ways
            assertThat(ServiceNode.askUdp(socket, f.out, 5300, size)).isEqualTo("out " + f.up);
        }
        assertThat(node.dropped()).isEmpty();
        assertThat(node.datapath.connections().list()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void echoesToo(String family) throws Exception {
        Family f = Family.of(family);
        try (Netlink there = Netlink.open(node.outside)) { // no way back to pods
            there.routes().list(Route.MAIN).stream()
                    .filter(route -> route.destination().length() == 0)
                    .forEach(there.routes()::delete);
        }
        for (int i = 0; i < 5; i++) {
            assertThat(node.web.call(() -> ServiceNode.inet(f.out).isReachable(5_000))).isTrue();
        }
        assertThat(node.datapath.connections().list())
                .anySatisfy((key, value) -> {
                    assertThat(key.protocol()).isEqualTo(f.icmp);
                    assertThat(value.has(ConnectionValue.REPLIED)).isTrue();
                });
        assertThat(node.dropped()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void errorsFindTheirWayBack(String family) throws Exception {
        Family f = Family.of(family);
        DatagramSocket socket = node.datagrams(node.web);
        socket.connect(ServiceNode.inet(f.out), 5999);
        socket.setSoTimeout(ServiceNode.PATIENCE_MILLIS);

        socket.send(new DatagramPacket(new byte[10], 10));
        assertThatThrownBy(() -> socket.receive(new DatagramPacket(new byte[10], 10)))
                .isInstanceOf(PortUnreachableException.class);
        assertThat(node.dropped()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void answersToThoseOutsideStayAsTheyAre(String family) {
        Family f = Family.of(family);
        node.tcpServer(node.web, f.web, 80, "web");
        node.udpServer(node.web, f.web, 53, "web");

        assertThat(node.ask(node.outside, f.web, 80)).isEqualTo("web " + f.out);
        assertThat(ServiceNode.askUdp(node.datagrams(node.outside), f.web, 53, 100))
                .isEqualTo("web " + f.out);
        assertThat(node.dropped()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void someAreReachedDirectly(String family) {
        Family f = Family.of(family);
        node.tcpServer(node.outside, f.out, 80, "out");
        node.tcpServer(node.outside, f.far, 80, "far");
        node.serve(services().direct(FAR4 + "/32", FAR6 + "/128"));

        assertThat(node.ask(node.web, f.far, 80)).isEqualTo("far " + f.web);
        assertThat(node.ask(node.web, f.out, 80)).isEqualTo("out " + f.up);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v6"})
    void throughAServiceToo(String family) {
        Family f = Family.of(family);
        node.tcpServer(node.outside, f.far, 8080, "far");
        node.serve(services().service("far", Protocol.TCP, f.at(f.service, 80), f.at(f.far, 8080)));

        assertThat(node.ask(node.web, f.service, 80)).isEqualTo("far " + f.up);
        assertThat(node.ask(node.db, f.service, 80)).isEqualTo("far " + f.db);
        assertThat(node.dropped()).isEmpty();
    }

    @Test
    void withABandwidthAndInTheNextProcess() {
        node.tcpServer(node.outside, OUT4, 80, "out");
        try (Netlink host = Netlink.open(node.node);
                Datapath next = Datapath.open(node.pins, TestNode.SMALL)) {
            next.shape(host, web, Bandwidth.ofCni(1_000_000_000, 0, 1_000_000_000, 0));
            next.attach(host, web, WEB.workload());
            assertThat(node.ask(node.web, OUT4, 80)).isEqualTo("out " + UP4);
        }
        assertThat(node.dropped()).isEmpty();
    }

    @Test
    void nobodyMasqueradesBeforeItIsAttached() {
        assertThatThrownBy(() -> node.datapath.masquerade(node.uplinkIndex, true))
                .hasMessageContaining("no workload is behind it");
    }
}
