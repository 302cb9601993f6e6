package io.weft.model;

import static io.weft.model.Case.container;
import static io.weft.model.Case.expectation;
import static io.weft.model.Case.namespace;
import static io.weft.model.Case.pod;
import static io.weft.model.Case.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One row for each rule of documents, metadata, pods and expectations. */
class ObjectValidationTest {
    private static final String KINDS =
            "Weft reads v1 Namespace, v1 Node, v1 Pod, networking.k8s.io/v1 ServiceCIDR, v1 Service,"
                    + " discovery.k8s.io/v1 EndpointSlice, networking.k8s.io/v1 NetworkPolicy,"
                    + " policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy,"
                    + " cilium.io/v2 CiliumNetworkPolicy, cilium.io/v2"
                    + " CiliumClusterwideNetworkPolicy, k8s.cni.cncf.io/v1alpha1 IPAMClaim,"
                    + " weft.io/v1alpha1 Expectation, v1 List";
    private static final String VALUE =
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or"
                    + " '.', and must start and end with an alphanumeric character (e.g. 'MyValue',"
                    + "  or 'my_value',  or '12345', regex used for validation is"
                    + " '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
    private static final String SUBDOMAIN =
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-'"
                    + " or '.', and must start and end with an alphanumeric character (e.g."
                    + " 'example.com', regex used for validation is"
                    + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    private static final String LABEL =
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-',"
                    + " and must start and end with an alphanumeric character (e.g. 'my-name',  or"
                    + " '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    private static final String PORT = "must be between 1 and 65535, inclusive";

    @ParameterizedTest
    @MethodSource({"metadata", "pods", "expectations", "documents"})
    void answers(Case c) {
        assertThat(Case.problems(new ManifestReader(), c.yaml()))
                .containsExactlyElementsOf(c.answer());
    }

    static Stream<Case> metadata() {
        return Stream.of(
                namespace("{name: a, annotations: {any: thing}, uid: x}"),
                namespace(
                        "{nmae: a}",
                        "3: Namespace: metadata.nmae: unknown field \"metadata.nmae\"; did you mean"
                                + " \"name\"?",
                        "3: Namespace: metadata.name: Required value: every object needs a name"),
                namespace(
                        "{name: ''}",
                        "3: Namespace: metadata.name: Required value: every object needs a name"),
                namespace(
                        "{name: 5}",
                        "3: Namespace 5: metadata.name: Invalid value: 5: must be a string; quote"
                                + " it: \"5\""),
                namespace(
                        "{name: a.b}",
                        "3: Namespace a.b: metadata.name: Invalid value: \"a.b\": " + LABEL),
                namespace(
                        "{name: " + "a".repeat(64) + "}",
                        "3: Namespace %1$s: metadata.name: Invalid value: \"%1$s\": must be no more"
                                        .formatted("a".repeat(64))
                                + " than 63 characters"),
                namespace(
                        "{name: a, namespace: b}",
                        "3: Namespace a: metadata.namespace: Forbidden: not allowed on this type; a"
                                + " Namespace is in no namespace"),
                namespace(
                        "\n  name: a\n  labels:\n    a/b/c: x\n    /d: x\n    e/: x\n    A.b/f: x\n"
                                + "    g: _",
                        "6: Namespace a: metadata.labels: Invalid value: \"a/b/c\": a qualified"
                                + " name must have at most one '/': an optional DNS subdomain prefix"
                                + " and a name (e.g. 'example.com/MyName')",
                        "7: Namespace a: metadata.labels: Invalid value: \"/d\": prefix part must be"
                                + " non-empty",
                        "8: Namespace a: metadata.labels: Invalid value: \"e/\": name part must be"
                                + " non-empty",
                        "9: Namespace a: metadata.labels: Invalid value: \"A.b/f\": prefix part "
                                + SUBDOMAIN,
                        "10: Namespace a: metadata.labels: Invalid value: \"_\": " + VALUE),
                yaml(
                        "{apiVersion: v1, kind: Pod, metadata: {name: A, namespace: b.c},\n"
                                + " spec: {containers: [{name: c, command: [a]}]}}",
                        "1: Pod b.c/A: metadata.name: Invalid value: \"A\": " + SUBDOMAIN,
                        "1: Pod b.c/A: metadata.namespace: Invalid value: \"b.c\": " + LABEL));
    }

