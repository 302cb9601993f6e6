package io.weft.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Ip;
import io.weft.model.Prefix;
import io.weft.model.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class BlocksTest {
    private final List<String> log = new ArrayList<>();

    private Blocks blocks(String... spans) {
        List<Span> list = List.of(spans).stream().map(s -> Span.tryParse(s).orElseThrow()).toList();
        return new Blocks(list, (base, node) -> log.add(base + " " + node));
    }

    @Test
    void eachNodeTakesFromItsOwnBlockUntilNoneIsLeft() {
        Blocks blocks = blocks("10.0.0.0/25");
        assertThat(blocks.ip(blocks.take("a"))).isEqualTo(Ip.parse("10.0.0.0"));
        assertThat(blocks.ip(blocks.take("b"))).isEqualTo(Ip.parse("10.0.0.64"));
        assertThat(blocks.ip(blocks.take("a"))).isEqualTo(Ip.parse("10.0.0.1"));
        assertThat(log).containsExactly("10.0.0.0 a", "10.0.0.64 b");
        for (int i = 2; i < 64; i++) {
            blocks.take("a");
        }
        assertThat(blocks.ip(blocks.take("a"))).as("borrowed").isEqualTo(Ip.parse("10.0.0.65"));
        assertThat(blocks.ip(blocks.take("b"))).isEqualTo(Ip.parse("10.0.0.66"));
        for (int i = 3; i < 64; i++) {
            blocks.take("c");
        }
        assertThat(blocks.take("a")).isEqualTo(-1);
        assertThat(log).hasSize(2);
    }

    @Test
    void theNextOneFollowsTheLast() {
        Blocks blocks = blocks("10.0.0.0/26");
        int first = blocks.take("a");
        blocks.take("a");
        blocks.free(first);
        assertThat(blocks.ip(blocks.take("a"))).isEqualTo(Ip.parse("10.0.0.2"));
        for (int i = 3; i < 64; i++) {
            blocks.take("a");
        }
        assertThat(blocks.ip(blocks.take("a"))).isEqualTo(Ip.parse("10.0.0.0"));
    }

    @Test
    void emptyBlocksGoBackToNobody() {
        Blocks blocks = blocks("fd00::/64");
        List<Integer> taken = new ArrayList<>();
        for (int i = 0; i < 64 * 5; i++) {
            taken.add(blocks.take("a"));
        }
        log.clear();
        taken.forEach(blocks::free);
        assertThat(log).containsExactly("fd00::80 ", "fd00::c0 ", "fd00::100 ");
        blocks.take("b");
        assertThat(log).last().isEqualTo("fd00::80 b");
        assertThat(blocks.count()).as("none was made").isEqualTo(5);
    }

    @Test
    void aHugeRangeCostsWhatIsUsedOfIt() {
        Blocks blocks = blocks("fd00::/16");
        for (int i = 0; i < 1000; i++) {
            blocks.take("a");
        }
        assertThat(blocks.count()).isEqualTo(16);
        Ip far = Ip.parse("fd00:ffff:ffff:ffff:ffff:ffff:ffff:fff0");
        assertThat(blocks.contains(far)).isTrue();
        blocks.take(blocks.number(far));
        assertThat(blocks.isTaken(blocks.number(far))).isTrue();
        assertThat(blocks.count()).isEqualTo(17);
    }

    @Test
    void spansThatShareABlockOrStopInIt() {
        Blocks blocks = blocks("10.0.0.60-10.0.0.65", "10.0.0.70-10.0.0.71", "10.0.0.130");
        List<String> given = new ArrayList<>();
        for (int n = blocks.take("a"); n >= 0; n = blocks.take("a")) {
            given.add(blocks.ip(n).toString());
        }
        assertThat(given)
                .containsExactly(
                        "10.0.0.60",
                        "10.0.0.61",
                        "10.0.0.62",
                        "10.0.0.63",
                        "10.0.0.64",
                        "10.0.0.65",
                        "10.0.0.70",
                        "10.0.0.71",
                        "10.0.0.130");
    }

    @Test
    void theTopOfBothAddressSpaces() {
        for (String top : List.of("223.255.255.0/24", "feff:ffff:ffff:ffff::/64")) {
            Span span = Span.of(Prefix.parse(top));
            Blocks blocks = blocks(top);
            assertThat(blocks.contains(span.last())).isTrue();
            blocks.take(blocks.number(span.last()));
            assertThat(blocks.ip(blocks.number(span.last()))).isEqualTo(span.last());
        }
    }

    @Test
    void summaryBitsFindWhatASetFinds() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        SummaryBits bits = new SummaryBits();
        TreeSet<Integer> set = new TreeSet<>();
        for (int i = 0; i < 200_000; i++) {
            int n = random.nextInt(1 << random.nextInt(1, 20));
            if (random.nextBoolean()) {
                bits.add(n);
                set.add(n);
            } else {
                bits.remove(n);
                set.remove(n);
            }
            int from = random.nextInt(1 << random.nextInt(1, 20));
            Integer next = set.ceiling(from);
            assertThat(bits.next(from)).as("seed %s", seed).isEqualTo(next == null ? -1 : next);
            assertThat(bits.count()).as("seed %s", seed).isEqualTo(set.size());
        }
    }

    @Test
    void theRestQueueKeepsTheOrderOfDeadlines() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        RestQueue queue = new RestQueue();
        List<long[]> list = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            if (random.nextInt(5) < 3) {
                long deadline = (long) i + random.nextInt(4);
                queue.add(i, deadline);
                int at = list.size();
                while (at > 0 && list.get(at - 1)[1] > deadline) {
                    at--;
                }
                list.add(at, new long[] {i, deadline});
            } else if (!list.isEmpty()) {
                int n = random.nextInt(3) == 0 ? random.nextInt(list.size()) : 0;
                assertThat(queue.indexOf((int) list.get(n)[0])).as("seed %s", seed).isEqualTo(n);
                queue.remove(n);
                list.remove(n);
            }
            assertThat(queue.size()).as("seed %s", seed).isEqualTo(list.size());
            for (int n = 0; n < Math.min(3, list.size()); n++) {
                assertThat(queue.number(n)).isEqualTo((int) list.get(n)[0]);
                assertThat(queue.deadline(n)).isEqualTo(list.get(n)[1]);
            }
        }
    }
}
