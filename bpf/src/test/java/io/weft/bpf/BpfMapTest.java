package io.weft.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.Errno;
import io.weft.kernel.Mapping;
import io.weft.kernel.testing.KernelTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@KernelTest
class BpfMapTest {
    private static final int IPV4_BITS = 32;

    private static BpfMap of(MapType type, int key, int value, int entries, int flags) {
        return BpfMap.create(MapSpec.of("test", type, key, value, entries, flags));
    }

    /** {@code struct address_key}: bits in host order, then the address. */
    private record Cidr(int bits, int a, int b, int c, int d) {
        static final Codec<Cidr> CODEC =
                new Codec<>() {
                    @Override
                    public int size() {
                        return 8;
                    }

                    @Override
                    public void write(MemorySegment to, Cidr cidr) {
                        to.set(ValueLayout.JAVA_INT_UNALIGNED, 0, cidr.bits);
                        to.set(ValueLayout.JAVA_BYTE, 4, (byte) cidr.a);
                        to.set(ValueLayout.JAVA_BYTE, 5, (byte) cidr.b);
                        to.set(ValueLayout.JAVA_BYTE, 6, (byte) cidr.c);
                        to.set(ValueLayout.JAVA_BYTE, 7, (byte) cidr.d);
                    }

                    @Override
                    public Cidr read(MemorySegment from) {
                        return new Cidr(
                                from.get(ValueLayout.JAVA_INT_UNALIGNED, 0),
                                from.get(ValueLayout.JAVA_BYTE, 4) & 0xff,
                                from.get(ValueLayout.JAVA_BYTE, 5) & 0xff,
                                from.get(ValueLayout.JAVA_BYTE, 6) & 0xff,
                                from.get(ValueLayout.JAVA_BYTE, 7) & 0xff);
                    }
                };
    }

    @Test
    void elementsComeAndGo() {
        try (BpfMap map = of(MapType.HASH, 4, 8, 2, 0)) {
            byte[] one = {1, 0, 0, 0};
            byte[] value = {1, 2, 3, 4, 5, 6, 7, 8};
            assertThat(map.lookup(one)).isEmpty();
            map.update(one, value, UpdateMode.NOEXIST);
            assertThat(map.lookup(one)).contains(value);
            assertThat(map.lookupAndDelete(one)).contains(value);
            assertThat(map.lookupAndDelete(one)).isEmpty();
            assertThat(map.delete(one)).isFalse();
        }
    }

    @Test
    void updateModesAreKept() {
        try (BpfMap map = of(MapType.HASH, 4, 8, 2, 0)) {
            TypedMap<Integer, Long> typed = map.typed(Codec.U32, Codec.U64);
            assertThatThrownBy(() -> typed.put(1, 1L, UpdateMode.EXIST))
                    .isInstanceOfSatisfying(
                            BpfSyscallException.class, e -> assertThat(e.is(Errno.ENOENT)).isTrue())
                    .hasMessageContaining("the key is not there");
            typed.put(1, 1L, UpdateMode.NOEXIST);
            assertThatThrownBy(() -> typed.put(1, 1L, UpdateMode.NOEXIST))
                    .hasMessageContaining("the key is there already");
            typed.put(1, 2L, UpdateMode.EXIST);
            typed.put(2, 2L);
            assertThatThrownBy(() -> typed.put(3, 3L))
                    .hasMessage(
                            "update map test: E2BIG (Argument list too long): the map is full: 2"
                                    + " entries");
            assertThat(typed.entries()).isEqualTo(Map.of(1, 2L, 2, 2L));
        }
    }

