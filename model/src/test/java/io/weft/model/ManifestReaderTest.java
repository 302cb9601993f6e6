package io.weft.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.model.Expectation.Party;
import io.weft.model.LabelSelector.Operator;
import io.weft.model.LabelSelector.Requirement;
import io.weft.model.NetworkPolicy.Peer;
import io.weft.model.NetworkPolicy.PortMatch;
import io.weft.model.NetworkPolicy.Rule;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestReaderTest {
    private static List<Resource> read(String yaml) {
        return new ManifestReader().read("a.yaml", yaml);
    }

    private static NetworkPolicy policy(String spec) {
        return (NetworkPolicy)
                read("""
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: p}
                spec:
                """
                                + spec.indent(2))
                        .getFirst();
    }

    private static Source line(int line) {
        return new Source("a.yaml", line);
    }

    @Test
    void readsEveryPartOfAPolicyWithItsLines() {
        NetworkPolicy policy =
                (NetworkPolicy)
                        read("""
                        apiVersion: networking.k8s.io/v1
                        kind: NetworkPolicy
                        metadata:
                          name: api
                          namespace: shop
                        spec:
                          podSelector:
                            matchLabels: {app: api}
                            matchExpressions:
                              - {key: canary, operator: DoesNotExist}
                          ingress:
                            - from:
                                - podSelector: {matchLabels: {app: web}}
                                - namespaceSelector: {}
                                - ipBlock:
                                    cidr: 10.0.0.0/8
                                    except: [10.1.0.0/16]
                              ports:
                                - port: http
                                - {protocol: UDP, port: 100, endPort: 200}
                            - {}
                        """)
                                .getFirst();

        assertThat(policy)
                .isEqualTo(
                        new NetworkPolicy(
                                new Ref(Kind.NETWORK_POLICY, "shop", "api"),
                                new LabelSelector(
                                        List.of(
                                                new Requirement("app", Operator.IN, List.of("api")),
                                                new Requirement(
                                                        "canary",
                                                        Operator.DOES_NOT_EXIST,
                                                        List.of()))),
                                true,
                                false,
                                List.of(
                                        new Rule(
                                                List.of(
                                                        new Peer.Pods(
                                                                Optional.empty(),
                                                                LabelSelector.of(
                                                                        Map.of("app", "web")),
                                                                line(13)),
                                                        new Peer.Pods(
                                                                Optional.of(
                                                                        LabelSelector.EVERYTHING),
                                                                LabelSelector.EVERYTHING,
                                                                line(14)),
                                                        new Peer.IpBlock(
                                                                Prefix.parse("10.0.0.0/8"),
                                                                List.of(
                                                                        Prefix.parse(
                                                                                "10.1.0.0/16")),
                                                                line(15))),
                                                List.of(
                                                        new PortMatch.Named(
                                                                Protocol.TCP, "http", line(19)),
                                                        new PortMatch.Range(
                                                                Protocol.UDP, 100, 200, line(20))),
                                                line(12)),
                                        new Rule(List.of(), List.of(), line(21))),
                                List.of(),
                                line(1)));
    }

    @Test
    void fillsInTheDefaultsOfPolicyTypes() {
        assertThat(policy("podSelector: {}"))
                .matches(p -> p.isolatesIngress() && !p.isolatesEgress());
        assertThat(policy("egress: [{}]")).matches(p -> p.isolatesIngress() && p.isolatesEgress());
        assertThat(policy("egress: []")).matches(p -> p.isolatesIngress() && !p.isolatesEgress());
        assertThat(policy("policyTypes: []\negress: [{}]"))
                .matches(p -> p.isolatesIngress() && p.isolatesEgress());
        assertThat(policy("policyTypes: [Egress]\ningress: [{}]"))
                .matches(p -> !p.isolatesIngress() && p.isolatesEgress())
                .extracting(NetworkPolicy::ingress)
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
                .hasSize(1);
    }

    @Test
    void anEmptyPortIsEveryPortOfTcp() {
        Rule rule = policy("ingress: [{ports: [{}, {protocol: SCTP}]}]").ingress().getFirst();

        assertThat(rule.ports())
                .containsExactly(
                        new PortMatch.Range(Protocol.TCP, 0, 65535, line(5)),
                        new PortMatch.Range(Protocol.SCTP, 0, 65535, line(5)));
    }

    @Test
    void missingNullAndEmptyListsAllMeanEverything() {
        for (String rule : List.of("{}", "{from: [], ports: []}", "{from: null, ports: null}")) {
            Rule read = policy("ingress: [" + rule + "]").ingress().getFirst();
            assertThat(read.peers()).isEmpty();
            assertThat(read.ports()).isEmpty();
        }
    }

    @Test
    void aCidrLosesItsHostBits() {
        Rule rule = policy("egress: [{to: [{ipBlock: {cidr: 10.1.2.3/8}}]}]").egress().getFirst();

        assertThat(rule.peers())
                .containsExactly(new Peer.IpBlock(Prefix.parse("10.0.0.0/8"), List.of(), line(5)));
    }

    @Test
    void readsAPod() {
        Pod pod =
                (Pod)
                        read("""
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: web, labels: {app: web, "x.io/y": ""}}
                        spec:
                          hostNetwork: true
                          restartPolicy: Never
                          containers:
                            - name: main
                              image: ignored
                              command: [serve]
                              args: ["--port", "80"]
                              env: [{name: A, value: "1"}, {name: B}]
                              ports:
                                - {name: http, containerPort: 80}
                                - {containerPort: 53, protocol: UDP}
                              readinessProbe:
                                tcpSocket: {port: http}
                                periodSeconds: 2
                        status:
                          phase: Failed
                          podIP: 10.0.0.1
                          podIPs: [{ip: 10.0.0.1}, {ip: "fd00::1"}]
                        """)
                                .getFirst();

        assertThat(pod)
                .isEqualTo(
                        new Pod(
                                Ref.pod("default", "web"),
                                Labels.of(Map.of("app", "web", "x.io/y", "")),
                                List.of(Ip.parse("10.0.0.1"), Ip.parse("fd00::1")),
                                List.of(
                                        new Pod.ContainerPort("http", Protocol.TCP, 80),
                                        new Pod.ContainerPort("", Protocol.UDP, 53)),
                                List.of(
                                        new Pod.Container(
                                                "main",
                                                List.of("serve", "--port", "80"),
                                                Map.of("A", "1", "B", ""),
                                                Optional.of(
                                                        new Pod.Probe(
                                                                80,
                                                                Duration.ofSeconds(2),
                                                                Duration.ofSeconds(1))))),
                                true,
                                true,
                                line(1)));
    }

    @Test
    void offlineTakesAnyPodOfKubernetes() {
        Pod pod =
                (Pod)
                        new ManifestReader()
                                .offline()
                                .read(
                                        "a.yaml",
                                        """
                                        apiVersion: v1
                                        kind: Pod
                                        metadata: {name: web}
                                        spec:
                                          initContainers:
                                            - name: mesh
                                              restartPolicy: Always
                                              ports: [{name: mesh, containerPort: 15006}]
                                            - name: once
                                              ports: [{name: once, containerPort: 1}]
                                          containers:
                                            - name: main
                                              image: nginx
                                              readinessProbe: {httpGet: {path: /, port: 80}}
                                        """)
                                .getFirst();

        assertThat(pod.containers()).isEmpty();
        assertThat(pod.ports()).containsExactly(new Pod.ContainerPort("mesh", Protocol.TCP, 15006));
    }

    @Test
    void readsExpectations() {
        List<Resource> read =
                read(
                        """
                        apiVersion: weft.io/v1alpha1
                        kind: Expectation
                        metadata: {name: one, namespace: shop}
                        spec: {from: web, to: data/db, port: pg, verdict: allow}
                        ---
                        apiVersion: weft.io/v1alpha1
                        kind: Expectation
                        metadata: {name: two}
                        spec: {from: web, to: "fd00::1", port: 53, protocol: UDP, verdict: deny}
                        """);

        assertThat(read)
                .containsExactly(
                        new Expectation(
                                new Ref(Kind.EXPECTATION, "shop", "one"),
                                new Party.OfPod(Ref.pod("shop", "web")),
                                new Party.OfPod(Ref.pod("data", "db")),
                                Protocol.TCP,
                                "pg",
                                true,
                                line(1)),
                        new Expectation(
                                new Ref(Kind.EXPECTATION, "default", "two"),
                                new Party.OfPod(Ref.pod("default", "web")),
                                new Party.OfIp(Ip.parse("fd00::1")),
                                Protocol.UDP,
                                "53",
                                false,
                                line(6)));
    }

    @Test
    void readsListsAndJsonAndSkipsEmptyDocuments() {
        assertThat(
                        read(
                                """
                                # nothing here
                                ---
                                {"apiVersion": "v1", "kind": "List", "items": [
                                  {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}},
                                  {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "b"}}]}
                                ---
                                """))
                .containsExactly(
                        new Namespace("a", Labels.EMPTY, line(4)),
                        new Namespace("b", Labels.EMPTY, line(5)));
    }

    @Test
    void anchorsAndMergeKeysWork() {
        List<Resource> read =
                read(
                        """
                        apiVersion: v1
                        kind: Namespace
                        metadata: {name: a, labels: &team {team: red, cost: low}}
                        ---
                        apiVersion: v1
                        kind: List
                        items:
                          - apiVersion: v1
                            kind: Namespace
                            metadata: {name: b, labels: &more {team: blue}}
                          - apiVersion: v1
                            kind: Namespace
                            metadata: {name: c, labels: {<<: *more, cost: high}}
                          - apiVersion: v1
                            kind: Namespace
                            metadata: {name: d, labels: *more}
                        """);

        assertThat(read)
                .extracting(r -> ((Namespace) r).labels().get("team").orElse(""))
                .containsExactly("red", "blue", "blue", "blue");
        assertThat(((Namespace) read.get(2)).labels().get("cost")).contains("high");
    }

    @Test
    void readsDirectoriesByNameAndNotTheDirectoriesInside(@TempDir Path dir) throws IOException {
        Files.writeString(dir.resolve("b.yml"), namespace("b"));
        Files.writeString(dir.resolve("a.yaml"), namespace("a"));
        Files.writeString(dir.resolve("c.json"), namespace("c"));
        Files.writeString(dir.resolve("README.md"), "# not a manifest");
        Files.createDirectory(dir.resolve("inside"));
        Files.writeString(dir.resolve("inside/d.yaml"), namespace("d"));

        List<Resource> read = new ManifestReader().readAll(List.of(dir, dir.resolve("b.yml")));

        assertThat(read).extracting(r -> r.ref().name()).containsExactly("a", "b", "c");
    }

    private static String namespace(String name) {
        return "{apiVersion: v1, kind: Namespace, metadata: {name: " + name + "}}\n";
    }

    @Test
    void namesBothPlacesOfAnObjectDeclaredTwice(@TempDir Path dir) throws IOException {
        Path a = Files.writeString(dir.resolve("a.yaml"), namespace("x"));
        Path b = Files.writeString(dir.resolve("b.yaml"), "\n" + namespace("x"));

        assertThatThrownBy(() -> new ManifestReader().readAll(List.of(dir)))
                .isInstanceOf(ManifestException.class)
                .hasMessage(
                        b
                                + ":2: Namespace x: metadata.name: Duplicate value: \"x\": Namespace x"
                                + " is already declared at "
                                + a
                                + ":1");
    }

    @Test
    void namesFilesThatCannotBeRead(@TempDir Path dir) throws IOException {
        Path binary = Files.write(dir.resolve("b.yaml"), new byte[] {'a', '\n', (byte) 0xff});
        Path missing = dir.resolve("missing.yaml");
        Path empty = Files.createDirectory(dir.resolve("empty"));

        assertThatThrownBy(() -> new ManifestReader().readAll(List.of(binary, missing, empty)))
                .hasMessage(
                        empty
                                + ": has no *.yaml, *.yml or *.json file; directories inside are not"
                                + " read\n"
                                + binary
                                + ":2: not UTF-8 text\n"
                                + missing
                                + ": no such file or directory");
    }

    @Test
    void refusesALargeFileWithoutReadingAllOfIt(@TempDir Path dir) throws IOException {
        Path file = dir.resolve("large.yaml");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(1L << 40);
        }

        assertThatThrownBy(() -> new ManifestReader().readAll(List.of(file)))
                .hasMessage(file + ": exceeds 64 MiB");
    }

    @Test
    void aByteOrderMarkAndCarriageReturnsDoNoHarm() {
        assertThat(read("\ufeffapiVersion: v1\r\nkind: Namespace\r\nmetadata: {name: a}\r\n"))
                .containsExactly(new Namespace("a", Labels.EMPTY, line(1)));
    }

    @ParameterizedTest
    @CsvSource({"microservice-isolation, 3, 1, 6", "shop, 8, 13, 22"})
    void theExamplesAreGood(String name, int pods, int policies, int expectations) {
        Path example = Path.of(System.getProperty("weft.root", ".."), "examples", name);

        Snapshot snapshot =
                Snapshot.of(new ManifestReader().strictReferences().readAll(List.of(example)));

        assertThat(snapshot.pods()).hasSize(pods);
        assertThat(snapshot.policies()).hasSize(policies);
        assertThat(snapshot.expectations()).hasSize(expectations);
        assertThat(snapshot.expectations().values())
                .as("names of ports that the destination has")
                .allSatisfy(e -> assertThat(portOf(snapshot, e)).isPresent());
    }

    private static OptionalInt portOf(Snapshot snapshot, Expectation e) {
        if (Character.isDigit(e.port().charAt(0))) {
            return OptionalInt.of(Integer.parseInt(e.port()));
        }
        Ref to = ((Party.OfPod) e.to()).pod();
        return snapshot.pods().values().stream()
                .filter(p -> p.ref().equals(to))
                .map(p -> p.namedPort(e.port(), e.protocol()))
                .findFirst()
                .orElse(OptionalInt.empty());
    }

    @Test
    void auditModeIsAnAnnotationOfPodsAndNamespaces() {
        List<Resource> read =
                new ManifestReader()
                        .offline()
                        .read(
                                "audit.yaml",
                                """
                                apiVersion: v1
                                kind: Namespace
                                metadata: {name: shop, annotations: {weft.io/audit: "true"}}
                                ---
                                apiVersion: v1
                                kind: Pod
                                metadata: {name: web, annotations: {weft.io/audit: "false", a/b: c}}
                                ---
                                apiVersion: v1
                                kind: Pod
                                metadata: {name: db}
                                """);
        assertThat(read).extracting(Resource::ref).hasSize(3);
        assertThat(((Namespace) read.get(0)).audit()).contains(true);
        assertThat(((Pod) read.get(1)).audit()).contains(false);
        assertThat(((Pod) read.get(2)).audit()).isEmpty();
        assertThat(((Pod) read.get(1)).withIps(List.of()).withLabels(Labels.EMPTY).audit())
                .contains(false);
    }
}
