package io.weft.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ObjectSpecTest {
    private final ObjectSpec globals = TestObjects.spec("globals");
    private final ObjectSpec maps = TestObjects.spec("maps");
    private final ObjectSpec calls = TestObjects.spec("calls");

    @Test
    void aSectionSaysWhatItsProgramsAre() {
        assertThat(globals.license()).isEqualTo("Dual BSD/GPL");
        assertThat(globals.programs()).containsOnlyKeys("count", "length", "pass");
        assertThat(globals.program("count").type()).isEqualTo(ProgramType.SCHED_CLS);
        assertThat(globals.program("length").type()).isEqualTo(ProgramType.SOCKET_FILTER);
        assertThat(globals.program("pass").type()).isEqualTo(ProgramType.XDP);

        ObjectSpec hooks = TestObjects.spec("hooks");
        assertThat(hooks.program("tcx_pass").type()).isEqualTo(ProgramType.SCHED_CLS);
        assertThat(hooks.program("tcx_pass").attachType()).contains(AttachType.TCX_INGRESS);
        assertThat(hooks.program("connect4").type()).isEqualTo(ProgramType.CGROUP_SOCK_ADDR);
        assertThat(hooks.program("connect4").attachType())
                .contains(AttachType.CGROUP_INET4_CONNECT);
        assertThat(hooks.program("lookup_pass").type()).isEqualTo(ProgramType.SK_LOOKUP);
    }

    @Test
    void theLongestKnownSectionNameCounts() {
        assertThat(SectionNames.of("classifier/from-pod").type()).isEqualTo(ProgramType.SCHED_CLS);
        assertThat(SectionNames.of("cgroup/sock_create").attachType())
                .contains(AttachType.CGROUP_INET_SOCK_CREATE);
        assertThat(SectionNames.of("cgroup/sendmsg6").attachType())
                .contains(AttachType.CGROUP_UDP6_SENDMSG);
        assertThat(SectionNames.of("xdp.frags").type()).isEqualTo(ProgramType.XDP);
        assertThat(SectionNames.of("tcp").type()).isEqualTo(ProgramType.UNSPECIFIED);
    }

    @Test
    void aProgramCarriesTheFunctionsThatItReachesAndNoOthers() {
        ProgramSpec count = globals.program("count");
        assertThat(count.functions().stream().map(FunctionSpec::name))
                .containsExactly("count", "add_step", "twice");
        assertThat(globals.program("pass").functions()).hasSize(1);
        for (int i = 0; i < count.instructions().size(); i++) {
            Instruction instruction = count.instructions().get(i);
            if (instruction.isLocalCall()) {
                int target = i + 1 + instruction.immediate();
                assertThat(count.functions().stream().map(FunctionSpec::start)).contains(target);
            }
        }
        ProgramSpec looped = calls.program("looped");
        assertThat(looped.functions().stream().map(FunctionSpec::name))
                .containsExactly("looped", "add_index", "add_element", "note");
        assertThat(looped.instructions().stream().filter(Instruction::isFunctionAddress))
                .hasSize(2);
    }

    @Test
    void hiddenFunctionsAreStaticToTheVerifier() {
        Btf btf = calls.btf();
        assertThat(btf.type(btf.functionId("note").orElseThrow()))
                .isInstanceOfSatisfying(
                        BtfType.Function.class, f -> assertThat(f.linkage()).isZero());
        assertThat(btf.type(btf.functionId("entry").orElseThrow()))
                .isInstanceOfSatisfying(
                        BtfType.Function.class, f -> assertThat(f.linkage()).isOne());
        // the kernel's copy says the same
        assertThat(Btf.read(btf.bytes().toArray()).types()).isEqualTo(btf.types());
    }

    @Test
    void referencesNameTheMapAndThePlaceInside() {
        assertThat(globals.program("count").references())
                .anySatisfy(r -> {
                    assertThat(r.map()).isEqualTo(".rodata");
                    assertThat(r.kind()).isEqualTo(MapReference.Kind.VALUE);
                    assertThat(r.offset()).isEqualTo(4); // small, behind step
                });
        assertThat(maps.program("classify").references().stream().map(MapReference::map))
                .contains("prefixes", "flows", "totals", "drops", "groups");
    }

    @Test
    void sourceLinesFollowTheirFunctions() {
        ProgramSpec count = globals.program("count");
        FunctionSpec addStep = count.functions().get(1);
        SourceLine line = count.lineOf(addStep.start() + addStep.length() - 1).orElseThrow();
        assertThat(line.file()).endsWith("globals.c");
        assertThat(line.text()).contains("return twice(x) + (int)step");
        assertThat(line.line()).isPositive();
    }

    @Test
    void mapsAreReadFromTheirTypes() {
        MapSpec flows = maps.map("flows");
        assertThat(flows.shape()).isEqualTo("flows: HASH, key 4, value 16, 64 entries, flags 0x0");
        assertThat(maps.btf().type(maps.btf().resolve(flows.valueType())).name())
                .isEqualTo("counter_value");
        assertThat(maps.map("prefixes").flags()).isEqualTo(MapSpec.NO_PREALLOC);
        assertThat(maps.map("kept").pinning()).isEqualTo(MapSpec.Pinning.BY_NAME);
        assertThat(maps.map("groups").inner().orElseThrow().shape())
                .isEqualTo("groups.inner: ARRAY, key 4, value 4, 1 entries, flags 0x0");
        assertThat(maps.map("groups").initial()).isEqualTo(Map.of(0, "first", 2, "second"));
        assertThat(calls.map("stages").initial()).isEqualTo(Map.of(1, "tail_one", 3, "tail_two"));
    }

    @Test
    void dataSectionsAreArraysOfOneValue() {
        MapSpec rodata = globals.map(".rodata");
        assertThat(rodata.frozen()).isTrue();
        assertThat(rodata.flags()).isEqualTo(MapSpec.READ_ONLY_PROGRAM);
        ByteBuffer content =
                ByteBuffer.wrap(rodata.contents().orElseThrow().toArray())
                        .order(ByteOrder.LITTLE_ENDIAN);
        assertThat(content.getInt(0)).isEqualTo(1);
        assertThat(content.get(4)).isEqualTo((byte) 7);
        assertThat(content.getLong(24)).isEqualTo(40);
        assertThat(globals.map(".bss").contents()).isEmpty();
    }

    @Test
    void structLayoutsAreThoseOfC() {
        Btf.StructLayout value = maps.btf().struct("counter_value").orElseThrow();
        assertThat(value.size()).isEqualTo(16);
        assertThat(value.fields())
                .containsExactly(
                        new Btf.Field("packets", 0, 8),
                        new Btf.Field("bytes", 8, 4),
                        new Btf.Field("flag", 12, 1));
        Btf.StructLayout skb = maps.btf().struct("__sk_buff").orElseThrow();
        assertThat(skb.size()).isEqualTo(SkBuff.SIZE);
        assertThat(skb.field("cb")).isEqualTo(new Btf.Field("cb", 48, 20));
        // a member of an anonymous union inside
        assertThat(skb.field("flow_keys").offset()).isEqualTo(144);
        assertThat(maps.btf().struct("nothing")).isEmpty();
    }

    @Test
    void variablesHaveTheOffsetsThatClangLeftOut() {
        assertThat(globals.btf().variables(".rodata"))
                .containsEntry("step", new Btf.Field("step", 0, 4))
                .containsEntry("pair", new Btf.Field("pair", 8, 16))
                .containsEntry("hidden_constant", new Btf.Field("hidden_constant", 24, 8));
    }

    @Test
    void editsAreCopies() {
        ObjectSpec edited = maps.withMaxEntries("flows", 7);
        assertThat(edited.map("flows").maxEntries()).isEqualTo(7);
        assertThat(maps.map("flows").maxEntries()).isEqualTo(64);

        ObjectSpec stepped = globals.withRodata("step", 3).withRodata("small", 255);
        byte[] content = stepped.map(".rodata").contents().orElseThrow().toArray();
        assertThat(content).startsWith(3, 0, 0, 0, 255);
        assertThat(globals.map(".rodata").contents().orElseThrow().get(0)).isEqualTo((byte) 1);

        assertThat(calls.withoutPrograms("tail_two").map("stages").initial())
                .isEqualTo(Map.of(1, "tail_one"));
    }

    @Test
    void impossibleEditsNameWhatThereIs() {
        assertThatThrownBy(() -> globals.withRodata("small", 256))
                .isInstanceOf(ObjectFormatException.class)
                .hasMessage("256 does not fit small, which has 1 bytes");
        assertThatThrownBy(() -> globals.withRodata("nothing", 1)).hasMessageContaining("step");
        assertThatThrownBy(() -> globals.withRodata("pair", 1))
                .hasMessage("pair has 16 bytes: it is no number");
        assertThatThrownBy(() -> maps.withMaxEntries("flow", 1)).hasMessageContaining("flows");
        assertThatThrownBy(
                        () -> globals.withProgramType("absent", ProgramType.XDP, Optional.empty()))
                .hasMessageContaining("there are [count, length, pass]");
    }

    @Test
    void whatIsNoObjectIsNamed() {
        assertThatThrownBy(() -> ObjectSpec.read(new byte[10]))
                .isInstanceOf(ObjectFormatException.class)
                .hasMessage("not an ELF file");
        byte[] other = TestObjects.bytes("globals");
        other[18] = 62; // EM_X86_64
        assertThatThrownBy(() -> ObjectSpec.read(other)).hasMessageContaining("-target bpf");
    }
}
