package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.model.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeApiTest {
    @ParameterizedTest
    @CsvSource({
        "pod, POD",
        "pods, POD",
        "po, POD",
        "Pod, POD",
        "namespace, NAMESPACE",
        "namespaces, NAMESPACE",
        "ns, NAMESPACE",
        "networkpolicy, NETWORK_POLICY",
        "networkpolicies, NETWORK_POLICY",
        "NetworkPolicies, NETWORK_POLICY",
        "netpol, NETWORK_POLICY",
        "expectation, EXPECTATION",
        "expectations, EXPECTATION",
        "exp, EXPECTATION",
    })
    void takesTheNamesOfKindsThatKubectlTakes(String text, Kind kind) {
        assertThat(NodeApi.kind(text)).isEqualTo(kind);
    }

    @Test
    void namesTheKindsWhenItKnowsNoSuchOne() {
        assertThatThrownBy(() -> NodeApi.kind("ingresses"))
                .isInstanceOf(NodeException.class)
                .hasMessageStartingWith("unknown kind 'ingresses': one of namespaces, ")
                .hasMessageContainingAll("pods", "networkpolicies", "services", "expectations");
    }
}
