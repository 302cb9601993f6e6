package io.weft.datapath;

import static io.weft.datapath.TestNode.DB;
import static io.weft.datapath.TestNode.NODE4;
import static io.weft.datapath.TestNode.NODE6;
import static io.weft.datapath.TestNode.OK;
import static io.weft.datapath.TestNode.REDIRECT;
import static io.weft.datapath.TestNode.SHOT;
import static io.weft.datapath.TestNode.WEB;
import static io.weft.datapath.TestNode.WORLD6;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.model.Mac;
import io.weft.tables.Reason;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A workload behind a bridge: others are on its link, and it must not speak for them. */
@KernelTest
@SuppressWarnings("NullAway.Init") // BeforeEach
class SwitchedTest {
    private static final int REQUEST = 1;
    private static final int REPLY = 2;
    private static final int SOLICITATION = 135;
    private static final int ADVERTISEMENT = 136;
    private static final int SOURCE_MAC = 1;
    private static final int TARGET_MAC = 2;
    private static final Mac ALL = new Mac(0xffffffffffffL);
    private static final Mac NOBODY = new Mac(0);
    private static final Ip NEIGHBOUR4 = Ip.parse("10.1.0.200"); // on its link, and no workload
    private static final Ip NEIGHBOUR6 = Ip.parse("fd00:1::200");
    private static final Mac NEIGHBOUR = new Mac(0x02_00_00_00_09_09L);
    private static final Ip OWN_LINK_LOCAL = Ip.parse("fe80::ff:fe00:200"); // of WEB.mac()
    private static final Ip ROUTER = Ip.parse("fe80::1");

    private TestNode node;

    @BeforeEach
    void makeNode() {
        node = TestNode.create();
        node.datapath.attach(
                node.netlink,
                node.ifindex(WEB),
                new Workload(
                        WEB.slot(),
                        WEB.mac(),
                        WEB.gateway(),
                        List.of(WEB.ip4(), WEB.ip6()),
                        Workload.Link.SWITCHED));
    }

    @AfterEach
    void deleteNode() {
        node.close();
    }

    private static Frame broadcast() {
        return Frame.eth(ALL, WEB.mac());
    }

    private static Frame asks(Ip from, Ip target) {
        return broadcast()
                .ip(from, Ip.parse("ff02::1:ff00:1"))
                .neighbour(SOLICITATION, target, SOURCE_MAC, WEB.mac());
    }

    @Test
    void theNodeAndWorkloadsAreAnsweredForAndOthersAnswerThemselves() {
        for (Ip behind : List.of(NODE4, DB.ip4())) {
            Frame ask = broadcast().arp(REQUEST, WEB.mac(), WEB.ip4(), NOBODY, behind);
            assertThat(node.from(WEB, ask).action()).as("%s", behind).isEqualTo(REDIRECT);
        }
        for (Ip behind : List.of(NODE6, DB.ip6())) {
            assertThat(node.from(WEB, asks(WEB.ip6(), behind)).action()).isEqualTo(REDIRECT);
        }
        Frame ask = broadcast().arp(REQUEST, WEB.mac(), WEB.ip4(), NOBODY, NEIGHBOUR4);
        assertThat(node.from(WEB, ask).action()).isEqualTo(OK);
        assertThat(node.from(WEB, ask).bytes()).isEqualTo(ask.bytes());
        assertThat(node.from(WEB, asks(WEB.ip6(), NEIGHBOUR6)).action()).isEqualTo(OK);
        assertThat(node.from(WEB, asks(OWN_LINK_LOCAL, ROUTER)).action()).isEqualTo(OK);
        assertThat(node.drops()).isEmpty();
    }

