package io.weft.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.Errno;
import io.weft.kernel.testing.KernelTest;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@KernelTest
class LoadTest {
    @Test
    void constantsAreSetAndVariablesShared() {
        ObjectSpec spec = TestObjects.spec("globals").withRodata("step", 5).withRodata("small", 1);
        try (LoadedObject object = spec.load()) {
            TestRun run = TestRun.of(TestObjects.packet()).withRepeat(4);
            // add_step(10) + small = 2 * 10 + 5 + 1
            assertThat(object.program("count").testRun(run).returned()).isEqualTo(26);

            TypedMap<Integer, Long> data = object.map(".data").typed(Codec.U32, Codec.U64);
            assertThat(data.get(0)).contains(100L + 4 * 5);
            data.put(0, 7L);
            object.program("count").testRun(run.withRepeat(1));
            assertThat(data.get(0)).contains(12L);
        }
    }

    @Test
    void rodataIsFrozen() {
        try (LoadedObject object = TestObjects.spec("globals").load()) {
            BpfMap rodata = object.map(".rodata");
            byte[] content = rodata.lookup(new byte[4]).orElseThrow();
            assertThatThrownBy(() -> rodata.update(new byte[4], content, UpdateMode.ANY))
                    .isInstanceOf(BpfSyscallException.class)
                    .hasMessage(
                            "update map .rodata: EPERM (Operation not permitted): the map is"
                                    + " frozen, or was opened for reading only");
        }
    }

    @Test
    void callbacksAndSubprogramsRun() {
        try (LoadedObject object = TestObjects.spec("calls").load()) {
            TypedMap<Integer, Long> numbers = object.map("numbers").typed(Codec.U32, Codec.U64);
            numbers.put(1, 100L);
            numbers.put(2, 1000L);
            TestRun run = TestRun.of(TestObjects.packet());
            assertThat(object.program("looped").testRun(run).returned()).isEqualTo(45 + 1100);
        }
    }

    @Test
    void tailCallsGoThroughTheInitialisedArray() {
        try (LoadedObject object = TestObjects.spec("calls").load()) {
            TestRun run =
                    TestRun.of(TestObjects.packet())
                            .withContext(SkBuff.ZERO.withMark(9).withCb(List.of(1, 2, 3, 4, 5)));
            TestRun.Result result = object.program("entry").testRun(run);
            assertThat(result.returned()).isEqualTo(42 + 10);
            assertThat(result.skBuff().mark()).isEqualTo(10);
            assertThat(result.skBuff().cb()).containsExactly(6, 2, 3, 4, 5);
            assertThat(result.durationNanos()).isNotNegative();

            object.map("stages").delete(new byte[] {3, 0, 0, 0});
            assertThat(object.program("entry").testRun(run).returned()).isEqualTo(1);
            object.map("stages").setProgram(1, object.program("tail_two"));
            assertThat(object.program("entry").testRun(run).returned()).isEqualTo(52);
        }
    }

    @Test
    void xdpRunsOnAPacketWithAContext() {
        try (LoadedObject object = TestObjects.spec("hooks").load()) {
            byte[] context = new byte[TestRun.XDP_MD_SIZE];
            context[4] = 64; // data_end: 64 bytes behind data
            TestRun run = TestRun.of(TestObjects.packet(1, 2, 3)).withContext(context);
            TestRun.Result result = object.program("xdp_pass").testRun(run);
            assertThat(result.returned()).isEqualTo(2); // XDP_PASS
            assertThat(result.data()).isEqualTo(Bytes.copyOf(TestObjects.packet(1, 2, 3)));
            assertThat(result.context().length()).isEqualTo(TestRun.XDP_MD_SIZE);
        }
    }

    @Test
    void programsTellWhoTheyAre() {
        try (LoadedObject object =
                TestObjects.spec("globals").load(LoadOptions.DEFAULT.withLogLevel(2))) {
            BpfProgram pass = object.program("pass");
            ProgramInfo info = pass.info();
            assertThat(info.type()).isEqualTo(ProgramType.XDP);
            assertThat(info.name()).isEqualTo("pass");
            assertThat(info.tag()).matches("[0-9a-f]{16}");
            assertThat(pass.verifierLog()).contains("return XDP_PASS");
            try (BpfProgram again = BpfProgram.openById(info.id())) {
                assertThat(again.tag()).isEqualTo(info.tag());
            }
        }
    }

