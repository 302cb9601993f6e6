package io.weft.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.ipam.Forecast.Empty;
import io.weft.ipam.Forecast.NotGrowing;
import io.weft.ipam.Forecast.Sample;
import io.weft.ipam.Forecast.Unknown;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ForecastTest {
    /** A look each minute. */
    private static List<Sample> minutes(long... taken) {
        return LongStream.range(0, taken.length)
                .mapToObj(i -> new Sample(i * 60_000_000_000L, taken[(int) i]))
                .toList();
    }

    @Test
    void aPoolThatGrowsSteadilyEnds() {
        assertThat(Forecast.of(minutes(10, 12, 14, 16), 40))
                .isEqualTo(new Empty(Duration.ofMinutes(20), 120, Duration.ofMinutes(3)))
                .hasToString("exhausted in about 20 min at the rate of the last 3 min");
    }

    @Test
    void unevenGrowthCountsByItsTrend() {
        assertThat(Forecast.of(minutes(0, 0, 10, 10, 20, 20), 430))
                .isInstanceOfSatisfying(
                        Empty.class,
                        empty -> {
                            assertThat(empty.perHour()).isBetween(270.0, 275.0);
                            assertThat(empty.in())
                                    .isBetween(Duration.ofMinutes(90), Duration.ofMinutes(100));
                        });
    }

    @Test
    void whatDoesNotGrowHasNoEnd() {
        assertThat(Forecast.of(minutes(50, 40, 30), 10))
                .isEqualTo(new NotGrowing(Duration.ofMinutes(2)))
                .hasToString("no growth in the last 2 min");
        assertThat(Forecast.of(minutes(50, 50, 50), 10))
                .isEqualTo(new NotGrowing(Duration.ofMinutes(2)));
        assertThat(Forecast.of(minutes(50, 53, 48, 52, 50), 10))
                .isEqualTo(new NotGrowing(Duration.ofMinutes(4)));
    }

    @Test
    void anEmptyPoolIsEmptyNow() {
        Empty now = new Empty(Duration.ZERO, 0, Duration.ZERO);
        assertThat(Forecast.of(minutes(50, 50, 50), 0)).isEqualTo(now).hasToString("exhausted");
        assertThat(Forecast.of(List.of(), 0)).as("whatever the trend").isEqualTo(now);
    }

    @Test
    void fewLooksSayNothing() {
        assertThat(Forecast.of(minutes(10, 20), 10)).isEqualTo(new Unknown());
        Sample one = new Sample(5, 1);
        assertThat(Forecast.of(List.of(one, one, one), 10)).isEqualTo(new Unknown());
    }

    @Test
    void farAndNearAreSaidInTheirUnits() {
        assertThat(Forecast.of(minutes(10, 11, 12), 600))
                .hasToString("exhausted in about 10 h at the rate of the last 2 min");
        assertThat(Forecast.of(minutes(10, 11, 12), 14_400))
                .hasToString("exhausted in about 10 d at the rate of the last 2 min");
        assertThat(Forecast.of(minutes(10, 70, 130), 60))
                .hasToString("exhausted in about 60 s at the rate of the last 2 min");
    }

    @Test
    void hugePoolsDoNotOverflow() {
        assertThat(Forecast.of(minutes(1, 2, 3), Long.MAX_VALUE))
                .isInstanceOfSatisfying(
                        Empty.class,
                        empty -> assertThat(empty.in()).isEqualTo(Duration.ofDays(36_500)))
                .hasToString("not exhausted within a year at the rate of the last 2 min");
    }

    @Test
    void theHistoryForgetsWhatIsOld() {
        FakeTime time = new FakeTime();
        UsageHistory history = new UsageHistory(Duration.ofMinutes(10), time);
        Usage usage = usage(0);
        assertThat(history.forecast(usage)).isEqualTo(new Unknown());
        for (int i = 0; i < 5000; i++) { // grows for 42 minutes, then stands still for as long
            usage = usage(Math.min(i, 2500));
            history.add(List.of(usage));
            if (i == 2500) {
                assertThat(history.forecast(usage))
                        .isInstanceOfSatisfying(
                                Empty.class,
                                empty -> assertThat(empty.perHour()).isBetween(3590.0, 3610.0));
            }
            time.pass(Duration.ofSeconds(1));
        }
        assertThat(history.forecast(usage)).isInstanceOf(NotGrowing.class);
        history.add(List.of());
        assertThat(history.forecast(usage)).isEqualTo(new Unknown());
    }

    private static Usage usage(long used) {
        return new Usage("default", Family.V4, 5000, used, 0, 0, 5000 - used);
    }
}
