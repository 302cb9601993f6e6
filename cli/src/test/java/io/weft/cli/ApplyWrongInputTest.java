package io.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.agent.Node;
import io.weft.agent.NodeApi;
import io.weft.agent.NodeConfig;
import io.weft.agent.NodeState;
import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.ManifestReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Wrong input given to a running node: all of it is refused, and what runs goes on as it was. */
@KernelTest
@Timeout(60)
class ApplyWrongInputTest {
    private static final String RUNNING =
            """
            {apiVersion: v1, kind: Pod, metadata: {name: web, labels: {app: web}}, spec: {containers: []}}
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: web}
            spec: {podSelector: {}}
            """;

    /** Good by itself: it may not be applied either. */
    private static final String GOOD =
            """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: web}
            spec: {podSelector: {}, ingress: [{}]}
            ---
            """;

    private final String instance = "ta" + ProcessHandle.current().pid();
    @TempDir private Path temporary;

    @Test
    void anApplyWithWrongInputChangesNothing() throws IOException {
        List<WrongInputTest.Wrong> all = new ArrayList<>(WrongInputTest.WRONG);
        all.add(
                new WrongInputTest.Wrong(
                        "what this node cannot do",
                        """
                        apiVersion: v1
                        kind: Service
                        metadata: {name: db}
                        spec: {clusterIP: 192.0.2.1, ports: [{port: 5432}]}
                        """,
                        "1: Service default/db: spec.clusterIPs: Invalid value: \"192.0.2.1\":"
                                + " the provided IP is not in the"
                                + " valid range. The range of valid IPs is 10.96.0.0/16"));
        try (NetNs host = NetNs.createAnonymous();
                Node node = Node.start(config(host), "weft test");
                NodeApi api = NodeApi.serve(node)) {
            assertThat(api).isNotNull();
            node.apply(new ManifestReader().offline().readTexts(Map.of("pods.yaml", RUNNING)));
            NodeState before = node.state();
            String why = why();
            assertThat(why).contains("denied");

            for (WrongInputTest.Wrong wrong : all) {
                Path file = temporary.resolve("wrong.yaml");
                Files.writeString(file, GOOD + wrong.manifest());
                for (String command : new String[] {"apply", "diff"}) {
                    Weft.Result result =
                            Weft.run(command, "-f", file.toString(), "--instance", instance);

                    assertThat(result.code())
                            .as("%s %s: %s", command, wrong, result.err())
                            .isEqualTo(Exit.BAD_INPUT);
                    assertThat(result.err()).contains(file + ":" + shifted(wrong.message()));
                    assertThat(result.out()).isEmpty();
                }
            }

            assertThat(node.state()).isSameAs(before);
            assertThat(why()).as("the same, at the same revision").isEqualTo(why);
        }
    }

    private String why() {
        return Weft.run("why", "192.0.2.1", "web", "--port", "80", "--live", "--instance", instance)
                .out();
    }

    /** The lines of the good part come before. */
    private static String shifted(String message) {
        int colon = message.indexOf(':');
        long line = Long.parseLong(message.substring(0, colon)) + GOOD.lines().count();
        return line + message.substring(colon);
    }

    private NodeConfig config(NetNs host) {
        NodeConfig usual = NodeConfig.of(instance, List.of("/bin/false"));
        return new NodeConfig(
                instance,
                usual.runDirectory(),
                usual.pinDirectory(),
                usual.pool4(),
                usual.pool6(),
                Optional.of(host),
                usual.launcher());
    }
}
