package io.weft.datapath;

import static io.weft.datapath.Frame.SYN;
import static io.weft.datapath.TestNode.DB;
import static io.weft.datapath.TestNode.OK;
import static io.weft.datapath.TestNode.REDIRECT;
import static io.weft.datapath.TestNode.SHOT;
import static io.weft.datapath.TestNode.WEB;
import static io.weft.datapath.TestNode.WEB_ID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.tables.Action;
import io.weft.tables.Direction;
import io.weft.tables.EventRecord;
import io.weft.tables.EventType;
import io.weft.tables.Identities;
import io.weft.tables.MatchKey;
import io.weft.tables.Reason;
import io.weft.tables.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Policy by ICMP type: the type of the packet that opens, of which replies are part. */
@KernelTest
@SuppressWarnings("NullAway.Init") // BeforeEach
class IcmpPolicyTest {
    private static final MatchKey PING4 = new MatchKey(WEB_ID, 1, 8 << 8, 16);
    private static final MatchKey PING6 = new MatchKey(WEB_ID, 58, 128 << 8, 16);

    private TestNode node;

    @BeforeEach
    void makeNode() {
        node = TestNode.create();
    }

    @AfterEach
    void deleteNode() {
        node.close();
    }

    /** DB takes what {@code entries} say, and opens nothing; WEB is not to be opened to. */
    private void isolate(Map<MatchKey, Verdict> entries) {
        node.apply(
                node.open()
                        .isolate("web", Direction.INGRESS, 49, Map.of())
                        .isolate("db", Direction.EGRESS, 48, Map.of())
                        .isolate("db", Direction.INGRESS, 50, entries)
                        .build());
    }

    private void isolateToPings() {
        isolate(Map.of(PING4, TestTables.allow(51), PING6, TestTables.allow(52)));
    }

    private static Frame toDb4() {
        return WEB.sends().ip(WEB.ip4(), DB.ip4());
    }

    private static Frame toDb6() {
        return WEB.sends().ip(WEB.ip6(), DB.ip6());
    }

    private static Frame toWeb4() {
        return DB.sends().ip(DB.ip4(), WEB.ip4());
    }

    private static Frame toWeb6() {
        return DB.sends().ip(DB.ip6(), WEB.ip6());
    }

    private boolean passes(TestNode.Pod from, Frame frame) {
        return node.from(from, frame).action() == REDIRECT;
    }

    @Test
    void theAllowedTypePassesWithItsReplies() {
        isolateToPings();

        assertThat(passes(WEB, toDb4().echo(7))).isTrue();
        assertThat(passes(DB, toWeb4().echoReply(7))).isTrue();
        assertThat(passes(WEB, toDb6().echo(8))).isTrue();
        assertThat(passes(DB, toWeb6().echoReply(8))).isTrue();

        assertThat(node.events())
                .extracting(EventRecord::type, EventRecord::ingressRule)
                .containsExactly(tuple(EventType.OPENED, 51), tuple(EventType.OPENED, 52));
    }

    /** With options, so that {@code to_workload} sees them too. */
    @Test
    void pingsThroughTheStackAreToldOfOnceAndCountedOnce() {
        isolateToPings();

        throughTheStack(WEB, DB, false, frame -> frame.echo(7));
        throughTheStack(DB, WEB, false, frame -> frame.echoReply(7));
        throughTheStack(WEB, DB, true, frame -> frame.echo(8));
        throughTheStack(DB, WEB, true, frame -> frame.echoReply(8));

        assertThat(node.events())
                .extracting(EventRecord::type, EventRecord::ingressRule)
                .containsExactly(tuple(EventType.OPENED, 51), tuple(EventType.OPENED, 52));
        assertThat(node.datapath.connections().list().values())
                .hasSize(2)
                .allMatch(conn -> conn.openerPackets() == 1 && conn.responderPackets() == 1);

        Frame back = withOptions(DB.sends(), DB, WEB, false).echo(9);
        assertThat(node.from(DB, back).action()).as("DB may only answer").isEqualTo(SHOT);
    }

