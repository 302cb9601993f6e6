package io.weft.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LabTest {
    @Test
    void findsEachExperimentByItsName() {
        assertThat(Lab.EXPERIMENTS)
                .isNotEmpty()
                .allSatisfy(e -> assertThat(Lab.find(e.name())).isSameAs(e));
    }

    @Test
    void eachSaysHowItMeasuresAndHowLongThatTakes() {
        assertThat(Lab.EXPERIMENTS)
                .allSatisfy(e -> {
                    assertThat(e.method()).isNotBlank();
                    assertThat(e.usualSeconds(true)).isLessThan(e.usualSeconds(false));
                    assertThat(e.tables())
                            .allMatch(chapter -> chapter.matches("[0-9]+(\\.[0-9]+)?"));
                });
    }

    @Test
    void namesTheExperimentsWhenItKnowsNoSuchOne() {
        assertThatThrownBy(() -> Lab.find("teleport"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("teleport")
                .hasMessageContaining("pod-to-pod");
    }
}
