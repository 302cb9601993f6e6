package io.weft.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.CiliumNetworkPolicy.Rule;
import io.weft.model.CiliumNetworkPolicy.Spec;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Manifests of the shapes that public documentation shows are read without a word. */
class PublicShapesTest {
    private static final Path RESOURCES = Path.of("src/test/resources");

    private static Manifests read(String path) {
        return new ManifestReader().parseAll(List.of(RESOURCES.resolve(path)));
    }

    @ParameterizedTest
    @CsvSource({"policies/cilium.yaml, 7", "policies/cluster.yaml, 4", "monitor-all, 10"})
    void areReadWithoutAWarning(String path, int objects) {
        Manifests manifests = read(path);

        assertThat(manifests.warnings()).isEmpty();
        assertThat(manifests.resources()).hasSize(objects);
        assertThat(Snapshot.of(manifests.resources()))
                .satisfies(s ->
                        manifests
                                .resources()
                                .forEach(r -> assertThat(s.find(r.ref())).contains(r)));
    }

    @Test
    void monitorAllSelectsEveryPodAndLeavesOnlyTheWorld() {
        Snapshot snapshot = Snapshot.of(read("monitor-all").resources());

        assertThat(snapshot.ciliumPolicies()).hasSize(1);
        Spec spec = snapshot.ciliumPolicies().values().iterator().next().specs().getFirst();
        assertThat(spec.subject())
                .isEqualTo(new Subject.Pods(LabelSelector.EVERYTHING, LabelSelector.EVERYTHING));
        assertThat(spec.denyIngress()).isTrue();
        assertThat(spec.denyEgress()).isTrue();
        assertThat(List.of(spec.ingress(), spec.egress()))
                .allSatisfy(rules -> {
                    assertThat(rules).hasSize(1);
                    Rule rule = rules.getFirst();
                    assertThat(rule.peers())
                            .containsExactly(new Peer.OfEntity(Entity.WORLD, rule.source()));
                    assertThat(rule.ports()).containsExactly(new PortMatch.Every(rule.source()));
                });
        assertThat(spec.ingressDeny()).isEmpty();
        assertThat(spec.egressDeny()).isEmpty();
    }
}