    private void throughTheStack(
            TestNode.Pod from, TestNode.Pod to, boolean v6, UnaryOperator<Frame> message) {
        Frame out = message.apply(withOptions(from.sends(), from, to, v6));
        assertThat(node.from(from, out).action()).isEqualTo(OK);
        Frame in = message.apply(withOptions(to.gets(), from, to, v6).ttl(63));
        assertThat(node.to(to, node.ifindex(from), in).action()).isEqualTo(OK);
    }

    private static Frame withOptions(
            Frame ethernet, TestNode.Pod from, TestNode.Pod to, boolean v6) {
        return v6
                ? ethernet.ip(from.ip6(), to.ip6()).extension(60)
                : ethernet.ip(from.ip4(), to.ip4()).options(4);
    }

    @Test
    void otherTypesDoNot() {
        isolateToPings();

        assertThat(passes(WEB, toDb4().icmp(13, 0, 7))).as("timestamp").isFalse();
        assertThat(passes(WEB, toDb4().echoReply(7))).as("an answer to nothing").isFalse();
        assertThat(passes(WEB, toDb6().icmp(139, 0, 7))).as("node information").isFalse();
        assertThat(passes(WEB, toDb6().echoReply(7))).isFalse();
        assertThat(passes(WEB, toDb6().icmp(8, 0, 7))).as("8 is no echo there").isFalse();
        assertThat(passes(WEB, toDb4().tcp(1, 8 << 8, SYN))).as("a port").isFalse();
        assertThat(node.drops()).isEqualTo(Map.of(Reason.POLICY_INGRESS, 6L));
    }

    @Test
    void aTypeWithoutConnectionIsJudgedByItself() {
        isolate(Map.of(new MatchKey(Identities.ANY, 1, 13 << 8, 16), TestTables.allow(53)));

        assertThat(passes(WEB, toDb4().icmp(13, 0, 7))).isTrue();
        assertThat(passes(DB, toWeb4().icmp(14, 0, 7))).as("opens what DB may not").isFalse();
        assertThat(passes(WEB, toDb4().echo(7))).isFalse();
        assertThat(node.datapath.connections().list()).isEmpty();
    }

    @Test
    void aDeniedTypeDoesNotDenyTheOthers() {
        Verdict deny = new Verdict(Action.DENY, 9, 54);
        isolate(Map.of(PING4, deny, new MatchKey(Identities.ANY, 0, 0, 0), TestTables.allow(55)));

        assertThat(passes(WEB, toDb4().echo(7))).isFalse();
        assertThat(passes(WEB, toDb4().icmp(13, 0, 7))).isTrue();
        assertThat(passes(WEB, toDb6().echo(7))).isTrue();
    }

    @Test
    void anIdentifierOfTheOtherEndIsAnotherConnection() {
        isolateToPings();
        assertThat(passes(WEB, toDb4().echo(7))).isTrue();

        assertThat(passes(DB, toWeb4().echo(7))).as("DB may only answer").isFalse();
        assertThat(passes(WEB, toDb4().echoReply(7))).as("to nothing").isFalse();
        assertThat(passes(DB, toWeb4().echoReply(7))).isTrue();
    }

    @Test
    void theIdentifierZeroIsNoWayAround() {
        isolateToPings();
        assertThat(passes(WEB, toDb4().echo(0))).isTrue();
        assertThat(passes(WEB, toDb6().echo(0))).isTrue();

        assertThat(passes(DB, toWeb4().echo(0))).isFalse();
        assertThat(passes(DB, toWeb6().echo(0))).isFalse();
        assertThat(passes(WEB, toDb4().echoReply(0))).isFalse();
        assertThat(passes(DB, toWeb4().echoReply(0))).isTrue();
        assertThat(passes(DB, toWeb6().echoReply(0))).isTrue();
    }

    @Test
    void bothEndsMayAskWithOneIdentifier() {
        for (int identifier : new int[] {7, 0x0800}) {
            assertThat(passes(WEB, toDb4().echo(identifier))).isTrue();
            assertThat(passes(DB, toWeb4().echo(identifier))).isTrue();
            assertThat(passes(WEB, toDb4().echoReply(identifier))).isTrue();
            assertThat(passes(DB, toWeb4().echoReply(identifier))).isTrue();
        }
        assertThat(node.datapath.connections().list()).hasSize(4);
        assertThat(node.datapath.connections().list().values())
                .allMatch(conn -> conn.openerPackets() == 1 && conn.responderPackets() == 1);
    }

