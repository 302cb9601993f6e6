package io.weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bpf.BpfFs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.model.Ref;
import io.weft.tables.Direction;
import io.weft.tables.MatchKey;
import io.weft.tables.Tables;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Workloads that come and go: no packet can see in which order that is written. */
@KernelTest
class UnseenChangeTest {
    private final Path pins =
            BpfFs.DEFAULT.resolve("weft-t-unseen-" + ProcessHandle.current().pid());
    private Datapath datapath;

    @BeforeEach
    void load() {
        BpfFs.ensureMounted();
        datapath = Datapath.open(pins, new Limits(512, 512, 64, 4096));
    }

    @AfterEach
    void unload() {
        datapath.close();
        Datapath.unpin(pins);
    }

    /** The builder goes on with the maps that it gave out. */
    private static Tables copy(Tables tables) {
        return new Tables(
                Map.copyOf(tables.podIdentities()),
                Map.copyOf(tables.blockIdentities()),
                Map.copyOf(tables.groups()),
                Map.copyOf(tables.pods()),
                tables.rules());
    }

    @Test
    void podsComeAndGoWithoutAGracePeriod() {
        TestTables tables = new TestTables();
        Map<Ref, Integer> slots = new HashMap<>();
        datapath.tables().apply(copy(tables.build()), slots); // the blocks that hold the world
        for (int i = 0; i < 20; i++) {
            String pod = "pod-" + i;
            tables.pod(pod, 300 + i, Ip.v4(0x0a00_0000 + i));
            tables.isolate(
                    pod,
                    Direction.INGRESS,
                    50 + i,
                    Map.of(MatchKey.exact(300, 6, 80), TestTables.allow(20)));
            slots.put(TestTables.ref(pod), i);
            int before = datapath.tables().revision();

            int after = datapath.tables().apply(copy(tables.build()), slots).revision();

            // moved by two: nobody has to wait, and every connection is judged again
            assertThat(after - before).isEqualTo(KernelTablesTest.UNSEEN);
        }
        datapath.tables().awaitSettled();
        LookUps.assertSettled(datapath, tables.build(), slots);
    }
}
