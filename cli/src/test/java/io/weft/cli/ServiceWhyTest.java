package io.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code why CLIENT service/NAME}, offline. */
class ServiceWhyTest {
    private static final String SHOP =
            """
            apiVersion: v1
            kind: Node
            metadata: {name: here, labels: {topology.kubernetes.io/zone: a}}
            spec: {podCIDR: 10.77.0.0/16}
            status: {addresses: [{type: InternalIP, address: 10.77.0.1}]}
            ---
            {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: client, namespace: shop}
            status: {podIP: 10.77.0.9}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: web-1, namespace: shop, labels: {app: web}}
            spec: {nodeName: here, containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
            status: {podIP: 10.77.0.11}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: web-2, namespace: shop, labels: {app: web}}
            spec: {nodeName: there, containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
            status: {podIP: 10.78.0.12}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: web-3, namespace: shop, labels: {app: web}}
            spec: {nodeName: there, containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
            status: {podIP: 10.78.0.13, conditions: [{type: Ready, status: "False"}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web, namespace: shop}
            spec:
              type: LoadBalancer
              selector: {app: web}
              externalTrafficPolicy: Local
              ports: [{name: www, port: 80, targetPort: http, nodePort: 30080}]
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: near, namespace: shop}
            spec: {clusterIP: 10.96.0.7, selector: {app: web}, internalTrafficPolicy: Local, ports: [{port: 80, targetPort: http}]}
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: web, namespace: shop}
            spec: {podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: http}]}]}
            """;

    @TempDir private Path directory;
    private Path file = Path.of("");

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(directory.resolve("shop.yaml"), SHOP);
    }

    private Weft.Result why(String from, String to, String port) {
        Weft.Result result = Weft.run("why", from, to, "--port", port, "-f", file.toString());
        assertThat(result.code()).as(result.err()).isEqualTo(Exit.DONE);
        return result;
    }

    @Test
    void showsWhereAServiceLeadsAndWhyAndThenTheVerdicts() {
        assertThat(why("client", "service/web", "www").out())
                .containsPattern("10\\.77\\.0\\.9 -> 10\\.96\\.\\d+\\.\\d+:80/TCP: ")
                .contains("10.77.0.11:8080, 10.78.0.12:8080")
                .contains("is the cluster IP of Service shop/web, port www (")
                .contains("the client is a pod of this node")
                .contains("internalTrafficPolicy: Cluster: endpoints on every node")
                .contains("each connection goes to one of 2, chosen at random")
                .contains("the endpoint sees the client's own address")
                .contains("yes 10.77.0.11:8080 (shop/web-1): ready")
                .contains("no  10.78.0.13:8080 (shop/web-3): not ready")
                .contains("shop/client (10.77.0.9) -> shop/web-1 (10.77.0.11), TCP 8080: allowed")
                .contains("10.78.0.12:8080: allow, the same");
    }

    @Test
    void showsWhatTrafficPoliciesLeaveOut() {
        assertThat(why("203.0.113.9", "10.77.0.1", "30080").out())
                .contains("*:30080/TCP is the node port of Service shop/web")
                .contains("the client is outside this node")
                .contains("externalTrafficPolicy: Local: only endpoints on this node")
                .contains("one endpoint can be used")
                .contains("no  10.78.0.12:8080 (shop/web-2): ready, but not on this node");
        assertThat(why("client", "near", "80").out())
                .contains("internalTrafficPolicy: Local: only endpoints on this node");
        assertThat(why("client", "10.77.0.1", "30080").out())
                .contains("Local, which does not bind clients on the node");
    }

    @Test
    void isADocumentToo() {
        Weft.Result result =
                Weft.run(
                        "why",
                        "client",
                        "service/shop/web",
                        "--port",
                        "80",
                        "-f",
                        file.toString(),
                        "-o",
                        "json");
        List<?> explanations = (List<?>) Objects.requireNonNull(result.json().get("explanations"));
        Map<?, ?> explanation = (Map<?, ?>) explanations.getFirst();
        assertThat(explanation.get("verdict")).isEqualTo("allow");
        Map<?, ?> service = (Map<?, ?>) Objects.requireNonNull(explanation.get("service"));
        assertThat(service.get("service")).isEqualTo("shop/web");
        assertThat(service.get("exposure")).isEqualTo("cluster-ip");
        assertThat(service.get("client")).isEqualTo("pod");
        assertThat(service.get("endpoints"))
                .isEqualTo(List.of("10.77.0.11:8080", "10.78.0.12:8080"));
        assertThat((List<?>) service.get("considered")).hasSize(3);
        assertThat((List<?>) explanation.get("backends"))
                .hasSize(2)
                .allSatisfy(b ->
                        assertThat((String) ((Map<?, ?>) b).get("rule"))
                                .contains("shop/web", "shop.yaml:"));
    }

    @Test
    void saysWhyNothingAnswers() throws IOException {
        Files.writeString(file, SHOP.replace("selector: {app: web}", "selector: {app: wbe}"));

        assertThat(why("client", "service/web", "80").out())
                .contains("rejected: Service shop/web, port www, has no endpoint that can be used")
                .contains("no endpoint can be used, on no node: the client gets a TCP reset");
        assertThat(why("client", "service/web", "81").out())
                .contains("which has no port TCP 81: the client gets a TCP reset");
    }
}
