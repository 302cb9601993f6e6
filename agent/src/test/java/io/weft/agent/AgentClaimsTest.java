package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ref;
import io.weft.store.Ledger;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Addresses that are kept when their containers go. */
@KernelTest
@Timeout(120)
class AgentClaimsTest {
    private static final String STICKY =
            """
            {apiVersion: v1, kind: Pod,
             metadata: {name: db-0, annotations: {weft.io/sticky-ip: "true"}}}
            """;
    private static final String PLAIN =
            "{apiVersion: v1, kind: Pod, metadata: {name: db-0, labels: {app: db}}}";
    private static final String NET = TestAgent.config("");

    @TempDir private Path temporary;
    private TestAgent agent;

    @BeforeEach
    void start() {
        agent = TestAgent.start(temporary);
    }

    @AfterEach
    void end() {
        agent.close();
    }

    private static Map<String, String> pod(String name) {
        return Map.of("CNI_ARGS", "K8S_POD_NAMESPACE=default;K8S_POD_NAME=" + name);
    }

    /** {@return the addresses that a container of this pod is given} */
    private List<String> add(String container, String pod) {
        agent.namespace(container);
        TestAgent.Answer answer = agent.call("ADD", container, pod(pod), NET);
        assertThat(answer.exitCode()).as(answer.text()).isZero();
        return answer.ips();
    }

    private void delete(String container) {
        assertThat(agent.call("DEL", container, NET).exitCode()).isZero();
    }

    @Test
    void aStickyPodsNextContainerHasItsAddressesAndNobodyElseHas() {
        agent.apply(STICKY);
        List<String> first = add("one", "db-0");
        delete("one");
        assertThat(agent.claims().toString()).contains("pod default/db-0, eth0");
        assertThat(add("other", "web")).doesNotContainAnyElementsOf(first);
        agent.restart();
        assertThat(add("third", "api")).doesNotContainAnyElementsOf(first);
        assertThat(add("two", "db-0")).isEqualTo(first);
        assertThat(agent.call("CHECK", "two", pod("db-0"), NET).exitCode()).isZero();
    }

    @Test
    void twoContainersOfOneStickyPodDoNotShareItsAddress() {
        agent.apply(STICKY);
        List<String> first = add("one", "db-0");
        agent.namespace("two");
        TestAgent.Answer second = agent.call("ADD", "two", pod("db-0"), NET);
        assertThat(second.code()).isEqualTo(103);
        assertThat(second.text())
                .contains("the claim of pod default/db-0, eth0 keeps")
                .contains("which one/eth0 in net uses");
        assertThat(agent.call("CHECK", "one", pod("db-0"), NET).exitCode()).isZero();
        delete("one");
        assertThat(add("two", "db-0")).isEqualTo(first);
    }

    @Test
    void whenTheManifestGoesOrSaysSoNothingIsKept() {
        agent.apply(STICKY);
        List<String> held = add("one", "db-0");
        agent.apply(PLAIN);
        assertThat(agent.claims()).isEmpty();
        assertThat(agent.call("CHECK", "one", pod("db-0"), NET).exitCode())
                .as("whoever has it keeps it")
                .isZero();
        delete("one");
        assertThat(add("two", "db-0")).as("it rests").doesNotContainAnyElementsOf(held);
        delete("two");
        agent.apply(STICKY);
        add("three", "db-0");
        delete("three");
        agent.delete("pods", "db-0");
        assertThat(agent.claims()).isEmpty();
    }

    @Test
    void whatTheManifestsSayAtTheStartIsWhatIsKept() {
        agent.apply(STICKY);
        add("one", "db-0");
        delete("one");
        agent.agent.close();
        // as when a process ended between the change of manifests and that of claims
        try (Ledger ledger = Ledger.open(agent.settings.stateDirectory().resolve("ledger"))) {
            new ManifestStore(ledger).deleted(List.of(Ref.pod("default", "db-0")));
        }
        agent.agent = Agent.start(agent.settings, "weft test");
        assertThat(agent.claims()).isEmpty();
    }

    private static String claim(String name, String more) {
        return """
        apiVersion: k8s.cni.cncf.io/v1alpha1
        kind: IPAMClaim
        metadata: {name: %s}
        spec: {network: net, interface: eth0}
        """
                        .formatted(name)
                + more;
    }

    private TestAgent.Answer addBy(String container, String claim, String more) {
        agent.namespace(container);
        String args = ", \"args\": {\"cni\": {\"ipam-claim-reference\": \"%s\"}}".formatted(claim);
        return agent.call("ADD", container, pod(container), TestAgent.config(args + more));
    }

    @Test
    void aClaimKeepsItsAddressesFromPodToPodUntilItIsDeleted() {
        agent.apply(claim("vm", ""));
        TestAgent.Answer first = addBy("launcher-1", "vm", "");
        assertThat(first.exitCode()).as(first.text()).isZero();
        delete("launcher-1");
        agent.restart();
        assertThat(add("other", "web")).doesNotContainAnyElementsOf(first.ips());
        assertThat(addBy("launcher-2", "vm", "").ips()).isEqualTo(first.ips());
        assertThat(agent.api("Get", Map.of("kind", "ipamclaims", "name", "vm")).toString())
                .contains("ips=" + first.ips())
                .contains("heldBy=[launcher-2/eth0 in net]");
        TestAgent.Answer second = addBy("launcher-3", "vm", "");
        assertThat(second.code()).as("two at once").isEqualTo(103);
        agent.delete("ipamclaims", "vm");
        assertThat(agent.claims()).isEmpty();
        assertThat(agent.call("CHECK", "launcher-2", NET).exitCode())
                .as("whoever has the address keeps it")
                .isZero();
        assertThat(addBy("launcher-4", "vm", "").text()).contains("there is no IPAMClaim");
    }

    @Test
    void aPodsSelectionOfNetworksNamesItsClaim() {
        agent.apply(claim("vm", "status: {ips: [10.77.9.9/16]}\n"));
        agent.apply(
                """
                apiVersion: v1
                kind: Pod
                metadata:
                  name: launcher
                  annotations:
                    k8s.v1.cni.cncf.io/networks: '[{"name": "net", "ipam-claim-reference": "vm"}]'
                """);
        assertThat(add("one", "launcher").getFirst()).as("as it was").isEqualTo("10.77.9.9");
        assertThat(agent.claims().toString()).contains("IPAMClaim default/vm, eth0");
    }

    @Test
    void aClaimThatIsNotThereOrAnotherInterfacesIsRefused() {
        agent.apply(claim("vm-a", ""));
        assertThat(addBy("one", "vm-b", "").text())
                .contains("ipam-claim-reference: there is no IPAMClaim default/vm-b; did you mean")
                .contains("\"vm-a\"?");
        agent.apply(claim("vm-c", "").replace("eth0", "net1"));
        assertThat(addBy("one", "vm-c", "").text())
                .contains(
                        "IPAMClaim default/vm-c is of interface net1 in network net, and this is eth0"
                                + " in net");
        assertThat(
                        addBy("one", "vm-a", ", \"runtimeConfig\": {\"ips\": [\"10.77.0.9/16\"]}")
                                .text())
                .contains("ips: must be absent with ipam-claim-reference");
        assertThat(agent.leases()).isEmpty();
        assertThat(agent.claims()).isEmpty();
    }
}
