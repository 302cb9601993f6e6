package io.weft.model;

import static io.weft.model.Case.node;
import static io.weft.model.Case.object;
import static io.weft.model.Case.pod;
import static io.weft.model.Case.service;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nodes, services, and what policies look at in pods. */
class NodeAndServiceTest {
    private static final Source START = new Source("a.yaml", 1);

    private static final String LABEL =
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-',"
                    + " and must start and end with an alphanumeric character (e.g. 'my-name',  or"
                    + " '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    private static final String SUBDOMAIN =
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-'"
                    + " or '.', and must start and end with an alphanumeric character (e.g."
                    + " 'example.com', regex used for validation is"
                    + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private static Resource read(String yaml) {
        return new ManifestReader().offline().read("a.yaml", yaml).getFirst();
    }

    @Test
    void readsTheAddressesOfANode() {
        assertThat(
                        read(
                                """
                                apiVersion: v1
                                kind: Node
                                metadata: {name: node-1, labels: {zone: a}}
                                spec: {podCIDRs: [10.1.0.0/24]}
                                status:
                                  addresses:
                                  - {type: InternalIP, address: 192.0.2.1}
                                  - {type: InternalIP, address: "2001:db8::1"}
                                  - {type: ExternalIP, address: 203.0.113.1}
                                  - {type: Hostname, address: node-1}
                                """))
                .isEqualTo(
                        new Node(
                                "node-1",
                                Labels.of(Map.of("zone", "a")),
                                List.of(
                                        Ip.parse("192.0.2.1"),
                                        Ip.parse("2001:db8::1"),
                                        Ip.parse("203.0.113.1")),
                                List.of(Prefix.parse("10.1.0.0/24")),
                                START));
    }

    @Test
    void readsServiceCidrs() {
        assertThat(
                        read(
                                """
                                apiVersion: networking.k8s.io/v1
                                kind: ServiceCIDR
                                metadata: {name: kubernetes}
                                spec: {cidrs: [10.96.0.0/12, "fd00:96::/112"]}
                                """))
                .isEqualTo(
                        new ServiceCidr(
                                "kubernetes",
                                List.of(
                                        Prefix.parse("10.96.0.0/12"),
                                        Prefix.parse("fd00:96::/112")),
                                START));
    }

    @Test
    void readsAService() {
        Service service =
                (Service)
                        read(
                                """
                                apiVersion: v1
                                kind: Service
                                metadata: {name: db, namespace: data, labels: {tier: back}}
                                spec:
                                  selector: {app: db}
                                  clusterIP: 10.96.0.9
                                  clusterIPs: [10.96.0.9, "fd00:96::9"]
                                  ports:
                                  - {name: sql, port: 5432, targetPort: postgres}
                                  - {name: admin, port: 80, targetPort: 8080, protocol: UDP}
                                  - {name: same, port: 81}
                                """);

        assertThat(service)
                .isEqualTo(
                        new Service(
                                new Ref(Kind.SERVICE, "data", "db"),
                                Labels.of(Map.of("tier", "back")),
                                Optional.of(LabelSelector.of(Map.of("app", "db"))),
                                false,
                                List.of(Ip.parse("10.96.0.9"), Ip.parse("fd00:96::9")),
                                List.of(
                                        new Service.Port("sql", Protocol.TCP, 5432, "postgres"),
                                        new Service.Port("admin", Protocol.UDP, 80, "8080"),
                                        new Service.Port("same", Protocol.TCP, 81, "81")),
                                START));
    }

    @Test
    void aServiceSelectsPodsOfItsNamespace() {
        String pod =
                "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: %s, labels: {app: db}}}";
        String service =
                "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: data}, spec: {%s}}";
        Pod inside = (Pod) read(pod.formatted("data"));
        Pod outside = (Pod) read(pod.formatted("shop"));
        Service db = (Service) read(service.formatted("selector: {app: db}, clusterIP: None"));
        Service none = (Service) read(service.formatted("selector: {}"));

        assertThat(db.clusterIps()).isEmpty();
        assertThat(db.selects(inside)).isTrue();
        assertThat(db.selects(outside)).isFalse();
        assertThat(none.selects(inside)).isFalse();
    }

