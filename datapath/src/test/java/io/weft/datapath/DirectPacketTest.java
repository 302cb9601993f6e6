package io.weft.datapath;

import static io.weft.datapath.DirectNodes.CLIENT4;
import static io.weft.datapath.DirectNodes.CLIENT6;
import static io.weft.datapath.DirectNodes.FAR4;
import static io.weft.datapath.DirectNodes.FAR_POD;
import static io.weft.datapath.DirectNodes.NEAR4;
import static io.weft.datapath.DirectNodes.NEAR6;
import static io.weft.datapath.Frame.ACK;
import static io.weft.datapath.Frame.SYN;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bpf.Bytes;
import io.weft.bpf.Codec;
import io.weft.bpf.SkBuff;
import io.weft.bpf.TestRun;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.model.Mac;
import io.weft.model.Protocol;
import io.weft.netlink.Netlink;
import io.weft.tables.Frontend.Exposure;
import io.weft.tables.Reason;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Single frames at the uplinks: what is put inside of another, taken out, left alone, dropped. */
@KernelTest
@SuppressWarnings("NullAway.Init") // BeforeEach
class DirectPacketTest {
    private static final Ip BALANCER = Ip.parse("203.0.113.5");
    private static final Ip GUARDED = Ip.parse("203.0.113.6");
    private static final Ip MASQUERADED = Ip.parse("203.0.113.7");
    private static final Ip BALANCER6 = Ip.parse("2001:db8:5::5");
    private static final Mac SENDER = new Mac(0x02_00_00_00_0b_0bL);
    private static final int IP_IN_IP = 4;
    private static final int IP6_IN_IP6 = 41;

    private DirectNodes nodes;

    @BeforeEach
    void makeNodes() {
        nodes = DirectNodes.create(Xdp.OFF, false);
        String backend = FAR_POD.ip4() + ":8080";
        for (DirectNodes.Node node : List.of(nodes.near, nodes.far)) {
            node.serve(s ->
                    s.exposed(Exposure.LOAD_BALANCER)
                            .answeredDirectly(true)
                            .service("web", Protocol.TCP, BALANCER + ":80", backend)
                            .service(
                                    "web6",
                                    Protocol.TCP,
                                    "[" + BALANCER6 + "]:80",
                                    "[" + FAR_POD.ip6() + "]:8080")
                            .service("dns", Protocol.UDP, BALANCER + ":53", FAR_POD.ip4() + ":53")
                            .service("same", Protocol.SCTP, BALANCER + ":90", FAR_POD.ip4() + ":90")
                            .service("other", Protocol.SCTP, BALANCER + ":91", FAR_POD.ip4() + ":9")
                            .exposed(Exposure.NODE_PORT)
                            .service("np", Protocol.TCP, "0.0.0.0:30080", backend)
                            .exposed(Exposure.LOAD_BALANCER)
                            .answeredDirectly(false)
                            .service("snat", Protocol.TCP, MASQUERADED + ":80", backend)
                            .answeredDirectly(true)
                            .onlyFrom("192.0.2.0/24")
                            .service("guarded", Protocol.TCP, GUARDED + ":80", backend));
        }
    }

    @AfterEach
    void deleteNodes() {
        nodes.close();
    }

    private record Run(int action, Bytes data) {
        byte[] frame() {
            return data.toArray();
        }

        ByteBuffer at(int offset) {
            return ByteBuffer.wrap(Arrays.copyOfRange(frame(), offset, data.length()));
        }
    }

    private static Mac mac(DirectNodes.Node node, String link) {
        try (Netlink netlink = Netlink.open(node.ns)) {
            return new Mac(netlink.links().require(link).mac().orElseThrow().bits());
        }
    }

    private static Run run(DirectNodes.Node node, String link, byte[] frame) {
        int ifindex = node.links.getOrDefault(link, 0);
        SkBuff skb = new SkBuff(0, 0, ifindex, ifindex, List.of(0, 0, 0, 0, 0), 0);
        TestRun run = TestRun.of(frame).withContext(skb);
        TestRun.Result result =
                node.ns.call(() -> node.datapath.program(Datapath.FROM_UPLINK).testRun(run));
        return new Run(result.returned(), result.data());
    }

    private Frame asked() {
        return Frame.eth(mac(nodes.near, "up"), SENDER);
    }

    private static Frame inside() {
        return Frame.eth(SENDER, SENDER);
    }

    /** {@return what FAR made of a packet that was handed to its pod} */
    private Run handed(byte[] inside) {
        return handed(FAR_POD.ip4(), inside);
    }

