package io.weft.datapath;

import static io.weft.datapath.Frame.ACK;
import static io.weft.datapath.Frame.SYN;
import static io.weft.datapath.TestNode.DB;
import static io.weft.datapath.TestNode.OK;
import static io.weft.datapath.TestNode.REDIRECT;
import static io.weft.datapath.TestNode.SHOT;
import static io.weft.datapath.TestNode.WEB;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bpf.UpdateMode;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.model.Mac;
import io.weft.netlink.HardwareAddress;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.tables.ConnectionValue;
import io.weft.tables.Direction;
import io.weft.tables.PlaceValue;
import io.weft.tables.Reason;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The third packet of a connection between two workloads notes where both are, and those after it
 * look there alone. A mark in place of DB's MAC shows which packets did.
 */
@KernelTest
@SuppressWarnings("NullAway.Init") // BeforeEach
class ShortcutTest {
    private static final Mac MARK = new Mac(0x02_00_00_00_0a_0aL);

    private TestNode node;
    private Places places;

    @BeforeEach
    void openAConnection() {
        node = TestNode.create();
        places = new Places(node.datapath.map("weft_places"));
        assertThat(node.from(WEB, request(SYN)).action()).isEqualTo(REDIRECT);
        assertThat(node.from(DB, reply(SYN | ACK)).action()).isEqualTo(REDIRECT);
        assertThat(node.from(WEB, request(ACK)).action()).isEqualTo(REDIRECT);
    }

    @AfterEach
    void deleteNode() {
        places.close();
        node.close();
    }

    private static Frame request(int flags) {
        return WEB.sends().ip(WEB.ip4(), DB.ip4()).tcp(40000, 80, flags);
    }

    private static Frame reply(int flags) {
        return DB.sends().ip(DB.ip4(), WEB.ip4()).tcp(80, 40000, flags);
    }

    private static Workload marked() {
        return new Workload(DB.slot(), MARK, DB.gateway(), List.of(DB.ip4(), DB.ip6()));
    }

    private void mark() {
        places.put(DB.slot(), node.ifindex(DB), marked());
    }

    private static Mac target(TestNode.Run run) {
        return new Mac(ByteBuffer.wrap(run.bytes()).getLong() >>> 16);
    }

    private ConnectionValue only() {
        return node.datapath.connections().list().values().iterator().next();
    }

    @Test
    void itLooksLikeTheLongWay() {
        TestNode.Run learned = node.from(WEB, request(ACK));
        ConnectionValue before = only();

        places.clear(DB.slot(), node.ifindex(DB)); // so it takes the long way
        TestNode.Run longWay = node.from(WEB, request(ACK));

        assertThat(learned.bytes()).isEqualTo(longWay.bytes());
        assertThat(only().openerPackets()).isEqualTo(before.openerPackets() + 1);
        assertThat(only().openerBytes()).isEqualTo(before.openerBytes() + 40);
    }

    @Test
    void bothDirectionsTakeIt() {
        mark();
        assertThat(target(node.from(WEB, request(ACK)))).isEqualTo(MARK);

        places.put(
                WEB.slot(),
                node.ifindex(WEB),
                new Workload(WEB.slot(), MARK, WEB.gateway(), List.of(WEB.ip4(), WEB.ip6())));
        assertThat(target(node.from(DB, reply(ACK)))).isEqualTo(MARK);
        assertThat(only().openerPackets()).isEqualTo(3);
        assertThat(only().responderPackets()).isEqualTo(2);
    }

    @Test
    void ipv6TakesItToo() {
        Frame datagram = WEB.sends().ip(WEB.ip6(), DB.ip6()).ttl(9).udp(5000, 53);
        node.from(WEB, datagram);
        node.from(WEB, datagram);
        mark();

        TestNode.Run run = node.from(WEB, datagram);

        assertThat(run.action()).isEqualTo(REDIRECT);
        assertThat(target(run)).isEqualTo(MARK);
        assertThat(run.bytes()[14 + 7]).isEqualTo((byte) 8);
    }

    @Test
    void openingAndClosingGoTheLongWay() {
        mark();
        for (int flags : new int[] {SYN, Frame.FIN | ACK, Frame.RST}) {
            assertThat(target(node.from(WEB, request(flags)))).isEqualTo(DB.mac());
        }
    }

    @Test
    void whatNeedsARouterGoesToTheStack() {
        Mac other = new Mac(0x02_00_00_00_00_ffL);

        List<Frame> frames =
                List.of(
                        WEB.sends().ip(WEB.ip4(), DB.ip4()).ttl(1).tcp(40000, 80, ACK),
                        WEB.sends().ip(WEB.ip4(), DB.ip4()).options(4).tcp(40000, 80, ACK),
                        WEB.sends().vlan(3).ip(WEB.ip4(), DB.ip4()).tcp(40000, 80, ACK),
                        Frame.eth(other, WEB.mac()).ip(WEB.ip4(), DB.ip4()).tcp(40000, 80, ACK));

        assertThat(frames)
                .allSatisfy(frame -> {
                    TestNode.Run run = node.from(WEB, frame);
                    assertThat(run.action()).isEqualTo(OK);
                    assertThat(run.bytes()).isEqualTo(frame.bytes());
                });
    }

