package io.weft.datapath;

import static io.weft.datapath.TestNode.DB;
import static io.weft.datapath.TestNode.DB_ID;
import static io.weft.datapath.TestNode.SHOT;
import static io.weft.datapath.TestNode.WEB;
import static io.weft.datapath.TestNode.WEB_ID;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bpf.SkBuff;
import io.weft.bpf.TestRun;
import io.weft.kernel.testing.KernelTest;
import io.weft.tables.Direction;
import io.weft.tables.MatchKey;
import io.weft.tables.PolicyKey;
import io.weft.tables.Tables;
import io.weft.tables.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

/** While policy changes, no packet is judged by a mixture of two revisions. */
@KernelTest
class AtomicityTest {
    private static final int UDP = 17;
    private static final int CROWD = 1000; // of 1,024 in the map, so that buckets are shared

    /** WEB has {@code identity}, in two ways: of its own address, or of the block around it. */
    private static Tables world(int identity, boolean byBlock) {
        TestTables tables = new TestTables().pod("web", identity).pod("db", DB_ID, DB.ip4());
        if (byBlock) {
            tables.block("10.1.0.0/28", identity);
        } else {
            tables.pod("web", identity, WEB.ip4());
        }
        MatchKey key =
                byBlock ? new MatchKey(identity, UDP, 0, 8) : new MatchKey(identity, UDP, 53, 24);
        return tables.isolate("db", Direction.INGRESS, 50, Map.of(key, TestTables.allow(identity)))
                .build();
    }

    @Test
    void identitiesAndRulesChangeTogether() throws Exception {
        Tables[] worlds = {world(300, false), world(400, true)};
        assertNoneDenied(
                worlds[0],
                _ -> 53,
                (node, sent) -> {
                    for (int i = 1; i <= 60; i++) {
                        int before = sent.get();
                        node.apply(worlds[i % 2]);
                        node.datapath.tables().awaitSettled();
                        while (sent.get() == before) {
                            Thread.onSpinWait();
                        }
                    }
                });
    }

    /** Nor are its neighbours, which a packet passes on its way through a bucket. */
    @Test
    void anEntryIsNeverAwayWhileItIsWritten() throws Exception {
        Map<MatchKey, Verdict> entries = new HashMap<>();
        for (int port = 1; port <= CROWD; port++) {
            entries.put(MatchKey.exact(WEB_ID, UDP, port), TestTables.allow(20));
        }
        Tables tables =
                new TestTables()
                        .pod("web", WEB_ID, WEB.ip4())
                        .pod("db", DB_ID, DB.ip4())
                        .isolate("db", Direction.INGRESS, 50, entries)
                        .build();
        assertNoneDenied(
                tables,
                packet -> 1 + packet % CROWD,
                (node, sent) -> {
                    VersionedMap<PolicyKey, Verdict, ?> map =
                            new VersionedMap<>(
                                    node.datapath.map("weft_policy"), VersionedMap.VERDICTS);
                    List<Change<PolicyKey, Verdict>> changes = new ArrayList<>();
                    tables.groups()
                            .values()
                            .forEach(group ->
                                    group.entries()
                                            .forEach((match, verdict) ->
                                                    changes.add(
                                                            new Change<>(
                                                                    new PolicyKey(
                                                                            group.id(), match),
                                                                    verdict,
                                                                    TestTables.allow(21),
                                                                    Change.Kind.CHANGED))));
                    while (sent.get() < 300_000) {
                        map.prepare(changes, node.datapath.tables().revision());
                    }
                });
    }

    private interface Writer {
        /** Changes the node's maps while packets are judged. */
        void write(TestNode node, AtomicInteger sent);
    }

    private static void assertNoneDenied(Tables tables, IntUnaryOperator port, Writer writer)
            throws Exception {
        try (TestNode node = TestNode.create()) {
            node.apply(tables);
            AtomicBoolean over = new AtomicBoolean();
            AtomicInteger sent = new AtomicInteger();
            AtomicInteger denied = new AtomicInteger();
            Thread traffic =
                    Thread.ofPlatform()
                            .start(() ->
                                    node.netns.run(() -> {
                                        while (!over.get()) {
                                            int packet = sent.incrementAndGet();
                                            int from = packet & 0xffff;
                                            int to = port.applyAsInt(packet);
                                            if (newConnection(node, from, to) == SHOT) {
                                                denied.incrementAndGet();
                                            }
                                        }
                                    }));
            try {
                writer.write(node, sent);
            } finally {
                over.set(true);
                traffic.join();
            }
            assertThat(denied.get()).as("denied of %d packets", sent.get()).isZero();
        }
    }

    /** In the namespace already. */
    private static int newConnection(TestNode node, int from, int to) {
        Frame frame = WEB.sends().ip(WEB.ip4(), DB.ip4()).udp(from, to);
        SkBuff skb =
                new SkBuff(0, 0, node.ifindex(WEB), node.ifindex(WEB), List.of(0, 0, 0, 0, 0), 0);
        return node.datapath
                .program(Datapath.FROM_WORKLOAD)
                .testRun(TestRun.of(frame.bytes()).withContext(skb))
                .returned();
    }
}