    @Test
    void othersOnItsLinkMayAskIt() {
        Frame arp =
                Frame.eth(ALL, NEIGHBOUR).arp(REQUEST, NEIGHBOUR, NEIGHBOUR4, NOBODY, WEB.ip4());
        Frame solicitation =
                Frame.eth(WEB.mac(), NEIGHBOUR)
                        .ip(NEIGHBOUR6, WEB.ip6())
                        .neighbour(SOLICITATION, WEB.ip6(), SOURCE_MAC, NEIGHBOUR);
        assertThat(node.to(WEB, node.uplink(), arp).action()).isEqualTo(OK);
        assertThat(node.to(WEB, node.uplink(), solicitation).action()).isEqualTo(OK);
        Frame reply =
                Frame.eth(NEIGHBOUR, WEB.mac())
                        .arp(REPLY, WEB.mac(), WEB.ip4(), NEIGHBOUR, NEIGHBOUR4);
        assertThat(node.from(WEB, reply).action()).isEqualTo(OK);
    }

    @Test
    void itAnswersItsNeighboursAndTellsThemNothingElse() {
        Frame answer =
                Frame.eth(NEIGHBOUR, WEB.mac())
                        .ip(WEB.ip6(), NEIGHBOUR6)
                        .neighbour(ADVERTISEMENT, WEB.ip6(), TARGET_MAC, WEB.mac());
        Frame probe =
                Frame.eth(NEIGHBOUR, WEB.mac())
                        .ip(WEB.ip6(), NEIGHBOUR6)
                        .neighbour(SOLICITATION, NEIGHBOUR6, SOURCE_MAC, WEB.mac());
        assertThat(node.from(WEB, bare(answer)).action()).isEqualTo(OK);
        assertThat(node.from(WEB, bare(probe)).action()).isEqualTo(OK);
        assertThat(node.from(WEB, answer).action()).as("with words in reserved").isEqualTo(SHOT);
        assertThat(node.from(WEB, probe).action()).as("with words in reserved").isEqualTo(SHOT);
        Frame elsewhere =
                Frame.eth(NEIGHBOUR, WEB.mac())
                        .ip(WEB.ip6(), WORLD6)
                        .neighbour(SOLICITATION, NEIGHBOUR6, SOURCE_MAC, WEB.mac());
        assertThat(node.from(WEB, bare(elsewhere)).action()).isEqualTo(SHOT);
    }

    /** {@return it without the builder's identifier and sequence number} */
    private static Frame bare(Frame frame) {
        byte[] bytes = frame.bytes();
        Arrays.fill(bytes, 14 + 40 + 4, 14 + 40 + 8, (byte) 0);
        return Frame.eth(NEIGHBOUR, WEB.mac())
                .type(0x86dd)
                .raw(Arrays.copyOfRange(bytes, 14, bytes.length));
    }

    @Test
    void itDoesNotSpeakForOthers() {
        List<Frame> frames =
                List.of(
                        broadcast().arp(REPLY, WEB.mac(), NEIGHBOUR4, NOBODY, NODE4),
                        broadcast()
                                .ip(OWN_LINK_LOCAL, Ip.parse("ff02::1"))
                                .neighbour(ADVERTISEMENT, ROUTER, TARGET_MAC, WEB.mac()),
                        broadcast()
                                .ip(WEB.ip6(), Ip.parse("ff02::1"))
                                .neighbour(ADVERTISEMENT, NEIGHBOUR6, TARGET_MAC, WEB.mac()),
                        asks(ROUTER, NEIGHBOUR6));
        for (Frame frame : frames) {
            assertThat(node.from(WEB, frame).action()).isEqualTo(SHOT);
        }
        assertThat(node.drops()).isEqualTo(Map.of(Reason.NEIGHBOUR, (long) frames.size()));
    }

    @Test
    void aFrameFromAnothersMacIsForged() {
        Frame forged = Frame.eth(WEB.gateway(), NEIGHBOUR).ip(WEB.ip4(), NODE4).icmp(8, 0, 7);
        assertThat(node.from(WEB, forged).action()).isEqualTo(SHOT);
        Frame arp = Frame.eth(ALL, NEIGHBOUR).arp(REQUEST, WEB.mac(), WEB.ip4(), NOBODY, NODE4);
        assertThat(node.from(WEB, arp).action()).isEqualTo(SHOT);
        assertThat(node.drops()).isEqualTo(Map.of(Reason.SPOOFED, 2L));
    }
}
