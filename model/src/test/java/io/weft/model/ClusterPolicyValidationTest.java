package io.weft.model;

import static io.weft.model.Case.cluster;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One row for each rule of ClusterNetworkPolicy. */
class ClusterPolicyValidationTest {
    private static final String NAMED =
            "networks/nodes/domainNames peer cannot be set with namedPorts since there are no"
                    + " namedPorts for networks/nodes/domainNames";

    @ParameterizedTest
    @MethodSource({"policies", "peers", "protocols"})
    void answers(Case c) {
        assertThat(Case.problems(new ManifestReader(), c.yaml()))
                .containsExactlyElementsOf(c.answer());
    }

    /** A policy whose one rule is at line 9. */
    private static Case egress(String rule, String... expected) {
        return cluster(
                "tier: Admin\npriority: 1\nsubject: {namespaces: {}}\negress:\n- {" + rule + "}",
                expected);
    }

    private static Case protocol(String protocol, String... expected) {
        return egress(
                "action: Deny, to: [{namespaces: {}}], protocols: [" + protocol + "]", expected);
    }

    private static String many(int count, String item) {
        return (item + ", ").repeat(count - 1) + item;
    }

    static Stream<Case> policies() {
        return Stream.of(
                cluster("tier: Admin\npriority: 1000\nsubject: {namespaces: {}}"),
                cluster(
                        "egress: []",
                        "4: spec.tier: Required value: Admin, Baseline",
                        "4: spec.priority: Required value: 0 to 1000, lower first",
                        "4: spec.subject: Required value: namespaces or pods; for every pod write"
                                + " namespaces: {}"),
                cluster(
                        "tier: admin\npriority: 1001\nsubject: {}",
                        "5: spec.tier: Unsupported value: \"admin\": supported values: \"Admin\","
                                + " \"Baseline\"",
                        "6: spec.priority: Invalid value: 1001: must be between 0 and 1000,"
                                + " inclusive",
                        "7: spec.subject: Invalid value: {…}: must have exactly one of namespaces"
                                + " and pods"),
                cluster(
                        "tier: Admin\npriority: -1\nsubject: {namespaces: {}, pods: {podSelector:"
                                + " {}}}",
                        "6: spec.priority: Invalid value: -1: must be between 0 and 1000,"
                                + " inclusive",
                        "7: spec.subject: Invalid value: {…}: must have exactly one of namespaces"
                                + " and pods"),
                cluster(
                        "tier: Admin\npriority: 1\nsubject: {pods: {namespaceSelector: {}}}",
                        "7: spec.subject.pods.podSelector: Required value: for every pod write"
                                + " podSelector: {}"),
                cluster(
                        "tier: Admin\npriority: 1\nsubject: {namespace: {}}\nrules: []",
                        "7: spec.subject.namespace: unknown field \"spec.subject.namespace\"; did"
                                + " you mean \"namespaces\"?",
                        "7: spec.subject: Invalid value: {…}: must have exactly one of namespaces"
                                + " and pods",
                        "8: spec.rules: unknown field \"spec.rules\"; fields here are \"egress\","
                                + " \"ingress\", \"priority\", \"subject\", \"tier\""),
                cluster(
                        "tier: Admin\npriority: 1\nsubject: {namespaces: {}}\negress: ["
                                + many(26, "{action: Deny, to: [{namespaces: {}}]}")
                                + "]",
                        "8: spec.egress: Too many: 26: must have at most 25 items"),
                Case.yaml(
                        "apiVersion: policy.networking.k8s.io/v1alpha2\nkind:"
                                + " ClusterNetworkPolicy\nmetadata: {name: p, namespace: shop}",
                        "1: ClusterNetworkPolicy p: spec: Required value",
                        "1: ClusterNetworkPolicy p: spec.tier: Required value: Admin, Baseline",
                        "1: ClusterNetworkPolicy p: spec.priority: Required value: 0 to 1000,"
                                + " lower first",
                        "1: ClusterNetworkPolicy p: spec.subject: Required value: namespaces or"
                                + " pods; for every pod write namespaces: {}",
                        "3: ClusterNetworkPolicy p: metadata.namespace: Forbidden: not allowed on"
                                + " this type; a ClusterNetworkPolicy is in no namespace"));
    }

