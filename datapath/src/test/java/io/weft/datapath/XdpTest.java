package io.weft.datapath;

import static io.weft.datapath.Frame.SYN;
import static io.weft.datapath.ServiceNode.FAR4;
import static io.weft.datapath.ServiceNode.FAR6;
import static io.weft.datapath.ServiceNode.OUT4;
import static io.weft.datapath.ServiceNode.OUT6;
import static io.weft.datapath.ServiceNode.UP4;
import static io.weft.datapath.ServiceNode.UP6;
import static io.weft.datapath.TestNode.DB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.bpf.BpfFs;
import io.weft.bpf.BpfLink;
import io.weft.bpf.Codec;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.model.Mac;
import io.weft.model.Protocol;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import io.weft.tables.Direction;
import io.weft.tables.Frontend.Exposure;
import io.weft.tables.Frontend.Masquerade;
import io.weft.tables.Reason;
import java.net.DatagramSocket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What XDP does at an uplink by itself, what it leaves to tc, and how it gets there. */
@KernelTest
@SuppressWarnings("NullAway.Init") // each test makes its node
class XdpTest {
    private static final Mac SENDER = new Mac(0x02_00_00_00_0b_0bL);

    private ServiceNode node;

    @AfterEach
    void deleteNode() {
        node.close();
    }

    private void make(Xdp xdp, boolean finished) {
        node = ServiceNode.create(xdp, finished);
        node.serve(
                new TestServices()
                        .exposed(Exposure.NODE_PORT)
                        .masquerade(Masquerade.ALL)
                        .service("tcp4", Protocol.TCP, "0.0.0.0:30080", DB.ip4() + ":8080")
                        .service("udp4", Protocol.UDP, "0.0.0.0:30053", DB.ip4() + ":5353")
                        .service("tcp6", Protocol.TCP, "[::]:30080", "[" + DB.ip6() + "]:8080")
                        .service("udp6", Protocol.UDP, "[::]:30053", "[" + DB.ip6() + "]:5353")
                        .service("far4", Protocol.TCP, "0.0.0.0:30081", FAR4 + ":8080")
                        .service("far6", Protocol.TCP, "[::]:30081", "[" + FAR6 + "]:8080")
                        .service("none", Protocol.TCP, "0.0.0.0:30082")
                        .onlyFrom("203.0.113.0/24")
                        .exposed(Exposure.LOAD_BALANCER)
                        .service("lb", Protocol.TCP, "203.0.113.5:80", DB.ip4() + ":8080")
                        .reserved("10.96.0.0/16"));
    }

    private Mac uplinkMac() {
        try (Netlink netlink = Netlink.open(node.node)) {
            return new Mac(
                    netlink.links().get(node.uplinkIndex).orElseThrow().mac().orElseThrow().bits());
        }
    }

    private Frame comes() {
        return Frame.eth(uplinkMac(), SENDER);
    }

    private XdpRun run(byte[] frame) {
        return XdpRun.of(node.datapath, node.node, node.uplinkIndex, frame);
    }

    private void takeTcAway() {
        BpfFs.removeRecursively(node.pins.resolve("uplink_ingress_" + node.uplinkIndex));
        node.uplink.release();
    }

    /** The frame with the checksum that its sender owes it; at l4 + offset. */
    private static byte[] finished(Frame frame, int l4, int offset) {
        byte[] bytes = frame.bytes();
        int sum = transportSum(bytes, l4);
        ByteBuffer.wrap(bytes).putShort(l4 + offset, (short) ~sum);
        return bytes;
    }

    /** Over the pseudo header and what follows l4: 0xffff when the checksum is right. */
    private static int transportSum(byte[] bytes, int l4) {
        ByteBuffer b = ByteBuffer.wrap(bytes);
        boolean v4 = l4 == 34;
        int length = bytes.length - l4;
        int protocol = bytes[v4 ? 23 : 20];
        int seed = Frame.sum(b, v4 ? 26 : 22, v4 ? 8 : 32, 0);
        return Frame.sum(b, l4, length, fold(seed + protocol + length));
    }

    private static int fold(int sum) {
        return (sum & 0xffff) + (sum >>> 16);
    }

