package io.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class CheckCommandTest {
    @TempDir private Path directory;

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private static String example(String name) {
        return Weft.ROOT.resolve("examples").resolve(name).toString();
    }

    @ParameterizedTest
    @CsvSource({
        "microservice-isolation, compiled",
        "microservice-isolation, oracle",
        "shop, compiled",
        "shop, oracle",
        "tiers, compiled",
        "tiers, oracle"
    })
    void findsThatTheExamplesHold(String name, String engine) {
        Weft.Result text = Weft.run("check", example(name), "--engine", engine);
        assertThat(text.code()).as(text.err()).isEqualTo(Exit.DONE);
        assertThat(text.out()).contains("valid: ").doesNotContain("FAILED");
        assertThat(text.err()).isEmpty();

        Map<String, Object> json =
                Weft.run("check", example(name), "--engine", engine, "-o", "json").json();
        assertThat(json).containsEntry("engine", engine).containsEntry("ok", true);
        assertThat((List<?>) json.get("expectations"))
                .isNotEmpty()
                .allSatisfy(e ->
                        assertThat((Map<?, ?>) e).extracting(m -> m.get("ok")).isEqualTo(true));
    }

    private static final String TWO_PODS =
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: a, labels: {app: a}}
            spec: {containers: [{name: main, command: [sleep, "9"]}]}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: b, labels: {app: b}}
            spec: {containers: [{name: main, command: [sleep, "9"]}]}
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: closed}
            spec: {podSelector: {matchLabels: {app: b}}}
            ---
            apiVersion: weft.io/v1alpha1
            kind: Expectation
            metadata: {name: a-to-b}
            spec: {from: a, to: b, port: 80, verdict: allow}
            """;

    @Test
    void answersNoWhenAnExpectationFails() throws IOException {
        String file = write("pods.yaml", TWO_PODS).toString();

        Weft.Result text = Weft.run("check", file);
        assertThat(text.code()).isEqualTo(Exit.NO);
        assertThat(text.out()).contains("FAILED").contains("0 of 1 expectations hold");

        Weft.Result json = Weft.run("check", file, "-o", "json");
        assertThat(json.code()).isEqualTo(Exit.NO);
        assertThat(json.json()).containsEntry("ok", false);
        List<?> tested = (List<?>) Objects.requireNonNull(json.json().get("expectations"));
        Map<?, ?> first = (Map<?, ?>) tested.getFirst();
        assertThat(first.get("want")).isEqualTo("allow");
        assertThat(first.get("got")).isEqualTo("deny");
        assertThat((String) first.get("rule")).contains("default/closed").contains("pods.yaml:");
    }

    @Test
    void namesAPortThatAnExpectationGetsWrong() throws IOException {
        String file = write("pods.yaml", TWO_PODS.replace("port: 80", "port: web")).toString();

        Weft.Result result = Weft.run("check", file);

        assertThat(result.code()).isEqualTo(Exit.BAD_INPUT);
        assertThat(result.err()).contains("web").doesNotContain("\tat ");
    }

    private static final String POLICY =
            """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: web}
            spec:
              podSelector: {}
              ingress:
            """;

    static final List<Arguments> WRONG =
            List.of(
                    Arguments.of(
                            "broken YAML",
                            "apiVersion: v1\nkind: [Pod\n",
                            "bad.yaml:3: not YAML: "),
                    Arguments.of(
                            "unknown field",
                            POLICY.replace("podSelector", "podSelectr"),
                            "bad.yaml:5: NetworkPolicy default/web: spec.podSelectr: unknown field"
                                    + " \"spec.podSelectr\"; did you mean \"podSelector\"?"),
                    Arguments.of(
                            "endPort < port",
                            POLICY + "  - ports:\n    - port: 90\n      endPort: 80\n",
                            "bad.yaml:9: NetworkPolicy default/web: spec.ingress[0].ports[0]"
                                    + ".endPort: Invalid value: 80"),
                    Arguments.of(
                            "except outside cidr",
                            POLICY
                                    + "  - from:\n    - ipBlock:\n        cidr: 10.0.0.0/8\n"
                                    + "        except:\n        - 192.168.0.0/24\n",
                            "bad.yaml:11: NetworkPolicy default/web: spec.ingress[0].from[0]"
                                    + ".ipBlock.except[0]: Invalid value: \"192.168.0.0/24\""),
                    Arguments.of(
                            "name twice",
                            """
                            {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
                            ---
                            {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
                            """,
                            "bad.yaml:3: Namespace shop: metadata.name: Duplicate value: \"shop\""),
                    Arguments.of(
                            "unknown kind",
                            "apiVersion: v1\nkind: Ingress\nmetadata: {name: shop}\n",
                            "bad.yaml:2: Ingress shop: kind: no matches for kind \"Ingress\""));

    @ParameterizedTest(name = "{0}")
    @FieldSource("WRONG")
    void namesFileLineFieldAndReasonOfBadInput(String what, String manifest, String message)
            throws IOException {
        String file = write("bad.yaml", manifest).toString();

        // also `up` reads everything before it makes anything
        for (String command : new String[] {"check", "up"}) {
            Weft.Result result = Weft.run(command, file);
            assertThat(result.code()).as(what).isEqualTo(Exit.BAD_INPUT);
            assertThat(result.err()).contains(directory + "/" + message);
            assertThat(result.out()).isEmpty();
        }
    }

    @Test
    void namesAFileThatIsNotThere() {
        Weft.Result result = Weft.run("check", directory + "/none.yaml");

        assertThat(result.code()).isEqualTo(Exit.BAD_INPUT);
        assertThat(result.err()).contains("none.yaml: no such file or directory");
    }

    // ---- why, offline

    @Test
    void saysWhichRuleDecidesOffline() {
        Weft.Result allowed =
                Weft.run(
                        "why",
                        "frontend",
                        "backend",
                        "--port",
                        "8080/tcp",
                        "-f",
                        example("microservice-isolation"),
                        "-o",
                        "json");
        assertThat(allowed.code()).isEqualTo(Exit.DONE);
        assertThat((List<?>) allowed.json().get("explanations"))
                .hasSize(2) // both families
                .allSatisfy(e -> {
                    assertThat(((Map<?, ?>) e).get("verdict")).isEqualTo("allow");
                    assertThat((String) ((Map<?, ?>) e).get("rule"))
                            .contains("microservice-isolation")
                            .contains("policy.yaml:");
                });

        Weft.Result denied =
                Weft.run(
                        "why",
                        "intruder",
                        "backend",
                        "--port",
                        "api",
                        "-f",
                        example("microservice-isolation"));
        assertThat(denied.code()).isEqualTo(Exit.DONE);
        assertThat(denied.out())
                .contains("TCP 8080: denied")
                .contains(
                        "no ingress rule allows it: isolated by microservices/microservice-isolation");
    }

    @Test
    void whyAndCheckSayAuditOfWhatOnlyAuditModeLetsPass() throws IOException {
        String file =
                write(
                                "pods.yaml",
                                TWO_PODS.replace(
                                        "{name: b, labels: {app: b}}",
                                        "{name: b, labels: {app: b},"
                                                + " annotations: {weft.io/audit: \"true\"}}"))
                        .toString();

        Weft.Result text = Weft.run("why", "a", "b", "--port", "80", "-f", file);
        assertThat(text.out()).contains("TCP 80: audited");
        Weft.Result json = Weft.run("why", "a", "b", "--port", "80", "-f", file, "-o", "json");
        assertThat((List<?>) json.json().get("explanations"))
                .hasSize(2)
                .allSatisfy(e -> {
                    Map<?, ?> explanation = (Map<?, ?>) e;
                    assertThat(explanation.get("verdict")).isEqualTo("audit");
                    assertThat(side(explanation, "egress")).isEqualTo("allow");
                    assertThat(side(explanation, "ingress")).isEqualTo("audit");
                    assertThat((String) explanation.get("rule"))
                            .contains("no ingress rule allows it", "default/closed");
                });

        Weft.Result check = Weft.run("check", file);
        assertThat(check.code()).isEqualTo(Exit.DONE);
        assertThat(check.out()).containsPattern("allow +audit +no ingress rule allows it");
        assertThat((List<?>) Weft.run("check", file, "-o", "json").json().get("expectations"))
                .allSatisfy(e ->
                        assertThat((Map<?, ?>) e)
                                .extracting(m -> m.get("got"), m -> m.get("audited"))
                                .containsExactly("allow", true));
    }

    private static @Nullable Object side(Map<?, ?> explanation, String side) {
        return ((Map<?, ?>) Objects.requireNonNull(explanation.get(side))).get("verdict");
    }

    @Test
    void namesAPodThatWhyDoesNotKnow() {
        Weft.Result result =
                Weft.run("why", "ghost", "shop/web", "--port", "80", "-f", example("shop"));

        assertThat(result.code()).isEqualTo(Exit.BAD_INPUT);
        assertThat(result.err()).isEqualTo("weft: there is no Pod default/ghost\n");
    }

    // ---- worlds

    private static final String WORLD =
            """
            {"objects": [
              {"apiVersion": "v1", "kind": "Pod",
               "metadata": {"name": "a", "namespace": "x", "labels": {"app": "a"}},
               "spec": {"containers": [{"name": "c"}]}, "status": {"podIPs": [{"ip": "10.0.0.1"}]}},
              {"apiVersion": "v1", "kind": "Pod",
               "metadata": {"name": "b", "namespace": "x", "labels": {"app": "b"}},
               "spec": {"containers": [{"name": "c"}]}, "status": {"podIPs": [{"ip": "10.0.0.2"}]}},
              {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
               "metadata": {"name": "only-80", "namespace": "x"},
               "spec": {"podSelector": {"matchLabels": {"app": "b"}},
                        "policyTypes": ["Ingress", "Egress"],
                        "ingress": [{"ports": [{"port": 80}]}]}}],
             "flows": [
              {"from": {"pod": "x/a"}, "to": {"pod": "x/b"}, "protocol": "TCP", "port": 80},
              {"from": {"pod": "x/a"}, "to": {"pod": "x/b"}, "protocol": "TCP", "port": 81},
              {"from": {"pod": "x/b"}, "to": {"pod": "x/a"}, "protocol": "UDP", "port": 53},
              {"from": {"ip": "192.0.2.1"}, "to": {"pod": "x/b"}, "protocol": "TCP", "port": 80}]}
            """;

    @ParameterizedTest
    @CsvSource({"compiled", "oracle"})
    void answersTheFlowsOfAWorldInOrder(String engine) throws IOException {
        String world = write("world.json", WORLD).toString();

        Weft.Result result = Weft.run("check", "--world", world, "--engine", engine, "-o", "json");

        assertThat(result.code()).isEqualTo(Exit.DONE);
        assertThat(result.jsonList())
                .allSatisfy(v ->
                        assertThat(((Map<?, ?>) v).keySet().toString())
                                .isEqualTo("[egress, ingress, verdict, rule]"))
                .extracting(
                        v -> ((Map<?, ?>) v).get("egress"),
                        v -> ((Map<?, ?>) v).get("ingress"),
                        v -> ((Map<?, ?>) v).get("verdict"))
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(true, true, "allow"),
                        org.assertj.core.groups.Tuple.tuple(true, false, "deny"),
                        org.assertj.core.groups.Tuple.tuple(false, true, "deny"),
                        org.assertj.core.groups.Tuple.tuple(true, true, "allow"));
        assertThat(result.jsonList())
                .allSatisfy(v -> assertThat((String) ((Map<?, ?>) v).get("rule")).isNotEmpty());
    }
}
