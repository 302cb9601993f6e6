package io.weft.datapath;

import static io.weft.datapath.Frame.SYN;
import static io.weft.datapath.TestNode.DB;
import static io.weft.datapath.TestNode.OK;
import static io.weft.datapath.TestNode.REDIRECT;
import static io.weft.datapath.TestNode.SHOT;
import static io.weft.datapath.TestNode.WEB;
import static io.weft.datapath.TestNode.WEB_ID;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.kernel.testing.KernelTest;
import io.weft.tables.Direction;
import io.weft.tables.MatchKey;
import io.weft.tables.Reason;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Later fragments carry no ports: they follow the first one, or go nowhere. */
@KernelTest
@SuppressWarnings("NullAway.Init") // BeforeEach
class FragmentTest {
    private static final int UDP = 17;

    private TestNode node;

    @BeforeEach
    void onlyPort53IsOpen() {
        node = TestNode.create();
        node.apply(
                node.open()
                        .isolate(
                                "db",
                                Direction.INGRESS,
                                50,
                                Map.of(new MatchKey(WEB_ID, UDP, 53, 24), TestTables.allow(51)))
                        .build());
    }

    @AfterEach
    void deleteNode() {
        node.close();
    }

    private static Frame first4(int id, int port) {
        return WEB.sends().ip(WEB.ip4(), DB.ip4()).fragment(id, 0, true).udp(5000, port).payload(8);
    }

    private static Frame later4(int id) {
        return WEB.sends().ip(WEB.ip4(), DB.ip4()).fragment(id, 16, false).protocol(UDP).payload(8);
    }

    private static Frame first6(int id, int port) {
        return WEB.sends().ip(WEB.ip6(), DB.ip6()).fragment(id, 0, true).udp(5000, port).payload(8);
    }

    private static Frame later6(int id) {
        return WEB.sends().ip(WEB.ip6(), DB.ip6()).fragment(id, 16, false).protocol(UDP).payload(8);
    }

    @Test
    void laterOnesFollowTheFirst() {
        assertThat(node.from(WEB, first4(1, 53)).action()).isEqualTo(REDIRECT);
        assertThat(node.from(WEB, later4(1)).action()).isEqualTo(REDIRECT);
        assertThat(node.from(WEB, first6(1, 53)).action()).as("by the stack").isEqualTo(OK);
        assertThat(node.from(WEB, later6(1)).action()).isEqualTo(OK);

        assertThat(node.datapath.connections().list()).hasSize(2);
        assertThat(node.drops()).isEmpty();
    }

    @Test
    void theFirstWasDeniedAndSoAreTheOthers() {
        assertThat(node.from(WEB, first4(2, 54)).action()).isEqualTo(SHOT);
        assertThat(node.from(WEB, later4(2)).action()).isEqualTo(SHOT);
        assertThat(node.from(WEB, first6(2, 54)).action()).isEqualTo(SHOT);
        assertThat(node.from(WEB, later6(2)).action()).isEqualTo(SHOT);

        assertThat(node.drops()).isEqualTo(Map.of(Reason.POLICY_INGRESS, 2L, Reason.FRAGMENT, 2L));
    }

    @Test
    void oneThatOvertakesTheFirstIsDropped() {
        assertThat(node.from(WEB, later4(3)).action()).isEqualTo(SHOT);
        assertThat(node.from(WEB, first4(3, 53)).action()).isEqualTo(REDIRECT);
        assertThat(node.from(WEB, later4(3)).action()).isEqualTo(REDIRECT);

        assertThat(node.drops()).isEqualTo(Map.of(Reason.FRAGMENT, 1L));
    }

    @Test
    void datagramsAreToldApart() {
        node.from(WEB, first4(4, 53));

        assertThat(node.from(WEB, later4(5)).action()).as("another id").isEqualTo(SHOT);
        Frame otherProtocol =
                WEB.sends().ip(WEB.ip4(), DB.ip4()).fragment(4, 16, false).protocol(132).payload(8);
        assertThat(node.from(WEB, otherProtocol).action()).isEqualTo(SHOT);
    }

    @Test
    void laterOnesAreJudgedAgainWithTheirConnection() {
        node.from(WEB, first4(6, 53));
        node.apply(node.open().isolate("db", Direction.INGRESS, 60, Map.of()).build());

        assertThat(node.from(WEB, later4(6)).action()).isEqualTo(SHOT);
        assertThat(node.drops()).isEqualTo(Map.of(Reason.POLICY_INGRESS, 1L));
    }

    @Test
    void extensionHeadersBeforeTheTransportAreInTheFirstOnly() {
        Frame first =
                WEB.sends()
                        .ip(WEB.ip6(), DB.ip6())
                        .fragment(7, 0, true)
                        .extension(60)
                        .udp(5000, 53);
        Frame later =
                WEB.sends().ip(WEB.ip6(), DB.ip6()).fragment(7, 16, false).protocol(60).payload(8);

        assertThat(node.from(WEB, first).action()).isEqualTo(OK);
        assertThat(node.from(WEB, later).action()).isEqualTo(OK);
        assertThat(node.datapath.connections().list()).hasSize(1);
    }

    @Test
    void anAtomicFragmentIsAWholePacket() {
        Frame atomic = WEB.sends().ip(WEB.ip6(), DB.ip6()).fragment(8, 0, false).udp(5000, 53);

        assertThat(node.from(WEB, atomic).action()).isEqualTo(OK);
        assertThat(node.from(WEB, later6(8)).action()).isEqualTo(SHOT);
    }

    @Test
    void theSecondMayNotRewriteTcpFlags() {
        Frame overlapping =
                WEB.sends().ip(WEB.ip4(), DB.ip4()).fragment(9, 8, true).protocol(6).payload(16);

        assertThat(node.from(WEB, overlapping).action()).isEqualTo(SHOT);
        assertThat(node.drops()).isEqualTo(Map.of(Reason.MALFORMED, 1L));
    }

    @Test
    void aFirstFragmentTooShortForItsPortsIsDropped() {
        Frame tiny =
                WEB.sends().ip(WEB.ip4(), DB.ip4()).fragment(10, 0, true).protocol(6).payload(16);

        assertThat(node.from(WEB, tiny).action()).isEqualTo(SHOT);
        assertThat(node.drops()).isEqualTo(Map.of(Reason.MALFORMED, 1L));
    }

    @Test
    void fragmentsFromOutsideAreTrackedToo() {
        node.apply(node.open().build());
        Frame first =
                DB.gets()
                        .ip(TestNode.WORLD4, DB.ip4())
                        .fragment(11, 0, true)
                        .tcp(1, 2, SYN)
                        .payload(4);
        Frame later =
                DB.gets()
                        .ip(TestNode.WORLD4, DB.ip4())
                        .fragment(11, 24, false)
                        .protocol(6)
                        .payload(8);

        assertThat(node.to(DB, node.uplink(), later).action()).isEqualTo(SHOT);
        assertThat(node.to(DB, node.uplink(), first).action()).isEqualTo(OK);
        assertThat(node.to(DB, node.uplink(), later).action()).isEqualTo(OK);
    }
}