    private Run handed(Ip to, byte[] inside) {
        byte[] packet = Arrays.copyOfRange(inside, 14, inside.length);
        Frame frame =
                Frame.eth(mac(nodes.far, "between"), SENDER).ip(to.isV4() ? NEAR4 : NEAR6, to);
        frame.protocol(to.isV4() ? IP_IN_IP : IP6_IN_IP6).raw(packet);
        return run(nodes.far, "between", frame.bytes());
    }

    private void assertDropped(Run run, Reason reason) {
        assertThat(run.action).isEqualTo(TestNode.SHOT);
        assertThat(nodes.far.dropped()).isEqualTo(Map.of(reason, 1L));
        assertThat(nodes.far.datapath.connections().list()).isEmpty();
    }

    @Test
    void thePacketIsUnchangedInsideOfOneToTheBackend() {
        byte[] sent = asked().ip(CLIENT4, BALANCER).tcp(40000, 80, SYN).payload(100).bytes();
        Run v4 = run(nodes.near, "up", sent);
        byte[] sent6 = asked().ip(CLIENT6, BALANCER6).tcp(40000, 80, SYN).payload(100).bytes();
        Run v6 = run(nodes.near, "up", sent6);

        assertThat(v4.action).isEqualTo(TestNode.REDIRECT);
        assertThat(v4.frame()).hasSize(sent.length + 20);
        assertThat(Frame.sum(v4.at(14), 0, 20, 0)).isEqualTo(0xffff);
        assertThat(v4.frame()[14 + 9]).isEqualTo((byte) IP_IN_IP);
        assertThat(v4.at(14 + 12).getInt()).isEqualTo(NEAR4.v4Bits());
        assertThat(v4.at(14 + 16).getInt()).isEqualTo(FAR_POD.ip4().v4Bits());
        byte[] hop = sent.clone();
        hop[14 + 8]--; // and the checksum follows
        assertThat(Frame.sum(v4.at(34), 0, 20, 0)).isEqualTo(0xffff);
        hop[14 + 10] = v4.frame()[34 + 10];
        hop[14 + 11] = v4.frame()[34 + 11];
        assertThat(Arrays.copyOfRange(v4.frame(), 34, v4.frame().length))
                .isEqualTo(Arrays.copyOfRange(hop, 14, hop.length));

        assertThat(v6.action).isEqualTo(TestNode.REDIRECT);
        assertThat(v6.frame()[14 + 6]).isEqualTo((byte) IP6_IN_IP6);
        assertThat(v6.at(14 + 4).getShort()).isEqualTo((short) (sent6.length - 14));
        sent6[14 + 7]--;
        assertThat(Arrays.copyOfRange(v6.frame(), 54, v6.frame().length))
                .isEqualTo(Arrays.copyOfRange(sent6, 14, sent6.length));
    }

    @Test
    void whoSendsWhatDoesNotFitIsToldWhatDoes() {
        Run v4 =
                run(
                        nodes.near,
                        "up",
                        asked().ip(CLIENT4, BALANCER).tcp(40000, 80, ACK).payload(1441).bytes());
        Run v6 =
                run(
                        nodes.near,
                        "up",
                        asked().ip(CLIENT6, BALANCER6).tcp(40000, 80, ACK).payload(1401).bytes());

        assertThat(v4.action).isEqualTo(TestNode.REDIRECT);
        assertThat(v4.at(14 + 12).getInt())
                .as("from whom it was sent to")
                .isEqualTo(BALANCER.v4Bits());
        assertThat(v4.at(14 + 16).getInt()).isEqualTo(CLIENT4.v4Bits());
        assertThat(v4.at(34).getShort()).as("fragmentation needed").isEqualTo((short) 0x0304);
        assertThat(v4.at(34 + 4).getInt()).isEqualTo(1480);
        assertThat(Frame.sum(v4.at(34), 0, v4.frame().length - 34, 0)).isEqualTo(0xffff);
        assertThat(v6.at(54).getShort()).as("packet too big").isEqualTo((short) 0x0200);
        assertThat(v6.at(54 + 4).getInt()).isEqualTo(1460);
        int pseudo = Frame.sum(v6.at(22), 0, 32, 58 + v6.frame().length - 54);
        assertThat(Frame.sum(v6.at(54), 0, v6.frame().length - 54, pseudo)).isEqualTo(0xffff);
        assertThat(nodes.near.dropped()).isEqualTo(Map.of(Reason.TOO_BIG, 2L));

        Run fits =
                run(
                        nodes.near,
                        "up",
                        asked().ip(CLIENT4, BALANCER).tcp(40001, 80, ACK).payload(1440).bytes());
        assertThat(fits.frame()).hasSize(14 + 1500);
    }

