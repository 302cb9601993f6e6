package io.weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bpf.Btf;
import io.weft.bpf.MapSpec;
import io.weft.bpf.ObjectSpec;
import io.weft.bpf.ProgramSpec;
import io.weft.tables.Abi;
import io.weft.tables.Layout;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The committed object, read as the loader reads it: its structs are those of {@code tables}. */
class LayoutTest {
    private static final ObjectSpec OBJECT = Datapath.object();

    static List<Layout> layouts() {
        return Abi.LAYOUTS;
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void everyStructIsLaidOutAsJavaWritesIt(Layout layout) {
        Btf.StructLayout compiled = OBJECT.btf().struct(layout.struct()).orElseThrow();

        assertThat(compiled.size()).isEqualTo(layout.size());
        assertThat(
                        compiled.fields().stream()
                                .map(f -> new Layout.Member(f.name(), f.offset(), f.size())))
                .containsExactlyElementsOf(layout.members());
    }

    @Test
    void theMapsAreThoseOfTheAbi() {
        Map<String, String> shapes = new TreeMap<>();
        for (MapSpec map : OBJECT.maps().values()) {
            shapes.put(
                    map.name(),
                    map.type()
                            + " "
                            + map.keySize()
                            + " "
                            + map.valueSize()
                            + " "
                            + map.maxEntries());
        }

        assertThat(shapes)
                .containsOnly(
                        Map.entry("weft_state", "ARRAY 4 8 1"),
                        Map.entry("weft_workloads", "HASH 4 48 " + Abi.MAX_WORKLOADS),
                        Map.entry("weft_addresses", "HASH 16 20 " + 2 * Abi.MAX_WORKLOADS),
                        Map.entry("weft_endpoints", "ARRAY 4 48 " + (Abi.MAX_WORKLOADS + 1)),
                        Map.entry("weft_identities", "LPM_TRIE 20 8 " + Abi.MAX_IDENTITY_PREFIXES),
                        Map.entry("weft_policy", "LPM_TRIE 16 24 " + Abi.MAX_POLICY_ENTRIES),
                        Map.entry("weft_connections", "LRU_HASH 40 72 " + Abi.MAX_CONNECTIONS),
                        Map.entry("weft_fragments", "LRU_HASH 40 8 " + Abi.MAX_FRAGMENTS),
                        Map.entry("weft_drops", "PERCPU_HASH 8 16 " + Abi.MAX_DROP_COUNTERS),
                        Map.entry("weft_counters", "PERCPU_ARRAY 4 8 " + Abi.COUNTERS),
                        Map.entry("weft_events", "RINGBUF 0 0 " + Abi.EVENT_BYTES));
    }

    @Test
    void functionsStaySmallEnoughForHotSpot() {
        for (ProgramSpec program : OBJECT.programs().values()) {
            assertThat(program.functions())
                    .allSatisfy(function ->
                            assertThat(function.length()).as(function.name()).isLessThan(900));
        }
    }
}
