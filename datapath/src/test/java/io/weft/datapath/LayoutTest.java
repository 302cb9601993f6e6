package io.weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bpf.Btf;
import io.weft.bpf.MapSpec;
import io.weft.bpf.ObjectSpec;
import io.weft.bpf.ProgramSpec;
import io.weft.tables.Abi;
import io.weft.tables.Layout;
import io.weft.tables.ServiceAbi;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The committed object, read as the loader reads it: its structs are those of {@code tables}. */
class LayoutTest {
    private static final ObjectSpec OBJECT = Datapath.object();
    private static final ObjectSpec SOCKET_OBJECT = SocketHooks.object();

    private static final Map<String, String> SERVICE_MAPS =
            Map.of(
                    "weft_service_addresses", "HASH 16 4 " + ServiceAbi.MAX_FRONTENDS,
                    "weft_frontends", "HASH 20 16 " + ServiceAbi.MAX_FRONTENDS,
                    "weft_sets", "ARRAY 4 8 " + ServiceAbi.MAX_SETS,
                    "weft_backends", "ARRAY 4 24 " + ServiceAbi.MAX_BACKENDS,
                    "weft_members", "HASH 8 4 " + ServiceAbi.MAX_MEMBERS,
                    "weft_affinities", "LRU_HASH 24 32 " + ServiceAbi.MAX_AFFINITIES,
                    "weft_source_ranges", "LPM_TRIE 24 4 " + ServiceAbi.MAX_SOURCE_RANGES,
                    "weft_service_counters", "PERCPU_ARRAY 4 8 " + ServiceAbi.MAX_SETS);

    static List<Layout> layouts() {
        return Abi.LAYOUTS;
    }

    static List<Layout> serviceLayouts() {
        return ServiceAbi.LAYOUTS;
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void everyStructIsLaidOutAsJavaWritesIt(Layout layout) {
        compare(OBJECT, layout);
    }

    @ParameterizedTest
    @MethodSource("serviceLayouts")
    void everyStructOfServicesToo(Layout layout) {
        compare(SOCKET_OBJECT, layout);
    }

    static List<Layout> translationLayouts() {
        return ServiceAbi.TRANSLATION_LAYOUTS;
    }

    @ParameterizedTest
    @MethodSource("translationLayouts")
    void everyStructOfTranslationsToo(Layout layout) {
        compare(OBJECT, layout);
    }

    private static void compare(ObjectSpec object, Layout layout) {
        Btf.StructLayout compiled = object.btf().struct(layout.struct()).orElseThrow();

        assertThat(compiled.size()).isEqualTo(layout.size());
        assertThat(
                        compiled.fields().stream()
                                .map(f -> new Layout.Member(f.name(), f.offset(), f.size())))
                .containsExactlyElementsOf(layout.members());
    }

    @Test
    void theMapsAreThoseOfTheAbi() {
        Map<String, String> expected = new HashMap<>(SERVICE_MAPS);
        expected.put("weft_namespaces", "HASH 8 32 " + ServiceAbi.MAX_NAMESPACES);
        expected.put("weft_origins", "LRU_HASH 32 20 " + ServiceAbi.MAX_ORIGINS);
        assertThat(shapes(SOCKET_OBJECT)).containsExactlyInAnyOrderEntriesOf(expected);

        expected = new HashMap<>(SERVICE_MAPS);
        expected.putAll(
                Map.ofEntries(
                        Map.entry("weft_state", "ARRAY 4 8 1"),
                        Map.entry("weft_workloads", "HASH 4 56 " + Abi.MAX_WORKLOADS),
                        Map.entry("weft_addresses", "HASH 16 24 " + 2 * Abi.MAX_WORKLOADS),
                        Map.entry("weft_places", "ARRAY 4 64 " + Abi.MAX_WORKLOADS),
                        Map.entry("weft_endpoints", "ARRAY 4 80 " + (Abi.MAX_WORKLOADS + 1)),
                        Map.entry("weft_identities", "LPM_TRIE 20 8 " + Abi.MAX_IDENTITY_PREFIXES),
                        Map.entry("weft_policy", "HASH 16 48 " + Abi.MAX_POLICY_ENTRIES),
                        Map.entry("weft_connections", "LRU_HASH 40 80 " + Abi.MAX_CONNECTIONS),
                        Map.entry("weft_fragments", "LRU_HASH 40 8 " + Abi.MAX_FRAGMENTS),
                        Map.entry("weft_service_state", "ARRAY 4 40 1"),
                        Map.entry(
                                "weft_translations",
                                "LRU_HASH 40 72 " + ServiceAbi.MAX_TRANSLATIONS),
                        Map.entry("weft_handed", "HASH 20 4 " + ServiceAbi.MAX_HANDED),
                        Map.entry("weft_uplinks", "HASH 4 16 " + ServiceAbi.MAX_UPLINKS),
                        Map.entry("weft_translating", "PERCPU_ARRAY 4 256 1"),
                        Map.entry("weft_drops", "PERCPU_HASH 8 16 " + Abi.MAX_DROP_COUNTERS),
                        Map.entry("weft_counters", "PERCPU_ARRAY 4 8 " + Abi.COUNTERS),
                        Map.entry("weft_events", "RINGBUF 0 0 " + Abi.EVENT_BYTES)));
        assertThat(shapes(OBJECT)).containsExactlyInAnyOrderEntriesOf(expected);
    }

    private static Map<String, String> shapes(ObjectSpec object) {
        Map<String, String> shapes = new TreeMap<>();
        for (MapSpec map : object.maps().values()) {
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

        return shapes;
    }

    @Test
    void functionsStaySmallEnoughForHotSpot() {
        for (ProgramSpec program :
                Stream.of(OBJECT, SOCKET_OBJECT)
                        .flatMap(object -> object.programs().values().stream())
                        .toList()) {
            assertThat(program.functions())
                    .allSatisfy(function ->
                            assertThat(function.length()).as(function.name()).isLessThan(900));
        }
    }
}
