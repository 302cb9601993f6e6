package io.weft.model;

import static io.weft.model.Case.node;
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

    @ParameterizedTest
    @MethodSource
    void answers(Case c) {
        assertThat(Case.problems(new ManifestReader(), c.yaml()))
                .containsExactlyElementsOf(c.answer());
    }

    static Stream<Case> answers() {
        return Stream.of(
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
                        "8: spec.ports[2].port: Required value",
                        "8: spec.ports[2].targetPort: Invalid value: 70000: must be between 1 and"
                                + " 65535, inclusive"),
                service(
                        "ports:\n- {port: 80}\n- {port: 81}",
                        "7: spec.ports[1].name: Required value: when there is more than one port"),
                service(
                        "clusterIP: here\nselctor: {}",
                        "5: spec.clusterIP: Invalid value: \"here\": must be a valid IP address,"
                                + " (e.g. 10.9.8.7 or 2001:db8::ffff)",
                        "6: spec.selctor: unknown field \"spec.selctor\"; did you mean"
                                + " \"selector\"?"));
    }
}
