package io.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Wrong input of the kinds beside NetworkPolicy: every command that reads manifests answers with
 * file, line, field and reason, and does nothing.
 */
class WrongInputTest {
    /**
     * A manifest and what is wrong with it.
     *
     * @param message from the line number on
     */
    record Wrong(String what, String manifest, String message) {
        @Override
        public String toString() {
            return what;
        }
    }

    private static final String CLUSTER_POLICY =
            """
            apiVersion: policy.networking.k8s.io/v1alpha2
            kind: ClusterNetworkPolicy
            metadata: {name: guard}
            spec:
              tier: Admin
              priority: 10
              subject: {namespaces: {}}
              ingress:
              - action: Deny
                from: [{namespaces: {}}]
            """;
    private static final String CILIUM_POLICY =
            """
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata: {name: web}
            spec:
              endpointSelector: {matchLabels: {app: web}}
              ingress:
              - fromEndpoints: [{matchLabels: {app: client}}]
                toPorts: [{ports: [{port: "80", protocol: TCP}]}]
            """;
    private static final String CLUSTERWIDE =
            CILIUM_POLICY.replace("CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy");
    private static final String NODE =
            """
            apiVersion: v1
            kind: Node
            metadata: {name: node-1}
            status:
              addresses:
              - {type: InternalIP, address: 192.0.2.1}
            """;
    private static final String SERVICE =
            """
            apiVersion: v1
            kind: Service
            metadata: {name: db}
            spec:
              clusterIP: None
              selector: {app: db}
              ports:
              - {name: sql, port: 5432}
            """;

