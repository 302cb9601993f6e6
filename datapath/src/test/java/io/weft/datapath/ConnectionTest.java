package io.weft.datapath;

import static io.weft.datapath.Frame.ACK;
import static io.weft.datapath.Frame.FIN;
import static io.weft.datapath.Frame.RST;
import static io.weft.datapath.Frame.SYN;
import static io.weft.datapath.TestNode.DB;
import static io.weft.datapath.TestNode.DB_ID;
import static io.weft.datapath.TestNode.OK;
import static io.weft.datapath.TestNode.REDIRECT;
import static io.weft.datapath.TestNode.SHOT;
import static io.weft.datapath.TestNode.WEB;
import static io.weft.datapath.TestNode.WEB_ID;
import static io.weft.datapath.TestNode.WORLD4;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.kernel.testing.KernelTest;
import io.weft.tables.ConnectionKey;
import io.weft.tables.ConnectionValue;
import io.weft.tables.Direction;
import io.weft.tables.EventRecord;
import io.weft.tables.EventType;
import io.weft.tables.Identities;
import io.weft.tables.MatchKey;
import io.weft.tables.Reason;
import io.weft.tables.Rules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections: opened, counted, judged again, closed. */
@KernelTest
@SuppressWarnings("NullAway.Init") // BeforeEach
class ConnectionTest {
    private static final int TCP = 6;

    private TestNode node;

    @BeforeEach
    void makeNode() {
        node = TestNode.create();
    }

    @AfterEach
    void deleteNode() {
        node.close();
    }

    private static Frame request(int flags) {
        return WEB.sends().ip(WEB.ip4(), DB.ip4()).tcp(40000, 80, flags);
    }

    private static Frame reply(int flags) {
        return DB.sends().ip(DB.ip4(), WEB.ip4()).tcp(80, 40000, flags);
    }

    private void send(Frame frame) {
        assertThat(node.from(WEB, frame).action()).isEqualTo(REDIRECT);
    }

    private void answer(Frame frame) {
        assertThat(node.from(DB, frame).action()).isEqualTo(REDIRECT);
    }

    private ConnectionValue only() {
        Map<ConnectionKey, ConnectionValue> all = node.datapath.connections().list();
        assertThat(all).hasSize(1);
        return all.values().iterator().next();
    }

    /** Nobody may come to DB any more; rule 50 says so. */
    private void isolateDb() {
        node.apply(node.open().isolate("db", Direction.INGRESS, 50, Map.of()).build());
    }

    private void open() {
        node.apply(node.open().build());
    }

    @Test
    void bothDirectionsShareOneEntry() {
        send(request(SYN));
        answer(reply(SYN | ACK));
        send(request(ACK));

        ConnectionValue conn = only();
        assertThat(conn.openerPackets()).isEqualTo(2);
        assertThat(conn.responderPackets()).isEqualTo(1);
        assertThat(conn.openerBytes()).isEqualTo(80);
        assertThat(conn.responderBytes()).isEqualTo(40);
        assertThat(conn.has(ConnectionValue.REPLIED)).isTrue();
        assertThat(conn.openerIdentity()).isEqualTo(WEB_ID);
        assertThat(conn.responderIdentity()).isEqualTo(DB_ID);
        assertThat(conn.egressRule()).isEqualTo(Rules.NOT_ISOLATED);
        assertThat(conn.ingressRule()).isEqualTo(Rules.NOT_ISOLATED);
        assertThat(conn.lastSeen()).isGreaterThanOrEqualTo(conn.created());
    }

    @Test
    void theOpenerIsToldApartWhicheverAddressIsLower() {
        answer(DB.sends().ip(DB.ip6(), WEB.ip6()).udp(9, 8));
        send(WEB.sends().ip(WEB.ip6(), DB.ip6()).udp(8, 9));

        ConnectionValue conn = only();
        assertThat(conn.has(ConnectionValue.FROM_B)).isTrue();
        assertThat(conn.openerPackets()).isEqualTo(1);
        assertThat(conn.responderPackets()).isEqualTo(1);
    }

