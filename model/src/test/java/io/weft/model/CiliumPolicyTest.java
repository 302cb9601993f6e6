package io.weft.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.CiliumNetworkPolicy.Rule;
import io.weft.model.CiliumNetworkPolicy.Spec;
import io.weft.model.LabelSelector.Operator;
import io.weft.model.LabelSelector.Requirement;
import io.weft.model.PortMatch.Family;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CiliumPolicyTest {
    private static final LabelSelector ALL = LabelSelector.EVERYTHING;
    private static final LabelSelector SHOP = labels(Namespace.NAME_LABEL, "shop");

    private static CiliumNetworkPolicy read(Case c) {
        return (CiliumNetworkPolicy) new ManifestReader().read("a.yaml", c.yaml()).getFirst();
    }

    private static Spec spec(String spec) {
        return read(Case.cilium(spec)).specs().getFirst();
    }

    /** Reads one rule, which is at line 7. */
    private static Rule ingress(String rule) {
        return spec("endpointSelector: {}\ningress:\n- " + rule).ingress().getFirst();
    }

    private static Rule egress(String rule) {
        return spec("endpointSelector: {}\negress:\n- " + rule).egress().getFirst();
    }

    private static Peer endpoints(String selector) {
        return ingress("{fromEndpoints: [" + selector + "]}").peers().getFirst();
    }

    private static Source line(int line) {
        return new Source("a.yaml", line);
    }

    private static LabelSelector labels(String key, String value) {
        return LabelSelector.of(Map.of(key, value));
    }

    @Test
    void readsEveryPartOfAPolicyWithItsLines() {
        CiliumNetworkPolicy policy =
                read(
                        Case.cilium(
                                """
                                description: what the api needs
                                endpointSelector: {matchLabels: {"k8s:app": api}}
                                ingress:
                                - fromEndpoints:
                                  - matchLabels: {app: web}
                                  toPorts:
                                  - ports:
                                    - {port: "8080", protocol: TCP}
                                ingressDeny:
                                - fromCIDRSet:
                                  - cidr: 10.0.0.0/8
                                    except: [10.1.0.0/16]
                                egress:
                                - toEntities: [kube-apiserver]
                                egressDeny:
                                - icmps:
                                  - fields:
                                    - {family: IPv6, type: 128}
                                """));

        assertThat(policy)
                .isEqualTo(
                        new CiliumNetworkPolicy(
                                new Ref(Kind.CILIUM_NETWORK_POLICY, "shop", "p"),
                                List.of(
                                        new Spec(
                                                "spec",
                                                new Subject.Pods(SHOP, labels("app", "api")),
                                                true,
                                                true,
                                                List.of(
                                                        new Rule(
                                                                List.of(
                                                                        new Peer.Pods(
                                                                                SHOP,
                                                                                labels(
                                                                                        "app",
                                                                                        "web"),
                                                                                line(9))),
                                                                List.of(
                                                                        new PortMatch.Range(
                                                                                Protocol.TCP,
                                                                                8080,
                                                                                8080,
                                                                                line(12))),
                                                                line(8))),
                                                List.of(
                                                        new Rule(
                                                                List.of(
                                                                        new Peer.IpBlock(
                                                                                Prefix.parse(
                                                                                        "10.0.0.0/8"),
                                                                                List.of(
                                                                                        Prefix
                                                                                                .parse(
                                                                                                        "10.1.0.0/16")),
                                                                                true,
                                                                                line(15))),
                                                                List.of(
                                                                        new PortMatch.Every(
                                                                                line(14))),
                                                                line(14))),
                                                List.of(
                                                        new Rule(
                                                                List.of(
                                                                        new Peer.OfEntity(
                                                                                Entity
                                                                                        .KUBE_APISERVER,
                                                                                line(18))),
                                                                List.of(
                                                                        new PortMatch.Every(
                                                                                line(18))),
                                                                line(18))),
                                                List.of(
                                                        new Rule(
                                                                List.of(new Peer.Anyone(line(20))),
                                                                List.of(
                                                                        new PortMatch.Icmp(
                                                                                Family.IPV6,
                                                                                128,
                                                                                line(22))),
                                                                line(20))),
                                                line(4))),
                                line(1)));
    }

    /** Default deny follows the rules that are there, unless it is written. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ingress: [{}]                                                | true  | false
                    egress: [{}]                                                 | false | true
                    ingressDeny: [{fromEntities: [world]}]                       | true  | false
                    egressDeny: [{toEntities: [world]}]                          | false | true
                    ingress: [{}], egress: [{}]                                  | true  | true
                    ingress: [{}], egress: []                                    | true  | false
                    ingress: [{}], enableDefaultDeny: {ingress: false}           | false | false
                    ingress: [{}], enableDefaultDeny: {egress: true}             | true  | true
                    """)
    void defaultDeny(String rules, boolean ingress, boolean egress) {
        Spec spec = spec("{endpointSelector: {}, " + rules + "}");

        assertThat(spec.denyIngress()).isEqualTo(ingress);
        assertThat(spec.denyEgress()).isEqualTo(egress);
    }

    /** An empty rule is how default deny is asked for; a missing list leaves its half open. */
    @Test
    void listsThatAreMissingAndListsThatAreEmpty() {
        assertThat(ingress("{}")).isEqualTo(new Rule(List.of(), List.of(), line(7)));
        assertThat(ingress("{fromEndpoints: []}").peers()).isEmpty();
        assertThat(ingress("{fromEntities: [], toPorts: [{ports: [{port: '80'}]}]}").peers())
                .isEmpty();
        assertThat(ingress("{fromEndpoints: null, toPorts: [{ports: [{port: '80'}]}]}").peers())
                .containsExactly(new Peer.Anyone(line(7)));
        assertThat(ingress("{fromEndpoints: [{}]}").ports())
                .containsExactly(new PortMatch.Every(line(7)));
        assertThat(ingress("{fromEndpoints: [{}], toPorts: []}").ports())
                .containsExactly(new PortMatch.Every(line(7)));
        assertThat(ingress("{fromEndpoints: [{}], toPorts: [{}]}").ports()).isEmpty();
    }

    @Test
    void aSelectorMeansTheOwnNamespaceUnlessItNamesOne() {
        assertThat(endpoints("{}")).isEqualTo(new Peer.Pods(SHOP, ALL, line(7)));
        for (String prefix : List.of("", "k8s:", "any:")) {
            assertThat(
                            endpoints(
                                    "{matchLabels: {'"
                                            + prefix
                                            + "io.kubernetes.pod.namespace': data, '"
                                            + prefix
                                            + "app': db}}"))
                    .isEqualTo(
                            new Peer.Pods(
                                    labels(Namespace.NAME_LABEL, "data"),
                                    labels("app", "db"),
                                    line(7)));
        }
        assertThat(
                        endpoints(
                                "{matchExpressions: [{key: 'k8s:io.kubernetes.pod.namespace',"
                                        + " operator: Exists}]}"))
                .isEqualTo(
                        new Peer.Pods(
                                new LabelSelector(
                                        List.of(
                                                new Requirement(
                                                        Namespace.NAME_LABEL,
                                                        Operator.EXISTS,
                                                        List.of()))),
                                ALL,
                                line(7)));
        assertThat(
                        endpoints(
                                "{matchLabels: {'k8s:io.cilium.k8s.namespace.labels.example.com/team':"
                                        + " red}}"))
                .isEqualTo(new Peer.Pods(labels("example.com/team", "red"), ALL, line(7)));
    }

    @Test
    void aClusterwideSelectorMeansEveryNamespace() {
        CiliumNetworkPolicy policy =
                read(
                        Case.clusterwide(
                                """
                                endpointSelector:
                                  matchExpressions:
                                  - key: io.kubernetes.pod.namespace
                                    operator: NotIn
                                    values: [kube-system]
                                ingress:
                                - fromEndpoints: [{}]
                                """));

        assertThat(policy.clusterwide()).isTrue();
        assertThat(policy.ref())
                .isEqualTo(new Ref(Kind.CILIUM_CLUSTERWIDE_NETWORK_POLICY, "", "p"));
        Spec spec = policy.specs().getFirst();
        assertThat(spec.subject())
                .isEqualTo(
                        new Subject.Pods(
                                new LabelSelector(
                                        List.of(
                                                new Requirement(
                                                        Namespace.NAME_LABEL,
                                                        Operator.NOT_IN,
                                                        List.of("kube-system")))),
                                ALL));
        assertThat(spec.ingress().getFirst().peers())
                .containsExactly(new Peer.Pods(ALL, ALL, line(11)));
    }

    @Test
    void reservedLabelsAreEntities() {
        assertThat(endpoints("{matchLabels: {'reserved:host': ''}}"))
                .isEqualTo(new Peer.OfEntity(Entity.HOST, line(7)));
        assertThat(
                        endpoints(
                                "{matchExpressions: [{key: 'reserved:remote-node', operator:"
                                        + " Exists}]}"))
                .isEqualTo(new Peer.OfEntity(Entity.REMOTE_NODE, line(7)));
    }

    @Test
    void readsEveryEntity() {
        String all =
                "all, world, world-ipv4, world-ipv6, cluster, host, remote-node, init, health,"
                        + " unmanaged, kube-apiserver, ingress, none";

        assertThat(egress("{toEntities: [" + all + "]}").peers())
                .extracting(p -> ((Peer.OfEntity) p).entity())
                .containsExactly(Entity.values());
    }

    @Test
    void readsServicesAndNodes() {
        assertThat(
                        egress("{toServices: [{k8sService: {serviceName: db, namespace: data}}]}")
                                .peers())
                .containsExactly(new Peer.OneService(new Ref(Kind.SERVICE, "data", "db"), line(7)));
        assertThat(
                        egress(
                                        "{toServices: [{k8sServiceSelector: {selector: {matchLabels:"
                                                + " {tier: back}}}}, {k8sServiceSelector: {selector:"
                                                + " {}, namespace: data}}]}")
                                .peers())
                .containsExactly(
                        new Peer.Services(Optional.empty(), labels("tier", "back"), line(7)),
                        new Peer.Services(Optional.of("data"), ALL, line(7)));
        assertThat(egress("{toNodes: [{matchLabels: {zone: a}}]}").peers())
                .containsExactly(new Peer.Nodes(labels("zone", "a"), line(7)));
        assertThat(
                        read(Case.clusterwide(
                                        "nodeSelector: {matchLabels: {zone: a}}\ningress: [{}]"))
                                .specs()
                                .getFirst()
                                .subject())
                .isEqualTo(new Subject.Nodes(labels("zone", "a")));
    }

    /** Without a protocol, or with ANY, a port is of TCP, UDP and SCTP. */
    @Test
    void ports() {
        Rule rule =
                ingress(
                        "{toPorts: [{ports: [{port: '53'}, {port: Web, protocol: TCP}, {port: '1',"
                                + " endPort: 9, protocol: UDP}, {port: '0', protocol: SCTP}, {port:"
                                + " '7', endPort: 0, protocol: TCP}]}]}");

        assertThat(rule.ports())
                .containsExactly(
                        new PortMatch.Range(Protocol.TCP, 53, 53, line(7)),
                        new PortMatch.Range(Protocol.UDP, 53, 53, line(7)),
                        new PortMatch.Range(Protocol.SCTP, 53, 53, line(7)),
                        new PortMatch.Named(Protocol.TCP, "web", line(7)),
                        new PortMatch.Range(Protocol.UDP, 1, 9, line(7)),
                        new PortMatch.Range(Protocol.SCTP, 0, 65535, line(7)),
                        new PortMatch.Range(Protocol.TCP, 7, 7, line(7)));
    }

    @ParameterizedTest
    @CsvSource({
        "'{type: 8}', IPV4, 8",
        "'{type: EchoRequest}', IPV4, 8",
        "'{family: IPv4, type: DestinationUnreachable}', IPV4, 3",
        "'{family: IPv6, type: DestinationUnreachable}', IPV6, 1",
        "'{family: IPv6, type: PacketTooBig}', IPV6, 2",
        "'{family: IPv6, type: \"135\"}', IPV6, 135",
        "'{type: 255}', IPV4, 255"
    })
    void icmp(String field, Family family, int type) {
        assertThat(ingress("{icmps: [{fields: [" + field + "]}]}").ports())
                .containsExactly(new PortMatch.Icmp(family, type, line(7)));
    }

    @Test
    void readsSpecAndSpecs() {
        CiliumNetworkPolicy policy =
                (CiliumNetworkPolicy)
                        new ManifestReader()
                                .read(
                                        "a.yaml",
                                        """
                                        apiVersion: cilium.io/v2
                                        kind: CiliumNetworkPolicy
                                        metadata: {name: p}
                                        spec: {endpointSelector: {}, ingress: [{}]}
                                        specs:
                                        - {endpointSelector: {}, egress: [{}]}
                                        """)
                                .getFirst();

        assertThat(policy.specs()).extracting(Spec::field).containsExactly("spec", "specs[0]");
    }

    @Test
    void aDenyRuleThatDeniesNothingIsWarnedOf() {
        Case c =
                Case.cilium(
                        "endpointSelector: {}\ningressDeny:\n- {}\n- fromEndpoints: []\n- fromEndpoints: [{}]");

        assertThat(Case.warnings(c.yaml()))
                .containsExactly(
                        "f.yaml:7: CiliumNetworkPolicy shop/p: spec.ingressDeny[0]: denies nothing;"
                                + " to deny everyone write fromEntities: [all]",
                        "f.yaml:8: CiliumNetworkPolicy shop/p: spec.ingressDeny[1]: denies nothing;"
                                + " to deny everyone write fromEntities: [all]");
    }
}
