package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.weft.compiler.QueryException;
import io.weft.kernel.testing.KernelTest;
import io.weft.tables.ServiceTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code why --live} to services: the tables, and the kernel's maps beside them. */
@KernelTest
@Timeout(60)
class WhyServiceTest {
    @TempDir private Path temporary;
    private TestNode node;

    @BeforeEach
    void start() {
        node = TestNode.start(temporary);
        node.apply(
                TestNode.pod("client", "app: client")
                        + TestNode.pod("one", "app: server")
                        + TestNode.pod("two", "app: server, closed: yes-it-is")
                        + """
                        ---
                        apiVersion: v1
                        kind: Service
                        metadata: {name: web, annotations: {weft.io/load-balancing: maglev}}
                        spec:
                          selector: {app: server}
                          ipFamilyPolicy: PreferDualStack
                          sessionAffinity: ClientIP
                          ports: [{name: www, port: 80, targetPort: 8080}]
                        ---
                        apiVersion: v1
                        kind: Service
                        metadata: {name: nobody}
                        spec: {selector: {app: gone}, ports: [{port: 80}]}
                        ---
                        apiVersion: networking.k8s.io/v1
                        kind: NetworkPolicy
                        metadata: {name: closed}
                        spec: {podSelector: {matchLabels: {closed: yes-it-is}}}
                        """);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private Map<String, ?> why(String to, String port) {
        return new WhyCall(node.node)
                .answer(
                        Map.of(
                                "from",
                                "client",
                                "to",
                                to,
                                "protocol",
                                "TCP",
                                "port",
                                port,
                                "live",
                                true));
    }

    private static List<?> explanations(Map<String, ?> answer) {
        return (List<?>) Objects.requireNonNull(answer.get("explanations"));
    }

    @Test
    void theMapsHoldWhatTheTablesSayOfAServiceAndOfEachBackend() {
        Map<String, ?> answer = why("service/web", "www");

        assertThat(answer.get("agree")).isEqualTo(true);
        assertThat(explanations(answer))
                .hasSize(2) // both families
                .allSatisfy(e -> {
                    Map<?, ?> explanation = (Map<?, ?>) e;
                    assertThat(explanation.get("verdict")).isEqualTo("some");
                    assertThat((String) explanation.get("text"))
                            .contains("Maglev", "keeps it for 10800 s", "(default/one): ready");
                    assertThat(Objects.requireNonNull(explanation.get("kernel")).toString())
                            .contains("leads to ", ":8080, ", "agrees=true");
                    assertThat((List<?>) explanation.get("backends"))
                            .hasSize(2)
                            .allSatisfy(b ->
                                    assertThat(
                                                    Objects.requireNonNull(
                                                                    ((Map<?, ?>) b).get("kernel"))
                                                            .toString())
                                            .contains("agrees=true"));
                });
        assertThat(explanations(why("web", "80"))).isEqualTo(explanations(answer));
    }

    @Test
    void nobodyBehindItIsARejectionInTheMapsToo() {
        Map<String, ?> answer = why("nobody", "80");

        assertThat(answer.get("agree")).isEqualTo(true);
        assertThat(explanations(answer).toString())
                .contains("endpoints=REJECT", "leads to REJECT", "the client gets a TCP reset");
    }

    @Test
    void aPortThatTheServiceLacksIsInNoMap() {
        Map<String, ?> answer = why("web", "81");

        assertThat(answer.get("agree")).isEqualTo(true);
        assertThat(explanations(answer).toString())
                .contains("no such frontend", "which has no port TCP 81");
        assertThatThrownBy(() -> why("service/ghost", "80"))
                .isInstanceOf(QueryException.class)
                .hasMessage("there is no Service default/ghost");
    }

    @Test
    void mapsThatDifferAreTold() {
        node.node.datapath().services().apply(ServiceTable.EMPTY);

        Map<String, ?> answer = why("web", "80");

        assertThat(answer.get("agree")).isEqualTo(false);
        assertThat(explanations(answer).toString()).contains("no such frontend", "agrees=false");
    }

    @Test
    void anExpectationOfAServiceHoldsWhenItDoesForEveryBackend() {
        node.apply(
                Stream.of("allow", "deny")
                        .flatMap(verdict ->
                                Stream.of("web", "nobody")
                                        .map(to ->
                                                """
                                                ---
                                                apiVersion: weft.io/v1alpha1
                                                kind: Expectation
                                                metadata: {name: %s-%s}
                                                spec: {from: client, to: service/%s, port: 80, verdict: %s}
                                                """
                                                        .formatted(to, verdict, to, verdict)))
                        .collect(Collectors.joining()));

        assertThat(new Reachability(node.node).expectations())
                .extracting(t -> t.expectation().ref().name(), Reachability.Tested::ok)
                .containsExactly(
                        tuple("nobody-allow", false),
                        tuple("nobody-deny", true),
                        tuple("web-allow", false), // one of its two pods is closed
                        tuple("web-deny", false));
    }
}
