package io.weft.datapath;

import static io.weft.datapath.TestNode.DB;
import static io.weft.datapath.TestNode.OK;
import static io.weft.datapath.TestNode.SHOT;
import static io.weft.datapath.TestNode.WEB;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bpf.SkBuff;
import io.weft.bpf.TestRun;
import io.weft.kernel.testing.KernelTest;
import io.weft.tables.Direction;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the marks of weft_shape.h can do to a packet that policy denies, and what they cannot. */
@KernelTest
@SuppressWarnings("NullAway.Init") // BeforeEach
class ShapeMarkTest {
    private static final int JUDGED = 0x77656674;

    private TestNode node;
    private int db;
    private Frame denied;

    @BeforeEach
    void isolateDb() {
        node = TestNode.create();
        node.apply(node.open().isolate("db", Direction.INGRESS, 50, Map.of()).build());
        db = node.ifindex(DB);
        denied = DB.gets().ip(WEB.ip4(), DB.ip4()).tcp(4000, 80, Frame.SYN);
    }

    @AfterEach
    void close() {
        node.close();
    }

    private TestRun.Result run(String program, int ifindex, int ingress, int mark, Frame frame) {
        SkBuff skb = new SkBuff(mark, 0, ingress, ifindex, List.of(0, 0, 0, 0, 0), 0);
        TestRun run = TestRun.of(frame.bytes()).withContext(skb);
        return node.netns.call(() -> node.datapath.program(program).testRun(run));
    }

    @Test
    void whatWasJudgedAtAnInterfaceIsNotJudgedAgain() {
        TestRun.Result result = run("to_workload", db, node.ifindex(WEB), JUDGED, denied);

        assertThat(result.returned()).isEqualTo(OK);
        assertThat(result.skBuff().mark()).isZero();
        assertThat(node.drops()).isEmpty();
    }

    @Test
    void whatTheNodesOwnProcessesMarkIsJudged() {
        assertThat(run("to_workload", db, 0, JUDGED, denied).returned()).isEqualTo(SHOT);
        assertThat(run("to_workload", db, node.ifindex(WEB), db, denied).returned())
                .isEqualTo(SHOT);
    }

    @Test
    void aWorkloadCannotMark() {
        Frame toWorld = WEB.sends().ip(WEB.ip4(), TestNode.WORLD4).tcp(4000, 80, Frame.SYN);
        int web = node.ifindex(WEB);

        for (int mark : new int[] {JUDGED, web, 1}) {
            TestRun.Result result = run("from_workload", web, web, mark, toWorld);
            assertThat(result.returned()).isEqualTo(OK);
            assertThat(result.skBuff().mark()).isZero();
        }
    }

    @Test
    void nothingComesOutOfAShaperThatDidNotWait() {
        assertThat(run("from_shaper", node.uplink(), 0, 0, denied).returned()).isEqualTo(SHOT);
    }
}