    @Test
    void itIsTakenOutForTheBackendsPort() {
        Run v4 = handed(inside().ip(CLIENT4, BALANCER).tcp(40000, 80, SYN).bytes());
        Run port = handed(inside().ip(CLIENT4, NEAR4).tcp(40000, 30080, SYN).bytes());
        Run v6 = handed(FAR_POD.ip6(), inside().ip(CLIENT6, BALANCER6).tcp(40000, 80, SYN).bytes());

        for (Run run : List.of(v4, port)) {
            assertThat(run.action).isEqualTo(TestNode.REDIRECT);
            assertThat(run.at(14 + 16).getInt()).isEqualTo(FAR_POD.ip4().v4Bits());
            assertThat(run.at(34 + 2).getShort()).isEqualTo((short) 8080);
            assertThat(Frame.sum(run.at(14), 0, 20, 0)).isEqualTo(0xffff);
        }
        assertThat(v4.at(14 + 12).getInt()).isEqualTo(CLIENT4.v4Bits());
        assertThat(v6.action).isEqualTo(TestNode.REDIRECT);
        assertThat(v6.at(54 + 2).getShort()).isEqualTo((short) 8080);
        assertThat(nodes.far.dropped()).isEmpty();
    }

    /** Its checksum is over all of the packet: a port cannot be translated. */
    @Test
    void sctpIsTakenOutForABackendOfTheSamePortAlone() {
        Run outer = run(nodes.near, "up", asked().ip(CLIENT4, BALANCER).sctp(40000, 90).bytes());
        Run same = handed(inside().ip(CLIENT4, BALANCER).sctp(40000, 90).bytes());
        Run other = handed(inside().ip(CLIENT4, BALANCER).sctp(40000, 91).bytes());

        assertThat(outer.action).isEqualTo(TestNode.REDIRECT);
        assertThat(outer.at(14 + 16).getInt()).isEqualTo(FAR_POD.ip4().v4Bits());
        assertThat(same.action).isEqualTo(TestNode.REDIRECT);
        assertThat(same.at(14 + 12).getInt()).isEqualTo(CLIENT4.v4Bits());
        assertThat(same.at(14 + 16).getInt()).isEqualTo(FAR_POD.ip4().v4Bits());
        assertThat(same.at(34 + 2).getShort()).isEqualTo((short) 90);
        assertThat(other.action).isEqualTo(TestNode.SHOT);
        assertThat(nodes.far.dropped()).containsOnlyKeys(Reason.TRANSLATION);
    }

    /** Such an error tells what fits the answers' way: it goes where they come from. */
    @Test
    void anErrorAboutAnAnswerGoesToTheBackendThatSentIt() {
        run(nodes.near, "up", asked().ip(CLIENT4, BALANCER).tcp(40000, 80, SYN).bytes());
        handed(inside().ip(CLIENT4, BALANCER).tcp(40000, 80, SYN).bytes());
        Frame answer = inside().ip(BALANCER, CLIENT4).tcp(80, 40000, ACK);

        Run on = run(nodes.near, "up", asked().ip(CLIENT4, BALANCER).unreachable(answer).bytes());
        assertThat(on.action).isEqualTo(TestNode.REDIRECT);
        assertThat(on.frame()[14 + 9]).isEqualTo((byte) IP_IN_IP);

        Run in = handed(inside().ip(CLIENT4, BALANCER).unreachable(answer).bytes());
        assertThat(in.action).isEqualTo(TestNode.REDIRECT);
        assertThat(in.at(14 + 16).getInt()).isEqualTo(FAR_POD.ip4().v4Bits());
        int quoted = 14 + 20 + 8;
        assertThat(in.at(quoted + 12).getInt()).as("who sent it").isEqualTo(FAR_POD.ip4().v4Bits());
        assertThat(in.at(quoted + 20).getShort()).isEqualTo((short) 8080);
        assertThat(nodes.far.dropped()).isEmpty();
    }

    @Test
    void whatIsCutShortInsideIsDropped() {
        byte[] whole = inside().ip(CLIENT4, BALANCER).tcp(40000, 80, SYN).bytes();
        for (int length = 14; length < whole.length; length++) {
            assertThat(handed(Arrays.copyOf(whole, length)).action).isEqualTo(TestNode.SHOT);
        }
        byte[] wrong = whole.clone();
        wrong[14] = 0x65; // another version
        assertThat(handed(wrong).action).isEqualTo(TestNode.SHOT);
        byte[] shortHeader = inside().ip(CLIENT4, BALANCER).udp(40000, 53).bytes();
        ByteBuffer.wrap(shortHeader).putShort(16, (short) 24); // half a UDP header
        assertThat(handed(shortHeader).action).isEqualTo(TestNode.SHOT);

        assertThat(nodes.far.dropped()).isEqualTo(Map.of(Reason.MALFORMED, 42L));
        assertThat(nodes.far.datapath.translations().list()).isEmpty();
    }