    @Test
    void wrongSizesAreRefusedBeforeTheKernelReadsThem() {
        try (BpfMap map = of(MapType.HASH, 4, 8, 2, 0);
                Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> map.lookup(new byte[3]))
                    .hasMessage("key of map test has 3 bytes, not 4");
            assertThatThrownBy(() -> map.lookup(arena.allocate(4), arena.allocate(7)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("needs 8 bytes of native memory");
            assertThatThrownBy(
                            () -> map.lookup(MemorySegment.ofArray(new byte[4]), arena.allocate(8)))
                    .hasMessageContaining("native memory");
            assertThatThrownBy(() -> map.typed(Codec.U64, Codec.U64))
                    .isInstanceOf(IncompatibleMapException.class);
        }
    }

    /** Some of these know no batch commands: the result is the same. */
    @ParameterizedTest
    @EnumSource(
            value = MapType.class,
            names = {"HASH", "LRU_HASH", "ARRAY", "LPM_TRIE"})
    void batchesEqualSingleSteps(MapType type) {
        int keySize = type == MapType.LPM_TRIE ? 8 : 4;
        int count = 500;
        int flags = type == MapType.LPM_TRIE ? MapSpec.NO_PREALLOC : 0;
        // LRU evicts before it is full: leave room
        int entries = type == MapType.ARRAY ? count : 4 * count;
        try (BpfMap map = of(type, keySize, 8, entries, flags)) {
            Map<Long, Long> wanted = new LinkedHashMap<>();
            IntStream.range(0, count)
                    .forEach(i -> wanted.put(keySize == 8 ? (long) i << 32 | 32 : i, i * 3L));
            if (keySize == 8) {
                check(map.typed(Codec.U64, Codec.U64), wanted);
            } else {
                Map<Integer, Long> narrow = new LinkedHashMap<>();
                wanted.forEach((k, v) -> narrow.put(k.intValue(), v));
                check(map.typed(Codec.U32, Codec.U64), narrow);
            }
        }
    }

    private static <K> void check(TypedMap<K, Long> map, Map<K, Long> wanted) {
        map.putAll(wanted);
        assertThat(map.entries()).isEqualTo(wanted);
        if (map.map().type() == MapType.ARRAY) {
            return; // elements of arrays cannot go
        }
        List<K> keys = List.copyOf(wanted.keySet());
        List<K> half = keys.subList(0, keys.size() / 2);
        assertThat(map.removeAll(half)).isEqualTo(half.size());
        assertThat(map.removeAll(keys)).isEqualTo(keys.size() - half.size());
        assertThat(map.entries()).isEmpty();
        map.putAll(wanted);
        assertThat(map.drain()).isEqualTo(wanted);
        assertThat(map.entries()).isEmpty();
        map.putAll(Map.of());
        assertThat(map.removeAll(List.of())).isZero();
    }

    /** More than a batch holds: the kernel says where to go on. */
    @ParameterizedTest
    @EnumSource(
            value = MapType.class,
            names = {"HASH", "ARRAY"})
    void largeMapsAreReadInPieces(MapType type) {
        int count = 2000;
        try (BpfMap map = of(type, 4, 4096, count, 0)) {
            TypedMap<Integer, Bytes> typed = map.typed(Codec.U32, Codec.bytes(4096));
            Map<Integer, Bytes> wanted = new LinkedHashMap<>();
            for (int i = 0; i < count; i++) {
                byte[] value = new byte[4096];
                value[i] = (byte) i;
                wanted.put(i, Bytes.copyOf(value));
            }
            typed.putAll(wanted);
            assertThat(typed.entries().equals(wanted)).isTrue();
        }
    }

    @Test
    void keysAreWalkedOneByOne() {
        try (BpfMap map = of(MapType.HASH, 4, 8, 100, 0);
                Arena arena = Arena.ofConfined()) {
            TypedMap<Integer, Long> typed = map.typed(Codec.U32, Codec.U64);
            IntStream.range(0, 50).forEach(i -> typed.put(i, 0L));
            Set<Integer> seen = new HashSet<>();
            MemorySegment key = arena.allocate(4);
            MemorySegment next = arena.allocate(4);
            boolean more = map.nextKey(MemorySegment.NULL, key);
            while (more) {
                assertThat(seen.add(key.get(ValueLayout.JAVA_INT, 0))).isTrue();
                more = map.nextKey(key, next);
                key.copyFrom(next);
            }
            assertThat(seen).hasSize(50);
        }
    }

    @Test
    void everyCpuHasItsOwnValue() {
        try (LoadedObject object = loaded()) {
            // 4 bytes of value in slots of 8
            TypedMap<Integer, List<Integer>> drops =
                    object.map("drops").typed(Codec.U32, Codec.perCpu(Codec.U32));
            List<Integer> values = IntStream.range(100, 100 + Cpus.possible()).boxed().toList();
            drops.put(7, values);
            assertThat(drops.get(7)).contains(values);
            assertThat(drops.entries()).isEqualTo(Map.of(7, values));
            drops.putAll(Map.of(8, values, 9, values));
            assertThat(drops.removeAll(List.of(7))).isEqualTo(1);
            assertThat(drops.drain()).isEqualTo(Map.of(8, values, 9, values));

            TypedMap<Integer, List<Long>> totals =
                    object.map("totals").typed(Codec.U32, Codec.perCpu(Codec.U64));
            TestRun run = TestRun.of(TestObjects.packet()).withRepeat(10);
            object.program("classify").testRun(run);
            assertThat(totals.get(0).orElseThrow().stream().mapToLong(Long::longValue).sum())
                    .isEqualTo(10);
        }
    }

    private static LoadedObject loaded() {
        return TestObjects.spec("maps").withPinning("kept", MapSpec.Pinning.NONE).load();
    }

    @Test
    void theLongestPrefixWins() {
        try (LoadedObject object = loaded()) {
            TypedMap<Cidr, Integer> prefixes = object.map("prefixes").typed(Cidr.CODEC, Codec.U32);
            prefixes.put(new Cidr(8, 10, 0, 0, 0), 8);
            prefixes.put(new Cidr(24, 10, 1, 2, 0), 24);
            assertThat(prefixes.get(new Cidr(IPV4_BITS, 10, 1, 2, 3))).contains(24);
            assertThat(prefixes.get(new Cidr(IPV4_BITS, 10, 9, 2, 3))).contains(8);
            assertThat(prefixes.get(new Cidr(IPV4_BITS, 11, 1, 2, 3))).isEmpty();

            BpfProgram classify = object.program("classify");
            assertThat(classify.testRun(TestRun.of(TestObjects.packet(10, 1, 2, 9))).returned())
                    .isEqualTo(24);
            assertThat(classify.testRun(TestRun.of(TestObjects.packet(11, 1, 2, 9))).returned())
                    .isZero();
            assertThat(prefixes.remove(new Cidr(24, 10, 1, 2, 0))).isTrue();
            assertThat(classify.testRun(TestRun.of(TestObjects.packet(10, 1, 2, 9))).returned())
                    .isEqualTo(8);
        }
    }

    @Test
    void mapsLieInMaps() {
        try (LoadedObject object = loaded()) {
            TestRun run = TestRun.of(TestObjects.packet());
            object.map("first").typed(Codec.U32, Codec.U32).put(0, 300);
            object.map("second").typed(Codec.U32, Codec.U32).put(0, 40);
            assertThat(object.program("classify").testRun(run).returned()).isEqualTo(340);

            byte[] two = {2, 0, 0, 0};
            MapSpec shape = TestObjects.spec("maps").map("groups").inner().orElseThrow();
            try (BpfMap fresh = BpfMap.create(shape)) {
                fresh.typed(Codec.U32, Codec.U32).put(0, 1);
                object.map("groups").setMap(two, fresh);
            }
            assertThat(object.program("classify").testRun(run).returned()).isEqualTo(301);
            try (BpfMap inside = object.map("groups").innerMap(two).orElseThrow()) {
                assertThat(inside.typed(Codec.U32, Codec.U32).get(0)).contains(1);
            }
            assertThat(object.map("named").innerMap(two)).isEmpty();
            object.map("named").setMap(two, object.map("first"));
            try (BpfMap inside = object.map("named").innerMap(two).orElseThrow()) {
                assertThat(inside.info().id()).isEqualTo(object.map("first").info().id());
            }
            assertThatThrownBy(() -> object.map("groups").setMap(two, object.map("recent")))
                    .hasMessageContaining("the inner map differs from the declared one");
        }
    }

    @Test
    void anLruForgetsInsteadOfRefusing() {
        try (LoadedObject object = loaded()) {
            TypedMap<Integer, Integer> recent = object.map("recent").typed(Codec.U32, Codec.U32);
            IntStream.range(0, 1000).forEach(i -> recent.put(i, i));
            Map<Integer, Integer> left = recent.entries();
            assertThat(left).isNotEmpty().hasSizeLessThanOrEqualTo(32);
            left.forEach((k, v) -> assertThat(v).isEqualTo(k));
        }
    }

    @Test
    void arraysAreSharedWithoutSystemCalls() {
        try (LoadedObject object = loaded();
                Mapping mapping = object.map("slots").map(true)) {
            mapping.segment().setAtIndex(ValueLayout.JAVA_LONG, 3, 77);
            TypedMap<Integer, Long> slots = object.map("slots").typed(Codec.U32, Codec.U64);
            assertThat(slots.get(3)).contains(77L);
            slots.put(4, 78L);
            assertThat(mapping.segment().getAtIndex(ValueLayout.JAVA_LONG, 4)).isEqualTo(78);
        }
    }

    @Test
    void frozenMapsAreReadOnly() {
        try (BpfMap map = of(MapType.ARRAY, 4, 8, 1, 0)) {
            TypedMap<Integer, Long> typed = map.typed(Codec.U32, Codec.U64);
            typed.put(0, 1L);
            map.freeze();
            assertThat(typed.get(0)).contains(1L);
            assertThatThrownBy(() -> typed.put(0, 2L)).hasMessageContaining("frozen");
        }
    }

    @Test
    void mapsTellWhoTheyAre() {
        try (BpfMap map = of(MapType.LRU_HASH, 40, 88, 16, 0);
                BpfMap same = BpfMap.openById(map.info().id());
                BpfMap copy = map.duplicate()) {
            assertThat(same.info()).isEqualTo(map.info());
            assertThat(copy.info().shape())
                    .isEqualTo(
                            "test: LRU_HASH, key 40, value 88, 16 entries, flags 0x0 (id %d)"
                                    .formatted(map.info().id()));
        }
    }

    @Test
    void queuesHaveNoKeys() {
        try (BpfMap queue = of(MapType.QUEUE, 0, 4, 4, 0);
                Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocateFrom(ValueLayout.JAVA_INT, 5);
            queue.update(MemorySegment.NULL, value, UpdateMode.ANY);
            value.set(ValueLayout.JAVA_INT, 0, 0);
            assertThat(queue.lookupAndDelete(MemorySegment.NULL, value)).isTrue();
            assertThat(value.get(ValueLayout.JAVA_INT, 0)).isEqualTo(5);
            assertThat(queue.lookupAndDelete(MemorySegment.NULL, value)).isFalse();
        }
    }

    @Test
    void whatCannotBeMadeIsExplained() {
        assertThatThrownBy(() -> of(MapType.LPM_TRIE, 8, 4, 4, 0))
                .isInstanceOf(BpfSyscallException.class)
                .hasMessageContaining("EINVAL")
                .hasMessageContaining("BPF_F_NO_PREALLOC");
        assertThatThrownBy(() -> of(MapType.RINGBUF, 0, 0, 5000, 0))
                .hasMessageContaining("a power of 2");
        assertThatThrownBy(() -> of(MapType.HASH, 4, 4, 0, 0))
                .hasMessageContaining("max_entries is 0");
    }
}
