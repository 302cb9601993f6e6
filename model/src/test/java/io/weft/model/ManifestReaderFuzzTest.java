package io.weft.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Any bytes give a result or a {@link ManifestException} of one line for each problem. */
class ManifestReaderFuzzTest {
    private static final String MANIFEST =
            """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: &m {name: api, namespace: shop}
            spec:
              podSelector:
                matchLabels: {app: api}
                matchExpressions: [{key: a, operator: NotIn, values: [x, "y"]}]
              policyTypes: [Ingress]
              ingress:
                - from:
                    - ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}
                    - namespaceSelector: {}
                  ports:
                    - {protocol: UDP, port: 100, endPort: 200}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {<<: *m, labels: {a: b}}
            spec:
              containers:
                - name: c
                  command: [a, "b"]
                  env: [{name: A, value: |
                    text
                  }]
                  ports: [{name: http, containerPort: 80}]
                  readinessProbe: {tcpSocket: {port: http}}
            status: {podIPs: [{ip: "fd00::1"}]}
            ---
            apiVersion: weft.io/v1alpha1
            kind: Expectation
            metadata: {name: e}
            spec: {from: a, to: 10.0.0.1, port: 80, verdict: allow}
            """;
    private static final String POLICIES =
            """
            apiVersion: policy.networking.k8s.io/v1alpha2
            kind: ClusterNetworkPolicy
            metadata: {name: a}
            spec:
              tier: Admin
              priority: 3
              subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {a: b}}}}
              egress:
                - {name: n, action: Pass, to: [{networks: [10.0.0.0/8]}, {nodes: {}}],
                   protocols: [{tcp: {destinationPort: {range: {start: 1, end: 9}}}},
                               {udp: {destinationPort: {number: 53}}}]}
                - {action: Deny, to: [{namespaces: {}}], protocols: [{destinationNamedPort: web}]}
            ---
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata: {name: c}
            spec:
              endpointSelector: {matchLabels: {"k8s:app": web}}
              ingress:
                - fromEndpoints: [{matchLabels: {"reserved:host": ""}}, {}]
                  toPorts: [{ports: [{port: "80", endPort: 90, protocol: TCP}, {port: web}]}]
                - fromCIDRSet: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}]
              egress:
                - {toEntities: [world], icmps: [{fields: [{family: IPv6, type: EchoRequest}]}]}
                - toServices: [{k8sService: {serviceName: s, namespace: n}}]
              enableDefaultDeny: {ingress: true}
            specs: [{endpointSelector: {}, egressDeny: [{toCIDR: ["::/0"]}]}]
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: s}
            spec: {selector: {a: b}, clusterIPs: [10.0.0.1], ports: [{port: 80, targetPort: web}]}
            ---
            apiVersion: v1
            kind: Node
            metadata: {name: node-1}
            status: {addresses: [{type: InternalIP, address: 10.0.0.1}]}
            """;
    private static final String WORLD =
            """
            {"objects": [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"},
              "status": {"podIPs": [{"ip": "10.0.0.1"}]}}],
             "flows": [{"from": {"pod": "default/a"}, "to": {"ip": "fd00::1"},
              "protocol": "TCP", "port": 443}]}
            """;
    private static final List<String> WORDS =
            List.of(
                    "{",
                    "}",
                    "[",
                    "]",
                    ":",
                    ": ",
                    "- ",
                    ",",
                    "\n",
                    "  ",
                    "\t",
                    "\"",
                    "'",
                    "#",
                    "&m ",
                    "*m",
                    "<<: *m",
                    "!!str ",
                    "!x ",
                    "| \n",
                    ">-\n",
                    "---\n",
                    "...\n",
                    "%YAML 1.2\n",
                    "? ",
                    "null",
                    "~",
                    "yes",
                    "-1",
                    "65536",
                    "1e9",
                    "0x10",
                    "99999999999999999999",
                    "10.0.0.0/8",
                    "::/0",
                    "::ffff:1.2.3.4/96",
                    "kind: List",
                    "\u0000",
                    "\u0085",
                    "\u2028",
                    "\ufeff",
                    "\ud83d\ude00",
                    "\\u00e9",
                    "\\x");

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void anyBytesGiveResourcesOrAManifestException(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 1000; i++) {
            byte[] bytes = mutate(i % 2 == 0 ? MANIFEST : POLICIES, random);
            answers(
                    "manifest of seed " + seed + ", round " + i,
                    bytes,
                    text -> new ManifestReader().strictReferences().read("f", text));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void anyBytesGiveAWorldOrAManifestException(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 1000; i++) {
            byte[] bytes = mutate(WORLD, random);
            answers(
                    "world of seed " + seed + ", round " + i,
                    bytes,
                    text -> WorldReader.read("f", text));
        }
    }

    private interface Reader {
        Object read(String text);
    }

    private static void answers(String name, byte[] bytes, Reader reader) {
        Report report = new Report();
        try {
            ManifestReader.text("f", bytes, report)
                    .ifPresent(text -> assertThat(reader.read(text)).as(name).isNotNull());
            report.check();
        } catch (ManifestException e) {
            assertThat(e.problems())
                    .as(name)
                    .isNotEmpty()
                    .allMatch(p -> p.toString().lines().count() == 1);
        } catch (RuntimeException | StackOverflowError e) {
            throw new AssertionError(name + ": " + new String(bytes, StandardCharsets.UTF_8), e);
        }
    }

    /** Inserts, removes, doubles and overwrites one to eight pieces. */
    private static byte[] mutate(String text, Random random) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int n = random.nextInt(8); n >= 0; n--) {
            int from = random.nextInt(bytes.length + 1);
            int to = Math.min(bytes.length, from + random.nextInt(12));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(bytes, 0, from);
            switch (random.nextInt(4)) {
                case 0 -> {
                    byte[] word =
                            WORDS.get(random.nextInt(WORDS.size()))
                                    .getBytes(StandardCharsets.UTF_8);
                    out.write(word, 0, word.length);
                    to = from;
                }
                case 1 -> out.write(random.nextInt(256));
                case 2 -> {
                    out.write(bytes, from, to - from);
                    out.write(bytes, from, to - from);
                }
                default -> {}
            }
            out.write(bytes, to, bytes.length - to);
            bytes = out.toByteArray();
        }
        return bytes;
    }
}
