package io.weft.compiler;

import static io.weft.compiler.Cluster.everything;
import static io.weft.compiler.Cluster.having;
import static io.weft.compiler.Cluster.ingress;
import static io.weft.compiler.Cluster.namespace;
import static io.weft.compiler.Cluster.pod;
import static io.weft.compiler.Cluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Expectation.Party;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.Labels;
import io.weft.model.ManifestReader;
import io.weft.model.Node;
import io.weft.model.PortMatch.Family;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Service;
import io.weft.model.Source;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Cilium's policies; every answer comes from the tables and from the oracle. */
class CiliumTest {
    private static final String NODE2 = "10.0.255.2";
    private static final String WORLD = "203.0.113.7";

    private final Cluster open =
            Cluster.of(
                    namespace("shop", ""),
                    namespace("other", "team=b"),
                    new Node(
                            "node2",
                            Labels.EMPTY.with("zone", "a"),
                            List.of(Ip.parse(NODE2)),
                            Source.NONE),
                    pod("web", "10.0.0.1", "app=web"),
                    pod("db", "10.0.0.2", "app=db"),
                    pod("other/job", "10.0.1.1", "app=job"));

    private static Resource clusterwide(String name, String spec) {
        return read("CiliumClusterwideNetworkPolicy", "{name: " + name + "}", spec);
    }

    private static Resource policy(String name, String spec) {
        return read("CiliumNetworkPolicy", "{name: " + name + ", namespace: shop}", spec);
    }

    private static Resource read(String kind, String metadata, String spec) {
        return new ManifestReader()
                .read(
                        "cilium.yaml",
                        "apiVersion: cilium.io/v2\nkind: %s\nmetadata: %s\nspec:\n"
                                        .formatted(kind, metadata)
                                + spec.indent(2))
                .getFirst();
    }

    @Test
    void monitor_all_leaves_every_pod_the_world_and_nothing_of_the_cluster() {
        Cluster cluster =
                open.with(
                        clusterwide(
                                "monitor-all",
                                """
                                endpointSelector: {}
                                ingress: [{fromEntities: [world]}]
                                egress: [{toEntities: [world]}]
                                """));
        assertThat(cluster.allowsTcp(WORLD, "web", 80)).isTrue();
        assertThat(cluster.allowsTcp("web", WORLD, 443)).isTrue();
        assertThat(cluster.allowsPing("web", WORLD)).isTrue();
        assertThat(cluster.allowsTcp("web", "db", 80)).isFalse();
        assertThat(cluster.allowsTcp("other/job", "db", 80)).isFalse();
        assertThat(cluster.allowsTcp(NODE2, "web", 80)).isFalse();
        assertThat(cluster.allowsTcp("web", NODE2, 80)).isFalse();
        assertThat(cluster.allowsTcp(Cluster.NODE.toString(), "web", 80)).isTrue();
        assertThat(cluster.allowsTcp("web", Cluster.NODE.toString(), 80)).isTrue();
    }

    @Test
    void a_deny_rule_wins_over_every_allow_rule_of_its_tier() {
        Cluster cluster =
                open.with(
                        ingress("all", everything(), rule(List.of(), List.of())),
                        policy(
                                "guard",
                                """
                                endpointSelector: {matchLabels: {app: db}}
                                ingressDeny:
                                - fromEndpoints: [{matchLabels: {app: web}}]
                                  toPorts: [{ports: [{port: "80", protocol: TCP}]}]
                                """));
        assertThat(cluster.allowsTcp("web", "db", 80)).isFalse();
        assertThat(cluster.allowsTcp("web", "db", 81)).isTrue();
        assertThat(cluster.allowsTcp("other/job", "db", 80)).isTrue();
    }

    @Test
    void allow_rules_of_both_kinds_are_a_union() {
        Cluster cluster =
                open.with(
                        ingress("none", having("app=db")),
                        policy(
                                "web",
                                """
                                endpointSelector: {matchLabels: {app: db}}
                                ingress: [{fromEndpoints: [{matchLabels: {app: web}}]}]
                                """));
        assertThat(cluster.allowsTcp("web", "db", 80)).isTrue();
        assertThat(cluster.allowsTcp("other/job", "db", 80)).isFalse();
    }

