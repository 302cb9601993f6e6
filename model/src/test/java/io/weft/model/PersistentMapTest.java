package io.weft.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PersistentMapTest {
    /** Few hashes, so that many keys share one. */
    private record Key(int number, int hashes) {
        @Override
        public int hashCode() {
            return number % hashes;
        }
    }

    @Test
    void behaves_as_a_hash_map_and_old_versions_stay() {
        for (int hashes : List.of(1, 3, 1 << 20)) {
            Random random = new Random(hashes);
            Map<Key, Integer> dumb = new HashMap<>();
            PersistentMap<Key, Integer> map = PersistentMap.empty();
            List<PersistentMap<Key, Integer>> versions = new ArrayList<>();
            List<Map<Key, Integer>> copies = new ArrayList<>();
            for (int i = 0; i < 3000; i++) {
                Key key = new Key(random.nextInt(60), hashes);
                if (random.nextInt(5) < 3) {
                    dumb.put(key, i);
                    map = map.with(key, i);
                } else {
                    dumb.remove(key);
                    map = map.without(key);
                }
                assertThat(map.get(key)).isEqualTo(dumb.get(key));
                assertThat(map).hasSize(dumb.size());
                if (i % 100 == 0) {
                    versions.add(map);
                    copies.add(new HashMap<>(dumb));
                }
            }
            for (int i = 0; i < versions.size(); i++) {
                assertThat(versions.get(i)).isEqualTo(copies.get(i));
                assertThat(copies.get(i)).isEqualTo(versions.get(i));
                int other = random.nextInt(versions.size());
                assertThat(changed(versions.get(other), versions.get(i)))
                        .isEqualTo(changed(copies.get(other), copies.get(i)));
            }
        }
    }

    /** {@return key → "before → after", of those that differ} */
    private static <K> Map<K, String> changed(Map<K, Integer> before, Map<K, Integer> after) {
        Map<K, String> changes = new HashMap<>();
        MapDiff.between(
                before,
                after,
                (key, old, now) -> {
                    assertThat(changes.put(key, old + " → " + now)).as("told once").isNull();
                    assertThat(before.get(key)).isEqualTo(old);
                    assertThat(after.get(key)).isEqualTo(now);
                });
        return changes;
    }

    @Test
    void tells_what_was_put_and_what_was_taken_away() {
        PersistentMap<Integer, Integer> map = PersistentMap.empty();
        for (int i = 0; i < 10_000; i++) {
            map = map.with(i, i);
        }
        assertThat(changed(map, map.with(77, 1))).isEqualTo(Map.of(77, "77 → 1"));
        assertThat(changed(map, map.without(77))).isEqualTo(Map.of(77, "77 → null"));
        assertThat(changed(map, map)).isEmpty();
    }

    @Test
    void grows_to_many_and_shrinks_to_none() {
        PersistentMap<Integer, Integer> map = PersistentMap.empty();
        for (int i = 0; i < 50_000; i++) {
            map = map.with(i * 31, i);
        }
        assertThat(map).hasSize(50_000);
        assertThat(map.get(31 * 777)).isEqualTo(777);
        for (int i = 0; i < 50_000; i++) {
            map = map.without(i * 31);
        }
        assertThat(map).isEmpty();
        assertThat(map.entrySet().iterator().hasNext()).isFalse();
    }
}