    static final List<Wrong> WRONG =
            List.of(
                    new Wrong(
                            "a tier that is none",
                            CLUSTER_POLICY.replace("tier: Admin", "tier: admin"),
                            "5: ClusterNetworkPolicy guard: spec.tier: Unsupported value: \"admin\":"
                                    + " supported values: \"Admin\", \"Baseline\""),
                    new Wrong(
                            "a priority out of range",
                            CLUSTER_POLICY.replace("priority: 10", "priority: 1001"),
                            "6: ClusterNetworkPolicy guard: spec.priority: Invalid value: 1001: must"
                                    + " be between 0 and 1000, inclusive"),
                    new Wrong(
                            "an action of another kind",
                            CLUSTER_POLICY.replace("action: Deny", "action: Allow"),
                            "9: ClusterNetworkPolicy guard: spec.ingress[0].action: Unsupported"
                                    + " value: \"Allow\": supported values: \"Accept\", \"Deny\","
                                    + " \"Pass\""),
                    new Wrong(
                            "a peer that is not supported",
                            CLUSTER_POLICY
                                    .replace("ingress", "egress")
                                    .replace(
                                            "from: [{namespaces: {}}]",
                                            "to: [{domainNames: [weft.example]}]"),
                            "10: ClusterNetworkPolicy guard: spec.egress[0].to[0].domainNames:"
                                    + " Forbidden: domain names are not supported yet; write"
                                    + " networks"),
                    new Wrong(
                            "a namespace where there is none",
                            CLUSTER_POLICY.replace("{name: guard}", "{name: guard, namespace: x}"),
                            "3: ClusterNetworkPolicy guard: metadata.namespace: Forbidden: not"
                                    + " allowed on this type"),
                    new Wrong(
                            "layer 7",
                            CILIUM_POLICY.replace(
                                    "protocol: TCP}]",
                                    "protocol: TCP}], rules: {http: [{method: GET}]}"),
                            "8: CiliumNetworkPolicy default/web: spec.ingress[0].toPorts[0].rules"
                                    + ".http: Forbidden: layer 7 rules are not supported yet"),
                    new Wrong(
                            "a port out of range",
                            CILIUM_POLICY.replace("\"80\"", "\"80000\""),
                            "8: CiliumNetworkPolicy default/web: spec.ingress[0].toPorts[0]"
                                    + ".ports[0].port: Invalid value: \"80000\""),
                    new Wrong(
                            "nodes, which only a clusterwide policy selects",
                            CILIUM_POLICY.replace("endpointSelector", "nodeSelector"),
                            "5: CiliumNetworkPolicy default/web: spec.nodeSelector: Forbidden: only"
                                    + " a CiliumClusterwideNetworkPolicy may select nodes"),
                    new Wrong(
                            "an entity that is none",
                            CLUSTERWIDE.replace(
                                    "fromEndpoints: [{matchLabels: {app: client}}]",
                                    "fromEntities: [World]"),
                            "7: CiliumClusterwideNetworkPolicy web: spec.ingress[0].fromEntities[0]:"
                                    + " Unsupported value: \"World\": supported values: \"all\""),
                    new Wrong(
                            "an unknown field",
                            CLUSTERWIDE.replace("fromEndpoints", "fromEndpoint"),
                            "7: CiliumClusterwideNetworkPolicy web: spec.ingress[0].fromEndpoint:"
                                    + " unknown field \"spec.ingress[0].fromEndpoint\"; did you"
                                    + " mean \"fromEndpoints\"?"),
                    new Wrong(
                            "domain names",
                            CLUSTERWIDE
                                    .replace("ingress", "egress")
                                    .replace(
                                            "fromEndpoints: [{matchLabels: {app: client}}]",
                                            "toFQDNs: [{matchName: weft.example}]"),
                            "7: CiliumClusterwideNetworkPolicy web: spec.egress[0].toFQDNs:"
                                    + " Forbidden: domain names are not supported yet; write toCIDR"
                                    + " or toEntities"),
                    new Wrong(
                            "an audit annotation of a pod",
                            """
                            apiVersion: v1
                            kind: Pod
                            metadata:
                              name: a
                              annotations:
                                weft.io/audit: "yes"
                            spec: {containers: [{name: c, command: [sleep, "9"]}]}
                            """,
                            "6: Pod default/a: metadata.annotations.weft.io/audit: Unsupported"
                                    + " value: \"yes\": supported values: \"true\", \"false\""),
                    new Wrong(
                            "an audit annotation of a namespace",
                            """
                            apiVersion: v1
                            kind: Namespace
                            metadata:
                              name: a
                              annotations: {weft.io/audit: true}
                            """,
                            "5: Namespace a: metadata.annotations.weft.io/audit: Invalid value:"
                                    + " true: must be a string; quote it: \"true\""),
                    new Wrong(
                            "an address of a node",
                            NODE.replace("192.0.2.1", "node-1"),
                            "6: Node node-1: status.addresses[0].address: Invalid value:"
                                    + " \"node-1\": must be a valid IP address"),
                    new Wrong(
                            "a type of a node's address",
                            NODE.replace("InternalIP", "IP"),
                            "6: Node node-1: status.addresses[0].type: Unsupported value: \"IP\":"
                                    + " supported values: \"InternalIP\""),
                    new Wrong(
                            "a port of a service",
                            SERVICE.replace("5432", "0"),
                            "8: Service default/db: spec.ports[0].port: Invalid value: 0: must be"
                                    + " between 1 and 65535, inclusive"),
                    new Wrong(
                            "an address of a service",
                            SERVICE.replace("None", "here"),
                            "5: Service default/db: spec.clusterIP: Invalid value: \"here\": must be"
                                    + " a valid IP address"));

    @TempDir private Path directory;

    @ParameterizedTest(name = "{0}")
    @FieldSource("WRONG")
    void checkAndUpNameFileLineFieldAndReason(Wrong wrong) throws IOException {
        Path file = Files.writeString(directory.resolve("wrong.yaml"), wrong.manifest);

        for (String command : new String[] {"check", "up"}) {
            Weft.Result result = Weft.run(command, file.toString());

            assertThat(result.err()).contains(file + ":" + wrong.message);
            assertThat(result.code()).isEqualTo(Exit.BAD_INPUT);
            assertThat(result.out()).isEmpty();
        }
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource("RIGHT")
    void whatTheyAreMadeFromIsAccepted(String manifest) throws IOException {
        Path file = Files.writeString(directory.resolve("right.yaml"), manifest);

        Weft.Result result = Weft.run("check", file.toString());

        assertThat(result.code()).as(result.err()).isEqualTo(Exit.DONE);
    }

    static final List<String> RIGHT =
            List.of(CLUSTER_POLICY, CILIUM_POLICY, CLUSTERWIDE, NODE, SERVICE);
}