    static Stream<Case> peers() {
        return Stream.of(
                egress(
                        "action: Allow, to: [{namespaces: {}}]",
                        "9: spec.egress[0].action: Unsupported value: \"Allow\": supported values:"
                                + " \"Accept\", \"Deny\", \"Pass\""),
                egress(
                        "to: [{namespaces: {}}]",
                        "9: spec.egress[0].action: Required value: Accept, Deny, Pass"),
                egress("action: Deny", "9: spec.egress[0].to: Required value: at least one peer"),
                egress(
                        "action: Deny, to: []",
                        "9: spec.egress[0].to: Invalid value: […]: must have at least 1 items"),
                egress(
                        "action: Deny, to: [" + many(26, "{namespaces: {}}") + "]",
                        "9: spec.egress[0].to: Too many: 26: must have at most 25 items"),
                egress(
                        "action: Deny, from: [], to: [{namespaces: {}}]",
                        "9: spec.egress[0].from: unknown field \"spec.egress[0].from\"; fields here"
                                + " are \"action\", \"name\", \"protocols\", \"to\""),
                egress(
                        "name: " + "x".repeat(101) + ", action: Deny, to: [{namespaces: {}}]",
                        "9: spec.egress[0].name: Too long: may not be more than 100 bytes"),
                egress(
                        "action: Deny, to: [{}]",
                        "9: spec.egress[0].to[0]: Invalid value: {…}: must have one of domainNames,"
                                + " namespaces, networks, nodes, pods"),
                egress(
                        "action: Deny, to: [{namespaces: {}, nodes: {}}]",
                        "9: spec.egress[0].to[0]: Invalid value: {…}: must have at most one of"
                                + " domainNames, namespaces, networks, nodes, pods"),
                egress(
                        "action: Deny, to: [{pods: {}}]",
                        "9: spec.egress[0].to[0].pods.podSelector: Required value: for every pod"
                                + " write podSelector: {}"),
                egress(
                        "action: Accept, to: [{domainNames: [weft.example]}]",
                        "9: spec.egress[0].to[0].domainNames: Forbidden: domain names are not"
                                + " supported yet; write networks"),
                egress(
                        "action: Deny, to: [{networks: []}]",
                        "9: spec.egress[0].to[0].networks: Invalid value: […]: must have at least 1"
                                + " items"),
                egress(
                        "action: Deny, to: [{networks: [" + many(26, "10.0.0.0/8") + "]}]",
                        Stream.concat(
                                        Stream.of(
                                                "9: spec.egress[0].to[0].networks: Too many: 26:"
                                                        + " must have at most 25 items"),
                                        Stream.iterate(1, i -> i + 1)
                                                .limit(25)
                                                .map(i ->
                                                        "9: spec.egress[0].to[0].networks["
                                                                + i
                                                                + "]: Duplicate value:"
                                                                + " \"10.0.0.0/8\""))
                                .toArray(String[]::new)),
                egress(
                        "action: Deny, to: [{networks: [10.0.0.1]}]",
                        "9: spec.egress[0].to[0].networks[0]: Invalid value: \"10.0.0.1\": must be"
                                + " a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"));
    }

    static Stream<Case> protocols() {
        return Stream.of(
                protocol(
                        "",
                        "9: spec.egress[0].protocols: Invalid value: […]: must have at least 1"
                                + " items"),
                protocol(
                        many(26, "{destinationNamedPort: a}"),
                        "9: spec.egress[0].protocols: Too many: 26: must have at most 25 items"),
                protocol(
                        "{}",
                        "9: spec.egress[0].protocols[0]: Invalid value: {…}: must have one of"
                                + " destinationNamedPort, sctp, tcp, udp"),
                protocol(
                        "{tcp: {}}",
                        "9: spec.egress[0].protocols[0].tcp: Invalid value: {…}: must have one of"
                                + " destinationPort"),
                protocol(
                        "{tcp: {destinationPort: {number: 1, range: {start: 1, end: 2}}}}",
                        "9: spec.egress[0].protocols[0].tcp.destinationPort: Invalid value: {…}:"
                                + " must have at most one of number, range"),
                protocol(
                        "{tcp: {destinationPort: {number: 0}}}, {udp: {destinationPort: {number:"
                                + " 65536}}}",
                        "9: spec.egress[0].protocols[0].tcp.destinationPort.number: Invalid value:"
                                + " 0: must be between 1 and 65535, inclusive",
                        "9: spec.egress[0].protocols[1].udp.destinationPort.number: Invalid value:"
                                + " 65536: must be between 1 and 65535, inclusive"),
                protocol(
                        "{sctp: {destinationPort: {range: {start: 5, end: 5}}}}",
                        "9: spec.egress[0].protocols[0].sctp.destinationPort.range: Invalid value:"
                                + " {…}: Start port must be less than End port"),
                protocol(
                        "{tcp: {destinationPort: {range: {start: 5}}}}",
                        "9: spec.egress[0].protocols[0].tcp.destinationPort.range.end: Required"
                                + " value"),
                egress(
                        "action: Deny, to: [{networks: [10.0.0.0/8]}], protocols:"
                                + " [{destinationNamedPort: http}]",
                        "9: spec.egress[0]: Invalid value: {…}: " + NAMED),
                egress(
                        "action: Deny, to: [{nodes: {}}], protocols: [{destinationNamedPort: http}]",
                        "9: spec.egress[0]: Invalid value: {…}: " + NAMED));
    }
}
