package io.weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bpf.BpfFs;
import io.weft.bpf.Codec;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.model.Ref;
import io.weft.tables.Direction;
import io.weft.tables.Lengths;
import io.weft.tables.MatchKey;
import io.weft.tables.Tables;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
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

    /** The group of a pod that stays gets entries for one that comes, of a length it had not. */
    @Test
    void aGroupLooksForTheEntriesOfAPodThatComesAndNoLongerWhenItHasGone() {
        Ip db = Ip.parse("10.0.0.1");
        Ip web = Ip.parse("10.0.0.2");
        Map<Ref, Integer> slots = Map.of(TestTables.ref("db"), 0);
        TestTables alone = new TestTables().pod("db", 300, db);
        alone.isolate("db", Direction.INGRESS, 50, Map.of());
        TestTables both = new TestTables().pod("db", 300, db).pod("web", 301, web);
        MatchKey key = MatchKey.exact(301, 6, 80).shortened(20);
        both.isolate("db", Direction.INGRESS, 50, Map.of(key, TestTables.allow(20)));
        datapath.tables().apply(copy(alone.build()), slots);
        datapath.tables().awaitSettled();
        int before = datapath.tables().revision();

        int there = datapath.tables().apply(copy(both.build()), slots).revision();
        assertThat(lengthsOfDb()).isEqualTo(Lengths.of(List.of(key)));
        int gone = datapath.tables().apply(copy(alone.build()), slots).revision();
        datapath.tables().awaitSettled();

        assertThat(there - before).isEqualTo(KernelTablesTest.UNSEEN);
        assertThat(gone - there).isEqualTo(KernelTablesTest.UNSEEN);
        assertThat(lengthsOfDb()).isEqualTo(Lengths.NONE);
        LookUps.assertSettled(datapath, alone.build(), slots);
    }

    private Lengths lengthsOfDb() {
        return datapath.map("weft_endpoints")
                .typed(Codec.U32, Codecs.ENDPOINT)
                .get(0)
                .orElseThrow()
                .ingress()
                .at(datapath.tables().revision())
                .lengths();
    }
}
