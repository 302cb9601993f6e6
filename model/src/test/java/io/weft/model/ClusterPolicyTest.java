package io.weft.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.ClusterNetworkPolicy.Action;
import io.weft.model.ClusterNetworkPolicy.Rule;
import io.weft.model.ClusterNetworkPolicy.Tier;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterPolicyTest {
    private static final LabelSelector ALL = LabelSelector.EVERYTHING;

    private static ClusterNetworkPolicy policy(String spec) {
        return (ClusterNetworkPolicy)
                new ManifestReader().read("a.yaml", Case.cluster(spec).yaml()).getFirst();
    }

    /** Reads one rule, which is at line 9. */
    private static Rule egress(String rule) {
        return policy("tier: Admin\npriority: 1\nsubject: {namespaces: {}}\negress:\n- " + rule)
                .egress()
                .getFirst();
    }

    private static Source line(int line) {
        return new Source("a.yaml", line);
    }

    private static LabelSelector labels(String key, String value) {
        return LabelSelector.of(Map.of(key, value));
    }

    @Test
    void readsEveryPartOfAPolicyWithItsLines() {
        ClusterNetworkPolicy policy =
                policy(
                        """
                        tier: Baseline
                        priority: 30
                        subject:
                          pods:
                            namespaceSelector: {matchLabels: {team: red}}
                            podSelector: {matchLabels: {app: web}}
                        ingress:
                        - name: from-monitoring
                          action: Accept
                          from:
                          - namespaces: {matchLabels: {kubernetes.io/metadata.name: monitoring}}
                          - pods:
                              namespaceSelector: {}
                              podSelector: {matchLabels: {app: probe}}
                          protocols:
                          - tcp: {destinationPort: {number: 9100}}
                          - udp: {destinationPort: {range: {start: 1000, end: 2000}}}
                        egress:
                        - action: Pass
                          to:
                          - nodes: {matchLabels: {zone: a}}
                          - networks: [10.0.0.0/8, "fd00::/8"]
                          protocols:
                          - sctp: {destinationPort: {number: 5060}}
                        """);

        assertThat(policy)
                .isEqualTo(
                        new ClusterNetworkPolicy(
                                new Ref(Kind.CLUSTER_NETWORK_POLICY, "", "p"),
                                Tier.BASELINE,
                                30,
                                new Subject.Pods(labels("team", "red"), labels("app", "web")),
                                List.of(
                                        new Rule(
                                                "from-monitoring",
                                                Action.ACCEPT,
                                                List.of(
                                                        new Peer.Pods(
                                                                labels(
                                                                        Namespace.NAME_LABEL,
                                                                        "monitoring"),
                                                                ALL,
                                                                line(15)),
                                                        new Peer.Pods(
                                                                ALL,
                                                                labels("app", "probe"),
                                                                line(16))),
                                                List.of(
                                                        new PortMatch.Range(
                                                                Protocol.TCP, 9100, 9100, line(20)),
                                                        new PortMatch.Range(
                                                                Protocol.UDP,
                                                                1000,
                                                                2000,
                                                                line(21))),
                                                List.of(),
                                                line(12))),
                                List.of(
                                        new Rule(
                                                "",
                                                Action.PASS,
                                                List.of(
                                                        new Peer.Nodes(
                                                                labels("zone", "a"), line(25)),
                                                        new Peer.IpBlock(
                                                                Prefix.parse("10.0.0.0/8"),
                                                                List.of(),
                                                                false,
                                                                line(26)),
                                                        new Peer.IpBlock(
                                                                Prefix.parse("fd00::/8"),
                                                                List.of(),
                                                                false,
                                                                line(26))),
                                                List.of(
                                                        new PortMatch.Range(
                                                                Protocol.SCTP,
                                                                5060,
                                                                5060,
                                                                line(28))),
                                                List.of(),
                                                line(23))),
                                line(1)));
    }

    @Test
    void withoutProtocolsEveryPortIsMeant() {
        assertThat(egress("{action: Deny, to: [{namespaces: {}}]}").ports())
                .containsExactly(new PortMatch.Every(line(9)));
    }

    @Test
    void aNamedPortIsOfAnyProtocol() {
        Rule rule =
                egress(
                        "{action: Deny, to: [{namespaces: {}}], protocols:"
                                + " [{destinationNamedPort: http}]}");

        assertThat(rule.ports())
                .containsExactly(
                        new PortMatch.Named(Protocol.TCP, "http", line(9)),
                        new PortMatch.Named(Protocol.UDP, "http", line(9)),
                        new PortMatch.Named(Protocol.SCTP, "http", line(9)));
    }

    @Test
    void aNameThatNoPortCanHaveIsWarnedOf() {
        Case c =
                Case.cluster(
                        "tier: Admin\npriority: 1\nsubject: {namespaces: {}}\negress:\n- {action: Deny,"
                                + " to: [{namespaces: {}}], protocols: [{destinationNamedPort: Web}]}");

        assertThat(Case.warnings(c.yaml()))
                .containsExactly(
                        "f.yaml:9: ClusterNetworkPolicy p:"
                                + " spec.egress[0].protocols[0].destinationNamedPort: no port of a"
                                + " pod has this name: a name must contain only alpha-numeric"
                                + " characters (a-z, 0-9), and hyphens (-)");
    }

    /** The whole rule fails closed, also when other peers and protocols are known. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    to: [{namespaces: {}}, {services: {}}]                          | to[1].services
                    to: [{namespaces: {}, services: {}}]                            | to[0].services
                    to: [{pods: {podSelector: {}, nodeSelector: {}}}]               | to[0].pods.nodeSelector
                    to: [{namespaces: {}}], protocols: [{icmp: {}}]                 | protocols[0].icmp
                    to: [{namespaces: {}}], protocols: [{tcp: {sourcePort: 1}}]     | protocols[0].tcp.sourcePort
                    to: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {name: a}}}] | protocols[0].tcp.destinationPort.name
                    to: [{namespaces: {}}], protocols: [{udp: {destinationPort: {range: {start: 1, end: 2, step: 1}}}}] | protocols[0].udp.destinationPort.range.step
                    """)
    void aFieldThatIsNotKnownFailsClosed(String rule, String field) {
        String path = "spec.egress[0]." + field;
        Rule accept = egress("{action: Accept, " + rule + "}");
        assertThat(accept.peers()).isEmpty();
        for (Action action : List.of(Action.DENY, Action.PASS)) {
            Rule closed = egress("{action: " + action + ", " + rule + "}");
            assertThat(closed.action()).isEqualTo(action);
            assertThat(closed.peers()).containsExactly(new Peer.Anyone(line(9)));
            assertThat(closed.ports()).containsExactly(new PortMatch.Every(line(9)));
            assertThat(closed.unknown()).containsExactly(path);
        }
        assertThat(accept.failsClosed()).isTrue();
    }

    @Test
    void aFieldThatIsNotKnownIsWarnedOf() {
        String spec =
                """
                tier: Admin
                priority: 1
                subject: {namespaces: {}}
                ingress:
                - action: Accept
                  from:
                  - namespaces: {}
                  - networks: [10.0.0.0/8]
                - action: Deny
                  from:
                  - serviceAccounts: {}
                - action: Pass
                  from:
                  - namespaces: {}
                  protocols:
                  - icmp: {type: 8}
                """;

        assertThat(Case.warnings(Case.cluster(spec).yaml()))
                .containsExactly(
                        "f.yaml:12: ClusterNetworkPolicy p: spec.ingress[0].from[1].networks:"
                                + " unknown field \"spec.ingress[0].from[1].networks\"; the rule"
                                + " fails closed: it accepts nothing",
                        "f.yaml:15: ClusterNetworkPolicy p: spec.ingress[1].from[0].serviceAccounts:"
                                + " unknown field \"spec.ingress[1].from[0].serviceAccounts\"; the"
                                + " rule fails closed: it denies everything",
                        "f.yaml:20: ClusterNetworkPolicy p: spec.ingress[2].protocols[0].icmp:"
                                + " unknown field \"spec.ingress[2].protocols[0].icmp\"; the rule"
                                + " fails closed: it matches everything");
    }
}