    @Test
    void without_default_deny_only_deny_rules_cut() {
        Cluster cluster =
                open.with(
                        policy(
                                "soft",
                                """
                                endpointSelector: {}
                                enableDefaultDeny: {ingress: false}
                                ingress: [{fromEndpoints: [{matchLabels: {app: web}}]}]
                                ingressDeny: [{fromEntities: [remote-node]}]
                                """));
        assertThat(cluster.allowsTcp("other/job", "db", 80)).isTrue();
        assertThat(cluster.allowsTcp(NODE2, "db", 80)).isFalse();
    }

    @Test
    void a_cidr_means_neither_pods_nor_nodes() {
        Cluster cluster =
                open.with(
                        policy(
                                "block",
                                """
                                endpointSelector: {matchLabels: {app: db}}
                                ingress: [{fromCIDR: [10.0.0.0/8]}]
                                """));
        assertThat(cluster.allowsTcp("web", "db", 80)).isFalse();
        assertThat(cluster.allowsTcp(NODE2, "db", 80)).isFalse();
        assertThat(cluster.allowsTcp("10.9.9.9", "db", 80)).isTrue();
        // a node that is no longer one is outside
        Cluster gone = cluster.without(new Ref(Kind.NODE, "", "node2"));
        assertThat(gone.allowsTcp(NODE2, "db", 80)).isTrue();
    }

    @Test
    void cluster_means_pods_and_nodes_and_remote_node_only_nodes() {
        Cluster cluster =
                open.with(
                        policy(
                                "cluster",
                                """
                                endpointSelector: {matchLabels: {app: db}}
                                ingress: [{fromEntities: [cluster]}]
                                """),
                        policy(
                                "nodes",
                                """
                                endpointSelector: {matchLabels: {app: web}}
                                ingress: [{fromEntities: [remote-node]}]
                                """));
        assertThat(cluster.allowsTcp("other/job", "db", 80)).isTrue();
        assertThat(cluster.allowsTcp(NODE2, "db", 80)).isTrue();
        assertThat(cluster.allowsTcp(WORLD, "db", 80)).isFalse();
        assertThat(cluster.allowsTcp(NODE2, "web", 80)).isTrue();
        assertThat(cluster.allowsTcp("db", "web", 80)).isFalse();
    }

    @Test
    void services_mean_the_pods_behind_them_also_when_they_change() {
        Cluster cluster =
                open.with(
                        service(having("app=db")),
                        policy(
                                "to-service",
                                """
                                endpointSelector: {matchLabels: {app: web}}
                                egress:
                                - toServices:
                                  - k8sService: {serviceName: store, namespace: shop}
                                """));
        assertThat(cluster.allowsTcp("web", "db", 80)).isTrue();
        assertThat(cluster.allowsTcp("web", "other/job", 80)).isFalse();
        assertThat(cluster.with(service(having("app=cache"))).allowsTcp("web", "db", 80)).isFalse();
    }

    private static Service service(io.weft.model.LabelSelector pods) {
        return new Service(
                new Ref(Kind.SERVICE, "shop", "store"),
                Labels.EMPTY,
                Optional.of(pods),
                true,
                List.of(),
                List.of(),
                Source.NONE);
    }

    @Test
    void the_empty_rule_asks_for_default_deny() {
        Cluster cluster = open.with(policy("deny", "endpointSelector: {}\ningress: [{}]\n"));
        assertThat(cluster.allowsTcp("web", "db", 80)).isFalse();
        assertThat(cluster.allowsTcp("web", "other/job", 80)).isTrue();
    }

    @Test
    void what_means_nobody_is_warned_of() {
        Cluster cluster =
                open.with(
                        policy(
                                "odd",
                                """
                                endpointSelector: {matchLabels: {app: none}}
                                ingress:
                                - fromEntities: [health, host, world]
                                - fromEndpoints: [{matchLabels: {app: nobody}}]
                                """));
        assertThat(cluster.compiled().warnings())
                .extracting(problem -> problem.field() + ": " + problem.reason())
                .satisfiesExactly(
                        w -> assertThat(w).isEqualTo("spec.endpointSelector: selects no pod"),
                        w ->
                                assertThat(w)
                                        .startsWith("spec.ingress[0]: entity health means nobody"),
                        w ->
                                assertThat(w)
                                        .startsWith("spec.ingress[0]: entity host changes nothing"),
                        w -> assertThat(w).startsWith("spec.ingress[1]: matches no pod"));
    }