    @Test
    void aReplyIsJudgedAgainAsItsRequest() {
        isolateToPings();
        passes(WEB, toDb4().echo(7));
        passes(WEB, toDb6().echo(7));
        isolate(
                Map.of(
                        PING4,
                        TestTables.allow(61),
                        new MatchKey(WEB_ID, 58, 129 << 8, 16),
                        TestTables.allow(62)));
        node.events();

        assertThat(passes(DB, toWeb4().echoReply(7))).isTrue();
        assertThat(passes(DB, toWeb6().echoReply(7))).as("129 is not what was asked").isFalse();
        assertThat(node.events())
                .extracting(EventRecord::type)
                .containsExactly(EventType.CHANGED, EventType.DENIED);
        isolateToPings();
        assertThat(passes(DB, toWeb6().echoReply(7))).isTrue();
    }

    @Test
    void fragmentsHaveTheTypeOfTheFirst() {
        isolateToPings();
        assertThat(passes(WEB, toDb4().fragment(5, 0, true).echo(7).payload(8))).isTrue();
        Frame later = toDb4().fragment(5, 16, false).protocol(1).payload(8);
        assertThat(passes(WEB, later)).isTrue();
        isolate(Map.of(PING4, TestTables.allow(61)));
        assertThat(passes(WEB, later)).as("judged again").isTrue();
        assertThat(passes(DB, toWeb4().fragment(6, 0, true).echoReply(7).payload(8))).isTrue();
        isolate(Map.of(PING4, TestTables.allow(62)));
        Frame reply = toWeb4().fragment(6, 16, false).protocol(1).payload(8);
        assertThat(passes(DB, reply)).as("judged again, by a fragment of the reply").isTrue();
    }

    @Test
    void anErrorAboutAPingBelongsToIt() {
        isolateToPings();
        passes(WEB, toDb4().echo(7));
        passes(WEB, toDb6().echo(7));

        assertThat(passes(DB, toWeb4().unreachable(toDb4().echo(7)))).isTrue();
        assertThat(passes(DB, toWeb6().unreachable(toDb6().echo(7)))).isTrue();
        assertThat(passes(DB, toWeb4().unreachable(toDb4().echo(6)))).isFalse();
        assertThat(passes(DB, toWeb4().unreachable(toDb4().echoReply(7)))).isFalse();
    }

    @Test
    void icmpOfTheOtherFamilyIsNone() {
        assertThat(node.from(WEB, toDb6().protocol(1).payload(8)).action()).isEqualTo(SHOT);
        assertThat(node.from(WEB, toDb4().protocol(58).payload(8)).action()).isEqualTo(SHOT);
        assertThat(node.drops()).isEqualTo(Map.of(Reason.MALFORMED, 2L));
    }

    @Test
    void theMapsSayTheSame() {
        isolateToPings();
        for (int type = 0; type < 256; type++) {
            assertThat(live(WEB.ip4(), DB.ip4(), 1, type)).isEqualTo(type == 8);
            assertThat(live(WEB.ip6(), DB.ip6(), 58, type)).isEqualTo(type == 128);
        }
    }

    private boolean live(Ip from, Ip to, int protocol, int type) {
        return node.datapath.live().judge(from, to, protocol, type).allowed();
    }

    @Test
    void theEndOfAPingIsToldWithItsType() {
        passes(WEB, toDb6().echo(7));
        List<EventRecord> closed = new ArrayList<>();
        long later = System.nanoTime() + Duration.ofHours(1).toNanos();
        node.datapath.connections().sweep(later, Timeouts.DEFAULT, closed::add);

        assertThat(closed).singleElement().extracting(EventRecord::icmpType).isEqualTo(128);
        assertThat(closed.getFirst().sourcePort()).isEqualTo(7);
    }
}