    @Test
    void aPodKnowsItsNodeAndCountsUntilItIsGone() {
        Pod pod =
                (Pod)
                        read(
                                """
                                apiVersion: v1
                                kind: Pod
                                metadata: {name: web, deletionTimestamp: "2026-11-23T07:00:00Z"}
                                spec: {nodeName: node-1}
                                status: {hostIP: 192.0.2.1, hostIPs: [{ip: 192.0.2.1}, {ip: "2001:db8::1"}]}
                                """);

        assertThat(pod.terminating()).isTrue();
        assertThat(pod.counts()).isTrue();
        assertThat(pod.node()).contains("node-1");
        assertThat(pod.hostIps()).containsExactly(Ip.parse("192.0.2.1"), Ip.parse("2001:db8::1"));
        Pod moved = pod.withIps(List.of(Ip.parse("10.0.0.1"))).withLabels(Labels.EMPTY);
        assertThat(moved.node()).contains("node-1");
        assertThat(moved.hostIps()).hasSize(2);
        assertThat(moved.terminating()).isTrue();
    }

    @Test
    void aPodIsReadyUnlessItsConditionSaysOtherwise() {
        String pod =
                "{apiVersion: v1, kind: Pod, metadata: {name: web}, status: {phase: Running,"
                        + " conditions: [{type: PodScheduled, status: 'False'}%s]}}";

        assertThat(((Pod) read(pod.formatted(""))).ready()).isTrue();
        for (String status : List.of("True", "False", "Unknown")) {
            String ready = ", {type: Ready, status: '" + status + "'}";
            assertThat(((Pod) read(pod.formatted(ready))).ready())
                    .as(status)
                    .isEqualTo(status.equals("True"));
        }
    }

    @Test
    void aPodThatRunsSaysHowItIsCalledAndAsksForNames() {
        Pod pod =
                (Pod)
                        new ManifestReader()
                                .read(
                                        "a.yaml",
                                        """
                                        apiVersion: v1
                                        kind: Pod
                                        metadata: {name: db-0}
                                        spec:
                                          hostname: zero
                                          subdomain: db
                                          dnsPolicy: None
                                          enableServiceLinks: false
                                          dnsConfig:
                                            nameservers: [192.0.2.53, "fd00::53"]
                                            searches: [svc.cluster.local, _sites.example.com., .]
                                            options: [{name: ndots, value: "2"}, {name: edns0}]
                                          containers: [{name: c, command: [a]}]
                                        """)
                                .getFirst();

        assertThat(pod.naming())
                .isEqualTo(
                        new Pod.Naming(
                                "zero",
                                "db",
                                Pod.DnsPolicy.NONE,
                                List.of(Ip.parse("192.0.2.53"), Ip.parse("fd00::53")),
                                List.of("svc.cluster.local", "_sites.example.com.", "."),
                                List.of("ndots:2", "edns0"),
                                false));
    }

    @ParameterizedTest
    @MethodSource
    void answers(Case c) {
        assertThat(Case.problems(new ManifestReader(), c.yaml()))
                .containsExactlyElementsOf(c.answer());
    }

