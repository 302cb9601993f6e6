package io.weft.datapath;

import static io.weft.datapath.Frame.SYN;
import static io.weft.datapath.TestNode.DB;
import static io.weft.datapath.TestNode.OK;
import static io.weft.datapath.TestNode.REDIRECT;
import static io.weft.datapath.TestNode.SHOT;
import static io.weft.datapath.TestNode.WEB;
import static io.weft.datapath.TestNode.WEB_ID;
import static io.weft.datapath.TestNode.WORLD4;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.tables.Direction;
import io.weft.tables.EventType;
import io.weft.tables.MatchKey;
import io.weft.tables.Reason;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** ICMP errors belong to the connection of the packet that they quote. */
@KernelTest
@SuppressWarnings("NullAway.Init") // BeforeEach
class IcmpErrorTest {
    private static final Ip ROUTER = Ip.parse("198.51.100.1");

    private TestNode node;

    /**
     * WEB may only be spoken to in answer; DB takes UDP 53 and TCP 80 from WEB, and says nothing.
     */
    @BeforeEach
    void isolate() {
        node = TestNode.create();
        node.apply(
                node.open()
                        .isolate("web", Direction.INGRESS, 49, Map.of())
                        .isolate("db", Direction.EGRESS, 48, Map.of())
                        .isolate(
                                "db",
                                Direction.INGRESS,
                                50,
                                Map.of(
                                        new MatchKey(WEB_ID, 17, 53, 24), TestTables.allow(51),
                                        new MatchKey(WEB_ID, 6, 80, 24), TestTables.allow(52)))
                        .build());
    }

    @AfterEach
    void deleteNode() {
        node.close();
    }

    private static Frame query4() {
        return WEB.sends().ip(WEB.ip4(), DB.ip4()).udp(5000, 53);
    }

    private static Frame query6() {
        return WEB.sends().ip(WEB.ip6(), DB.ip6()).udp(5000, 53);
    }

    private static Frame error4(Frame about) {
        return DB.sends().ip(DB.ip4(), WEB.ip4()).unreachable(about);
    }

    @Test
    void anErrorAboutAKnownConnectionPasses() {
        node.from(WEB, query4());
        node.from(WEB, query6());

        assertThat(node.from(DB, error4(query4())).action()).isEqualTo(REDIRECT);
        Frame error6 = DB.sends().ip(DB.ip6(), WEB.ip6()).unreachable(query6());
        assertThat(node.from(DB, error6).action()).isEqualTo(REDIRECT);
        assertThat(node.datapath.connections().list()).hasSize(2);
        assertThat(node.datapath.connections().list().values())
                .as("the error is no packet of the connection")
                .allMatch(conn -> conn.responderPackets() == 0);
    }

    @Test
    void anErrorAboutNothingIsJudgedLikeAnyPacket() {
        assertThat(node.from(DB, error4(query4())).action()).isEqualTo(SHOT);
        assertThat(node.drops()).isEqualTo(Map.of(Reason.POLICY_EGRESS, 1L));
        assertThat(node.datapath.connections().list()).isEmpty();
    }

    @Test
    void aRouterOnTheWayMayTell() {
        Frame out = WEB.sends().ip(WEB.ip4(), WORLD4).tcp(40000, 80, SYN);
        node.from(WEB, out);

        Frame error = WEB.gets().ip(ROUTER, WEB.ip4()).unreachable(out);
        assertThat(node.to(WEB, node.uplink(), error).action()).isEqualTo(OK);
        Frame made =
                WEB.gets()
                        .ip(ROUTER, WEB.ip4())
                        .unreachable(WEB.sends().ip(WEB.ip4(), WORLD4).tcp(40001, 80, SYN));
        assertThat(node.to(WEB, node.uplink(), made).action()).isEqualTo(SHOT);
    }

    @Test
    void theErrorMustGoToWhomItIsAbout() {
        node.from(WEB, query4());
        Frame toAnother = DB.sends().ip(DB.ip4(), WORLD4).unreachable(query4());

        assertThat(node.from(DB, toAnother).action()).isEqualTo(SHOT);
    }

    @Test
    void aWorkloadMayNotTellOfOthersConnections() {
        Frame out = WEB.sends().ip(WEB.ip4(), WORLD4).udp(5000, 53);
        node.from(WEB, out);

        assertThat(node.from(DB, error4(out)).action()).isEqualTo(SHOT);
    }

    @Test
    void anErrorAboutADeniedConnectionIsDropped() {
        node.from(WEB, query4());
        node.apply(node.open().isolate("db", Direction.INGRESS, 60, Map.of()).build());
        node.events();

        assertThat(node.from(DB, error4(query4())).action()).isEqualTo(SHOT);
        assertThat(node.events().getFirst().type()).isEqualTo(EventType.CHANGED);
    }

    @Test
    void aQuoteWithoutPortsIsNoProof() {
        node.from(WEB, query4());
        Frame later =
                WEB.sends().ip(WEB.ip4(), DB.ip4()).fragment(1, 16, false).protocol(17).payload(8);

        assertThat(node.from(DB, error4(later)).action()).isEqualTo(SHOT);
    }
}
