package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.testing.KernelTest;
import io.weft.model.AgentConfigurationReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which pool a container's addresses come from. */
@KernelTest
@Timeout(120)
class AgentPoolsTest {
    private static final String POOLS =
            """
            addressPools:
            - name: databases
              ranges: [{subnet: 10.81.0.0/24}]
              namespaceSelector: {matchLabels: {team: data}}
            - {name: rest, ranges: [{subnet: 10.82.0.0/24}]}
            - {name: tiny, ranges: [{subnet: 10.83.0.0/30}]}
            """;
    private static final String NAMESPACES =
            """
            {apiVersion: v1, kind: Namespace, metadata: {name: data, labels: {team: data}}}
            ---
            {apiVersion: v1, kind: Namespace,
             metadata: {name: edge, annotations: {weft.io/ip-pool: tiny}}}
            ---
            """;

    @TempDir private Path temporary;
    private TestAgent agent;

    @BeforeEach
    void start() {
        agent = TestAgent.start(temporary, POOLS);
        agent.apply(NAMESPACES);
    }

    @AfterEach
    void end() {
        agent.close();
    }

    private static Map<String, String> pod(String namespace, String name) {
        return Map.of("CNI_ARGS", "K8S_POD_NAMESPACE=" + namespace + ";K8S_POD_NAME=" + name);
    }

    private TestAgent.Answer add(String container, Map<String, String> pod, String more) {
        agent.namespace(container);
        return agent.call("ADD", container, pod, TestAgent.config(more));
    }

    private String ip(String container, String namespace, String name) {
        TestAgent.Answer answer = add(container, pod(namespace, name), "");
        assertThat(answer.exitCode()).as(answer.text()).isZero();
        return answer.ips().getFirst();
    }

    private static String annotated(String namespace, String name, String pools) {
        return """
        {apiVersion: v1, kind: Pod,
         metadata: {namespace: %s, name: %s, annotations: {weft.io/ip-pool: "%s"}}}
        """
                .formatted(namespace, name, pools);
    }

    @Test
    void whenNobodyAsksThePoolsThatSelectTheNamespaceCount() {
        assertThat(ip("db", "data", "db")).startsWith("10.81.0.");
        assertThat(ip("web", "default", "web")).startsWith("10.82.0.");
    }

    @Test
    void aPodsAnnotationCountsBeforeItsNamespacesAndThatBeforeTheConfigs() {
        agent.apply(annotated("edge", "own", "rest"));
        assertThat(ip("own", "edge", "own")).startsWith("10.82.0.");
        TestAgent.Answer other = add("other", pod("edge", "other"), ", \"pool\": \"rest\"");
        assertThat(other.ips()).containsExactly("10.83.0.2");
        TestAgent.Answer named = add("named", pod("default", "x"), ", \"pool\": \"tiny\"");
        assertThat(named.code()).isEqualTo(103);
        assertThat(named.text()).contains("pool tiny: no IPv4 address is free: of 1, 1 are in use");
    }

    @Test
    void theFirstPoolOfAListThatHasAFreeAddressGivesIt() {
        agent.apply(annotated("default", "a", "tiny,rest"));
        agent.apply(annotated("default", "b", "tiny,rest"));
        assertThat(ip("a", "default", "a")).isEqualTo("10.83.0.2");
        assertThat(ip("b", "default", "b")).startsWith("10.82.0.");
        assertThat(agent.call("CHECK", "b", pod("default", "b"), TestAgent.config("")).exitCode())
                .isZero();
    }

    @Test
    void aPoolThatThereIsNotIsRefusedWithASuggestionBeforeAnythingChanges() {
        assertThatThrownBy(() -> agent.apply(annotated("default", "web", "databses")))
                .hasMessageContaining("test.yaml:1: Pod default/web")
                .hasMessageContaining("metadata.annotations.weft.io/ip-pool")
                .hasMessageContaining("there is no pool \"databses\"; did you mean \"databases\"?");
        assertThat(agent.agent.node().state().snapshot().pods()).isEmpty();
        TestAgent.Answer typo = add("web", Map.of(), ", \"pool\": \"tny\"");
        assertThat(typo.code()).isEqualTo(7);
        assertThat(typo.text()).contains("pool: there is no pool \"tny\"; did you mean \"tiny\"?");
        assertThat(agent.leases()).isEmpty();
    }

    @Test
    void aPoolOfOtherNamespacesIsRefused() {
        agent.apply(annotated("default", "web", "databases"));
        TestAgent.Answer refused = add("web", pod("default", "web"), "");
        assertThat(refused.code()).isEqualTo(7);
        assertThat(refused.text())
                .contains("annotation weft.io/ip-pool of Pod default/web")
                .contains("pool \"databases\" is for namespaces of team=data");
        assertThat(agent.leases()).isEmpty();
    }

    @Test
    void poolsThatCannotBeAreRefusedByTheirKeysBeforeAnythingIsMade() {
        AgentSettings wrong =
                new AgentSettings(
                        agent.settings.instance() + "x",
                        temporary,
                        Path.of("/sys/fs/bpf/weft-t-" + agent.settings.instance(), "x"),
                        Optional.of(agent.host),
                        AgentConfigurationReader.parse(
                                "agent.yaml",
                                """
                                apiVersion: weft.io/v1alpha1
                                kind: AgentConfiguration
                                spec:
                                  addressPools:
                                  - {name: a, ranges: [{subnet: 10.1.0.0/24}]}
                                  - {name: b, ranges: [{subnet: 10.1.0.128/25}]}
                                """));
        assertThatThrownBy(() -> Agent.start(wrong, "weft test"))
                .isInstanceOf(NodeException.class)
                .hasMessage(
                        "spec.addressPools[1].ranges[0]: 10.1.0.128-10.1.0.255 overlaps"
                                + " 10.1.0.0-10.1.0.255 of pool a");
        assertThat(List.of(wrong.stateDirectory(), wrong.runDirectory())).noneMatch(Files::exists);
    }
}
