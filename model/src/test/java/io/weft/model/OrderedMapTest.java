package io.weft.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OrderedMapTest {
    @Test
    void iteratesInTheOrderOfItsKeys() {
        OrderedMap<String, Integer> map =
                OrderedMap.<String, Integer>empty().with("b", 2).with("c", 3).with("a", 1);

        assertThat(map.entrySet())
                .containsExactly(Map.entry("a", 1), Map.entry("b", 2), Map.entry("c", 3));
        assertThat(map.firstKey()).isEqualTo("a");
        assertThat(map.lastKey()).isEqualTo("c");
    }

    @Test
    void anEarlierVersionStaysAsItWas() {
        OrderedMap<String, Integer> one = OrderedMap.<String, Integer>empty().with("a", 1);
        OrderedMap<String, Integer> two = one.with("a", 2).with("b", 3);

        assertThat(one).isEqualTo(Map.of("a", 1));
        assertThat(two).isEqualTo(Map.of("a", 2, "b", 3));
        assertThat(two.without("c")).isSameAs(two);
    }

    @Test
    void theEmptyOneHasNoFirstKey() {
        assertThatThrownBy(() -> OrderedMap.<String, Integer>empty().firstKey())
                .isInstanceOf(NoSuchElementException.class);
        assertThatThrownBy(() -> OrderedMap.<String, Integer>empty().lastKey())
                .isInstanceOf(NoSuchElementException.class);
    }

    /** However it was filled, a path is no longer than the proven bound allows. */
    @Test
    void staysInBalanceWhenFilledInOrder() {
        OrderedMap<Integer, Integer> map = OrderedMap.empty();
        for (int i = 0; i < 1 << 16; i++) {
            map = map.with(i, i);
        }
        // a side weighs 3/4 at most: log(65536) / log(4/3) = 38.6
        assertThat(map.depth()).isLessThanOrEqualTo(39);
        for (int i = 0; i < 1 << 15; i++) {
            map = map.without(i);
        }
        assertThat(map.depth()).isLessThanOrEqualTo(37);
        assertThat(map.subMap(40_000, 60_000).depth()).isLessThanOrEqualTo(35);
    }

    @Test
    void behavesAsATreeMap() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            int range = 1 + random.nextInt(400);
            TreeMap<Integer, Integer> expected = new TreeMap<>();
            OrderedMap<Integer, Integer> map = OrderedMap.empty();
            for (int i = 0; i < 300; i++) {
                int key = random.nextInt(range);
                switch (random.nextInt(8)) {
                    case 0, 1, 2, 3 -> {
                        expected.put(key, i);
                        map = map.with(key, i);
                    }
                    case 4, 5, 6 -> {
                        expected.remove(key);
                        map = map.without(key);
                    }
                    default -> {
                        Map<Integer, Integer> more = new HashMap<>();
                        for (int j = random.nextInt(20); j > 0; j--) {
                            more.put(random.nextInt(range), j);
                        }
                        expected.putAll(more);
                        map = map.withAll(more);
                    }
                }
                int from = random.nextInt(range);
                int to = from + random.nextInt(range);
                assertThat(map.get(key)).as("seed %d", seed).isEqualTo(expected.get(key));
                assertThat(map.size()).as("seed %d", seed).isEqualTo(expected.size());
                assertThat(List.copyOf(map.subMap(from, to).entrySet()))
                        .as("seed %d", seed)
                        .isEqualTo(List.copyOf(expected.subMap(from, to).entrySet()));
            }
            assertThat(List.copyOf(map.entrySet()))
                    .as("seed %d", seed)
                    .isEqualTo(List.copyOf(expected.entrySet()));
            OrderedMap<Integer, Integer> part = map.tailMap(range / 3).headMap(range / 3 * 2);
            assertThat(part.depth())
                    .as("seed %d", seed)
                    .isLessThanOrEqualTo(1 + (int) (Math.log(part.size() + 1) / Math.log(4.0 / 3)));
        }
    }
}
