package io.weft.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Any bytes give a result or a {@link ManifestException} of one line for each problem. */
class ManifestReaderFuzzTest {
    private static final String MANIFEST =
            """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: api, namespace: shop}
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
            metadata:
              <<: &m {name: api, namespace: shop}
              labels: {a: b}
              annotations: *m
            spec:
              containers:
                - name: c
                  command: [a, "b"]
                  env:
                    - name: A
                      value: |
                        text
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
                - {name: rule, action: Pass, to: [{networks: [10.0.0.0/8]}, {nodes: {}}],
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
                - toServices: [{k8sService: {serviceName: s, namespace: data}}]
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
    private static final String SERVICES =
            """
            apiVersion: v1
            kind: Service
            metadata: {name: s, annotations: {weft.io/load-balancing: maglev,
                       weft.io/load-balancer-ips: "203.0.113.7, 2001:db8::7"}}
            spec:
              type: LoadBalancer
              clusterIP: 10.96.0.1
              clusterIPs: [10.96.0.1, "fd00:96::1"]
              ipFamilies: [IPv4, IPv6]
              ipFamilyPolicy: RequireDualStack
              externalIPs: [192.0.2.9]
              ports: [{name: a, port: 80, targetPort: web, nodePort: 30080},
                      {name: b, port: 53, targetPort: 0, protocol: UDP}]
              sessionAffinity: ClientIP
              sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}
              externalTrafficPolicy: Local
              healthCheckNodePort: 30081
              loadBalancerSourceRanges: [" 203.0.113.0/25"]
              trafficDistribution: PreferClose
            status: {loadBalancer: {ingress: [{ip: 1.2.3.4, ipMode: VIP}, {hostname: a.example}]}}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: e}
            spec: {type: ExternalName, externalName: example.com.}
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: s-1, labels: {kubernetes.io/service-name: s}}
            addressType: IPv4
            endpoints:
              - {addresses: [10.0.0.1, 10.0.0.2], conditions: {ready: false, serving: true},
                 hostname: h, nodeName: node-1, zone: z, targetRef: {kind: Pod, name: p},
                 hints: {forZones: [{name: z}], forNodes: [{name: node-1}]}, deprecatedTopology: {a: b}}
            ports: [{name: a, port: 80, protocol: TCP, appProtocol: http}, {name: b, port: null}]
            ---
            apiVersion: networking.k8s.io/v1
            kind: ServiceCIDR
            metadata: {name: c}
            spec: {cidrs: [10.96.0.0/12, "fd00:96::/112"]}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: p}
            spec:
              hostname: h
              subdomain: s
              dnsPolicy: None
              dnsConfig: {nameservers: [10.0.0.53], searches: [a.b], options: [{name: ndots, value: "2"}]}
              containers: [{name: c, command: [a]}]
            status: {conditions: [{type: Ready, status: "False"}]}
            """;
    private static final List<String> TEXTS = List.of(MANIFEST, POLICIES, SERVICES);
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
        for (int i = 0; i < 1500; i++) {
            byte[] bytes = mutate(TEXTS.get(i % TEXTS.size()), random);
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

    @Test
    void whatIsMutatedIsGood() {
        for (String text : TEXTS) {
            assertThat(new ManifestReader().read("f", text)).isNotEmpty();
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