    @Test
    void aConnectionToALocalBackendGoesUpRewrittenAndMarked() {
        make(Xdp.OFF, true);
        attachMap();
        byte[] tcp = finished(comes().ip(OUT4, UP4).tcp(40000, 30080, SYN), 34, 16);
        byte[] udp = finished(comes().ip(OUT6, UP6).udp(40000, 30053), 54, 6);

        XdpRun first = run(tcp);
        XdpRun other = run(udp);

        for (XdpRun run : List.of(first, other)) {
            assertThat(run.action()).isEqualTo(XdpRun.PASS);
            assertThat(run.mark()).isEqualTo(16);
        }
        assertThat(Arrays.copyOfRange(first.frame(), 30, 34)).isEqualTo(v4(DB.ip4()));
        assertThat(Frame.sum(ByteBuffer.wrap(first.frame()), 14, 20, 0)).isEqualTo(0xffff);
        assertThat(transportSum(first.frame(), 34)).isEqualTo(0xffff);
        assertThat(transportSum(other.frame(), 54)).isEqualTo(0xffff);
        assertThat(node.datapath.connections().list().keySet())
                .as("the true client and the backend")
                .anySatisfy(key ->
                        assertThat(List.of(key.a(), key.b()))
                                .containsExactlyInAnyOrder(OUT4, DB.ip4()))
                .anySatisfy(key ->
                        assertThat(List.of(key.a(), key.b()))
                                .containsExactlyInAnyOrder(OUT6, DB.ip6()));
    }

    private static byte[] v4(Ip ip) {
        return ByteBuffer.allocate(4).putInt(ip.v4Bits()).array();
    }

    /** Programs know the uplink, but none of its own traffic meets XDP. */
    private void attachMap() {
        node.datapath
                .map("weft_uplinks")
                .typed(Codec.U32, Codecs.UPLINK)
                .put(node.uplinkIndex, new io.weft.tables.UplinkValue(7, uplinkMac(), 0));
    }

    @Test
    void whatMayNotIsDroppedThereAndCountedOnce() {
        make(Xdp.OFF, true);
        attachMap();
        node.apply(ServiceNode.tables().isolate("db", Direction.INGRESS, 50, Map.of()).build());

        byte[] denied = finished(comes().ip(OUT4, UP4).tcp(40000, 30080, SYN), 34, 16);
        byte[] stranger =
                finished(comes().ip(OUT4, Ip.parse("203.0.113.5")).tcp(40000, 80, SYN), 34, 16);
        byte[] nobodys =
                finished(comes().ip(OUT4, Ip.parse("10.96.0.9")).tcp(40000, 80, SYN), 34, 16);
        for (byte[] frame : List.of(denied, stranger, nobodys)) {
            assertThat(run(frame).action()).isEqualTo(XdpRun.DROP);
        }

        assertThat(node.dropped())
                .containsEntry(Reason.POLICY_INGRESS, 1L)
                .containsEntry(Reason.SOURCE_RANGE, 1L)
                .containsEntry(Reason.NO_SERVICE, 1L);
    }

    @Test
    void whatIsNotItsOwnGoesUpAsItCame() {
        make(Xdp.OFF, true);
        attachMap();
        Mac other = new Mac(0x02_00_00_00_0c_0cL);
        Frame unfinished = comes().ip(OUT4, UP4).tcp(40000, 30080, SYN);
        byte[] partial = unfinished.bytes();
        int pseudo = fold(Frame.sum(ByteBuffer.wrap(partial), 26, 8, 0) + 6 + 20);
        ByteBuffer.wrap(partial).putShort(34 + 16, (short) pseudo);

        List<byte[]> frames =
                List.of(
                        partial,
                        comes().ip(OUT4, FAR4).tcp(40000, 80, SYN).bytes(),
                        comes().ip(OUT4, UP4).tcp(40000, 30083, SYN).bytes(),
                        comes().ip(OUT4, UP4).tcp(40000, 30082, SYN).bytes(),
                        comes().ip(OUT4, UP4).ttl(1).tcp(40000, 30080, SYN).bytes(),
                        comes().ip(OUT4, UP4).options(4).tcp(40000, 30080, SYN).bytes(),
                        comes().ip(OUT4, UP4).fragment(7, 0, true).udp(40000, 30053).bytes(),
                        comes().ip(OUT6, UP6).extension(60).tcp(40000, 30080, SYN).bytes(),
                        comes().vlan(5).ip(OUT4, UP4).tcp(40000, 30080, SYN).bytes(),
                        comes().ip(OUT4, UP4).sctp(40000, 30080).bytes(),
                        comes().ip(OUT4, UP4).icmp(8, 0, 1).bytes(),
                        Frame.eth(other, SENDER).ip(OUT4, UP4).tcp(40000, 30080, SYN).bytes());

        assertThat(frames)
                .allSatisfy(frame -> {
                    XdpRun run = run(frame);
                    assertThat(run.action()).isEqualTo(XdpRun.PASS);
                    assertThat(run.mark()).isZero();
                    assertThat(run.frame()).isEqualTo(frame);
                });
        assertThat(node.datapath.translations().list()).isEmpty();
        assertThat(node.datapath.connections().list()).isEmpty();
        assertThat(node.dropped()).isEmpty();
    }

