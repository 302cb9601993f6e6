package io.weft.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComparisonTest {
    /** From the binomial distribution of a fair coin, by hand: the greatest k of 2.5 % a side. */
    @ParameterizedTest
    @CsvSource({
        "1, 0", "5, 0", "6, 1", "8, 1", "9, 2", "11, 2", "12, 3", "15, 4", "20, 6", "100, 40"
    })
    void takesTheRankThatTheSignTestGives(int n, int rank) {
        assertThat(Comparison.rank(n)).isEqualTo(rank);
    }

    @Test
    void saysHowMuchMore() {
        Comparison c = compare(11, _ -> 1.05, _ -> 1);

        assertThat(c.outcome()).isEqualTo(Comparison.Outcome.MORE);
        assertThat(c.conclusion()).isEqualTo("more, by 5.0 %");
        assertThat(c.interval()).isEqualTo("1.050 [1.050-1.050]");
    }

    @Test
    void saysHowMuchLess() {
        assertThat(compare(11, _ -> 40, _ -> 100).conclusion()).isEqualTo("less, by 60.0 %");
    }

    @Test
    void whatIsWithinThreePercentIsEqual() {
        assertThat(compare(11, _ -> 1.02, _ -> 1).outcome()).isEqualTo(Comparison.Outcome.EQUAL);
    }

    @Test
    void refusesWhenTheSpreadIsWiderThanTheEffect() {
        Comparison c =
                Comparison.of(
                        "x",
                        List.of(1.2, 0.8, 1.3, 0.7, 1.1, 1.2, 0.9),
                        List.of(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0));

        assertThat(c.decided()).isFalse();
        assertThat(c.conclusion()).isEqualTo("no conclusion: the spread is wider than the effect");
    }

    @Test
    void refusesWithTooFewRepetitions() {
        Comparison c = compare(5, _ -> 2, _ -> 1);

        assertThat(c.decided()).isFalse();
        assertThat(c.conclusion()).isEqualTo("no conclusion: 5 repetitions are too few");
    }

    @Test
    void refusesWhatWasNotMeasuredInTurn() {
        assertThatThrownBy(() -> Comparison.of("x", List.of(1.0, 2.0), List.of(1.0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("2 repetitions beside 1");
    }

    /** Noise of 2 % and a drift of the machine that is far larger, in both alike. */
    @Test
    void seesFivePercentAndNothingWhereThereIsNothing() {
        long seed = new Random().nextLong();
        System.out.println("ComparisonTest seed " + seed);
        Random random = new Random(seed);
        int worlds = 1_000;
        int seen = 0;
        int imagined = 0;
        for (int i = 0; i < worlds; i++) {
            double drift = 1 + random.nextDouble();
            ToDoubleFunction<Integer> machine = n -> 1 + drift * n / 11;
            seen +=
                    compare(
                                                    11,
                                                    n ->
                                                            machine.applyAsDouble(n)
                                                                    * noisy(random, 1.05),
                                                    n ->
                                                            machine.applyAsDouble(n)
                                                                    * noisy(random, 1))
                                            .outcome()
                                    == Comparison.Outcome.MORE
                            ? 1
                            : 0;
            Comparison.Outcome none =
                    compare(
                                    11,
                                    n -> machine.applyAsDouble(n) * noisy(random, 1),
                                    n -> machine.applyAsDouble(n) * noisy(random, 1))
                            .outcome();
            imagined += none == Comparison.Outcome.MORE || none == Comparison.Outcome.LESS ? 1 : 0;
        }
        // 98.8 % of intervals hold the truth; ten standard deviations of room
        assertThat(imagined).isLessThan(50);
        assertThat(seen).isGreaterThan(900);
    }

    /** The interval holds the true ratio as often as it claims, whatever the distribution. */
    @Test
    void coversTheTruthOfASkewedDistribution() {
        long seed = new Random().nextLong();
        System.out.println("ComparisonTest seed " + seed);
        Random random = new Random(seed);
        int worlds = 2_000;
        int covered = 0;
        for (int i = 0; i < worlds; i++) {
            Comparison c = compare(15, _ -> 1.2 * Math.exp(random.nextGaussian() / 5), _ -> 1);
            covered += c.low() <= 1.2 && 1.2 <= c.high() ? 1 : 0;
        }
        // sign test, n = 15, k = 4: 96.5 %
        assertThat(covered / (double) worlds).isBetween(0.94, 0.99);
    }

    private static double noisy(Random random, double value) {
        return value * (1 + 0.02 * random.nextGaussian());
    }

    private static Comparison compare(
            int n, ToDoubleFunction<Integer> a, ToDoubleFunction<Integer> b) {
        List<Double> one = new ArrayList<>();
        List<Double> other = new ArrayList<>();
        IntStream.range(0, n)
                .forEach(i -> {
                    one.add(a.applyAsDouble(i));
                    other.add(b.applyAsDouble(i));
                });
        return Comparison.of("x", one, other);
    }
}