    @Test
    void aRejectedProgramIsShownWithItsLineOfC() {
        ObjectSpec spec = TestObjects.spec("rejected").withoutPrograms("unknown_helper");
        assertThatThrownBy(spec::load)
                .isInstanceOfSatisfying(
                        VerifierException.class,
                        e -> {
                            assertThat(e.program()).isEqualTo("out_of_bounds");
                            assertThat(e.errno().code()).isEqualTo(Errno.EACCES);
                            assertThat(e.source().orElseThrow().text())
                                    .contains("return data[100];");
                            assertThat(e.log()).contains("invalid access to packet");
                        })
                .hasMessageContaining("load program out_of_bounds: EACCES")
                .hasMessageContaining("rejected.c:10: return data[100];")
                .hasMessageContaining("R1 offset is outside of the packet");
    }

    @Test
    void anUnknownHelperIsExplained() {
        assertThatThrownBy(TestObjects.spec("rejected").withoutPrograms("out_of_bounds")::load)
                .isInstanceOf(VerifierException.class)
                .hasMessageContaining("helper 9999 is newer than this loader")
                .hasMessageContaining("return no_such_helper() != 0;");
    }

    @Test
    void aProgramWithoutItsMapIsNotLoaded() {
        assertThatThrownBy(() -> TestObjects.spec("calls").withoutMaps("numbers").load())
                .isInstanceOf(ObjectFormatException.class)
                .hasMessage("program looped uses map numbers, which is left out");
    }

    @Test
    void aTypeCanBeGivenToAProgram() {
        ObjectSpec spec =
                TestObjects.spec("globals")
                        .withProgramType("count", ProgramType.UNSPECIFIED, Optional.empty());
        assertThatThrownBy(spec::load).hasMessageContaining("use withProgramType");
        try (LoadedObject object =
                spec.withProgramType("count", ProgramType.SCHED_ACT, Optional.empty()).load()) {
            assertThat(object.program("count").info().type()).isEqualTo(ProgramType.SCHED_ACT);
        }
    }

    @Test
    void aMapCanBeGivenInsteadOfMade() {
        ObjectSpec spec = TestObjects.spec("calls");
        try (BpfMap mine = BpfMap.create(spec.map("numbers"));
                BpfMap other = BpfMap.create(spec.map("numbers").withMaxEntries(3))) {
            mine.typed(Codec.U32, Codec.U64).put(1, 5L);
            try (LoadedObject object = spec.load(LoadOptions.DEFAULT.withMap("numbers", mine))) {
                TestRun run = TestRun.of(TestObjects.packet());
                assertThat(object.program("looped").testRun(run).returned()).isEqualTo(50);
            }
            assertThat(mine.typed(Codec.U32, Codec.U64).get(1)).contains(5L); // still ours

            assertThatThrownBy(() -> spec.load(LoadOptions.DEFAULT.withMap("numbers", other)))
                    .isInstanceOf(IncompatibleMapException.class)
                    .hasMessageContaining("wanted: numbers: HASH, key 4, value 8, 16 entries")
                    .hasMessageContaining("given: numbers: HASH, key 4, value 8, 3 entries");
            assertThatThrownBy(() -> spec.load(LoadOptions.DEFAULT.withMap("nubmers", mine)))
                    .hasMessageContaining("a map nubmers is given");
        }
    }

    @Test
    void badInputOfATestRunIsTheKernelsToName() {
        try (LoadedObject object = TestObjects.spec("globals").load()) {
            assertThatThrownBy(() -> object.program("pass").testRun(TestRun.of(new byte[3])))
                    .isInstanceOf(BpfSyscallException.class)
                    .hasMessageContaining("test-run program pass: EINVAL");
        }
    }
}