    @Test
    void somebodysTunnelGoesOnAsItCame() {
        List<byte[]> inside =
                List.of(
                        inside().ip(CLIENT4, Ip.parse("172.16.0.1")).tcp(40000, 80, SYN).bytes(),
                        inside().ip(CLIENT4, MASQUERADED).tcp(40000, 80, SYN).bytes(),
                        inside().ip(CLIENT4, BALANCER).tcp(40000, 81, SYN).bytes(),
                        inside().ip(CLIENT4, BALANCER).echo(1).bytes(),
                        inside().ip(CLIENT4, CLIENT4).tcp(40000, 30080, SYN).bytes());
        for (byte[] packet : inside) {
            Run run = handed(packet);
            assertThat(run.action).isEqualTo(-1);
            assertThat(run.frame()).hasSize(packet.length + 20);
        }
        assertThat(
                        handed(
                                        Ip.parse("10.9.0.1"),
                                        inside().ip(CLIENT4, BALANCER).tcp(1, 80, SYN).bytes())
                                .action)
                .as("to nobody here")
                .isEqualTo(-1);
        assertThat(nodes.far.dropped()).isEmpty();
        assertThat(nodes.far.datapath.translations().list()).isEmpty();
    }

    @Test
    void nobodyOfThisNodeIsBelievedToBeAClientOfAnother() {
        for (Ip own : List.of(FAR4, FAR_POD.ip4())) {
            assertThat(handed(inside().ip(own, BALANCER).tcp(40000, 80, SYN).bytes()).action)
                    .isEqualTo(TestNode.SHOT);
        }
        assertThat(nodes.far.dropped()).isEqualTo(Map.of(Reason.SPOOFED, 2L));
        assertThat(nodes.far.datapath.translations().list()).isEmpty();
    }

    @Test
    void theSourceRangesHoldHereToo() {
        assertDropped(
                handed(inside().ip(CLIENT4, GUARDED).tcp(40000, 80, SYN).bytes()),
                Reason.SOURCE_RANGE);
    }

    @Test
    void whoIsNoBackendOfTheServiceGetsNothingOfIt() {
        assertDropped(
                handed(FAR4, inside().ip(CLIENT4, BALANCER).tcp(40000, 80, SYN).bytes()),
                Reason.NO_LOCAL_ENDPOINT);
    }

    @Test
    void whatANodeTakesFollowsItsServices() {
        byte[] first = inside().ip(CLIENT4, BALANCER).tcp(40000, 80, SYN).bytes();
        nodes.far.serve(s -> web(s, true, FAR4 + ":81", FAR_POD.ip4() + ":8081"));
        assertThat(handed(first).at(34 + 2).getShort()).as("another port").isEqualTo((short) 8081);

        byte[] second = inside().ip(CLIENT4, BALANCER).tcp(40001, 80, SYN).bytes();
        nodes.far.serve(s -> web(s, true, FAR4 + ":81"));
        assertThat(handed(second).action).as("it is a backend no more").isEqualTo(TestNode.SHOT);
        assertThat(nodes.far.dropped()).isEqualTo(Map.of(Reason.NO_LOCAL_ENDPOINT, 1L));
        assertThat(handed(first).action).as("the old one lives").isEqualTo(TestNode.REDIRECT);

        nodes.far.serve(s -> web(s, false, FAR_POD.ip4() + ":8081"));
        assertThat(handed(second).action).as("no direct return").isEqualTo(-1);
        nodes.far.serve(s -> s);
        assertThat(handed(second).action).as("no service").isEqualTo(-1);
        assertThat(nodes.far.datapath.map("weft_handed").typed(Codecs.HANDED, Codec.U32).entries())
                .isEmpty();
    }

    private static TestServices web(TestServices services, boolean direct, String... backends) {
        return services.exposed(Exposure.LOAD_BALANCER)
                .answeredDirectly(direct)
                .service("web", Protocol.TCP, BALANCER + ":80", backends);
    }

    @Test
    void aConnectionIsNotTornFromItsBackendByAForgedPacket() {
        handed(inside().ip(CLIENT4, BALANCER).tcp(40000, 80, SYN).bytes());
        var before = nodes.far.datapath.translations().list().keySet();

        assertDroppedWithoutConnection(
                handed(FAR4, inside().ip(CLIENT4, BALANCER).tcp(40000, 80, ACK).bytes()));
        assertThat(nodes.far.datapath.translations().list().keySet()).isEqualTo(before);
    }

    private void assertDroppedWithoutConnection(Run run) {
        assertThat(run.action).isEqualTo(TestNode.SHOT);
        assertThat(nodes.far.dropped()).isEqualTo(Map.of(Reason.TRANSLATION, 1L));
    }
}
