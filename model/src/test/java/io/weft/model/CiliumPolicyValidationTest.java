package io.weft.model;

import static io.weft.model.Case.cilium;
import static io.weft.model.Case.clusterwide;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One row for each rule of Cilium's policies. */
class CiliumPolicyValidationTest {
    private static final String LAYER_7 =
            "Forbidden: layer 7 rules are not supported yet; without them all of the port is meant";

    @ParameterizedTest
    @MethodSource({"policies", "refused", "selectors", "peers", "ports"})
    void answers(Case c) {
        assertThat(Case.problems(new ManifestReader(), c.yaml()))
                .containsExactlyElementsOf(c.answer());
    }

    /** A policy whose one rule is at line 7. */
    private static Case ingress(String rule, String... expected) {
        return cilium("endpointSelector: {}\ningress:\n- {" + rule + "}", expected);
    }

    private static Case egress(String rule, String... expected) {
        return cilium("endpointSelector: {}\negress:\n- {" + rule + "}", expected);
    }

    private static Case port(String port, String... expected) {
        return ingress("toPorts: [{ports: [" + port + "]}]", expected);
    }

    private static Case icmp(String field, String... expected) {
        return ingress("icmps: [{fields: [" + field + "]}]", expected);
    }

    private static String many(int count, String item) {
        return (item + ", ").repeat(count - 1) + item;
    }

    static Stream<Case> policies() {
        return Stream.of(
                clusterwide("nodeSelector: {}\ningress: [{}]"),
                Case.yaml(
                        "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p}",
                        "1: CiliumNetworkPolicy default/p: spec: Required value: must have spec or"
                                + " specs"),
                Case.yaml(
                        "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name:"
                                + " p}\nspecs:\n- endpointSelector: {}\n- ingress: [{}]",
                        "5: CiliumNetworkPolicy default/p: specs[0]: Required value: must have at"
                                + " least one of ingress, ingressDeny, egress, egressDeny",
                        "6: CiliumNetworkPolicy default/p: specs[1]: Required value: must have one"
                                + " of endpointSelector and nodeSelector"),
                Case.yaml(
                        "apiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\nmetadata:"
                                + " {name: p, namespace: shop}\nspec: {endpointSelector: {},"
                                + " ingress: [{}]}",
                        "3: CiliumClusterwideNetworkPolicy p: metadata.namespace: Forbidden: not"
                                + " allowed on this type; a CiliumClusterwideNetworkPolicy is in no"
                                + " namespace"),
                clusterwide(
                        "endpointSelector: {}\nnodeSelector: {}\ningress: [{}]",
                        "6: spec.nodeSelector: Forbidden: may not be set with endpointSelector"),
                cilium(
                        "nodeSelector: {}\ningress: [{}]",
                        "5: spec.nodeSelector: Forbidden: only a CiliumClusterwideNetworkPolicy may"
                                + " select nodes"),
                cilium(
                        "endpointSelector: {}\ningress: [{}]\nenableDefaultDeny: {ingres: true}",
                        "7: spec.enableDefaultDeny.ingres: unknown field"
                                + " \"spec.enableDefaultDeny.ingres\"; did you mean \"ingress\"?"),
                cilium(
                        "endpointSelector: {}\ningress: [{}]\nenableDefaultDeny: {ingress: 1}",
                        "7: spec.enableDefaultDeny.ingress: Invalid value: 1: must be true or"
                                + " false, not a number"),
                cilium(
                        "endpointSelector: {}\ningress: [{}]\npodSelector: {}",
                        "7: spec.podSelector: unknown field \"spec.podSelector\"; did you mean"
                                + " \"nodeSelector\"?"),
                ingress(
                        "toEndpoints: []",
                        "7: spec.ingress[0].toEndpoints: unknown field"
                                + " \"spec.ingress[0].toEndpoints\"; did you mean"
                                + " \"fromEndpoints\"?"));
    }

