package io.weft.datapath;

import static io.weft.datapath.TestNode.DB;
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
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** ARP and neighbour discovery: answered for every address but the workload's own. */
@KernelTest
@SuppressWarnings("NullAway.Init") // BeforeEach
class NeighbourTest {
    private static final int REQUEST = 1;
    private static final int REPLY = 2;
    private static final int SOLICITATION = 135;
    private static final int ADVERTISEMENT = 136;
    private static final int SOURCE_MAC = 1;
    private static final int TARGET_MAC = 2;
    private static final Mac ALL = new Mac(0xffffffffffffL);
    private static final Mac NOBODY = new Mac(0);
    private static final Ip GATEWAY4 = Ip.parse("169.254.1.1");
    private static final Ip GATEWAY6 = Ip.parse("fe80::1");
    private static final Ip LINK_LOCAL = Ip.parse("fe80::aa");
    private static final Ip ALL_NODES = Ip.parse("ff02::1");

    private TestNode node;

    @BeforeEach
    void makeNode() {
        node = TestNode.create();
    }

    @AfterEach
    void deleteNode() {
        node.close();
    }

    private static Frame broadcast() {
        return Frame.eth(ALL, WEB.mac());
    }

    private void assertRefused(Frame... frames) {
        for (Frame frame : frames) {
            assertThat(node.from(WEB, frame).action()).isEqualTo(SHOT);
        }
        assertThat(node.drops()).isEqualTo(Map.of(Reason.NEIGHBOUR, (long) frames.length));
    }

    @Test
    void anArpRequestIsAnsweredWithTheGatewaysMac() {
        for (Ip target : List.of(GATEWAY4, DB.ip4())) {
            TestNode.Run run =
                    node.from(WEB, broadcast().arp(REQUEST, WEB.mac(), WEB.ip4(), NOBODY, target));

            assertThat(run.action()).isEqualTo(REDIRECT);
            assertThat(run.bytes())
                    .isEqualTo(
                            WEB.gets()
                                    .arp(REPLY, WEB.gateway(), target, WEB.mac(), WEB.ip4())
                                    .bytes());
        }
        assertThat(node.drops()).isEmpty();
    }

    @Test
    void probesAnnouncementsAndRepliesGoToTheStack() {
        Ip nobody = Ip.parse("0.0.0.0");
        List<Frame> frames =
                List.of(
                        broadcast().arp(REQUEST, WEB.mac(), nobody, NOBODY, WEB.ip4()),
                        broadcast().arp(REQUEST, WEB.mac(), WEB.ip4(), NOBODY, WEB.ip4()),
                        WEB.sends().arp(REPLY, WEB.mac(), WEB.ip4(), WEB.gateway(), GATEWAY4));

        for (Frame frame : frames) {
            TestNode.Run run = node.from(WEB, frame);
            assertThat(run.action()).isEqualTo(OK);
            assertThat(run.bytes()).isEqualTo(frame.bytes());
        }
    }

    @Test
    void aWorkloadDoesNotAnswerForOthers() {
        assertRefused(
                WEB.sends().arp(REPLY, WEB.mac(), DB.ip4(), WEB.gateway(), GATEWAY4),
                broadcast().arp(REQUEST, WEB.mac(), DB.ip4(), NOBODY, GATEWAY4),
                broadcast().arp(REQUEST, DB.mac(), WEB.ip4(), NOBODY, GATEWAY4),
                broadcast().arp(9, WEB.mac(), WEB.ip4(), NOBODY, GATEWAY4));
    }

    @Test
    void aSolicitationIsAnsweredWithTheGatewaysMac() {
        for (Ip source : List.of(WEB.ip6(), LINK_LOCAL)) {
            for (Ip target : List.of(GATEWAY6, DB.ip6())) {
                Frame ask =
                        broadcast()
                                .ip(source, Ip.parse("ff02::1:ff00:1"))
                                .neighbour(SOLICITATION, target, SOURCE_MAC, WEB.mac());

                TestNode.Run run = node.from(WEB, ask);

                assertThat(run.action()).isEqualTo(REDIRECT);
                byte[] answer = run.bytes();
                byte[] expected =
                        WEB.gets()
                                .ip(target, source)
                                .neighbour(ADVERTISEMENT, target, TARGET_MAC, WEB.gateway())
                                .bytes();
                assertThat(checksum(answer)).isEqualTo(0xffff);
                answer[14 + 40 + 2] = 0; // the checksum, just verified
                answer[14 + 40 + 3] = 0;
                expected[14 + 40 + 4] = (byte) 0xe0; // router, solicited, override
                expected[14 + 40 + 7] = 0; // the builder's identifier and sequence number
                assertThat(answer).isEqualTo(expected);
            }
        }
    }

    /** {@return the sum over pseudo-header and message, 0xffff when the checksum is right} */
    private static int checksum(byte[] frame) {
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        int length = frame.length - 14 - 40;
        return Frame.sum(bytes, 14 + 8, 32 + length, length + 58);
    }