    // ---- ICMP types

    private static final String PING =
            """
            endpointSelector: {matchLabels: {app: db}}
            ingress:
            - fromEndpoints: [{matchLabels: {app: web}}]
              icmps: [{fields: [{type: EchoRequest}, {type: 128, family: IPv6}]}]
            """;

    private boolean allows(Cluster cluster, int type, String from, String to) {
        Family family = from.contains(":") ? Family.IPV6 : Family.IPV4;
        return cluster.decide(
                        Query.icmp(
                                        cluster.compiled().snapshot(),
                                        Party.parse(from, "shop"),
                                        Party.parse(to, "shop"),
                                        family,
                                        type)
                                .getFirst())
                .allowed();
    }

    @Test
    void an_icmp_type_is_allowed_and_no_other_type_and_no_port() {
        Cluster cluster =
                open.with(policy("ping", PING), pod("db", "10.0.0.2 fd00::2", "app=db"))
                        .with(pod("web", "10.0.0.1 fd00::1", "app=web"));
        assertThat(allows(cluster, 8, "web", "db")).isTrue();
        assertThat(allows(cluster, 128, "fd00::1", "db")).isTrue();
        assertThat(allows(cluster, 13, "web", "db")).isFalse();
        assertThat(allows(cluster, 0, "web", "db")).isFalse();
        assertThat(allows(cluster, 128, "web", "db")).as("of the other family").isFalse();
        assertThat(allows(cluster, 8, "fd00::1", "db")).as("of the other family").isFalse();
        assertThat(allows(cluster, 8, "other/job", "db")).as("of another pod").isFalse();
        assertThat(cluster.allowsTcp("web", "db", 8)).isFalse();
        assertThat(cluster.allowsTcp("web", "db", 8 << 8)).isFalse();
    }

    @Test
    void a_type_is_denied_and_the_others_are_not() {
        Cluster cluster =
                open.with(
                        policy(
                                "no-ping",
                                """
                                endpointSelector: {matchLabels: {app: web}}
                                egress: [{toEntities: [all]}]
                                egressDeny:
                                - toEntities: [all]
                                  icmps: [{fields: [{type: Echo}]}]
                                """));
        assertThat(cluster.allowsPing("web", "db")).isFalse();
        assertThat(cluster.allowsPing("web", WORLD)).isFalse();
        assertThat(allows(cluster, 13, "web", "db")).isTrue();
        assertThat(cluster.allowsTcp("web", "db", 8)).isTrue();
    }

    @Test
    void icmp_is_no_port_but_a_rule_without_ports_means_it_too() {
        Cluster ports =
                open.with(
                        policy(
                                "ports",
                                """
                                endpointSelector: {matchLabels: {app: db}}
                                ingress:
                                - toPorts: [{ports: [{port: "0", protocol: ANY}]}]
                                """));
        assertThat(ports.allowsTcp("web", "db", 80)).isTrue();
        assertThat(ports.allows("web", "db", Protocol.SCTP, 8)).isTrue();
        assertThat(ports.allowsPing("web", "db")).isFalse();
        Cluster all =
                open.with(
                        policy(
                                "all",
                                """
                                endpointSelector: {matchLabels: {app: db}}
                                ingress: [{fromEndpoints: [{}]}]
                                """));
        assertThat(all.allowsPing("web", "db")).isTrue();
        assertThat(allows(all, 13, "web", "db")).isTrue();
    }

    @Test
    void an_explanation_names_the_type() {
        Cluster cluster = open.with(policy("ping", PING));
        Query timestamp = new Query(Ip.parse("10.0.0.1"), Ip.parse("10.0.0.2"), 1, 13);
        assertThat(Explanation.of(cluster.compiled(), timestamp).text())
                .contains("shop/web (10.0.0.1) -> shop/db (10.0.0.2), ICMP type 13: denied")
                .contains("no  ICMP type 8: the flow is ICMP type 13")
                .contains("no  ICMPv6 type 128: the flow is ICMP type 13");
        Query ping = new Query(Ip.parse("10.0.0.1"), Ip.parse("10.0.0.2"), 1, 8);
        assertThat(cluster.decide(ping).ingressRule().text()).contains(", ICMP type 8 (");
    }
}
