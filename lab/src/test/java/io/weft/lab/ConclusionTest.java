package io.weft.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConclusionTest {
    private static final Comparison CLEAR =
            Comparison.of("a / b", Collections.nCopies(11, 2.0), Collections.nCopies(11, 1.0));
    private static final Comparison BLURRED =
            Comparison.of(
                    "c / d", List.of(0.5, 2.0, 0.5, 2.0, 0.5, 2.0), Collections.nCopies(6, 1.0));

    @Test
    void aQuietMachineAndAClearEffectMayBeQuoted() {
        assertThat(Conclusion.of(false, 0.01, 0.02, List.of(CLEAR)))
                .isEqualTo(new Conclusion(true, ""));
    }

    @Test
    void aQuickRunMayNot() {
        assertThat(Conclusion.of(true, 0, 0, List.of(CLEAR)).conclusive()).isFalse();
    }

    @Test
    void aBusyMachineSaysSo() {
        Conclusion conclusion = Conclusion.of(false, 0.02, 0.4, List.of(CLEAR));

        assertThat(conclusion.conclusive()).isFalse();
        assertThat(conclusion.why())
                .isEqualTo(
                        "the machine was busy: 2 % of its processors' time went to others before,"
                                + " 40 % after");
    }

    @Test
    void nothingIsConcludedWhenEverySpreadIsTooWide() {
        Conclusion conclusion = Conclusion.of(false, 0, 0, List.of(BLURRED));

        assertThat(conclusion.conclusive()).isFalse();
        assertThat(conclusion.why()).isEqualTo("the spread is wider than the effect of c / d");
    }

    @Test
    void oneBlurredComparisonIsNamedAndSpoilsNoOther() {
        Conclusion conclusion = Conclusion.of(false, 0, 0, List.of(CLEAR, BLURRED));

        assertThat(conclusion.conclusive()).isTrue();
        assertThat(conclusion.why()).contains("c / d").doesNotContain("a / b");
    }
}
