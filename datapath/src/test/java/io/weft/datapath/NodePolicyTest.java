package io.weft.datapath;

import static io.weft.datapath.Frame.ACK;
import static io.weft.datapath.Frame.SYN;
import static io.weft.datapath.TestNode.DB;
import static io.weft.datapath.TestNode.DB_ID;
import static io.weft.datapath.TestNode.NODE4;
import static io.weft.datapath.TestNode.NODE6;
import static io.weft.datapath.TestNode.OK;
import static io.weft.datapath.TestNode.SHOT;
import static io.weft.datapath.TestNode.WEB;
import static io.weft.datapath.TestNode.WEB_ID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.tables.Direction;
import io.weft.tables.EventRecord;
import io.weft.tables.EventType;
import io.weft.tables.MatchKey;
import io.weft.tables.Reason;
import io.weft.tables.Rules;
import io.weft.tables.Verdict;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The node's own policy, in its traffic with workloads. */
@KernelTest
@SuppressWarnings("NullAway.Init") // BeforeEach
class NodePolicyTest {
    private static final Map<MatchKey, Verdict> SSH_OF_WEB =
            Map.of(new MatchKey(WEB_ID, 6, 22, 24), TestTables.allow(71));
    private static final Map<MatchKey, Verdict> HTTP_OF_DB =
            Map.of(new MatchKey(DB_ID, 6, 80, 24), TestTables.allow(81));

    private TestNode node;

    @BeforeEach
    void makeNode() {
        node = TestNode.create();
    }

    @AfterEach
    void deleteNode() {
        node.close();
    }

    private static Frame toNode(TestNode.Pod pod, int port, int flags) {
        return pod.sends().ip(pod.ip4(), NODE4).tcp(40000, port, flags);
    }

    private static Frame fromNode(TestNode.Pod pod, int port, int flags) {
        return pod.gets().ip(NODE4, pod.ip4()).tcp(50000, port, flags);
    }

    private void takesOnlySshOfWeb() {
        node.apply(node.open().isolateNode(Direction.INGRESS, 70, SSH_OF_WEB).build());
    }

    private void asksOnlyHttpOfDb() {
        node.apply(node.open().isolateNode(Direction.EGRESS, 80, HTTP_OF_DB).build());
    }

    @Test
    void workloadsReachTheNodeAsItsPolicySays() {
        takesOnlySshOfWeb();

        assertThat(node.from(WEB, toNode(WEB, 22, SYN)).action()).isEqualTo(OK);
        assertThat(node.from(WEB, toNode(WEB, 23, SYN)).action()).isEqualTo(SHOT);
        assertThat(node.from(DB, toNode(DB, 22, SYN)).action()).isEqualTo(SHOT);
        assertThat(node.from(WEB, WEB.sends().ip(WEB.ip6(), NODE6).tcp(1, 22, SYN)).action())
                .isEqualTo(OK);
        assertThat(node.from(DB, DB.sends().ip(DB.ip6(), NODE6).tcp(1, 22, SYN)).action())
                .isEqualTo(SHOT);
        assertThat(node.events())
                .extracting(EventRecord::type, EventRecord::egressRule, EventRecord::ingressRule)
                .containsExactly(
                        tuple(EventType.OPENED, Rules.NODE, 71),
                        tuple(EventType.DENIED, Rules.NODE, 70),
                        tuple(EventType.DENIED, Rules.NODE, 70),
                        tuple(EventType.OPENED, Rules.NODE, 71),
                        tuple(EventType.DENIED, Rules.NODE, 70));
        assertThat(node.to(DB, 0, fromNode(DB, 80, SYN)).action())
                .as("egress of the node is open")
                .isEqualTo(OK);
    }

    @Test
    void theNodeReachesWorkloadsAsItsPolicySays() {
        asksOnlyHttpOfDb();

        assertThat(node.to(DB, 0, fromNode(DB, 80, SYN)).action()).isEqualTo(OK);
        Frame answer = DB.sends().ip(DB.ip4(), NODE4).tcp(80, 50000, SYN | ACK);
        assertThat(node.from(DB, answer).action()).isEqualTo(OK);
        assertThat(node.to(DB, 0, fromNode(DB, 81, SYN)).action()).isEqualTo(SHOT);
        assertThat(node.to(WEB, 0, fromNode(WEB, 80, SYN)).action()).isEqualTo(SHOT);
        assertThat(node.events())
                .extracting(EventRecord::reason, EventRecord::egressRule)
                .containsExactly(
                        tuple(Reason.FORWARDED, 81),
                        tuple(Reason.POLICY_EGRESS, 80),
                        tuple(Reason.POLICY_EGRESS, 80));
        assertThat(node.from(WEB, toNode(WEB, 22, SYN)).action()).isEqualTo(OK);
    }