    @Test
    void nobodyElseSpeaksInAnOpenConnection() {
        Frame forged = DB.sends().ip(WEB.ip4(), DB.ip4()).tcp(40000, 80, ACK);

        assertThat(node.from(DB, forged).action()).isEqualTo(SHOT);
        assertThat(node.drops()).isEqualTo(Map.of(Reason.SPOOFED, 1L));
        assertThat(only().openerPackets()).isEqualTo(2);
    }

    @Test
    void anotherRevisionIsAskedFirst() {
        node.apply(node.open().isolate("db", Direction.INGRESS, 50, Map.of()).build());

        assertThat(node.from(WEB, request(ACK)).action()).isEqualTo(SHOT);
        assertThat(node.from(WEB, request(ACK)).action()).as("denied by now").isEqualTo(SHOT);
        assertThat(node.drops()).isEqualTo(Map.of(Reason.POLICY_INGRESS, 2L));

        node.apply(node.open().build());

        assertThat(node.from(WEB, request(ACK)).action()).isEqualTo(REDIRECT);
    }

    @Test
    void nothingPassesWhereTheWorkloadIsGone() {
        node.datapath.detach(node.ifindex(WEB));

        assertThat(node.from(WEB, request(ACK)).action()).isEqualTo(SHOT);
        assertThat(node.drops()).isEqualTo(Map.of(Reason.NO_WORKLOAD, 1L));
    }

    @Test
    void nothingIsSentToWhereTheWorkloadWas() {
        node.datapath.detach(node.ifindex(DB));
        Frame frame = request(ACK);

        TestNode.Run run = node.from(WEB, frame);

        assertThat(run.action()).isEqualTo(OK);
        assertThat(run.bytes()).isEqualTo(frame.bytes());
    }

    @Test
    void whoGetsTheSlotGetsNotThePackets() {
        node.datapath.detach(node.ifindex(DB));
        node.datapath.attach(
                node.netlink,
                node.ifindex(DB),
                new Workload(DB.slot(), MARK, DB.gateway(), List.of(Ip.parse("10.1.0.99"))));

        assertThat(node.from(WEB, request(ACK)).action()).isEqualTo(OK);
    }

    @Test
    void itFollowsTheWorkloadToAnotherInterface() {
        node.datapath.detach(node.ifindex(DB));
        int index =
                node.netlink
                        .links()
                        .create(
                                new LinkSpec.Veth(
                                        LinkSettings.named("db2")
                                                .mac(HardwareAddress.of(DB.gateway().toBytes())),
                                        LinkSettings.named("db2-in")))
                        .index();
        node.datapath.attach(node.netlink, index, marked());

        assertThat(target(node.from(WEB, request(ACK)))).isEqualTo(MARK);
        assertThat(node.run("from_workload", index, index, reply(ACK)).action())
                .isEqualTo(REDIRECT);
        assertThat(node.from(DB, reply(ACK)).action()).as("the old one").isEqualTo(SHOT);
    }

    @Test
    void whoDiesWhileWritingAPlaceLeavesTheLongWay() {
        mark();
        byte[] whole = node.datapath.map("weft_places").lookup(key(DB.slot())).orElseThrow();
        byte[] torn = Arrays.copyOf(whole, whole.length);
        torn[PlaceValue.SEQUENCE_OFFSET] |= 1;
        node.datapath.map("weft_places").update(key(DB.slot()), torn, UpdateMode.ANY);

        assertThat(target(node.from(WEB, request(ACK)))).isEqualTo(DB.mac());

        mark(); // the next one writes it whole

        assertThat(target(node.from(WEB, request(ACK)))).isEqualTo(MARK);
    }

    /** The slot goes to and fro between DB and another workload, while WEB sends to DB. */
    @Test
    void noPacketSeesHalfOfAPlace() throws InterruptedException {
        Workload db = DB.workload();
        Workload other =
                new Workload(DB.slot(), MARK, WEB.gateway(), List.of(Ip.parse("10.1.0.99")));
        AtomicBoolean done = new AtomicBoolean();
        Thread writer =
                Thread.ofPlatform()
                        .start(() -> {
                            while (!done.get()) {
                                places.put(DB.slot(), 1, other);
                                places.put(DB.slot(), node.ifindex(DB), db);
                            }
                        });
        try {
            for (int i = 0; i < 20_000; i++) {
                TestNode.Run run = node.from(WEB, request(ACK));
                assertThat(run.action()).isEqualTo(REDIRECT);
                assertThat(target(run)).isEqualTo(DB.mac());
            }
        } finally {
            done.set(true);
            writer.join();
        }
    }

    private static byte[] key(int slot) {
        return new byte[] {(byte) slot, (byte) (slot >> 8), 0, 0};
    }

    @Test
    void theNextProcessFindsItAsItWas() {
        mark();
        node.restart();

        assertThat(target(node.from(WEB, request(ACK)))).isEqualTo(MARK);
    }
}
