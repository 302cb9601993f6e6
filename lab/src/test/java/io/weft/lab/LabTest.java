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
    void namesTheExperimentsWhenItKnowsNoSuchOne() {
        assertThatThrownBy(() -> Lab.find("teleport"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("teleport")
                .hasMessageContaining("pod-to-pod");
    }
}
