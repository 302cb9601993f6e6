package io.weft.compiler;

import static io.weft.compiler.Cluster.everything;
import static io.weft.compiler.Cluster.having;
import static io.weft.compiler.Cluster.ingress;
import static io.weft.compiler.Cluster.namespace;
import static io.weft.compiler.Cluster.pod;
import static io.weft.compiler.Cluster.pods;
import static io.weft.compiler.Cluster.port;
import static io.weft.compiler.Cluster.rule;
import static io.weft.compiler.Cluster.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.ManifestReader;
import io.weft.model.Protocol;
import io.weft.model.Resource;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Cluster policies, tier by tier; every answer comes from the tables and from the oracle. */
class TiersTest {
    private final Cluster open =
            Cluster.of(
                    namespace("shop", ""),
                    namespace("other", "team=b"),
                    pod("web", "10.0.0.1 fd00::1", "app=web"),
                    pod("db", "10.0.0.2 fd00::2", "app=db", port("sql", Protocol.TCP, 5432)),
                    pod("other/job", "10.0.1.1 fd00::1:1", "app=job"));

    private static Resource policy(String name, String tier, int priority, String rules) {
        return new ManifestReader()
                .read(
                        name + ".yaml",
                        """
                        apiVersion: policy.networking.k8s.io/v1alpha2
                        kind: ClusterNetworkPolicy
                        metadata: {name: %s}
                        spec:
                          tier: %s
                          priority: %d
                          subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: shop}}}
                        """
                                        .formatted(name, tier, priority)
                                + rules.indent(2))
                .getFirst();
    }

    private static final String FROM_EVERY_POD = "from: [{namespaces: {}}]";

    @Test
    void the_lower_priority_is_asked_first() {
        Cluster cluster =
                open.with(
                        policy(
                                "a",
                                "Admin",
                                20,
                                "ingress: [{action: Deny, " + FROM_EVERY_POD + "}]"),
                        policy(
                                "b",
                                "Admin",
                                10,
                                """
                                ingress:
                                - action: Accept
                                  from: [{namespaces: {matchLabels: {team: b}}}]
                                """));
        assertThat(cluster.allowsTcp("other/job", "db", 80)).isTrue();
        assertThat(cluster.allowsTcp("web", "db", 80)).isFalse();
    }

    @Test
    void rules_are_asked_in_written_order() {
        Cluster cluster =
                open.with(
                        policy(
                                "a",
                                "Admin",
                                1,
                                """
                                ingress:
                                - action: Accept
                                  from: [{namespaces: {}}]
                                  protocols: [{tcp: {destinationPort: {number: 80}}}]
                                - action: Deny
                                  from: [{namespaces: {}}]
                                """));
        assertThat(cluster.allowsTcp("web", "db", 80)).isTrue();
        assertThat(cluster.allowsTcp("web", "db", 81)).isFalse();
        assertThat(cluster.allowsPing("web", "db")).isFalse();
    }

    @Test
    void admin_decides_before_network_policy() {
        Cluster cluster =
                open.with(
                        ingress("none", having("app=db")),
                        policy(
                                "a",
                                "Admin",
                                1,
                                "ingress: [{action: Accept, from: [{namespaces: {matchLabels: {team:"
                                        + " b}}}]}]"));
        assertThat(cluster.allowsTcp("other/job", "db", 80)).isTrue();
        assertThat(cluster.allowsTcp("web", "db", 80)).isFalse();
    }

    @Test
    void pass_skips_the_rest_of_admin_and_leaves_it_to_network_policy() {
        Cluster cluster =
                open.with(
                        policy(
                                "a",
                                "Admin",
                                1,
                                """
                                ingress:
                                - action: Pass
                                  from: [{namespaces: {matchLabels: {team: b}}}]
                                  protocols: [{tcp: {destinationPort: {range: {start: 80, end: 90}}}}]
                                """),
                        policy(
                                "b",
                                "Admin",
                                2,
                                "ingress: [{action: Deny, " + FROM_EVERY_POD + "}]"));
        assertThat(cluster.allowsTcp("other/job", "db", 85)).isTrue();
        assertThat(cluster.allowsTcp("other/job", "db", 91)).isFalse();
        assertThat(cluster.allowsTcp("web", "db", 85)).isFalse();

        Cluster isolated =
                cluster.with(
                        ingress(
                                "only-81",
                                having("app=db"),
                                rule(List.of(pods(everything(), everything())), List.of(tcp(81)))));
        assertThat(isolated.allowsTcp("other/job", "db", 81)).isTrue();
        assertThat(isolated.allowsTcp("other/job", "db", 85)).isFalse();
        assertThat(isolated.allowsTcp("web", "db", 81)).isFalse();
    }