    static Stream<Case> answers() {
        return Stream.of(
                object(
                        "v1",
                        "Node",
                        "{name: p}",
                        "podCIDR: 10.2.0.0/24\npodCIDRs: [10.1.0.0/24, 10.3.0.0/24, here]",
                        "5: spec.podCIDR: Invalid value: \"10.2.0.0/24\": must be equal to"
                                + " podCIDRs[0]: 10.1.0.0/24",
                        "6: spec.podCIDRs[2]: Invalid value: \"here\": must be a valid CIDR value,"
                                + " (e.g. 10.9.8.0/24 or 2001:db8::/64)",
                        "6: spec.podCIDRs: Invalid value: […]: may specify no more than one CIDR for"
                                + " each IP family"),
                object(
                        "networking.k8s.io/v1",
                        "ServiceCIDR",
                        "{name: p}",
                        "cidrs: []",
                        "4: spec.cidrs: Required value: at least one CIDR required"),
                object(
                        "networking.k8s.io/v1",
                        "ServiceCIDR",
                        "{name: p}",
                        "cidrs: [a, b, c]",
                        "5: spec.cidrs: Invalid value: […]: may only hold up to 2 values"),
                object(
                        "networking.k8s.io/v1",
                        "ServiceCIDR",
                        "{name: p}",
                        "cidrs: [10.0.0.0/24, 10.1.0.0/24]",
                        "5: spec.cidrs: Invalid value: […]: may specify no more than one IP for each"
                                + " IP family, i.e 192.168.0.0/24 and 2001:db8::/64"),
                pod(
                        """
                        containers: [{name: c, command: [a]}]
                        hostname: a.b
                        dnsPolicy: Never
                        dnsConfig:
                          nameservers: [10.0.0.1, 10.0.0.2, 10.0.0.3, dns]
                          searches: [-a]
                          options: [{value: '2'}, {name: a b}]
                        """,
                        "6: spec.hostname: Invalid value: \"a.b\": " + LABEL,
                        "7: spec.dnsPolicy: Unsupported value: \"Never\": supported values:"
                                + " \"ClusterFirst\", \"ClusterFirstWithHostNet\", \"Default\","
                                + " \"None\"",
                        "9: spec.dnsConfig.nameservers: Invalid value: […]: must not have more than"
                                + " 3 nameservers",
                        "9: spec.dnsConfig.nameservers[3]: Invalid value: \"dns\": must be a valid IP"
                                + " address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
                        "10: spec.dnsConfig.searches[0]: Invalid value: \"-a\": " + SUBDOMAIN,
                        "11: spec.dnsConfig.options[0].name: Required value: must not be empty",
                        "11: spec.dnsConfig.options[1].name: Invalid value: \"a b\": must be"
                                + " printable ASCII without blanks"),
                pod(
                        "containers: [{name: c, command: [a]}]\ndnsPolicy: None",
                        "4: spec.dnsConfig: Required value: must provide `dnsConfig` when"
                                + " `dnsPolicy` is None"),
                pod(
                        "containers: [{name: c, command: [a]}]\ndnsPolicy: None\ndnsConfig: {}",
                        "7: spec.dnsConfig.nameservers: Required value: must provide at least one"
                                + " DNS nameserver when `dnsPolicy` is None"),
                node(
                        "addresses:\n- {type: IP, address: 10.0.0.1}\n- {address: 10.0.0.1}\n- {type:"
                                + " InternalIP, address: node-1}\n- {type: InternalIP}",
                        "6: status.addresses[0].type: Unsupported value: \"IP\": supported values:"
                                + " \"InternalIP\", \"ExternalIP\", \"Hostname\", \"InternalDNS\","
                                + " \"ExternalDNS\"",
                        "7: status.addresses[1].type: Required value: for example InternalIP",
                        "8: status.addresses[2].address: Invalid value: \"node-1\": must be a valid"
                                + " IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
                        "9: status.addresses[3].address: Required value"),
                service(
                        "ports:\n- {name: a, port: 80}\n- {name: a, port: 0}\n- {targetPort: 70000}",
                        "7: spec.ports[1].name: Duplicate value: \"a\": names another port of it",
                        "7: spec.ports[1].port: Invalid value: 0: must be between 1 and 65535,"
                                + " inclusive",
                        "8: spec.ports[2].name: Required value: when there is more than one port",
                        "8: spec.ports[2].port: Required value",
                        "8: spec.ports[2].targetPort: Invalid value: 70000: must be between 1 and"
                                + " 65535, inclusive"),
                service(
                        "ports:\n- {port: 80}\n- {port: 81}",
                        "6: spec.ports[0].name: Required value: when there is more than one port",
                        "7: spec.ports[1].name: Required value: when there is more than one port"),
                service(
                        "clusterIP: here\nselctor: {}\nports: [{port: 80}]",
                        "5: spec.clusterIP: Invalid value: \"here\": must be a valid IP address,"
                                + " (e.g. 10.9.8.7 or 2001:db8::ffff)",
                        "6: spec.selctor: unknown field \"spec.selctor\"; did you mean"
                                + " \"selector\"?"));
    }
}
