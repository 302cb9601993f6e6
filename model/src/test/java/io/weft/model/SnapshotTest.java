package io.weft.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.model.Expectation.Party;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SnapshotTest {
    private static final Pod WEB = pod("shop", "web");
    private static final Pod DB = pod("data", "db");
    private static final Namespace SHOP =
            new Namespace("shop", Labels.of(Map.of("team", "red")), Source.NONE);
    private static final NetworkPolicy POLICY =
            new NetworkPolicy(
                    new Ref(Kind.NETWORK_POLICY, "shop", "p"),
                    LabelSelector.EVERYTHING,
                    true,
                    false,
                    List.of(),
                    List.of(),
                    Source.NONE);
    private static final Expectation EXPECTATION =
            new Expectation(
                    new Ref(Kind.EXPECTATION, "shop", "e"),
                    new Party.OfPod(WEB.ref()),
                    new Party.OfPod(DB.ref()),
                    Protocol.TCP,
                    "80",
                    true,
                    Source.NONE);

    private static Pod pod(String namespace, String name) {
        return new Pod(
                Ref.pod(namespace, name),
                Labels.EMPTY,
                List.of(),
                List.of(),
                List.of(),
                false,
                false,
                Source.NONE);
    }

    @Test
    void iteratesByNameWhateverTheOrderOfInput() {
        assertThat(Snapshot.of(List.of(WEB, DB)).pods().values()).containsExactly(DB, WEB);
        assertThat(Snapshot.of(List.of(DB, WEB)).pods().values()).containsExactly(DB, WEB);
    }

    @Test
    void findsEveryKind() {
        Snapshot snapshot = Snapshot.of(List.of(SHOP, WEB, POLICY, EXPECTATION));

        for (Resource resource : List.of(SHOP, WEB, POLICY, EXPECTATION)) {
            assertThat(snapshot.find(resource.ref())).contains(resource);
            assertThat(Snapshot.EMPTY.find(resource.ref())).isEmpty();
        }
    }

    @Test
    void applyingADeltaLeavesTheOldSnapshotAsItWas() {
        Snapshot before = Snapshot.of(List.of(SHOP, WEB));

        Snapshot after = before.apply(new Delta(List.of(DB), List.of(WEB.ref())));

        assertThat(before.pods()).containsOnlyKeys(WEB.ref());
        assertThat(after.pods()).containsOnlyKeys(DB.ref());
        assertThat(after.namespaces()).containsOnlyKeys("shop");
        assertThatThrownBy(() -> after.pods().clear())
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void removalsComeFirstAndNeedNothingToRemove() {
        Snapshot after = Snapshot.EMPTY.apply(new Delta(List.of(WEB), List.of(WEB.ref())));

        assertThat(after.pods()).containsOnlyKeys(WEB.ref());
    }

    @Test
    void theDeltaBetweenTwoSnapshotsTurnsOneIntoTheOther() {
        Snapshot before = Snapshot.of(List.of(SHOP, WEB, POLICY));
        Pod changed = WEB.withLabels(Labels.EMPTY.with("app", "web"));
        Snapshot after = Snapshot.of(List.of(SHOP, changed, DB, EXPECTATION));

        Delta delta = Delta.between(before, after);

        assertThat(delta.put()).containsExactlyInAnyOrder(changed, DB, EXPECTATION);
        assertThat(delta.removed()).containsExactly(POLICY.ref());
        assertThat(Delta.between(before.apply(delta), after).isEmpty()).isTrue();
        assertThat(Delta.between(after, after)).isEqualTo(Delta.NONE);
    }

    @Test
    void everyNamespaceHasItsNameAsALabel() {
        Snapshot snapshot = Snapshot.of(List.of(SHOP));

        assertThat(snapshot.namespaceLabels("shop"))
                .hasToString("kubernetes.io/metadata.name=shop,team=red");
        assertThat(snapshot.namespaceLabels("undeclared"))
                .hasToString("kubernetes.io/metadata.name=undeclared");
    }
}