    @Test
    void livingConnectionsAreJudgedAgainByPacketsOfEitherEnd() {
        node.to(DB, 0, fromNode(DB, 81, SYN));
        Frame answer = DB.sends().ip(DB.ip4(), NODE4).tcp(81, 50000, ACK);
        assertThat(node.from(DB, answer).action()).isEqualTo(OK);

        asksOnlyHttpOfDb();
        assertThat(node.from(DB, answer).action()).isEqualTo(SHOT);
        assertThat(node.to(DB, 0, fromNode(DB, 81, ACK)).action()).isEqualTo(SHOT);
        node.events();

        node.apply(node.open().isolate("db", Direction.INGRESS, 50, Map.of()).build());
        assertThat(node.from(DB, answer).action())
                .as("the node opened it, so DB's own policy has no say")
                .isEqualTo(OK);
        assertThat(node.events())
                .extracting(EventRecord::type, EventRecord::ingressRule)
                .containsExactly(tuple(EventType.CHANGED, Rules.NODE));
    }

    @Test
    void whoOnlyHasTheNodesAddressIsNotTheNode() {
        asksOnlyHttpOfDb();

        assertThat(node.to(WEB, node.uplink(), fromNode(WEB, 80, SYN)).action())
                .as("the world, which WEB lets in")
                .isEqualTo(OK);
    }

    @Test
    void itIsSwitchedByTheRevisionFromTheFirstTimeOn() {
        int before = node.datapath.tables().revision();
        takesOnlySshOfWeb();
        assertThat(node.datapath.tables().revision()).isEqualTo(before + 1);
        node.apply(node.open().build());
        assertThat(node.datapath.tables().revision()).isEqualTo(before + 2);
    }

    @Test
    void otherTrafficOfWorkloadsIsUntouched() {
        node.apply(
                node.open()
                        .isolateNode(Direction.INGRESS, 70, Map.of())
                        .isolateNode(Direction.EGRESS, 80, Map.of())
                        .build());

        assertThat(node.from(WEB, WEB.sends().ip(WEB.ip4(), DB.ip4()).udp(1, 2)).action())
                .isEqualTo(TestNode.REDIRECT);
        assertThat(node.from(WEB, WEB.sends().ip(WEB.ip4(), TestNode.WORLD4).udp(1, 2)).action())
                .isEqualTo(OK);
    }

    @Test
    void theMapsSayTheSame() {
        node.apply(
                node.open()
                        .isolateNode(Direction.INGRESS, 70, SSH_OF_WEB)
                        .isolateNode(Direction.EGRESS, 80, HTTP_OF_DB)
                        .build());

        assertThat(live(WEB.ip4(), NODE4, 22)).isEqualTo(Reason.FORWARDED);
        assertThat(live(DB.ip6(), NODE6, 22)).isEqualTo(Reason.POLICY_INGRESS);
        assertThat(live(NODE4, DB.ip4(), 80)).isEqualTo(Reason.FORWARDED);
        assertThat(live(NODE6, WEB.ip6(), 80)).isEqualTo(Reason.POLICY_EGRESS);
        assertThat(live(NODE4, TestNode.WORLD4, 80)).isEqualTo(Reason.FORWARDED);
        node.apply(node.open().build());
        assertThat(live(NODE6, WEB.ip6(), 80)).isEqualTo(Reason.FORWARDED);
    }

    private Reason live(Ip from, Ip to, int port) {
        return node.datapath.live().judge(from, to, 6, port).reason();
    }

    @Test
    void aRestartKeepsIt() {
        takesOnlySshOfWeb();
        node.restart();

        assertThat(node.from(DB, toNode(DB, 22, SYN)).action()).isEqualTo(SHOT);
        node.apply(node.open().build());
        assertThat(node.from(DB, toNode(DB, 22, SYN)).action()).isEqualTo(OK);
    }
}
