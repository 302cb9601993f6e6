package io.weft.datapath;

import static io.weft.datapath.TestNode.DB;
import static io.weft.datapath.TestNode.DB_ID;
import static io.weft.datapath.TestNode.SHOT;
import static io.weft.datapath.TestNode.WEB;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bpf.SkBuff;
import io.weft.bpf.TestRun;
import io.weft.kernel.testing.KernelTest;
import io.weft.tables.Direction;
import io.weft.tables.MatchKey;
import io.weft.tables.Tables;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** While policy changes, no packet is judged by a mixture of two revisions. */
@KernelTest
class AtomicityTest {
    /** WEB has {@code identity}, in two ways: of its own address, or of the block around it. */
    private static Tables world(int identity, boolean byBlock) {
        TestTables tables = new TestTables().pod("web", identity).pod("db", DB_ID, DB.ip4());
        if (byBlock) {
            tables.block("10.1.0.0/28", identity);
        } else {
            tables.pod("web", identity, WEB.ip4());
        }
        MatchKey key =
                byBlock ? new MatchKey(identity, 17, 0, 8) : new MatchKey(identity, 17, 53, 24);
        return tables.isolate("db", Direction.INGRESS, 50, Map.of(key, TestTables.allow(identity)))
                .build();
    }

    @Test
    void identitiesAndRulesChangeTogether() throws Exception {
        try (TestNode node = TestNode.create()) {
            Tables[] worlds = {world(300, false), world(400, true)};
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
                                            if (newConnection(node, port) == SHOT) {
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
            assertThat(sent.get()).isGreaterThan(60);
        }
    }

    /** In the namespace already. */
    private static int newConnection(TestNode node, int port) {
        Frame frame = WEB.sends().ip(WEB.ip4(), DB.ip4()).udp(port, 53);
        SkBuff skb =
                new SkBuff(0, 0, node.ifindex(WEB), node.ifindex(WEB), List.of(0, 0, 0, 0, 0), 0);
        return node.datapath
                .program(Datapath.FROM_WORKLOAD)
                .testRun(TestRun.of(frame.bytes()).withContext(skb))
                .returned();
    }
}
