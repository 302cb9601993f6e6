package io.weft.model;

import static io.weft.model.Case.ingress;
import static io.weft.model.Case.policy;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One row for each rule of NetworkPolicy. */
class PolicyValidationTest {
    private static final String CIDR =
            "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
    private static final String NAME_PART =
            "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and"
                    + " end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or"
                    + " '123-abc', regex used for validation is"
                    + " '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    private static final String VALUE =
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or"
                    + " '.', and must start and end with an alphanumeric character (e.g. 'MyValue',"
                    + "  or 'my_value',  or '12345', regex used for validation is"
                    + " '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
    private static final String PORT = "must be between 1 and 65535, inclusive";

    @ParameterizedTest
    @MethodSource({"ports", "peers", "selectors", "policies"})
    void answers(Case c) {
        assertThat(Case.problems(new ManifestReader(), c.yaml()))
                .containsExactlyElementsOf(c.answer());
    }

    static Stream<Case> ports() {
        return Stream.of(
                ingress("ports: [{port: 80, endPort: 90}]"),
                ingress(
                        "ports: [{port: 90, endPort: 80}]",
                        "6: spec.ingress[0].ports[0].endPort: Invalid value: 80: must be greater"
                                + " than or equal to `port`"),
                ingress(
                        "ports: [{endPort: 80}]",
                        "6: spec.ingress[0].ports[0].endPort: Invalid value: 80: may not be"
                                + " specified when `port` is not specified"),
                ingress(
                        "ports: [{port: http, endPort: 80}]",
                        "6: spec.ingress[0].ports[0].endPort: Invalid value: 80: may not be"
                                + " specified when `port` is non-numeric"),
                ingress(
                        "ports: [{port: 80, endPort: 70000}]",
                        "6: spec.ingress[0].ports[0].endPort: Invalid value: 70000: " + PORT),
                ingress(
                        "ports:\n    - port: 80\n    - port: 0",
                        "8: spec.ingress[0].ports[1].port: Invalid value: 0: " + PORT),
                ingress(
                        "ports: [{port: 65536}, {port: -1}]",
                        "6: spec.ingress[0].ports[0].port: Invalid value: 65536: " + PORT,
                        "6: spec.ingress[0].ports[1].port: Invalid value: -1: " + PORT),
                ingress(
                        "ports: [{port: 99999999999}]",
                        "6: spec.ingress[0].ports[0].port: Invalid value: 99999999999: must be a"
                                + " decimal integer of 32 bits"),
                ingress(
                        "ports: [{port: 080}]",
                        "6: spec.ingress[0].ports[0].port: Invalid value: 080: must be a decimal"
                                + " integer of 32 bits"),
                ingress(
                        "ports: [{port: 80.5}]",
                        "6: spec.ingress[0].ports[0].port: Invalid value: 80.5: must be an"
                                + " integer, not a number"),
                ingress(
                        "ports: [{port: '80'}]",
                        "6: spec.ingress[0].ports[0].port: Invalid value: \"80\": must contain at"
                                + " least one letter (a-z)"),
                ingress(
                        "ports: [{port: a-very-long-name}]",
                        "6: spec.ingress[0].ports[0].port: Invalid value: \"a-very-long-name\":"
                                + " must be no more than 15 characters"),
                ingress(
                        "ports: [{port: Http}]",
                        "6: spec.ingress[0].ports[0].port: Invalid value: \"Http\": must contain"
                                + " only alpha-numeric characters (a-z, 0-9), and hyphens (-)"),
                ingress(
                        "ports: [{port: a--b}, {port: -a}]",
                        "6: spec.ingress[0].ports[0].port: Invalid value: \"a--b\": must not"
                                + " contain consecutive hyphens",
                        "6: spec.ingress[0].ports[1].port: Invalid value: \"-a\": must not begin"
                                + " or end with a hyphen"),
                ingress(
                        "ports: [{protocol: tcp}]",
                        "6: spec.ingress[0].ports[0].protocol: Unsupported value: \"tcp\":"
                                + " supported values: \"TCP\", \"UDP\", \"SCTP\""),
                ingress(
                        "ports: [80]",
                        "6: spec.ingress[0].ports[0]: Invalid value: 80: must be a mapping of"
                                + " fields, not a number"),
                ingress(
                        "ports: {port: 80}",
                        "6: spec.ingress[0].ports: Invalid value: {…}: must be a list (\"- …\" or"
                                + " [ ]), not a mapping"));
    }

