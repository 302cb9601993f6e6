package io.weft.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.compiler.Compiler;
import io.weft.model.Delta;
import io.weft.model.Snapshot;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScaleWorldTest {
    private final ScaleWorld world = new ScaleWorld(400, 500);
    private final Snapshot snapshot = Snapshot.of(world.resources());

    @Test
    void hasAsManyPodsAndPoliciesAsAskedFor() {
        assertThat(snapshot.pods()).hasSize(400);
        assertThat(snapshot.countOfPolicies()).isEqualTo(500);
        assertThat(snapshot.policies()).hasSizeGreaterThan(490);
        assertThat(snapshot.clusterPolicies()).isNotEmpty();
        assertThat(snapshot.ciliumPolicies()).isNotEmpty();
    }

    @Test
    void givesEveryPodAnAddressOfItsOwn() {
        assertThat(snapshot.pods().values().stream().flatMap(p -> p.ips().stream()))
                .hasSize(400)
                .doesNotHaveDuplicates();
    }

    @Test
    void itsPoliciesJudgeSomebody() {
        assertThat(Compiler.compile(snapshot, Set.of()).tables().groups().values())
                .hasSizeGreaterThan(20)
                .anySatisfy(group -> assertThat(group.entries()).hasSizeGreaterThan(5));
    }

    @ParameterizedTest
    @EnumSource
    void eachChangeChangesSomethingAndCanBeTakenBack(ScaleWorld.Change change) {
        for (int i = 0; i < 50; i++) {
            ScaleWorld.Step step = world.step(change, i);
            Snapshot there = snapshot.apply(step.there());
            Snapshot back = there.apply(step.back());

            assertThat(Delta.between(snapshot, there).isEmpty()).as("%s %d", change, i).isFalse();
            assertThat(Delta.between(snapshot, back).isEmpty()).as("%s %d", change, i).isTrue();
        }
    }
}
