package io.weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Ip;
import io.weft.tables.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Places of a Maglev table, and who loses his when a backend goes. */
class MaglevTest {
    private static List<Backend> backends(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Backend(Ip.v4(0x0a010000 + i), 8080, false))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10, 25, 26, 120, 400})
    void everyBackendHasNearlyTheSameNumberOfPlaces(int count) {
        int[] table = Maglev.table(backends(count));
        int[] places = new int[count];
        for (int owner : table) {
            places[owner]++;
        }
        int fair = table.length / count;
        assertThat(places)
                .satisfies(p -> {
                    for (int n : p) {
                        assertThat(n).isBetween(fair - 1, fair + 2);
                    }
                });
    }

    /** The bar: less than 2 % more than the share of the one that goes. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 10, 25, 60, 120, 200})
    void whenOneGoesFewOthersLoseTheirPlaces(int count) {
        List<Backend> all = backends(count);
        int[] before = Maglev.table(all);
        for (int gone : new int[] {0, count / 2, count - 1}) {
            List<Backend> left = new ArrayList<>(all);
            left.remove(gone);
            int[] after = Maglev.table(left);
            int moved = 0;
            for (int i = 0; i < before.length; i++) {
                if (before[i] != gone && !all.get(before[i]).equals(left.get(after[i]))) {
                    moved++;
                }
            }
            assertThat(moved / (double) before.length).isLessThan(0.02);
        }
    }
}
