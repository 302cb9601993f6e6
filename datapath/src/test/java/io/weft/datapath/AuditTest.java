package io.weft.datapath;

import static io.weft.datapath.Frame.ACK;
import static io.weft.datapath.Frame.FIN;
import static io.weft.datapath.Frame.RST;
import static io.weft.datapath.Frame.SYN;
import static io.weft.datapath.TestNode.DB;
import static io.weft.datapath.TestNode.OK;
import static io.weft.datapath.TestNode.REDIRECT;
import static io.weft.datapath.TestNode.SHOT;
import static io.weft.datapath.TestNode.WEB;
import static io.weft.datapath.TestNode.WEB_ID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.weft.bpf.SkBuff;
import io.weft.bpf.TestRun;
import io.weft.kernel.testing.KernelTest;
import io.weft.tables.ConnectionValue;
import io.weft.tables.Direction;
import io.weft.tables.EventRecord;
import io.weft.tables.EventType;
import io.weft.tables.MatchKey;
import io.weft.tables.Reason;
import io.weft.tables.Rules;
import io.weft.tables.Tables;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Audit mode: what policy denies goes on, and is told of once per connection. */
@KernelTest
@SuppressWarnings("NullAway.Init") // BeforeEach
class AuditTest {
    private TestNode node;

    @BeforeEach
    void makeNode() {
        node = TestNode.create();
    }

    @AfterEach
    void deleteNode() {
        node.close();
    }

    /** Nobody may come to DB: rule 50. Nobody may leave WEB: rule 40. */
    private TestTables isolated() {
        return node.open()
                .isolate("web", Direction.EGRESS, 40, Map.of())
                .isolate("db", Direction.INGRESS, 50, Map.of());
    }

    private TestTables isolatedDb() {
        return node.open().isolate("db", Direction.INGRESS, 50, Map.of());
    }

    private static Frame request(int flags) {
        return WEB.sends().ip(WEB.ip4(), DB.ip4()).tcp(40000, 80, flags);
    }

    private static Frame reply(int flags) {
        return DB.sends().ip(DB.ip4(), WEB.ip4()).tcp(80, 40000, flags);
    }

    private boolean passes(TestNode.Pod from, Frame frame) {
        return node.from(from, frame).action() == REDIRECT;
    }

    private ConnectionValue only() {
        return node.datapath.connections().list().values().iterator().next();
    }

    private List<EventType> told() {
        return node.events().stream().map(EventRecord::type).toList();
    }