    @Test
    void aSolicitationWithoutAnOptionGetsAnAnswerWithoutOne() {
        byte[] ask =
                WEB.sends()
                        .ip(WEB.ip6(), GATEWAY6)
                        .neighbour(SOLICITATION, GATEWAY6, SOURCE_MAC, WEB.mac())
                        .bytes();
        Frame bare = WEB.sends().type(0x86dd).raw(Arrays.copyOfRange(ask, 14, ask.length - 8));
        byte[] shorter = bare.bytes();
        ByteBuffer.wrap(shorter).putShort(14 + 4, (short) 24);

        TestNode.Run run =
                node.from(
                        WEB,
                        WEB.sends()
                                .type(0x86dd)
                                .raw(Arrays.copyOfRange(shorter, 14, shorter.length)));

        assertThat(run.action()).isEqualTo(REDIRECT);
        assertThat(run.bytes()).hasSize(14 + 40 + 24);
        assertThat(checksum(run.bytes())).isEqualTo(0xffff);
    }

    @Test
    void probesForDuplicatesGetNoAnswer() {
        Ip nobody = Ip.parse("::");
        Frame own =
                broadcast()
                        .ip(nobody, Ip.parse("ff02::1:ff00:a"))
                        .neighbour(SOLICITATION, WEB.ip6(), SOURCE_MAC, WEB.mac());
        Frame other =
                broadcast()
                        .ip(nobody, Ip.parse("ff02::1:ff00:aa"))
                        .neighbour(SOLICITATION, LINK_LOCAL, SOURCE_MAC, WEB.mac());

        assertThat(node.from(WEB, own).bytes()).isEqualTo(own.bytes());
        assertThat(node.from(WEB, other).action()).isEqualTo(OK);
    }

    @Test
    void advertisementsForOneselfGoToTheStack() {
        Frame own =
                WEB.sends()
                        .ip(WEB.ip6(), GATEWAY6)
                        .neighbour(ADVERTISEMENT, WEB.ip6(), TARGET_MAC, WEB.mac());
        Frame toTheNode =
                WEB.sends()
                        .ip(LINK_LOCAL, NODE6)
                        .neighbour(ADVERTISEMENT, LINK_LOCAL, TARGET_MAC, WEB.mac());

        assertThat(node.from(WEB, own).action()).isEqualTo(OK);
        assertThat(node.from(WEB, toTheNode).action()).isEqualTo(OK);
    }

    @Test
    void whatOnlyARouterOrAnotherMaySayIsDropped() {
        assertRefused(
                WEB.sends().ip(LINK_LOCAL, ALL_NODES).icmp(134, 0, 0).ttl(255).payload(8),
                WEB.sends().ip(LINK_LOCAL, ALL_NODES).icmp(137, 0, 0).ttl(255).payload(32),
                WEB.sends().ip(LINK_LOCAL, ALL_NODES).icmp(130, 0, 0).payload(16),
                WEB.sends()
                        .ip(WEB.ip6(), ALL_NODES)
                        .neighbour(ADVERTISEMENT, DB.ip6(), TARGET_MAC, WEB.mac()),
                WEB.sends().ip(WEB.ip4(), DB.ip4()).icmp(5, 1, 0));
    }

    @Test
    void neighbourMessagesDoNotLeaveTheLink() {
        assertRefused(
                WEB.sends()
                        .ip(WEB.ip6(), WORLD6)
                        .neighbour(ADVERTISEMENT, WEB.ip6(), TARGET_MAC, WEB.mac()),
                WEB.sends()
                        .ip(WEB.ip6(), GATEWAY6)
                        .neighbour(SOLICITATION, GATEWAY6, SOURCE_MAC, WEB.mac())
                        .ttl(64),
                WEB.sends() // a probe of its own address, but not to those who could have it
                        .ip(WEB.ip6(), WORLD6)
                        .neighbour(SOLICITATION, WEB.ip6(), SOURCE_MAC, WEB.mac()));
    }

    @Test
    void multicastListenerReportsAndRouterSolicitationsGoToTheStack() {
        Frame report =
                WEB.sends()
                        .ip(LINK_LOCAL, Ip.parse("ff02::16"))
                        .extension(0)
                        .icmp(143, 0, 0)
                        .ttl(1);
        Frame solicitation =
                WEB.sends().ip(LINK_LOCAL, Ip.parse("ff02::2")).icmp(133, 0, 0).ttl(255);

        assertThat(node.from(WEB, report).action()).isEqualTo(OK);
        assertThat(node.from(WEB, solicitation).action()).isEqualTo(OK);
    }

    @Test
    void theNodeAsksAndOthersDoNot() {
        Frame arp =
                Frame.eth(ALL, WEB.gateway())
                        .arp(REQUEST, WEB.gateway(), GATEWAY4, NOBODY, WEB.ip4());
        Frame ask =
                WEB.gets()
                        .ip(GATEWAY6, WEB.ip6())
                        .neighbour(SOLICITATION, WEB.ip6(), SOURCE_MAC, WEB.gateway());

        assertThat(node.to(WEB, 0, arp).action()).isEqualTo(OK);
        assertThat(node.to(WEB, 0, ask).action()).isEqualTo(OK);
        assertThat(node.to(WEB, node.ifindex(WEB), ask).action()).as("our answer").isEqualTo(OK);
        assertThat(node.to(WEB, node.uplink(), arp).action()).isEqualTo(SHOT);
        assertThat(node.to(WEB, node.uplink(), ask).action()).isEqualTo(SHOT);
    }
}
