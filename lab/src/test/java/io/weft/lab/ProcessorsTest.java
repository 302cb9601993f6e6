package io.weft.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ProcessorsTest {
    /** user nice system idle iowait irq softirq steal guest guest_nice, in hundredths. */
    @Test
    void countsAllButIdlingAndWaitingAsBusy() {
        Processors.Times times =
                Processors.parse(List.of("cpu  100 1 200 5000 300 10 20 30 40 5", "cpu0 1 2 3"));

        assertThat(times.busy()).isEqualTo(3.61);
        assertThat(times.total()).isEqualTo(56.61);
    }

    @Test
    void aDifferenceIsTheTimeBetween() {
        Processors.Times before = new Processors.Times(2, 10);

        assertThat(new Processors.Times(3, 14).since(before)).isEqualTo(new Processors.Times(1, 4));
    }

    /** In seconds, 0.07 of 0.07 could come out as more than all. */
    @Test
    void aShareIsNeverMoreThanAll() {
        Processors.Times before = new Processors.Times(58_013, 9_870_001);

        assertThat(new Processors.Times(58_020, 9_870_008).since(before).share()).isEqualTo(1.0);
    }

    @Test
    void thisMachineHasSpentTime() {
        assertThat(Processors.now().total()).isPositive();
        assertThat(Processors.busyShare()).isBetween(0.0, 1.0);
    }

    @Test
    void whatIsStillTakenDownIsWaitedForButNotForEver() {
        Iterator<Double> shares = List.of(0.5, 0.04, 0.3, 0.05, 0.06, 0.01, 0.9).iterator();
        assertThat(Processors.settled(shares::next, 0.1)).isEqualTo(0.06);
        AtomicInteger asked = new AtomicInteger();
        assertThat(Processors.settled(() -> 1 - 1.0 / asked.incrementAndGet(), -1)).isEqualTo(0.95);
    }
}
