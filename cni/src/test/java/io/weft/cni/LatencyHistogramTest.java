package io.weft.cni;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LatencyHistogramTest {
    @Test
    void bucketsCoverAllNumbersInOrder() {
        long next = 0;
        int last = LatencyHistogram.bucket(Long.MAX_VALUE);
        for (int bucket = 0; bucket <= last; bucket++) {
            assertThat(LatencyHistogram.bucket(next)).isEqualTo(bucket);
            long largest = LatencyHistogram.largest(bucket);
            assertThat(LatencyHistogram.bucket(largest)).isEqualTo(bucket);
            next = largest + 1;
        }
        assertThat(LatencyHistogram.largest(last)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void quantilesAreAtMostAnEighthTooHigh() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            LatencyHistogram histogram = new LatencyHistogram();
            long[] values = new long[1 + random.nextInt(2000)];
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextLong(1, 2L << random.nextInt(40));
                histogram.record(values[i]);
            }
            Arrays.sort(values);
            LatencyHistogram.Summary summary = histogram.summary();
            assertThat(summary.count()).isEqualTo(values.length);
            assertThat(summary.longest()).isEqualTo(values[values.length - 1]);
            String where = "seed " + seed + " round " + round;
            near(where, summary.median(), values[(values.length + 1) / 2 - 1]);
            near(where, summary.p99(), values[values.length - values.length / 100 - 1]);
        }
    }

    private static void near(String where, long said, long exact) {
        assertThat(said).as(where).isBetween(exact, exact + exact / 8);
    }

    @Test
    void nothingIsNothing() {
        assertThat(new LatencyHistogram().summary())
                .isEqualTo(new LatencyHistogram.Summary(0, 0, 0, 0));
        LatencyHistogram histogram = new LatencyHistogram();
        histogram.record(-5); // a clock of another core
        assertThat(histogram.summary()).isEqualTo(new LatencyHistogram.Summary(1, 0, 0, 0));
    }

    @Test
    void recordingAllocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        CniLatency latency = new CniLatency();
        latency.record(CniLatency.Step.WAIT, System.nanoTime());
        threads.getCurrentThreadAllocatedBytes();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 100_000; i++) {
            latency.record(CniLatency.Step.ADD, i);
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(100_000);
        assertThat(latency.summaries()).containsOnlyKeys(CniLatency.Step.WAIT, CniLatency.Step.ADD);
    }
}