    @Test
    void network_policy_is_final_for_the_pods_that_it_isolates_and_baseline_is_for_the_others() {
        Cluster cluster =
                open.with(
                        policy(
                                "base",
                                "Baseline",
                                0,
                                "ingress: [{action: Deny, " + FROM_EVERY_POD + "}]"),
                        ingress(
                                "db",
                                having("app=db"),
                                rule(List.of(pods(having("app=web"))), List.of())));
        assertThat(cluster.allowsTcp("web", "db", 80)).isTrue();
        assertThat(cluster.allowsTcp("other/job", "db", 80)).isFalse();
        assertThat(cluster.allowsTcp("db", "web", 80)).isFalse();
        assertThat(cluster.allowsTcp("203.0.113.7", "web", 80)).isTrue();
    }

    @Test
    void no_match_allows() {
        Cluster cluster =
                open.with(
                        policy(
                                "a",
                                "Admin",
                                1,
                                "egress: [{action: Deny, to: [{networks: [203.0.113.0/24]}]}]"));
        assertThat(cluster.allowsTcp("web", "203.0.113.7", 80)).isFalse();
        assertThat(cluster.allowsTcp("web", "198.51.100.1", 80)).isTrue();
        assertThat(cluster.decide(cluster.query("web", "198.51.100.1", 80)).egressRule().text())
                .isEqualTo("no policy isolates the workload");
    }

    @Test
    void networks_also_mean_pods_and_every_protocol() {
        Cluster cluster =
                open.with(
                        policy(
                                "a",
                                "Admin",
                                1,
                                "egress: [{action: Deny, to: [{networks: [10.0.1.0/24, \"fd00::/64\"]}]}]"));
        assertThat(cluster.allowsTcp("web", "other/job", 80)).isFalse();
        assertThat(cluster.allowsPing("web", "other/job")).isFalse();
    }

    @Test
    void a_destination_port_has_the_number_that_the_destination_gives_it() {
        Cluster cluster =
                open.with(
                        policy(
                                "a",
                                "Admin",
                                1,
                                """
                                egress:
                                - action: Deny
                                  to: [{namespaces: {}}]
                                  protocols: [{destinationNamedPort: sql}]
                                """));
        assertThat(cluster.allowsTcp("web", "db", 5432)).isFalse();
        assertThat(cluster.allowsTcp("web", "db", 5433)).isTrue();
        assertThat(cluster.allowsTcp("web", "other/job", 5432)).isTrue();
    }

    @Test
    void unknown_fields_fail_closed() {
        String unknown = "from: [{galaxies: {}}]";
        Cluster accept =
                open.with(
                        policy("a", "Admin", 1, "ingress: [{action: Accept, " + unknown + "}]"),
                        policy(
                                "b",
                                "Admin",
                                2,
                                "ingress: [{action: Deny, " + FROM_EVERY_POD + "}]"));
        assertThat(accept.allowsTcp("web", "db", 80)).isFalse();
        Cluster deny =
                open.with(policy("a", "Admin", 1, "ingress: [{action: Deny, " + unknown + "}]"));
        assertThat(deny.allowsTcp("web", "db", 80)).isFalse();
        assertThat(deny.allowsTcp("203.0.113.7", "db", 80)).isFalse();
        Cluster pass =
                open.with(
                        policy("a", "Admin", 1, "ingress: [{action: Pass, " + unknown + "}]"),
                        policy(
                                "b",
                                "Admin",
                                2,
                                "ingress: [{action: Deny, " + FROM_EVERY_POD + "}]"));
        assertThat(pass.allowsTcp("web", "db", 80)).isTrue();
    }

    @Test
    void a_pods_own_address_is_not_subject() {
        Cluster cluster =
                open.with(
                        policy(
                                "a",
                                "Admin",
                                1,
                                "ingress: [{action: Deny, " + FROM_EVERY_POD + "}]"));
        assertThat(cluster.allowsTcp("db", "db", 80)).isTrue();
    }

    @Test
    void an_explanation_names_every_tier_and_what_it_says() {
        Cluster cluster =
                open.with(
                        policy(
                                "let",
                                "Admin",
                                5,
                                "ingress: [{action: Pass, " + FROM_EVERY_POD + "}]"),
                        policy(
                                "base",
                                "Baseline",
                                0,
                                "ingress: [{action: Deny, " + FROM_EVERY_POD + "}]"));
        String text = Explanation.of(cluster.compiled(), cluster.query("web", "db", 80)).text();
        assertThat(text)
                .contains("TCP 80: denied")
                .contains("tier Admin: goes on by let Pass ingress[0]")
                .contains("considered ClusterNetworkPolicy let of priority 5 (let.yaml:1)")
                .contains("tier Baseline: denies by base Deny ingress[0]");
    }
}
