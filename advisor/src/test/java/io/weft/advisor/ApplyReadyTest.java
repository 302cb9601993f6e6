package io.weft.advisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.claims.Language;
import org.junit.jupiter.api.Test;

class ApplyReadyTest {
    @Test
    void eachApplicationIsOpenToItsClientsAlone() {
        String yaml = ApplyReady.text(ExamplesTest.advise("scene-e-commerce"), Language.EN);
        assertThat(yaml)
                .startsWith("# Written by weft advise for: eBPF CNI + XDP at the uplink\n")
                .contains("# Weft does not declare yet: XDP programs at the uplink\n")
                .contains("metadata: {name: default-deny, namespace: \"shop\"}")
                .contains("metadata: {name: default-deny, namespace: \"data\"}")
                .contains("metadata: {name: baseline-deny}")
                .contains(
                        """
                        metadata: {name: "cart", namespace: "shop"}
                        spec:
                          podSelector: {matchLabels: {app: "cart"}}
                          policyTypes: [Ingress, Egress]
                          ingress:
                            - from:
                                - {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: "shop"}}, podSelector: {matchLabels: {app: "web"}}}
                              ports: [{protocol: TCP, port: 8080}]
                          egress:
                            - to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: "shop"}}, podSelector: {matchLabels: {app: "orders"}}}]
                              ports: [{protocol: TCP, port: 8080}]
                        """);
    }

    @Test
    void whatWeftCannotDeclareIsAComment() {
        String yaml = ApplyReady.text(ExamplesTest.advise("scene-core-banking"), Language.ZH);
        assertThat(yaml)
                .contains("# Weft 目前尚不能声明：网卡的虚拟功能")
                .contains("# Weft 目前尚不能声明：虚拟机")
                .contains("# 需求未列出应用");
    }
}
