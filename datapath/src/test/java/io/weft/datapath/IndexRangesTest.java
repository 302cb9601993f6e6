package io.weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Runs of indexes, against a set of bits. */
class IndexRangesTest {
    @Test
    void neighboursThatComeBackBecomeOneRun() {
        IndexRanges ranges = new IndexRanges(10);
        assertThat(ranges.take(4)).hasValue(0);
        assertThat(ranges.take(3)).hasValue(4);
        assertThat(ranges.take(4)).isEmpty();
        ranges.giveBack(0, 4);
        ranges.giveBack(4, 3);
        assertThat(ranges.take(10)).hasValue(0);
        assertThat(ranges.take(0)).hasValue(0);
    }

    @Test
    void theSmallestRunThatIsLongEnoughIsTaken() {
        IndexRanges ranges = new IndexRanges(100);
        ranges.take(20, 10);
        ranges.take(35, 10);
        assertThat(ranges.take(5)).hasValue(30);
        assertThat(ranges.take(20)).hasValue(0);
    }

    @Test
    void whatIsFreeCannotComeBackAndWhatIsTakenCannotBeTaken() {
        IndexRanges ranges = new IndexRanges(10);
        ranges.take(2, 3);
        assertThatThrownBy(() -> ranges.take(4, 1)).hasMessage("4+1 is not free");
        assertThatThrownBy(() -> ranges.giveBack(0, 3)).hasMessage("0+3 is free already");
    }

    @Test
    void noIndexIsGivenTwice() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        IndexRanges ranges = new IndexRanges(512);
        BitSet used = new BitSet();
        Map<Integer, Integer> runs = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            if (random.nextInt(3) > 0) {
                int length = 1 + random.nextInt(random.nextInt(20) == 0 ? 100 : 10);
                OptionalInt first = ranges.take(length);
                if (first.isPresent()) {
                    int from = first.getAsInt();
                    assertThat(used.get(from, from + length).isEmpty())
                            .as("seed %d", seed)
                            .isTrue();
                    used.set(from, from + length);
                    runs.put(from, length);
                }
            } else if (!runs.isEmpty()) {
                int first =
                        runs.keySet().stream()
                                .skip(random.nextInt(runs.size()))
                                .findFirst()
                                .orElseThrow();
                int length = Objects.requireNonNull(runs.remove(first));
                used.clear(first, first + length);
                ranges.giveBack(first, length);
            }
            assertThat(ranges.free()).as("seed %d", seed).isEqualTo(512 - used.cardinality());
        }
    }
}
