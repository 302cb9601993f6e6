package io.weft.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class StatisticsTest {
    @Test
    void findsTheMiddleOfUnsortedValues() {
        Statistics s = Statistics.of(List.of(9.0, 1.0, 5.0));

        assertThat(s.median()).isEqualTo(5);
        assertThat(s.min()).isEqualTo(1);
        assertThat(s.max()).isEqualTo(9);
    }

    @Test
    void takesTheMeanOfTheTwoInTheMiddle() {
        assertThat(Statistics.of(List.of(4.0, 1.0, 2.0, 100.0)).median()).isEqualTo(3);
    }

    @Test
    void ofOneValueIsThatValue() {
        Statistics s = Statistics.of(List.of(7.0));

        assertThat(List.of(s.median(), s.min(), s.max())).containsOnly(7.0);
    }

    @Test
    void refusesToSpeakOfNothing() {
        assertThatThrownBy(() -> Statistics.of(List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no repetition");
    }

    /** The machine is twice as slow in the second repetition, for both alike. */
    @Test
    void aRatioCancelsTheDriftOfTheMachine() {
        assertThat(Ratio.median(List.of(11.0, 22.0, 11.0), List.of(10.0, 20.0, 10.0)))
                .isEqualTo(1.1);
    }

    @Test
    void aRatioComparesTheSameRepetition() {
        // the medians alone would say 2 / 2
        assertThat(Ratio.median(List.of(1.0, 2.0, 6.0), List.of(2.0, 1.0, 2.0))).isEqualTo(2);
    }
}
