package io.weft.datapath;

import static io.weft.datapath.Frame.SYN;
import static io.weft.datapath.TestNode.DB;
import static io.weft.datapath.TestNode.OK;
import static io.weft.datapath.TestNode.REDIRECT;
import static io.weft.datapath.TestNode.SHOT;
import static io.weft.datapath.TestNode.WEB;
import static io.weft.datapath.TestNode.WORLD4;
import static io.weft.datapath.TestNode.WORLD6;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.model.Mac;
import io.weft.tables.Abi;
import io.weft.tables.CounterValue;
import io.weft.tables.Direction;
import io.weft.tables.DropKey;
import io.weft.tables.EventRecord;
import io.weft.tables.EventType;
import io.weft.tables.Reason;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is let through, and how it looks afterwards; and every reason to drop but policy. */
@KernelTest
@SuppressWarnings("NullAway.Init") // BeforeEach
class PacketTest {
    private TestNode node;

    @BeforeEach
    void makeNode() {
        node = TestNode.create();
    }

    @AfterEach
    void deleteNode() {
        node.close();
    }

    private void assertDropped(Reason reason, TestNode.Run run) {
        assertThat(run.action()).isEqualTo(SHOT);
        assertThat(node.drops()).isEqualTo(Map.of(reason, 1L));
        assertThat(node.events())
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.type()).isEqualTo(EventType.DROPPED);
                    assertThat(event.reason()).isEqualTo(reason);
                });
    }

    @Test
    void aPacketToALocalWorkloadGoesStraightThere() {
        Frame frame = WEB.sends().ip(WEB.ip4(), DB.ip4()).ttl(7).tcp(40000, 80, SYN);

        TestNode.Run run = node.from(WEB, frame);

        assertThat(run.action()).isEqualTo(REDIRECT);
        byte[] before = frame.bytes();
        ByteBuffer after = ByteBuffer.wrap(run.bytes());
        assertThat(Arrays.copyOf(run.bytes(), 6)).isEqualTo(DB.mac().toBytes());
        assertThat(Arrays.copyOfRange(run.bytes(), 6, 12)).isEqualTo(DB.gateway().toBytes());
        assertThat(after.get(14 + 8)).isEqualTo((byte) 6);
        assertThat(Frame.sum(after, 14, 20, 0)).as("IPv4 checksum").isEqualTo(0xffff);
        assertThat(Arrays.copyOfRange(run.bytes(), 26, run.bytes().length))
                .isEqualTo(Arrays.copyOfRange(before, 26, before.length));
    }

    @Test
    void theChecksumStaysRightForEveryHopLimit() {
        for (int ttl = 2; ttl < 256; ttl++) {
            TestNode.Run run =
                    node.from(WEB, WEB.sends().ip(WEB.ip4(), DB.ip4()).ttl(ttl).udp(1, 2));

            assertThat(Frame.sum(ByteBuffer.wrap(run.bytes()), 14, 20, 0)).isEqualTo(0xffff);
        }
    }

    @Test
    void anIpv6PacketLosesOneHop() {
        TestNode.Run run = node.from(WEB, WEB.sends().ip(WEB.ip6(), DB.ip6()).ttl(9).udp(5000, 53));

        assertThat(run.action()).isEqualTo(REDIRECT);
        assertThat(run.bytes()[14 + 7]).isEqualTo((byte) 8);
        assertThat(Arrays.copyOf(run.bytes(), 6)).isEqualTo(DB.mac().toBytes());
    }

    @Test
    void whatLeavesTheNodeGoesToTheStackUnchanged() {
        Frame v4 = WEB.sends().ip(WEB.ip4(), WORLD4).udp(5000, 53);
        Frame v6 = WEB.sends().ip(WEB.ip6(), WORLD6).udp(5000, 53);

        assertThat(node.from(WEB, v4).action()).isEqualTo(OK);
        assertThat(node.from(WEB, v6).bytes()).isEqualTo(v6.bytes());
    }

    @Test
    void theStackGetsWhatNeedsARouter() {
        Frame expiring = WEB.sends().ip(WEB.ip4(), DB.ip4()).ttl(1).udp(1, 2);
        Frame withOptions = WEB.sends().ip(WEB.ip4(), DB.ip4()).options(8).udp(1, 2);
        Frame toAnotherMac =
                Frame.eth(new Mac(0x0200000000ffL), WEB.mac()).ip(WEB.ip4(), DB.ip4()).udp(1, 2);
        Frame tagged = WEB.sends().vlan(5).ip(WEB.ip4(), DB.ip4()).udp(1, 2);

        for (Frame frame : List.of(expiring, withOptions, toAnotherMac, tagged)) {
            TestNode.Run run = node.from(WEB, frame);
            assertThat(run.action()).isEqualTo(OK);
            assertThat(run.bytes()).isEqualTo(frame.bytes());
        }
    }

    @Test
    void anInterfaceWithoutAWorkloadLetsNothingThrough() {
        int link = node.ifindex(WEB);
        node.datapath.detach(link);

        assertDropped(
                Reason.NO_WORKLOAD, node.from(WEB, WEB.sends().ip(WEB.ip4(), WORLD4).udp(1, 2)));
        assertThat(node.datapath.drops())
                .containsKey(new DropKey(Abi.NO_SLOT, Reason.NO_WORKLOAD, Direction.EGRESS));
    }

    @Test
    void noWorkloadNoEntryEither() {
        node.datapath.detach(node.ifindex(WEB));

        assertDropped(
                Reason.NO_WORKLOAD,
                node.to(WEB, 0, WEB.gets().ip(TestNode.NODE4, WEB.ip4()).udp(1, 2)));
    }

    @Test
    void headersMustBeWhole() {
        byte[] whole = WEB.sends().ip(WEB.ip4(), WORLD4).tcp(1, 2, SYN).bytes();
        ByteBuffer shortLength = ByteBuffer.wrap(whole.clone()).putShort(14 + 2, (short) 30);
        ByteBuffer badVersion = ByteBuffer.wrap(whole.clone()).put(14, (byte) 0x55);
        ByteBuffer badHeaderLength = ByteBuffer.wrap(whole.clone()).put(14, (byte) 0x44);
        ByteBuffer badDataOffset = ByteBuffer.wrap(whole.clone()).put(14 + 32, (byte) 0x40);
        ByteBuffer tooLong = ByteBuffer.wrap(whole.clone()).putShort(14 + 2, (short) 2000);
        List<byte[]> broken =
                List.of(
                        Arrays.copyOf(whole, 40),
                        shortLength.array(),
                        badVersion.array(),
                        badHeaderLength.array(),
                        badDataOffset.array(),
                        tooLong.array());
        for (byte[] bytes : broken) {
            assertThat(node.from(WEB, raw(bytes)).action()).isEqualTo(SHOT);
        }

        assertThat(node.drops()).isEqualTo(Map.of(Reason.MALFORMED, (long) broken.size()));
    }

    private static Frame raw(byte[] bytes) {
        return Frame.eth(WEB.gateway(), WEB.mac())
                .type(bytes[12] << 8 | bytes[13])
                .raw(Arrays.copyOfRange(bytes, 14, bytes.length));
    }

    @Test
    void onlyIpAndArpAreCarried() {
        assertDropped(Reason.ETHERTYPE, node.from(WEB, WEB.sends().type(0x88cc).payload(46)));
    }

    @Test
    void threeTagsAreTooMany() {
        Frame frame = WEB.sends().vlan(1).vlan(2).vlan(3).ip(WEB.ip4(), WORLD4).udp(1, 2);

        assertDropped(Reason.ETHERTYPE, node.from(WEB, frame));
    }

    @Test
    void aTagHidesNothing() {
        Frame spoofed = WEB.sends().vlan(1).vlan(2).ip(DB.ip4(), WORLD4).udp(1, 2);

        assertDropped(Reason.SPOOFED, node.from(WEB, spoofed));
    }

    @Test
    void aWorkloadSpeaksOnlyForItself() {
        List<Frame> lies =
                List.of(
                        WEB.sends().ip(DB.ip4(), WORLD4).udp(1, 2),
                        WEB.sends().ip(DB.ip6(), WORLD6).udp(1, 2),
                        WEB.sends().ip(WORLD4, DB.ip4()).tcp(1, 2, SYN),
                        WEB.sends().ip(Ip.parse("0.0.0.0"), DB.ip4()).udp(68, 67),
                        WEB.sends().ip(Ip.parse("::"), DB.ip6()).udp(1, 2),
                        WEB.sends().ip(Ip.parse("fe80::1"), DB.ip6()).udp(1, 2));
        for (Frame lie : lies) {
            assertThat(node.from(WEB, lie).action()).isEqualTo(SHOT);
        }

        assertThat(node.drops()).isEqualTo(Map.of(Reason.SPOOFED, (long) lies.size()));
        assertThat(node.datapath.drops().keySet())
                .containsExactly(new DropKey(WEB.slot(), Reason.SPOOFED, Direction.EGRESS));
    }

    @Test
    void nobodyOutsideSpeaksForALocalWorkload() {
        Frame frame = DB.gets().ip(WEB.ip4(), DB.ip4()).udp(1, 2);

        assertThat(node.to(DB, node.ifindex(WEB), frame).action()).isEqualTo(OK);
        assertDroppedAfter(
                Reason.SPOOFED,
                node.to(DB, node.uplink(), DB.gets().ip(WEB.ip4(), DB.ip4()).udp(3, 4)));
    }

    private void assertDroppedAfter(Reason reason, TestNode.Run run) {
        assertThat(run.action()).isEqualTo(SHOT);
        assertThat(node.drops()).containsEntry(reason, 1L);
    }

    @Test
    void aWorkloadGetsOnlyWhatIsForIt() {
        assertDropped(
                Reason.DESTINATION,
                node.to(WEB, node.uplink(), WEB.gets().ip(WORLD4, DB.ip4()).udp(1, 2)));
    }

    @Test
    void extensionHeadersAreWalked() {
        Frame frame =
                WEB.sends()
                        .ip(WEB.ip6(), DB.ip6())
                        .extension(0)
                        .extension(60)
                        .extension(43)
                        .extension(60)
                        .tcp(40000, 80, SYN);

        assertThat(node.from(WEB, frame).action()).as("by the stack").isEqualTo(OK);
        assertThat(node.events())
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.protocol()).isEqualTo(6);
                    assertThat(event.destinationPort()).isEqualTo(80);
                });
    }

    @Test
    void tooManyExtensionHeadersAreDropped() {
        Frame frame = WEB.sends().ip(WEB.ip6(), DB.ip6());
        for (int i = 0; i < 7; i++) {
            frame.extension(60);
        }

        assertDropped(Reason.EXTENSION_HEADERS, node.from(WEB, frame.udp(1, 2)));
    }

    @Test
    void aRoutingHeaderInUseWouldHideTheDestination() {
        Frame frame = WEB.sends().ip(WEB.ip6(), WORLD6).extension(43, 4, 1).udp(1, 2);

        assertDropped(Reason.EXTENSION_HEADERS, node.from(WEB, frame));
    }

    @Test
    void anExtensionHeaderMayNotReachPastTheEnd() {
        Frame frame = WEB.sends().ip(WEB.ip6(), WORLD6).extension(60).protocol(60);

        assertDropped(Reason.MALFORMED, node.from(WEB, frame));
    }

    @Test
    void multicastIsJudgedAndGoesToTheStack() {
        Frame mdns = WEB.sends().ip(WEB.ip4(), Ip.parse("224.0.0.251")).udp(5353, 5353);

        assertThat(node.from(WEB, mdns).action()).isEqualTo(OK);
        assertThat(node.events())
                .singleElement()
                .extracting(EventRecord::type)
                .isEqualTo(EventType.OPENED);
    }

    @Test
    void dropsAreCountedWithTheirBytes() {
        Frame frame = WEB.sends().ip(DB.ip4(), WORLD4).udp(1, 2).payload(72);
        node.from(WEB, frame);
        node.from(WEB, frame);

        assertThat(node.datapath.drops())
                .containsEntry(
                        new DropKey(WEB.slot(), Reason.SPOOFED, Direction.EGRESS),
                        new CounterValue(2, 200));
    }

    @Test
    void eventsThatFindTheRingFullAreCounted() {
        Frame frame = WEB.sends().ip(DB.ip4(), WORLD4).udp(1, 2);
        int sent = 2 * TestNode.SMALL.eventBytes() / (EventRecord.SIZE + 8);
        for (int i = 0; i < sent; i++) {
            node.from(WEB, frame);
        }

        int delivered = node.events().size();
        assertThat(node.datapath.counters().eventsLost()).isEqualTo(sent - delivered);
        assertThat(delivered).isPositive().isLessThan(sent);
    }

    @Test
    void aDetachedSlotStartsItsCountersAnew() {
        node.from(WEB, WEB.sends().ip(DB.ip4(), WORLD4).udp(1, 2));

        assertThat(node.datapath.detach(node.ifindex(WEB))).isTrue();
        assertThat(node.datapath.detach(node.ifindex(WEB))).isFalse();

        assertThat(node.drops()).isEmpty();
    }
}