    static Stream<Case> pods() {
        return Stream.of(
                yaml(
                        "{apiVersion: v1, kind: Pod, metadata: {name: a, annotations:\n"
                                + " {weft.io/audit: 'yes'}}, spec: {containers: [{name: c, command:"
                                + " [a]}]}}",
                        "2: Pod default/a: metadata.annotations.weft.io/audit: Unsupported value:"
                                + " \"yes\": supported values: \"true\", \"false\""),
                namespace(
                        "{name: a, annotations: {weft.io/audit: true}}",
                        "3: Namespace a: metadata.annotations.weft.io/audit: Invalid value: true:"
                                + " must be a string; quote it: \"true\""),
                pod(
                        "containers: []",
                        "4: spec.containers: Required value: a pod runs at least one container"),
                pod(
                        "containers:\n- name: c\n  image: nginx",
                        "6: spec.containers[0].command: Required value: Weft runs programs of the"
                                + " host, not images; for example [\"weft\", \"workload\","
                                + " \"idle\"]"),
                pod(
                        "containers: [{name: c, command: [a]}, {name: c, command: [b]}, {command:"
                                + " [d]}]",
                        "5: spec.containers[1].name: Duplicate value: \"c\"",
                        "5: spec.containers[2].name: Required value"),
                pod(
                        "containers: [{name: c, command: [a]}]\ninitContainers: [{name: i}]",
                        "6: spec.initContainers: Forbidden: init containers are not supported yet"),
                pod(
                        "containers: [{name: c, command: [a]}]\nhostNetwork: 1",
                        "6: spec.hostNetwork: Invalid value: 1: must be true or false, not a"
                                + " number"),
                pod(
                        "containers: [{name: c, comand: [a]}]",
                        "5: spec.containers[0].comand: unknown field \"spec.containers[0].comand\";"
                                + " did you mean \"command\"?",
                        "5: spec.containers[0].command: Required value: Weft runs programs of the"
                                + " host, not images; for example [\"weft\", \"workload\","
                                + " \"idle\"]"),
                container(
                        "args: [8080]",
                        "6: spec.containers[0].args[0]: Invalid value: 8080: must be a string; quote"
                                + " it: \"8080\""),
                container(
                        "ports: [{containerPort: 1, name: x}, {containerPort: 2, name: x}]",
                        "6: spec.containers[0].ports[1].name: Duplicate value: \"x\": names another"
                                + " port of it"),
                container(
                        "ports: [{}, {containerPort: 65536}, {containerPort: 1, protocol: ICMP}]",
                        "6: spec.containers[0].ports[0].containerPort: Required value",
                        "6: spec.containers[0].ports[1].containerPort: Invalid value: 65536: "
                                + PORT,
                        "6: spec.containers[0].ports[2].protocol: Unsupported value: \"ICMP\":"
                                + " supported values: \"TCP\", \"UDP\", \"SCTP\""),
                container(
                        "env: [{name: A, value: 1}, {name: B=C}, {name: D, valueFrom: {}}]",
                        "6: spec.containers[0].env[0].value: Invalid value: 1: must be a string;"
                                + " quote it: \"1\"",
                        "6: spec.containers[0].env[1].name: Invalid value: \"B=C\": a valid"
                                + " environment variable name must consist only of printable ASCII"
                                + " characters other than '='",
                        "6: spec.containers[0].env[2].valueFrom: Forbidden: not supported; write the"
                                + " value itself"),
                container(
                        "envFrom: [{}]",
                        "6: spec.containers[0].envFrom: Forbidden: not supported; write the"
                                + " variables under env"),
                container(
                        "readinessProbe: {httpGet: {port: 80}}",
                        "6: spec.containers[0].readinessProbe.httpGet: Forbidden: not supported yet;"
                                + " write tcpSocket: {port: …}, which waits until a connection"
                                + " opens"),
                container(
                        "readinessProbe: {}",
                        "6: spec.containers[0].readinessProbe: Required value: must specify a"
                                + " handler type; write tcpSocket: {port: …}"),
                container(
                        "readinessProbe: {tcpSocket: {port: web}, periodSeconds: 0}",
                        "6: spec.containers[0].readinessProbe.periodSeconds: Invalid value: 0: must"
                                + " be greater than or equal to 1",
                        "6: spec.containers[0].readinessProbe.tcpSocket.port: Not found: \"web\": no"
                                + " TCP port of this container has that name"),
                yaml(
                        """
                        {apiVersion: v1, kind: Pod, metadata: {name: a},
                         spec: {containers: [{name: c, command: [a]}]},
                         status: {podIPs: [{ip: 10.0.0.1}, {ip: 10.0.0.2}, {ip: x}],
                          podIP: 10.0.0.3}}
                        """,
                        "3: Pod default/a: status.podIPs[1].ip: Invalid value: \"10.0.0.2\": may"
                                + " specify no more than one IP for each IP family",
                        "3: Pod default/a: status.podIPs[2].ip: Invalid value: \"x\": must be a valid"
                                + " IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
                        "4: Pod default/a: status.podIP: Invalid value: \"10.0.0.3\": must be equal"
                                + " to podIPs[0]: 10.0.0.1"));
    }