    /** What is known and not supported is refused, each by its field. */
    static Stream<Case> refused() {
        return Stream.of(
                cilium(
                        "endpointSelector: {}\ningress: [{}]\nlog: {value: a}",
                        "7: spec.log: Forbidden: log values are not supported yet"),
                egress(
                        "toFQDNs: [{matchName: weft.example}]",
                        "7: spec.egress[0].toFQDNs: Forbidden: domain names are not supported yet;"
                                + " write toCIDR or toEntities"),
                egress(
                        "toGroups: [{aws: {}}]",
                        "7: spec.egress[0].toGroups: Forbidden: groups of cloud providers are not"
                                + " supported; write toCIDR"),
                ingress(
                        "fromGroups: [{aws: {}}]",
                        "7: spec.ingress[0].fromGroups: Forbidden: groups of cloud providers are"
                                + " not supported; write fromCIDR"),
                ingress(
                        "fromRequires: [{}]",
                        "7: spec.ingress[0].fromRequires: Forbidden: not supported; write the"
                                + " labels in fromEndpoints"),
                egress(
                        "toRequires: [{}]",
                        "7: spec.egress[0].toRequires: Forbidden: not supported; write the labels"
                                + " in toEndpoints"),
                ingress(
                        "fromEndpoints: [{}], authentication: {mode: required}",
                        "7: spec.ingress[0].authentication: Forbidden: mutual authentication is not"
                                + " supported yet"),
                ingress(
                        "toPorts: [{ports: [{port: '80', protocol: TCP}], rules: {http: [{method:"
                                + " GET}]}}]",
                        "7: spec.ingress[0].toPorts[0].rules.http: " + LAYER_7),
                egress(
                        "toPorts: [{ports: [{port: '53'}], rules: {dns: [{matchPattern: '*'}]}},"
                                + " {rules: {kafka: []}}, {rules: {l7proto: r2d2, l7: []}}]",
                        "7: spec.egress[0].toPorts[0].rules.dns: " + LAYER_7,
                        "7: spec.egress[0].toPorts[1].rules.kafka: " + LAYER_7,
                        "7: spec.egress[0].toPorts[2].rules.l7: " + LAYER_7,
                        "7: spec.egress[0].toPorts[2].rules.l7proto: " + LAYER_7),
                egress(
                        "toPorts: [{listener: {name: a}}, {serverNames: [a]}, {terminatingTLS: {}},"
                                + " {originatingTLS: {}}]",
                        "7: spec.egress[0].toPorts[0].listener: " + LAYER_7,
                        "7: spec.egress[0].toPorts[1].serverNames: Forbidden: TLS is not supported"
                                + " yet",
                        "7: spec.egress[0].toPorts[2].terminatingTLS: Forbidden: TLS is not"
                                + " supported yet",
                        "7: spec.egress[0].toPorts[3].originatingTLS: Forbidden: TLS is not"
                                + " supported yet"),
                cilium(
                        "endpointSelector: {}\ningressDeny:\n- toPorts: [{rules: {}}]",
                        "7: spec.ingressDeny[0].toPorts[0].rules: unknown field"
                                + " \"spec.ingressDeny[0].toPorts[0].rules\"; fields here are"
                                + " \"ports\""),
                ingress(
                        "fromCIDRSet: [{cidrGroupRef: office}, {cidrGroupSelector: {}}]",
                        "7: spec.ingress[0].fromCIDRSet[0].cidrGroupRef: Forbidden: CIDR groups are"
                                + " not supported yet; write cidr",
                        "7: spec.ingress[0].fromCIDRSet[1].cidrGroupSelector: Forbidden: CIDR groups"
                                + " are not supported yet; write cidr"),
                ingress(
                        "fromEndpoints: [{matchLabels: {io.cilium.k8s.policy.serviceaccount: a}}]",
                        "7: spec.ingress[0].fromEndpoints[0].matchLabels: Invalid value:"
                                + " \"io.cilium.k8s.policy.serviceaccount\": clusters and service"
                                + " accounts cannot be selected yet; remove it"));
    }

