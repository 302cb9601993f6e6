package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.agent.Probe.Outcome;
import io.weft.flow.FlowHistory;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Protocol;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The API of a running node, called over its socket. */
@KernelTest
@Timeout(60)
class NodeCallsTest {
    private static final String MANIFEST =
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: web, labels: {app: web}}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: db, labels: {app: db}}
            spec: {containers: [{name: main, command: [x], ports: [{name: pg, containerPort: 5432}]}]}
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: db}
            spec: {podSelector: {matchLabels: {app: db}}}
            """;
    private static final String OPEN =
            """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: db}
            spec: {podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: pg}]}]}
            """;

    @TempDir private Path temporary;
    private TestNode node;
    private NodeApi api;

    @BeforeEach
    void start() {
        node = TestNode.start(temporary);
        node.apply(MANIFEST);
        api = NodeApi.serve(node.node);
    }

    @AfterEach
    void stop() {
        api.close();
        node.close();
    }

    private Map<String, Object> call(String method, Map<String, ?> parameters) {
        try (NodeClient client = NodeClient.connect(node.node.config().socket())) {
            return client.call(method, parameters);
        }
    }

    private static Map<String, ?> files(String text) {
        return Map.of("files", List.of(Map.of("name", "open.yaml", "text", text)));
    }

    private static Map<String, ?> files(String text, String since) {
        return Map.of("files", List.of(Map.of("name", "open.yaml", "text", text)), "since", since);
    }

    private static Map<String, ?> why(String from, String to) {
        return Map.of("from", from, "to", to, "protocol", "TCP", "port", "pg", "live", true);
    }

    @Test
    void whyAgreesWithTheKernelBeforeAndAfterAChange() {
        assertVerdict("deny", call("Why", why("web", "db")));

        assertThat(call("Apply", files(OPEN)).get("changes"))
                .isEqualTo(
                        List.of(
                                Map.of(
                                        "kind", "NetworkPolicy",
                                        "namespace", "default",
                                        "name", "db",
                                        "change", "configured")));

        Map<String, Object> after = call("Why", why("web", "db"));
        assertVerdict("allow", after);
        assertThat(after.toString()).contains("open.yaml:4");
        // a source that is no pod is judged at the destination alone
        assertVerdict("allow", call("Why", why("192.0.2.1", "db")));
    }

    @Test
    void whyAgreesWithTheKernelAboutPodsInAuditMode() {
        call(
                "Apply",
                files(
                        """
                        apiVersion: v1
                        kind: Namespace
                        metadata: {name: default, annotations: {weft.io/audit: "true"}}
                        """));

        assertVerdict("audit", call("Why", why("web", "db")));
    }

    private static void assertVerdict(String verdict, Map<String, Object> answer) {
        assertThat(answer).containsEntry("agree", true);
        assertThat((List<?>) answer.get("explanations"))
                .isNotEmpty()
                .allSatisfy(e -> {
                    Map<?, ?> explanation = (Map<?, ?>) e;
                    assertThat(explanation.get("verdict")).isEqualTo(verdict);
                    assertThat(((Map<?, ?>) explanation.get("kernel")))
                            .extracting(k -> k.get("verdict"), k -> k.get("agrees"))
                            .containsExactly(verdict, true);
                });
    }

    @Test
    void whyNamesAPodThatIsNotThere() {
        assertThatThrownBy(() -> call("Why", why("ghost", "db")))
                .isInstanceOfSatisfying(
                        NodeClient.CallFailedException.class,
                        e -> assertThat(e.error()).isEqualTo("Invalid"))
                .hasMessage("there is no Pod default/ghost");
    }

    @Test
    void diffShowsTheVerdictsThatWouldChangeAndChangesNothing() {
        int revision = node.node.datapath().tables().revision();

        assertThat(call("Diff", files(OPEN)).get("verdicts"))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
                .singleElement()
                .satisfies(v ->
                        assertThat((Map<?, ?>) v)
                                .extracting(
                                        m -> m.get("from"),
                                        m -> m.get("to"),
                                        m -> m.get("port"),
                                        m -> m.get("before"),
                                        m -> m.get("after"))
                                .containsExactly(
                                        "default/web", "default/db", 5432, "deny", "allow"));

        assertThat(node.node.datapath().tables().revision()).isEqualTo(revision);
        assertVerdict("deny", call("Why", why("web", "db")));
    }

    @Test
    void diffCountsTheFlowsThatWouldHaveBeenCutOrLetThrough() {
        assertThat(node.probe("web", "db", Protocol.TCP, 5432)).isEqualTo(Outcome.DENIED);
        awaitFlows(1);
        assertThat(String.valueOf(replay(OPEN).get("allowed")))
                .contains("from=default/web", "to=default/db", "service=5432/TCP", "count=1")
                .contains("db ingress[0] everyone, port pg/TCP (open.yaml:4)");
        assertThat(replay(OPEN)).containsEntry("cut", List.of()).containsEntry("judged", 1);

        call("Apply", files(OPEN));
        assertThat(node.probe("web", "db", Protocol.TCP, 5432)).isEqualTo(Outcome.REFUSED);
        assertThat(node.probe6("web", "db", Protocol.TCP, 5432)).isEqualTo(Outcome.REFUSED);
        awaitFlows(3);
        String closed = MANIFEST.substring(MANIFEST.lastIndexOf("---"));

        assertThat(String.valueOf(replay(closed).get("cut")))
                .contains("from=default/web", "to=default/db", "service=5432/TCP")
                .contains("no ingress rule allows it: isolated by default/db (open.yaml:2)");
        assertThat(replay(closed)).containsEntry("judged", 3).containsEntry("allowed", List.of());
        assertThat(call("Diff", files(closed, "2038-01-01T00:00:00Z")).get("flows"))
                .isEqualTo(
                        Map.of("judged", 0, "unknown", 0, "cut", List.of(), "allowed", List.of()));
        assertThatThrownBy(() -> call("Diff", files(closed, "noon")))
                .hasMessageStartingWith("--since: 'noon' is neither a duration");
    }

    @SuppressWarnings("unchecked") // JSON objects have string keys
    private Map<String, Object> replay(String manifest) {
        return (Map<String, Object>)
                Objects.requireNonNull(call("Diff", files(manifest)).get("flows"));
    }

    /** The log may be a moment behind a probe. */
    private void awaitFlows(int count) {
        TestNode.until(
                count + " flows",
                () -> FlowHistory.of(node.node.flows().newest(100)).connections() == count);
    }

    @Test
    void anObjectFromAnotherFileIsUnchangedAndNamedByItsNewPlace() {
        String same = "# moved\n" + MANIFEST.substring(MANIFEST.lastIndexOf("---"));

        assertThat(String.valueOf(call("Diff", files(same)).get("changes")))
                .contains("change=unchanged");
        assertThat(String.valueOf(call("Apply", files(same)).get("changes")))
                .contains("change=unchanged");
        assertThat(call("Why", why("web", "db")).toString())
                .contains("isolated by default/db (open.yaml:3)");
    }

    @Test
    void statusCountsDropsByWorkloadAndReason() {
        assertThat(node.probe("web", "db", Protocol.TCP, 5432)).isEqualTo(Outcome.DENIED);

        Map<?, ?> status = (Map<?, ?>) call("Status", Map.of()).get("status");

        assertThat(status)
                .isNotNull()
                .extracting(s -> s.get("pods"), s -> s.get("policies"))
                .containsExactly(2, 1);
        assertThat(String.valueOf(status))
                .contains("workload=default/web")
                .contains("reason=policy-ingress")
                .contains("name=weft_policy");
    }

    @Test
    void observeStreamsFlowsUntilTheCallerLeaves() throws Exception {
        CompletableFuture<String> seen = new CompletableFuture<>();
        NodeClient client = NodeClient.connect(node.node.config().socket());
        try {
            CompletableFuture<Map<String, Object>> observing =
                    CompletableFuture.supplyAsync(
                            () ->
                                    client.stream(
                                            "Observe",
                                            Map.of(
                                                    "filter",
                                                    List.of("--verdict", "DROPPED"),
                                                    "follow",
                                                    true,
                                                    "format",
                                                    "json"),
                                            reply -> {
                                                if (reply.get("line") instanceof String line) {
                                                    seen.complete(line);
                                                }
                                            }),
                            work -> Thread.ofPlatform().daemon().start(work));
            TestNode.until("a follower", () -> node.node.flows().stats().followers() == 1);
            assertThat(node.probe("web", "db", Protocol.TCP, 5432)).isEqualTo(Outcome.DENIED);

            assertThat(seen.get()).contains("DROPPED").contains("web").contains("db");
            client.close();
            assertThatThrownBy(observing::get)
                    .hasCauseInstanceOf(NodeClient.UnreachableException.class);
        } finally {
            client.close();
        }
        TestNode.until("the follower has gone", () -> node.node.flows().stats().followers() == 0);

        assertThat(
                        node.node
                                .flows()
                                .recent(
                                        io.weft.flow.FlowQuery.parse(
                                                List.of("--verdict", "DROPPED"),
                                                java.time.Instant.now())))
                .isNotEmpty();
    }

    @Test
    void wrongInputIsInvalidAndChangesNothing() {
        NodeState before = node.node.state();

        for (String wrong : new String[] {"{", "kind: Pod", "apiVersion: v1\nkind: Nothing\n"}) {
            assertThatThrownBy(() -> call("Apply", files(wrong)))
                    .isInstanceOfSatisfying(
                            NodeClient.CallFailedException.class,
                            e -> assertThat(e.error()).isEqualTo("Invalid"))
                    .hasMessageContaining("open.yaml:");
        }
        assertThatThrownBy(() -> call("Get", Map.of()))
                .hasMessageContaining("parameter 'kind' is missing");
        assertThatThrownBy(() -> call("Observe", Map.of("filter", List.of("--colour", "red"))))
                .isInstanceOf(NodeClient.CallFailedException.class);
        assertThat(node.node.state()).isSameAs(before);
    }
}