    @Test
    void aDeniedConnectionGoesOnAndIsToldOfOnce() {
        node.apply(isolatedDb().audit("db").build());

        assertThat(passes(WEB, request(SYN))).isTrue();
        assertThat(passes(DB, reply(SYN | ACK))).isTrue();
        assertThat(passes(WEB, request(ACK))).isTrue();

        assertThat(node.events())
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.type()).isEqualTo(EventType.AUDIT);
                    assertThat(event.reason()).isEqualTo(Reason.POLICY_INGRESS);
                    assertThat(event.ingressRule()).isEqualTo(50);
                    assertThat(event.egressRule()).isEqualTo(Rules.NOT_ISOLATED);
                    assertThat(event.source()).isEqualTo(WEB.ip4());
                    assertThat(event.destinationPort()).isEqualTo(80);
                });
        assertThat(only().has(ConnectionValue.AUDIT)).isTrue();
        assertThat(only().audited()).isEqualTo(Reason.POLICY_INGRESS);
        assertThat(only().openerPackets()).isEqualTo(2);
        assertThat(node.datapath.counters()).isEqualTo(new Counters(0, 1, 1));
        assertThat(node.drops()).isEmpty();
    }

    @Test
    void whatPolicyAllowsIsNotToldOf() {
        MatchKey web = new MatchKey(WEB_ID, 6, 80, 24);
        Tables tables =
                node.open()
                        .isolate("db", Direction.INGRESS, 50, Map.of(web, TestTables.allow(51)))
                        .audit("db")
                        .audit("web")
                        .build();
        node.apply(tables);

        assertThat(passes(WEB, request(SYN))).isTrue();
        assertThat(told()).containsExactly(EventType.OPENED);
        assertThat(only().has(ConnectionValue.AUDIT)).isFalse();
    }

    @Test
    void theOtherSideDeniesForReal() {
        node.apply(isolated().audit("web").build());

        assertThat(passes(WEB, request(SYN))).isFalse();
        assertThat(node.events())
                .extracting(EventRecord::type, EventRecord::reason, EventRecord::ingressRule)
                .containsExactly(tuple(EventType.DENIED, Reason.POLICY_INGRESS, 50));
        assertThat(node.datapath.connections().list()).isEmpty();

        node.apply(isolated().audit("db").build());
        assertThat(passes(WEB, request(SYN))).isFalse();
        assertThat(node.drops())
                .isEqualTo(Map.of(Reason.POLICY_EGRESS, 1L, Reason.POLICY_INGRESS, 1L));
    }

    @Test
    void ofTwoAuditedSidesTheFirstIsTheReasonAndBothRulesAreTold() {
        node.apply(isolated().audit("web").audit("db").build());

        assertThat(passes(WEB, request(SYN))).isTrue();
        assertThat(node.events())
                .extracting(
                        EventRecord::type,
                        EventRecord::reason,
                        EventRecord::egressRule,
                        EventRecord::ingressRule)
                .containsExactly(tuple(EventType.AUDIT, Reason.POLICY_EGRESS, 40, 50));
        assertThat(only().audited()).isEqualTo(Reason.POLICY_EGRESS);
    }

    @Test
    void aWorkloadWithoutAPolicyIsNotAudited() {
        node.apply(node.open().audit("db").build());
        node.datapath
                .tables()
                .apply(node.open().audit("db").build(), Map.of(TestTables.ref("web"), WEB.slot()));

        assertThat(passes(WEB, request(SYN))).isFalse();
        assertThat(node.events().getFirst().ingressRule()).isEqualTo(Rules.NOT_LOADED);
    }

    @Test
    void aNewRevisionJudgesAuditedConnectionsAgain() {
        node.apply(isolatedDb().audit("db").build());
        passes(WEB, request(SYN));
        passes(DB, reply(SYN | ACK));
        assertThat(told()).containsExactly(EventType.AUDIT);

        node.apply(isolatedDb().audit("db").block("192.0.2.0/24", 400).build());
        assertThat(passes(WEB, request(ACK))).isTrue();
        assertThat(told()).as("still audited, by the same rule").isEmpty();

        node.apply(node.open().build());
        assertThat(passes(WEB, request(ACK))).isTrue();
        assertThat(told()).as("allowed").containsExactly(EventType.CHANGED);
        assertThat(only().has(ConnectionValue.AUDIT)).isFalse();

        node.apply(isolatedDb().audit("db").build());
        assertThat(passes(DB, reply(ACK))).isTrue();
        assertThat(told()).as("audited anew").containsExactly(EventType.AUDIT);

        node.apply(node.open().isolate("db", Direction.INGRESS, 60, Map.of()).audit("db").build());
        assertThat(passes(WEB, request(ACK))).isTrue();
        assertThat(node.events())
                .as("by another rule")
                .extracting(EventRecord::type, EventRecord::ingressRule)
                .containsExactly(tuple(EventType.AUDIT, 60));

        node.apply(isolatedDb().build());
        assertThat(passes(WEB, request(ACK))).isFalse();
        assertThat(told()).as("enforced").containsExactly(EventType.CHANGED, EventType.DENIED);
        assertThat(only().has(ConnectionValue.DENIED)).isTrue();
        assertThat(only().has(ConnectionValue.AUDIT)).isFalse();

        node.apply(isolatedDb().audit("db").build());
        assertThat(passes(WEB, request(ACK))).isTrue();
        assertThat(told()).as("back in audit mode").containsExactly(EventType.AUDIT);
        assertThat(only().has(ConnectionValue.DENIED)).isFalse();
        assertThat(only().audited()).isEqualTo(Reason.POLICY_INGRESS);
    }

    @Test
    void itsEndSaysWhatItWouldHaveBeenDroppedFor() {
        node.apply(isolatedDb().audit("db").build());
        passes(WEB, request(SYN));
        passes(WEB, request(FIN | ACK));
        passes(DB, reply(FIN | ACK));
        node.events();
        passes(WEB, request(SYN)); // over the closed one

        assertThat(node.events())
                .extracting(EventRecord::type, EventRecord::reason)
                .containsExactly(
                        tuple(EventType.CLOSED, Reason.POLICY_INGRESS),
                        tuple(EventType.AUDIT, Reason.POLICY_INGRESS));
        List<EventRecord> closed = new ArrayList<>();
        node.datapath.connections().end(List.of(DB.ip4()), 1, closed::add);
        assertThat(closed).extracting(EventRecord::reason).containsExactly(Reason.POLICY_INGRESS);
    }

    @Test
    void whatOpensNothingIsToldOfEachTime() {
        node.apply(isolatedDb().audit("db").build());

        assertThat(passes(WEB, request(RST))).isTrue();
        assertThat(passes(WEB, request(RST))).isTrue();
        assertThat(told()).containsExactly(EventType.AUDIT, EventType.AUDIT);
        assertThat(node.datapath.connections().list()).isEmpty();
    }

    @Test
    void aPacketThroughTheStackIsToldOfOnce() {
        node.apply(isolatedDb().audit("db").build());
        Frame out = WEB.sends().ip(WEB.ip4(), DB.ip4()).options(4).icmp(13, 0, 0);
        Frame in = DB.gets().ip(WEB.ip4(), DB.ip4()).options(4).icmp(13, 0, 0);

        assertThat(node.from(WEB, out).action()).isEqualTo(OK);
        assertThat(node.to(DB, node.ifindex(WEB), in).action()).isEqualTo(OK);
        assertThat(told()).containsExactly(EventType.AUDIT);
    }

    @Test
    void theMapsSayTheSame() {
        node.apply(isolated().audit("web").audit("db").build());
        LiveVerdict both = node.datapath.live().judge(WEB.ip4(), DB.ip4(), 6, 80);
        assertThat(both.allowed()).isTrue();
        assertThat(both.audited()).isEqualTo(Reason.POLICY_EGRESS);
        assertThat(both.egressRule()).isEqualTo(40);
        assertThat(both.ingressRule()).isEqualTo(50);

        node.apply(isolated().audit("web").build());
        LiveVerdict one = node.datapath.live().judge(WEB.ip4(), DB.ip4(), 6, 80);
        assertThat(one.reason()).isEqualTo(Reason.POLICY_INGRESS);
        assertThat(one.audited()).isEqualTo(Reason.FORWARDED);
    }

    /**
     * Either WEB may come to DB, which is enforced, or nobody may, which is audited: at no moment
     * is a packet dropped.
     */
    @Test
    void theFlagChangesTogetherWithTheRules() throws Exception {
        MatchKey web = new MatchKey(WEB_ID, 17, 53, 24);
        Tables[] worlds = {
            node.open()
                    .isolate("db", Direction.INGRESS, 50, Map.of(web, TestTables.allow(51)))
                    .build(),
            node.open().isolate("db", Direction.INGRESS, 50, Map.of()).audit("db").build()
        };
        node.apply(worlds[0]);
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger sent = new AtomicInteger();
        AtomicInteger denied = new AtomicInteger();
        Thread traffic =
                Thread.ofPlatform()
                        .start(() ->
                                node.netns.run(() -> {
                                    while (!over.get()) {
                                        int port = sent.incrementAndGet() & 0xffff;
                                        if (newConnection(port) == SHOT) {
                                            denied.incrementAndGet();
                                        }
                                    }
                                }));
        for (int i = 1; i <= 60 && denied.get() == 0; i++) {
            int before = sent.get();
            node.apply(worlds[i % 2]);
            node.datapath.tables().awaitSettled();
            while (sent.get() == before) {
                Thread.onSpinWait();
            }
        }
        over.set(true);
        traffic.join();

        assertThat(denied.get()).as("of %d packets", sent.get()).isZero();
        assertThat(node.datapath.counters().audited()).isPositive();
    }

    /** In the namespace already. */
    private int newConnection(int port) {
        Frame frame = WEB.sends().ip(WEB.ip4(), DB.ip4()).udp(port, 53);
        SkBuff skb =
                new SkBuff(0, 0, node.ifindex(WEB), node.ifindex(WEB), List.of(0, 0, 0, 0, 0), 0);
        return node.datapath
                .program(Datapath.FROM_WORKLOAD)
                .testRun(TestRun.of(frame.bytes()).withContext(skb))
                .returned();
    }
}