    static Stream<Case> selectors() {
        return Stream.of(
                cilium(
                        "endpointSelector: {matchLabels: {'container:a': b}}\ningress: [{}]",
                        "5: spec.endpointSelector.matchLabels: Invalid value: \"container:a\":"
                                + " labels come from k8s or any; write k8s:a or a"),
                cilium(
                        "endpointSelector: {matchLabels: {'reserved:init': ''}}\ningress: [{}]",
                        "5: spec.endpointSelector: Forbidden: reserved labels are peers only; Weft"
                                + " has no such endpoints to judge"),
                cilium(
                        "endpointSelector: {matchLabels: {'k8s:io.kubernetes.pod.namespace':"
                                + " data}}\ningress: [{}]",
                        "5: spec.endpointSelector: Invalid value: {…}: names another namespace than"
                                + " the policy's own, shop; only a CiliumClusterwideNetworkPolicy"
                                + " judges pods of others"),
                cilium(
                        "endpointSelector: {matchLabels: {'k8s:io.kubernetes.pod.namespace':"
                                + " shop}}\ningress: [{}]"),
                ingress(
                        "fromEndpoints: [{matchLabels: {'reserved:all': ''}}]",
                        "7: spec.ingress[0].fromEndpoints[0].matchLabels: Invalid value:"
                                + " \"reserved:all\": no reserved label of Cilium"),
                ingress(
                        "fromEndpoints: [{matchLabels: {'reserved:host': '', app: a}},"
                                + " {matchLabels: {'reserved:host': a}}, {matchExpressions: [{key:"
                                + " 'reserved:host', operator: DoesNotExist}]}]",
                        "7: spec.ingress[0].fromEndpoints[0]: Forbidden: a reserved label must stand"
                                + " alone, as in reserved:host: \"\"",
                        "7: spec.ingress[0].fromEndpoints[1]: Forbidden: a reserved label must stand"
                                + " alone, as in reserved:host: \"\"",
                        "7: spec.ingress[0].fromEndpoints[2]: Forbidden: a reserved label must stand"
                                + " alone, as in reserved:host: \"\""),
                ingress(
                        "fromEndpoints: [{matchExpressions: [{key: 'k8s:a', operator: In}]}]",
                        "7: spec.ingress[0].fromEndpoints[0].matchExpressions[0].values: Required"
                                + " value: must be specified when `operator` is 'In' or 'NotIn'"),
                ingress(
                        "fromEndpoints: [{podSelector: {}}]",
                        "7: spec.ingress[0].fromEndpoints[0].podSelector: unknown field"
                                + " \"spec.ingress[0].fromEndpoints[0].podSelector\"; fields here"
                                + " are \"matchExpressions\", \"matchLabels\""));
    }

    static Stream<Case> peers() {
        return Stream.of(
                ingress(
                        "fromEndpoints: [{}], fromCIDR: [10.0.0.0/8]",
                        "7: spec.ingress[0].fromCIDR: Forbidden: combining fromEndpoints and"
                                + " fromCIDR is not supported; write a rule for each"),
                ingress(
                        "fromEntities: [World]",
                        "7: spec.ingress[0].fromEntities[0]: Unsupported value: \"World\":"
                                + " supported values: \"all\", \"world\", \"world-ipv4\","
                                + " \"world-ipv6\", \"cluster\", \"host\", \"remote-node\","
                                + " \"init\", \"health\", \"unmanaged\", \"kube-apiserver\","
                                + " \"ingress\", \"none\""),
                ingress(
                        "fromCIDR: [10.0.0.1]",
                        "7: spec.ingress[0].fromCIDR[0]: Invalid value: \"10.0.0.1\": must be a"
                                + " valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"),
                ingress(
                        "fromCIDRSet: [{except: [10.0.0.0/8]}]",
                        "7: spec.ingress[0].fromCIDRSet[0].cidr: Required value: for example"
                                + " 10.9.8.0/24 or 2001:db8::/64"),
                ingress(
                        "fromCIDRSet: [{cidr: 10.0.0.0/8, except: [11.0.0.0/16, 'fd00::/8']}]",
                        "7: spec.ingress[0].fromCIDRSet[0].except[0]: Invalid value:"
                                + " \"11.0.0.0/16\": must be inside cidr 10.0.0.0/8",
                        "7: spec.ingress[0].fromCIDRSet[0].except[1]: Invalid value: \"fd00::/8\":"
                                + " must be inside cidr 10.0.0.0/8"),
                egress(
                        "toServices: [{}]",
                        "7: spec.egress[0].toServices[0]: Invalid value: {…}: must have exactly one"
                                + " of k8sService and k8sServiceSelector"),
                egress(
                        "toServices: [{k8sService: {}}]",
                        "7: spec.egress[0].toServices[0].k8sService.serviceName: Required value",
                        "7: spec.egress[0].toServices[0].k8sService.namespace: Required value: the"
                                + " service's namespace"),
                egress(
                        "toServices: [{k8sServiceSelector: {}}]",
                        "7: spec.egress[0].toServices[0].k8sServiceSelector.selector: Required"
                                + " value: for every service write selector: {}"));
    }