    /** Both ways, without an sk_buff at this node: tc is not there to help. */
    @Test
    void aBackendElsewhereIsReachedByXdpAlone() {
        make(Xdp.GENERIC, true);
        node.tcpServer(node.outside, FAR4, 8080, "far");
        node.tcpServer(node.outside, FAR6, 8080, "far");
        assertThat(node.ask(node.outside, UP4, 30081)).isEqualTo("far " + UP4);
        assertThat(node.ask(node.outside, UP6, 30081)).isEqualTo("far " + UP6);

        takeTcAway();

        for (int i = 0; i < 5; i++) {
            assertThat(node.ask(node.outside, UP4, 30081)).isEqualTo("far " + UP4);
            assertThat(node.ask(node.outside, UP6, 30081)).isEqualTo("far " + UP6);
        }
        assertThat(node.dropped()).isEmpty();
    }

    @Test
    void checksumsThatAreNotFinishedAreLeftToTc() {
        make(Xdp.NATIVE, false);
        node.tcpServer(node.db, DB.ip4(), 8080, "db");
        node.udpServer(node.db, DB.ip6(), 5353, "db");

        assertThat(node.uplink.xdp()).isEqualTo(Xdp.NATIVE);
        assertThat(node.ask(node.outside, UP4, 30080)).isEqualTo("db " + UP4);
        DatagramSocket socket = node.datagrams(node.outside);
        assertThat(ServiceNode.askUdp(socket, UP6, 30053, 900)).isEqualTo("db " + UP6);
        assertThat(node.dropped()).isEmpty();
    }

    @Test
    void anUplinkChangesItsModeAndIsTakenOver() {
        make(Xdp.NATIVE, true);
        node.tcpServer(node.db, DB.ip4(), 8080, "db");
        node.uplink.release(); // the process has ended

        for (Xdp mode : List.of(Xdp.NATIVE, Xdp.GENERIC, Xdp.GENERIC, Xdp.NATIVE, Xdp.OFF)) {
            Uplink uplink = node.node.call(() -> node.datapath.uplink(node.uplinkIndex, mode));
            assertThat(uplink.xdp()).isEqualTo(mode);
            assertThat(node.ask(node.outside, UP4, 30080)).isEqualTo("db " + UP4);
            uplink.release();
        }
        try (BpfLink foreign = attachForeign()) {
            assertThat(foreign).as("nothing of ours is left there").isNotNull();
        }
    }

    private BpfLink attachForeign() {
        return node.node.call(() ->
                BpfLink.attachXdp(
                        node.datapath.program(Datapath.XDP_UPLINK),
                        node.uplinkIndex,
                        BpfLink.XdpMode.NATIVE));
    }

    @Test
    void aForeignProgramIsNotReplaced() {
        make(Xdp.OFF, true);
        try (BpfLink foreign = attachForeign()) {
            assertThatThrownBy(() -> again(Xdp.NATIVE))
                    .isInstanceOf(DatapathException.class)
                    .hasMessageStartingWith("attach XDP native to up0: ")
                    .hasMessageContaining("Another XDP program is there");
            assertThat(foreign).isNotNull();
        }
    }

    private Uplink again(Xdp xdp) {
        return node.node.call(() -> node.datapath.uplink(node.uplinkIndex, xdp));
    }

    @Test
    void aVethIsLeftToTcUnlessAskedFor() {
        make(Xdp.AUTO, false);

        assertThat(node.uplink.xdp()).isEqualTo(Xdp.OFF);
        assertThat(node.uplink.whyNotXdp()).contains("veth");
    }

    @Test
    void aDriverThatCannotIsLeftToTcOrSaysSo() {
        make(Xdp.OFF, true);
        int bridge;
        try (Netlink netlink = Netlink.open(node.node)) {
            bridge = netlink.links().create(new LinkSpec.Bridge(LinkSettings.named("br0"))).index();
        }
        try (Uplink uplink = node.node.call(() -> node.datapath.uplink(bridge, Xdp.AUTO))) {
            assertThat(uplink.xdp()).isEqualTo(Xdp.OFF);
            assertThat(uplink.whyNotXdp()).contains("EOPNOTSUPP");
        }
        assertThatThrownBy(() -> node.node.call(() -> node.datapath.uplink(bridge, Xdp.NATIVE)))
                .isInstanceOf(DatapathException.class)
                .hasMessageContaining("attach XDP native to br0")
                .hasMessageContaining("use xdp=auto");
        try (Uplink uplink = node.node.call(() -> node.datapath.uplink(bridge, Xdp.GENERIC))) {
            assertThat(uplink.xdp()).isEqualTo(Xdp.GENERIC);
        }
    }
}