    static Stream<Case> peers() {
        return Stream.of(
                ingress("from: [{ipBlock: {cidr: '::/0', except: ['fd00::/8']}}]"),
                ingress(
                        "from:\n    - {}",
                        "7: spec.ingress[0].from[0]: Required value: must specify a peer; for every"
                                + " pod of every namespace write namespaceSelector: {}"),
                ingress(
                        "from:\n    -",
                        "7: spec.ingress[0].from[0]: Required value: the list item is empty; remove"
                                + " the \"-\" or fill it in"),
                ingress(
                        "from: [{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]",
                        "6: spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and"
                                + " another peer"),
                ingress(
                        "from: [{ipBlock: {except: [10.0.0.0/9]}}]",
                        "6: spec.ingress[0].from[0].ipBlock.cidr: Required value: for example"
                                + " 10.9.8.0/24 or 2001:db8::/64"),
                ingress(
                        "from: [{ipBlock: {cidr: 10.0.0.0}}]",
                        "6: spec.ingress[0].from[0].ipBlock.cidr: Invalid value: \"10.0.0.0\": "
                                + CIDR),
                ingress(
                        "from: [{ipBlock: {cidr: 10.0.0.0/33}}]",
                        "6: spec.ingress[0].from[0].ipBlock.cidr: Invalid value: \"10.0.0.0/33\": "
                                + CIDR),
                ingress(
                        "from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/9]}}]",
                        "6: spec.ingress[0].from[0].ipBlock.except[0]: Invalid value:"
                                + " \"11.0.0.0/9\": must be a strict subset of `cidr`; that is,"
                                + " smaller than 10.0.0.0/8 and inside it"),
                ingress(
                        "from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]",
                        "6: spec.ingress[0].from[0].ipBlock.except[0]: Invalid value:"
                                + " \"10.0.0.0/8\": must be a strict subset of `cidr`; that is,"
                                + " smaller than 10.0.0.0/8 and inside it"),
                ingress(
                        "from: [{ipBlock: {cidr: 0.0.0.0/0, except: ['fd00::/8', nowhere]}}]",
                        "6: spec.ingress[0].from[0].ipBlock.except[0]: Invalid value:"
                                + " \"fd00::/8\": must be a strict subset of `cidr`; that is,"
                                + " smaller than 0.0.0.0/0 and inside it",
                        "6: spec.ingress[0].from[0].ipBlock.except[1]: Invalid value:"
                                + " \"nowhere\": "
                                + CIDR));
    }

    static Stream<Case> selectors() {
        return Stream.of(
                policy("podSelector:"),
                policy(
                        "podSelector: {matchExpressions: [{key: a, operator: In}]}",
                        "5: spec.podSelector.matchExpressions[0].values: Required value: must be"
                                + " specified when `operator` is 'In' or 'NotIn'"),
                policy(
                        "podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}",
                        "5: spec.podSelector.matchExpressions[0].values: Forbidden: may not be"
                                + " specified when `operator` is 'Exists' or 'DoesNotExist'"),
                policy(
                        "podSelector: {matchExpressions: [{key: a, operator: in, values: [b]}]}",
                        "5: spec.podSelector.matchExpressions[0].operator: Invalid value: \"in\":"
                                + " not a valid selector operator; write In, NotIn, Exists or"
                                + " DoesNotExist"),
                policy(
                        "podSelector: {matchExpressions: [{}]}",
                        "5: spec.podSelector.matchExpressions[0].key: Required value",
                        "5: spec.podSelector.matchExpressions[0].operator: Required value: In,"
                                + " NotIn, Exists or DoesNotExist"),
                policy(
                        "podSelector:\n  matchExpressions:\n  - key: a b\n    operator: In\n"
                                + "    values:\n    - ok\n    - not ok",
                        "7: spec.podSelector.matchExpressions[0].key: Invalid value: \"a b\": "
                                + NAME_PART,
                        "11: spec.podSelector.matchExpressions[0].values[1]: Invalid value: \"not"
                                + " ok\": "
                                + VALUE),
                policy(
                        "podSelector:\n  matchLabels:\n    tier: 1\n    on: yes",
                        "7: spec.podSelector.matchLabels: Invalid value: 1: must be a string; quote"
                                + " it: \"1\"",
                        "8: spec.podSelector.matchLabels: Invalid value: yes: must be a string;"
                                + " quote it: \"yes\""),
                policy(
                        "podSelector: app=web",
                        "5: spec.podSelector: Invalid value: \"app=web\": must be a mapping of"
                                + " fields, not a string"));
    }

    static Stream<Case> policies() {
        return Stream.of(
                policy(
                        "ingres: []\npodselector: {}",
                        "5: spec.ingres: unknown field \"spec.ingres\"; did you mean \"ingress\"?",
                        "6: spec.podselector: unknown field \"spec.podselector\"; did you mean"
                                + " \"podSelector\"?"),
                ingress(
                        "to: []",
                        "6: spec.ingress[0].to: unknown field \"spec.ingress[0].to\"; fields here"
                                + " are \"from\", \"ports\""),
                policy(
                        "policyTypes: [Ingress, ingress]",
                        "5: spec.policyTypes[1]: Unsupported value: \"ingress\": supported values:"
                                + " \"Egress\", \"Ingress\""),
                policy(
                        "policyTypes: [Ingress, Egress, Ingress]",
                        "5: spec.policyTypes: Invalid value: […]: may not specify more than two"
                                + " policyTypes"),
                policy(
                        "policyTypes: Ingress",
                        "5: spec.policyTypes: Invalid value: \"Ingress\": must be a list (\"- …\""
                                + " or [ ]), not a string"));
    }
}