    static Stream<Case> ports() {
        return Stream.of(
                port(
                        "{port: 80}",
                        "7: spec.ingress[0].toPorts[0].ports[0].port: Invalid value: 80: must be a"
                                + " string; quote it: \"80\""),
                port(
                        "{protocol: TCP}",
                        "7: spec.ingress[0].toPorts[0].ports[0].port: Required value: a quoted"
                                + " number or the name of a port"),
                port(
                        "{port: '65536'}, {port: '080'}",
                        "7: spec.ingress[0].toPorts[0].ports[0].port: Invalid value: \"65536\": must"
                                + " be a number between 0 and 65535 without leading zeros",
                        "7: spec.ingress[0].toPorts[0].ports[1].port: Invalid value: \"080\": must"
                                + " be a number between 0 and 65535 without leading zeros"),
                port(
                        "{port: a_b}",
                        "7: spec.ingress[0].toPorts[0].ports[0].port: Invalid value: \"a_b\": must"
                                + " contain only alpha-numeric characters (a-z, 0-9), and hyphens"
                                + " (-)"),
                port(
                        "{port: web, endPort: 90}",
                        "7: spec.ingress[0].toPorts[0].ports[0].endPort: Invalid value: 90: may not"
                                + " be specified when `port` is a name"),
                port(
                        "{port: '90', endPort: 80}, {port: '90', endPort: 65536}, {port: '90',"
                                + " endPort: -1}, {port: '0', endPort: 80}",
                        "7: spec.ingress[0].toPorts[0].ports[0].endPort: Invalid value: 80: must be"
                                + " greater than or equal to `port`",
                        "7: spec.ingress[0].toPorts[0].ports[1].endPort: Invalid value: 65536: must"
                                + " be between 0 and 65535, inclusive",
                        "7: spec.ingress[0].toPorts[0].ports[2].endPort: Invalid value: -1: must be"
                                + " between 0 and 65535, inclusive",
                        "7: spec.ingress[0].toPorts[0].ports[3].endPort: Invalid value: 80: may not"
                                + " be specified when `port` is 0, which is every port"),
                port(
                        "{port: '80', protocol: GRE}",
                        "7: spec.ingress[0].toPorts[0].ports[0].protocol: Unsupported value:"
                                + " \"GRE\": supported values: \"TCP\", \"UDP\", \"SCTP\", \"ANY\""),
                port(
                        many(41, "{port: '80'}"),
                        "7: spec.ingress[0].toPorts[0].ports: Too many: 41: must have at most 40"
                                + " items"),
                ingress(
                        "toPorts: [{ports: [{port: '80'}]}], icmps: [{fields: [{type: 8}]}]",
                        "7: spec.ingress[0].icmps: Forbidden: may not be set with toPorts; write"
                                + " two rules"),
                icmp(
                        "{}",
                        "7: spec.ingress[0].icmps[0].fields[0].type: Required value: a number or a"
                                + " name such as EchoRequest"),
                icmp(
                        "{type: 256}, {family: ipv4, type: 8}",
                        "7: spec.ingress[0].icmps[0].fields[0].type: Invalid value: 256: must be"
                                + " between 0 and 255, inclusive",
                        "7: spec.ingress[0].icmps[0].fields[1].family: Unsupported value: \"ipv4\":"
                                + " supported values: \"IPv4\", \"IPv6\""),
                icmp(
                        "{type: PacketTooBig}",
                        "7: spec.ingress[0].icmps[0].fields[0].type: Unsupported value:"
                                + " \"PacketTooBig\": supported values: \"DestinationUnreachable\","
                                + " \"Echo\", \"EchoReply\", \"EchoRequest\","
                                + " \"ExtendedEchoReply\", \"ExtendedEchoRequest\","
                                + " \"ParameterProblem\", \"Photuris\", \"Redirect\","
                                + " \"RouterAdvertisement\", \"RouterSelection\","
                                + " \"TimeExceeded\", \"Timestamp\", \"TimestampReply\""),
                icmp(
                        many(41, "{type: 8}"),
                        "7: spec.ingress[0].icmps[0].fields: Too many: 41: must have at most 40"
                                + " items"));
    }
}