    static Stream<Case> expectations() {
        return Stream.of(
                expectation("{from: a, to: b/c, port: 80, verdict: deny}"),
                expectation(
                        "{}",
                        "4: spec.from: Required value: a pod, namespace/pod or an IP address",
                        "4: spec.to: Required value: a pod, namespace/pod or an IP address",
                        "4: spec.verdict: Required value: allow or deny",
                        "4: spec.port: Required value: a number, or the name of a port of the"
                                + " destination"),
                expectation(
                        "{from: a/b/c, to: 10.0.0.1, port: http, verdict: allowed, protocl: TCP}",
                        "5: spec.protocl: unknown field \"spec.protocl\"; did you mean"
                                + " \"protocol\"?",
                        "5: spec.from: Invalid value: \"a/b/c\": must be a pod, namespace/pod or an"
                                + " IP address: "
                                + SUBDOMAIN,
                        "5: spec.verdict: Unsupported value: \"allowed\": supported values:"
                                + " \"allow\", \"deny\"",
                        "5: spec.port: Invalid value: \"http\": must be a number, because `to` is an"
                                + " address"),
                expectation(
                        "{from: a, to: b, port: 0, verdict: deny}",
                        "5: spec.port: Invalid value: 0: " + PORT));
    }

    static Stream<Case> documents() {
        return Stream.of(
                yaml("", new String[0]),
                yaml("kind: Pod", "1: Pod: apiVersion: Required value: " + KINDS),
                yaml(
                        "{}",
                        "1: apiVersion: Required value: " + KINDS,
                        "1: kind: Required value: " + KINDS),
                yaml(
                        "apiVersion: extensions/v1beta1\nkind: NetworkPolicy\nmetadata: {name: a}",
                        "2: NetworkPolicy default/a: kind: no matches for kind \"NetworkPolicy\" in"
                                + " version \"extensions/v1beta1\"; "
                                + KINDS),
                yaml(
                        "apiVersion: v1\nkind: Endpoints\nmetadata: {name: web}",
                        "2: Endpoints web: kind: no matches for kind \"Endpoints\" in version \"v1\"; "
                                + KINDS),
                yaml(
                        "apiVersion: v1\nkind: List\nitems:\n- kind: Pod\n- []",
                        "4: Pod items[0]: apiVersion: Required value: " + KINDS,
                        "5: List: items[1]: Invalid value: […]: must be a mapping of fields, not a"
                                + " list"),
                yaml(
                        "--- 1\n---\n- a",
                        "1: an object is a mapping with apiVersion, kind, metadata and spec, not a"
                                + " number",
                        "3: an object is a mapping with apiVersion, kind, metadata and spec, not a"
                                + " list"),
                yaml(
                        "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n  name: b",
                        "5: key \"name\" is already set at line 4"),
                yaml(
                        "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, [b]: c}",
                        "3: a key must be a string, not a list"),
                yaml(
                        "apiVersion: v1\nkind: Namespace\nmetadata: {name: *b}",
                        "3: alias *b has no anchor above it",
                        "3: Namespace: metadata.name: Required value: every object needs a name"),
                yaml(
                        "apiVersion: v1\nkind: Namespace\nmetadata: {name: !secret a}",
                        "3: tag !secret means nothing here; remove it"),
                yaml(
                        "apiVersion: v1\nkind: Namespace\nmetadata: {name: a",
                        "3: not YAML: while parsing a flow mapping: expected ',' or '}', but got"
                                + " <stream end>"),
                yaml(
                        "a:\n\tb: c",
                        "2: not YAML: while scanning for the next token: found character '\\t(TAB)'"
                                + " that cannot start any token. (Do not use \\t(TAB) for"
                                + " indentation)"),
                yaml("[".repeat(101), "1: nested deeper than 100 levels"));
    }

    @Test
    void boundsWhatAliasesRepeat() {
        StringBuilder laughs = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 20; i++) {
            String all = ("*a" + (i - 1) + ", ").repeat(10);
            laughs.append("a%d: &a%d [%s]\n".formatted(i, i, all));
        }

        assertThat(Case.problems(new ManifestReader(), laughs.toString()))
                .containsExactly(
                        "f.yaml:5: aliases repeat more than %d nodes; write them out"
                                .formatted(100_000 + 4 * laughs.length()));
    }

    @ParameterizedTest
    @MethodSource("strict")
    void strictReferencesWantsWhatIsNamed(Case c) {
        assertThat(Case.problems(new ManifestReader().strictReferences(), c.yaml()))
                .containsExactlyElementsOf(c.answer());
    }

    static Stream<Case> strict() {
        return Stream.of(
                yaml(
                        """
                        {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
                        ---
                        apiVersion: networking.k8s.io/v1
                        kind: NetworkPolicy
                        metadata: {name: p, namespace: shopp}
                        """,
                        "3: NetworkPolicy shopp/p: metadata.namespace: Not found: \"shopp\": declare"
                                + " it with kind: Namespace; did you mean \"shop\"?"),
                yaml(
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: web}
                        spec: {containers: [{name: c, command: [a]}]}
                        ---
                        apiVersion: weft.io/v1alpha1
                        kind: Expectation
                        metadata: {name: e}
                        spec: {from: wbe, to: 10.0.0.1, port: 80, verdict: allow}
                        """,
                        "6: Expectation default/e: spec.from: Not found: \"default/wbe\": no such pod"
                                + " is declared; did you mean \"default/web\"?"));
    }
}
