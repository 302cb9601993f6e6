package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.agent.Probe.Outcome;
import io.weft.bpf.BpfMap;
import io.weft.datapath.Limits;
import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.ManifestReader;
import io.weft.model.Protocol;
import io.weft.model.Resource;
import io.weft.tables.Abi;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node that looks after its own kernel maps: whether they say what they should, and have room.
 */
@KernelTest
@Timeout(60)
class SelfCheckTest {
    private static final String MANIFEST =
            TestNode.pod("web", "app: web")
                    + TestNode.pod("db", "app: db")
                    + """
                    ---
                    apiVersion: networking.k8s.io/v1
                    kind: NetworkPolicy
                    metadata: {name: db}
                    spec:
                      podSelector: {matchLabels: {app: db}}
                      ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]
                    """;

    @TempDir private Path temporary;

    @Test
    void countsAFlowOnWhichAKernelMapNoLongerAgrees() {
        try (TestNode node = TestNode.start(temporary)) {
            node.apply(MANIFEST);
            assertThat(node.probe("web", "db", Protocol.TCP, 5432)).isEqualTo(Outcome.REFUSED);
            TestNode.until("a flow", () -> !node.node.flows().newest(1).isEmpty());

            SelfCheck.Counts before = node.node.selfCheck().checkOnce();
            assertThat(before.checked()).isPositive();
            assertThat(before.disagreements()).isZero();

            try (BpfMap policy =
                    BpfMap.openPinned(node.node.config().pinDirectory().resolve("weft_policy"))) {
                clear(policy);
            }
            SelfCheck.Counts after = node.node.selfCheck().checkOnce();

            assertThat(after.disagreements()).isPositive();
            assertThat(after.last())
                    .hasValueSatisfying(text ->
                            assertThat(text)
                                    .startsWith("the kernel's maps: deny (policy-ingress); the")
                                    .contains("engine: allow", "TCP 5432"));
            assertThat(String.valueOf(new StatusCall(node.node).answer(List.of())))
                    .contains("selfCheck={checked=" + after.checked());
        }
    }

    private static void clear(BpfMap map) {
        List<byte[]> keys = new ArrayList<>();
        map.batch()
                .forEach((key, value) ->
                        keys.add(key.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE)));
        assertThat(keys).isNotEmpty().allMatch(map::delete);
    }

    // ---- room

    private static List<Resource> read(String manifest) {
        return new ManifestReader().offline().readTexts(Map.of("test.yaml", manifest));
    }

    /** A policy with as many single ports as would fill more than the map. */
    private static String wide(int ports) {
        StringBuilder policy =
                new StringBuilder(
                        """
                        ---
                        apiVersion: networking.k8s.io/v1
                        kind: NetworkPolicy
                        metadata: {name: wide}
                        spec:
                          podSelector: {matchLabels: {app: db}}
                          ingress:
                          - ports:
                        """);
        for (int i = 0; i < ports; i++) {
            policy.append("    - {port: ").append(1000 + 2 * i).append("}\n");
        }
        return policy.toString();
    }

    @Test
    void whatDoesNotFitIsRefusedBeforehandWithTheNumbersAndNothingChanges() {
        NetNs host = NetNs.createAnonymous();
        NodeConfig config =
                TestNode.config(temporary, host, "10.77.0.0/16")
                        .withLimits(new Limits(64, 16, 1024, Abi.EVENT_BYTES));
        try (host;
                Node node = Node.start(config, "weft test")) {
            node.apply(read(MANIFEST));
            NodeState before = node.state();
            int revision = node.datapath().tables().revision();

            DryRun diff = DryRun.of(node.dryRun(read(wide(40))), config);
            assertThat(DiffCall.refusals(node.needs(diff.after())))
                    .singleElement()
                    .satisfies(
                            text -> assertThat(text).matches("needs 4[0-9] of 16 policy entries"));
            assertThatThrownBy(() -> node.apply(read(wide(40))))
                    .hasMessageContaining("do not fit")
                    .hasMessageContaining("map holds 16");
            assertThatThrownBy(() -> node.apply(read(TestNode.pod("more", "app: db") + wide(40))))
                    .hasMessageContaining("do not fit")
                    .hasMessageContaining("Nothing was changed");
            assertThatThrownBy(() -> node.apply(read(TestNode.pod("more", "app: db") + wide(40))))
                    .as("the addresses and the slot were given back")
                    .hasMessageContaining("do not fit");

            assertThat(node.state()).isSameAs(before);
            assertThat(node.datapath().tables().revision()).isEqualTo(revision);
            assertThat(node.apply(read(wide(4))).values()).containsExactly(Node.Change.CREATED);
        }
    }
}
