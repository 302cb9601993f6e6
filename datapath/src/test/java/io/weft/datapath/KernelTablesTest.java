package io.weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.bpf.BpfFs;
import io.weft.bpf.BpfMap;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.model.Ref;
import io.weft.tables.Direction;
import io.weft.tables.EndpointValue;
import io.weft.tables.MatchKey;
import io.weft.tables.Tables;
import io.weft.tables.Verdict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The kernel's look-ups against those of the Tables themselves, under random changes. */
@KernelTest
@SuppressWarnings("NullAway.Init") // BeforeEach
class KernelTablesTest {
    private static final Limits LIMITS = new Limits(512, 512, 64, 4096);

    private final Path pins =
            BpfFs.DEFAULT.resolve("weft-t-tables-" + ProcessHandle.current().pid());
    private Datapath datapath;

    @BeforeEach
    void load() {
        BpfFs.ensureMounted();
        datapath = Datapath.open(pins, LIMITS);
    }

    @AfterEach
    void unload() {
        datapath.close();
        Datapath.unpin(pins);
    }

    /** By how much the revision moves when no packet can see the order of a change. */
    static final int UNSEEN = 2;

    @Test
    void randomChangesEndWithTheKernelEqualToTheTables() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Tables tables = Tables.EMPTY;
        for (int i = 0; i < 150; i++) {
            tables = RandomTables.randomStep(random, tables);
            Map<Ref, Integer> slots = RandomTables.randomSlots(random);

            int before = datapath.tables().revision();
            int revision = datapath.tables().apply(tables, slots).revision();

            if (revision - before == UNSEEN) {
                datapath.tables().awaitSettled(); // until then entries that nobody reaches stay
            }
            assertThat(LookUps.kernel(datapath, revision))
                    .as("seed %d, step %d", seed, i)
                    .isEqualTo(LookUps.expected(tables, slots));
            datapath.tables().awaitSettled();
            LookUps.assertSettled(datapath, tables, slots);
        }
    }

    @Test
    void changesThatDoNotWaitForEachOtherSettleAllTheSame() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Tables tables = Tables.EMPTY;
        for (int i = 0; i < 300; i++) {
            tables = RandomTables.randomStep(random, tables);
            Map<Ref, Integer> slots = RandomTables.randomSlots(random);
            datapath.tables().apply(tables, slots);
            if (i % 20 == 0) {
                datapath.tables().awaitSettled();
                assertThat(LookUps.kernel(datapath, datapath.tables().revision()))
                        .as("seed %d, step %d", seed, i)
                        .isEqualTo(LookUps.expected(tables, slots));
                LookUps.assertSettled(datapath, tables, slots);
            }
        }
    }

    /** Looks into the kernel in the middle of each change. */
    private final class Onlooker implements java.util.function.Consumer<KernelTables.Step> {
        private LookUps.View before = LookUps.expected(Tables.EMPTY, Map.of());
        private LookUps.View after = before;
        private final List<String> wrong =
                java.util.Collections.synchronizedList(new ArrayList<>());

        @Override
        public void accept(KernelTables.Step step) {
            boolean flipped = step.compareTo(KernelTables.Step.REVISION_STORED) >= 0;
            LookUps.View now = LookUps.kernel(datapath, datapath.tables().revision());
            if (!now.equals(flipped ? after : before)) {
                wrong.add(step + " saw " + now + ", not " + (flipped ? after : before));
            }
        }
    }

    @Test
    void atEveryStepOneRevisionIsWholeAndInForce() {
        datapath.close();
        Onlooker onlooker = new Onlooker();
        datapath = Datapath.open(pins, LIMITS, onlooker);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Tables tables = Tables.EMPTY;
        for (int i = 0; i < 60; i++) {
            tables = RandomTables.randomStep(random, tables);
            Map<Ref, Integer> slots = RandomTables.randomSlots(random);
            onlooker.after = LookUps.expected(tables, slots);

            int before = datapath.tables().revision();
            datapath.tables().apply(tables, slots);
            datapath.tables().awaitSettled();

            if (datapath.tables().revision() - before == UNSEEN) {
                onlooker.wrong.clear(); // the onlooker sees more than packets do
            }
            assertThat(onlooker.wrong).as("seed %d, step %d", seed, i).isEmpty();
            onlooker.before = onlooker.after;
        }
    }

    @Test
    void allSlotsMovedToAnotherSlotInOneStep() {
        Tables tables = new TestTables().pod("web", 300).pod("db", 301).build();
        datapath.tables().apply(tables, Map.of(TestTables.ref("web"), 0, TestTables.ref("db"), 1));
        datapath.tables().apply(tables, Map.of(TestTables.ref("web"), 1, TestTables.ref("db"), 2));
        datapath.tables().awaitSettled();

        LookUps.View view = LookUps.kernel(datapath, datapath.tables().revision());
        assertThat(view.answers().get("slot 0")).isEqualTo(EndpointTable.NOT_LOADED);
        assertThat(view.answers().get("slot 2"))
                .isEqualTo(
                        new EndpointTable.Sides(EndpointValue.Side.OPEN, EndpointValue.Side.OPEN));
    }

    @Test
    void theSameTablesAgainCostNothing() {
        Map<Ref, Integer> slots = Map.of(TestTables.ref("web"), 0);
        Tables tables = new TestTables().pod("web", 300, Ip.parse("10.0.0.1")).build();
        int revision = datapath.tables().apply(tables, slots).revision();

        Tables equal = new TestTables().pod("web", 300, Ip.parse("10.0.0.1")).build();

        assertThat(datapath.tables().apply(tables, slots))
                .isEqualTo(new KernelTables.Applied(revision, 0, 0, 0));
        assertThat(datapath.tables().apply(equal, slots))
                .isEqualTo(new KernelTables.Applied(revision, 0, 0, 0));
    }

    @Test
    void onlyWhatChangesIsWritten() {
        Map<Ref, Integer> slots = Map.of(TestTables.ref("web"), 0);
        Map<MatchKey, Verdict> entries = new HashMap<>();
        for (int port = 0; port < 100; port++) {
            entries.put(MatchKey.exact(300, 6, port), TestTables.allow(20));
        }
        TestTables tables = new TestTables().pod("web", 300, Ip.parse("10.0.0.1"));
        tables.isolate("web", Direction.INGRESS, 50, entries);
        datapath.tables().apply(tables.build(), slots);
        entries.remove(MatchKey.exact(300, 6, 7));
        TestTables next = new TestTables().pod("web", 300, Ip.parse("10.0.0.1"));
        next.isolate("web", Direction.INGRESS, 50, entries);

        KernelTables.Applied applied = datapath.tables().apply(next.build(), slots);

        assertThat(applied.policyEntries()).isEqualTo(1);
        assertThat(applied.identities()).isZero();
        assertThat(applied.endpoints()).isZero();
    }

    @Test
    void whatDoesNotFitChangesNothing() {
        Map<Ref, Integer> slots = Map.of(TestTables.ref("web"), 0);
        Tables small = new TestTables().pod("web", 300, Ip.parse("10.0.0.1")).build();
        int revision = datapath.tables().apply(small, slots).revision();
        TestTables many = new TestTables().pod("web", 300, Ip.parse("10.0.0.1"));
        for (int i = 0; i < 600; i++) {
            many.block("192.168." + i / 256 + "." + i % 256 + "/32", 400);
        }

        assertThatThrownBy(() -> datapath.tables().apply(many.build(), slots))
                .isInstanceOf(DatapathException.class)
                .hasMessageContaining("603 identity prefixes do not fit")
                .hasMessageContaining("the map holds 512");

        assertThat(datapath.tables().revision()).isEqualTo(revision);
        datapath.tables().awaitSettled();
        LookUps.assertSettled(datapath, small, slots);
    }

    @Test
    void slotsMustBeThoseOfTheNode() {
        Tables tables = new TestTables().pod("web", 300).pod("db", 301).build();

        assertThatThrownBy(
                        () -> datapath.tables().apply(tables, Map.of(TestTables.ref("web"), 4096)))
                .hasMessageContaining("a node holds 4096 workloads");
        assertThatThrownBy(() ->
                        datapath.tables()
                                .apply(
                                        tables,
                                        Map.of(
                                                TestTables.ref("web"), 1,
                                                TestTables.ref("db"), 1)))
                .hasMessage("slot 1 is given twice");
    }

    @Test
    void whatIsPinnedWithAnotherShapeIsRefusedAndNamed() {
        assertThatThrownBy(() -> Datapath.open(pins, new Limits(1024, 512, 64, 4096)))
                .isInstanceOf(DatapathException.class)
                .hasMessageContaining("weft_identities")
                .hasMessageContaining("512 entries")
                .hasMessageContaining("1024 entries")
                .hasMessageContaining(pins.toString());
        assertThat(datapath.tables().revision()).isZero();
    }

    @Test
    void aSecondProcessAdoptsMapsAndPrograms() {
        Tables tables = new TestTables().pod("web", 300, Ip.parse("10.0.0.1")).build();
        datapath.tables().apply(tables, Map.of(TestTables.ref("web"), 0));
        int revision = datapath.tables().revision();
        BpfMap before = datapath.map("weft_identities");
        int id = before.info().id();
        datapath.close();
        assertThat(Datapath.isPinned(pins)).isTrue();

        datapath = Datapath.open(pins, LIMITS);

        assertThat(datapath.map("weft_identities").info().id()).isEqualTo(id);
        assertThat(datapath.tables().revision()).isEqualTo(revision);
        assertThat(datapath.live().identityOf(Ip.parse("10.0.0.1"))).isEqualTo(300);
        assertThat(datapath.tables().apply(tables, Map.of(TestTables.ref("web"), 0)).revision())
                .as("equal tables, so nothing to do")
                .isEqualTo(revision);
    }
}