    @Test
    void openingIsToldOnce() {
        send(request(SYN));
        answer(reply(SYN | ACK));

        assertThat(node.events())
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.type()).isEqualTo(EventType.OPENED);
                    assertThat(event.source()).isEqualTo(WEB.ip4());
                    assertThat(event.destination()).isEqualTo(DB.ip4());
                    assertThat(event.sourcePort()).isEqualTo(40000);
                    assertThat(event.destinationPort()).isEqualTo(80);
                    assertThat(event.protocol()).isEqualTo(TCP);
                    assertThat(event.sourceIdentity()).isEqualTo(WEB_ID);
                    assertThat(event.destinationIdentity()).isEqualTo(DB_ID);
                    assertThat(event.slot()).isEqualTo(WEB.slot());
                    assertThat(event.revision()).isEqualTo(node.datapath.tables().revision());
                    assertThat(event.time()).isPositive();
                });
        assertThat(node.datapath.counters()).isEqualTo(new Counters(0, 1, 0));
    }

    @Test
    void finsFromBothEndsCloseIt() {
        send(request(SYN));
        send(request(FIN | ACK));
        assertThat(only().has(ConnectionValue.FIN_OPENER)).isTrue();
        assertThat(only().has(ConnectionValue.CLOSED)).isFalse();

        answer(reply(FIN | ACK));

        assertThat(only().has(ConnectionValue.CLOSED)).isTrue();
    }

    @Test
    void aResetClosesIt() {
        send(request(SYN));
        answer(reply(RST | ACK));

        assertThat(only().has(ConnectionValue.CLOSED)).isTrue();
    }

    @Test
    void aSynOverAClosedOneEndsItAndOpensAnother() {
        send(request(SYN));
        answer(reply(RST));
        node.events();

        send(request(SYN));

        List<EventRecord> events = node.events();
        assertThat(events)
                .extracting(EventRecord::type)
                .containsExactly(EventType.CLOSED, EventType.OPENED);
        EventRecord closed = events.getFirst();
        assertThat(closed.source()).isEqualTo(WEB.ip4());
        assertThat(closed.destinationPort()).isEqualTo(80);
        assertThat(closed.sourcePackets()).isEqualTo(1);
        assertThat(closed.destinationPackets()).isEqualTo(1);
        assertThat(closed.sourceBytes()).isEqualTo(40);
        assertThat(closed.created()).isPositive();
        assertThat(only().has(ConnectionValue.CLOSED)).isFalse();
        assertThat(only().responderPackets()).isZero();
    }

    @Test
    void aResetAndAnEchoReplyOpenNothing() {
        send(request(RST));
        send(WEB.sends().ip(WEB.ip4(), DB.ip4()).echoReply(7));
        send(WEB.sends().ip(WEB.ip4(), DB.ip4()).icmp(13, 0, 7));

        assertThat(node.datapath.connections().list()).isEmpty();
        assertThat(node.events()).isEmpty();
    }

    @Test
    void echoesAreConnectionsByTheirIdentifier() {
        send(WEB.sends().ip(WEB.ip4(), DB.ip4()).echo(7));
        answer(DB.sends().ip(DB.ip4(), WEB.ip4()).echoReply(7));
        send(WEB.sends().ip(WEB.ip6(), DB.ip6()).echo(7));
        answer(DB.sends().ip(DB.ip6(), WEB.ip6()).echoReply(7));

        assertThat(node.datapath.connections().list()).hasSize(2);
        assertThat(node.datapath.connections().list().values())
                .allMatch(conn -> conn.openerPackets() == 1 && conn.responderPackets() == 1);
    }

    @Test
    void repliesPassWhereTheirDirectionIsClosed() {
        node.apply(node.open().isolate("db", Direction.EGRESS, 51, Map.of()).build());
        send(request(SYN));

        answer(reply(SYN | ACK));
        assertThat(node.from(DB, DB.sends().ip(DB.ip4(), WEB.ip4()).tcp(81, 40000, SYN)).action())
                .isEqualTo(SHOT);
    }

    @Test
    void aRevisionThatDeniesStopsALivingConnection() {
        send(request(SYN));
        answer(reply(SYN | ACK));
        node.events();

        isolateDb();

        assertThat(node.from(DB, reply(ACK)).action()).isEqualTo(SHOT);
        assertThat(node.from(WEB, request(ACK)).action()).isEqualTo(SHOT);
        List<EventRecord> events = node.events();
        assertThat(events)
                .extracting(EventRecord::type)
                .containsExactly(EventType.CHANGED, EventType.DENIED, EventType.DENIED);
        assertThat(events)
                .allSatisfy(event -> {
                    assertThat(event.reason()).isEqualTo(Reason.POLICY_INGRESS);
                    assertThat(event.source()).isEqualTo(WEB.ip4());
                    assertThat(event.destinationPort()).isEqualTo(80);
                    assertThat(event.ingressRule()).isEqualTo(50);
                });
        assertThat(events.get(1).destinationPackets()).as("the dropped reply").isEqualTo(1);
        assertThat(only().has(ConnectionValue.DENIED)).isTrue();
        assertThat(only().openerPackets()).as("dropped ones do not count").isEqualTo(1);
    }

    @Test
    void aRevisionThatAllowsAgainRevivesIt() {
        send(request(SYN));
        isolateDb();
        assertThat(node.from(WEB, request(ACK)).action()).isEqualTo(SHOT);
        node.events();

        open();

        answer(reply(SYN | ACK));
        assertThat(node.events())
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.type()).isEqualTo(EventType.CHANGED);
                    assertThat(event.reason()).isEqualTo(Reason.FORWARDED);
                });
        assertThat(only().has(ConnectionValue.DENIED)).isFalse();
    }

    @Test
    void aRevisionThatChangesNothingForItIsSilent() {
        send(request(SYN));
        node.events();
        node.apply(
                node.open()
                        .isolate(
                                "db",
                                Direction.INGRESS,
                                50,
                                Map.of(new MatchKey(WEB_ID, TCP, 80, 24), TestTables.allow(52)))
                        .build());

        send(request(ACK));

        assertThat(node.events()).isEmpty();
        assertThat(only().ingressRule()).isEqualTo(52);
        assertThat(only().revision()).isEqualTo(node.datapath.tables().revision());
    }

    @Test
    void aPacketInMidStreamIsJudgedInItsOwnDirection() {
        isolateDb();

        assertThat(node.from(WEB, request(ACK)).action()).isEqualTo(SHOT);
        answer(reply(ACK));
        assertThat(only().openerIdentity()).isEqualTo(DB_ID);
    }

    @Test
    void aPacketThroughTheStackIsCountedOnce() {
        Frame twice = WEB.sends().ip(WEB.ip4(), DB.ip4()).options(4).udp(1, 2);
        assertThat(node.from(WEB, twice).action()).isEqualTo(OK);
        assertThat(only().openerPackets()).isZero();

        Frame again = DB.gets().ip(WEB.ip4(), DB.ip4()).options(4).udp(1, 2);
        assertThat(node.to(DB, node.ifindex(WEB), again).action()).isEqualTo(OK);

        assertThat(only().openerPackets()).isEqualTo(1);
        assertThat(node.events()).hasSize(1);
    }

    @Test
    void theFullTableForgetsTheOldest() {
        int many = 4 * TestNode.SMALL.connections();
        for (int port = 1; port <= many; port++) {
            assertThat(node.from(WEB, WEB.sends().ip(WEB.ip4(), WORLD4).udp(port, 53)).action())
                    .isEqualTo(OK);
        }
        assertThat(node.datapath.connections().list().size())
                .isLessThanOrEqualTo(TestNode.SMALL.connections());
    }

    @Test
    void silentConnectionsAreEndedWithTheirCounts() {
        send(request(SYN));
        answer(reply(SYN | ACK));
        send(WEB.sends().ip(WEB.ip4(), DB.ip4()).udp(5, 6));
        List<EventRecord> closed = new ArrayList<>();
        Connections connections = node.datapath.connections();
        long now = only(TCP).lastSeen();

        assertThat(connections.sweep(now, Timeouts.DEFAULT, closed::add)).isZero();
        long later = now + Duration.ofMinutes(3).toNanos();
        assertThat(connections.sweep(later, Timeouts.DEFAULT, closed::add)).isEqualTo(1);
        assertThat(closed.getFirst().protocol()).isEqualTo(17);
        assertThat(
                        connections.sweep(
                                now + Duration.ofHours(3).toNanos(), Timeouts.DEFAULT, closed::add))
                .isEqualTo(1);

        EventRecord tcp = closed.get(1);
        assertThat(tcp.type()).isEqualTo(EventType.CLOSED);
        assertThat(tcp.source()).isEqualTo(WEB.ip4());
        assertThat(tcp.destinationPort()).isEqualTo(80);
        assertThat(tcp.sourcePackets()).isEqualTo(1);
        assertThat(tcp.destinationBytes()).isEqualTo(40);
        assertThat(tcp.slot()).isEqualTo(WEB.slot());
        assertThat(connections.list()).isEmpty();
    }

    private ConnectionValue only(int protocol) {
        return node.datapath.connections().list().entrySet().stream()
                .filter(entry -> entry.getKey().protocol() == protocol)
                .findFirst()
                .orElseThrow()
                .getValue();
    }

    @Test
    void theConnectionsOfAGoneAddressAreEnded() {
        send(request(SYN));
        send(WEB.sends().ip(WEB.ip6(), DB.ip6()).udp(5, 6));
        List<EventRecord> closed = new ArrayList<>();

        assertThat(node.datapath.connections().end(List.of(DB.ip6()), 1, closed::add)).isEqualTo(1);

        assertThat(closed).singleElement().extracting(EventRecord::protocol).isEqualTo(17);
        assertThat(node.datapath.connections().list()).hasSize(1);
    }

    @Test
    void theNodeReachesItsWorkloadsWhateverThePolicy() {
        isolateDb();
        Frame probe = DB.gets().ip(TestNode.NODE4, DB.ip4()).tcp(50000, 80, SYN);

        assertThat(node.to(DB, 0, probe).action()).isEqualTo(OK);
        assertThat(only().openerIdentity()).isEqualTo(Identities.HOST);
        assertThat(only().ingressRule()).isEqualTo(Rules.NODE);
        node.apply(node.open().isolate("db", Direction.INGRESS, 53, Map.of()).build());
        Frame answer = DB.sends().ip(DB.ip4(), TestNode.NODE4).tcp(80, 50000, SYN | ACK);
        assertThat(node.from(DB, answer).action()).as("judged again, by the reply").isEqualTo(OK);
    }

    @Test
    void nobodyOutsideIsTheNode() {
        isolateDb();
        Frame probe = DB.gets().ip(TestNode.NODE4, DB.ip4()).tcp(50000, 80, SYN);

        assertThat(node.to(DB, node.uplink(), probe).action()).isEqualTo(SHOT);
        assertThat(node.events())
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.reason()).isEqualTo(Reason.POLICY_INGRESS);
                    assertThat(event.sourceIdentity()).isEqualTo(Identities.WORLD);
                });
    }
}
