package io.weft.compiler;

import static io.weft.compiler.Cluster.block;
import static io.weft.compiler.Cluster.egress;
import static io.weft.compiler.Cluster.everything;
import static io.weft.compiler.Cluster.having;
import static io.weft.compiler.Cluster.ingress;
import static io.weft.compiler.Cluster.named;
import static io.weft.compiler.Cluster.namespace;
import static io.weft.compiler.Cluster.pod;
import static io.weft.compiler.Cluster.pods;
import static io.weft.compiler.Cluster.policyRef;
import static io.weft.compiler.Cluster.port;
import static io.weft.compiler.Cluster.ports;
import static io.weft.compiler.Cluster.rule;
import static io.weft.compiler.Cluster.tcp;
import static io.weft.compiler.Cluster.where;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Ip;
import io.weft.model.LabelSelector.Operator;
import io.weft.model.Namespace;
import io.weft.model.Pod;
import io.weft.model.Protocol;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What implementations of NetworkPolicy get wrong, one test each. */
class SemanticsTest {
    private static final Pod WEB = pod("web", "10.0.0.1 fd00::1", "app=web");
    private static final Pod DB = pod("db", "10.0.0.2 fd00::2", "app=db");
    private static final Pod CACHE = pod("cache", "10.0.0.3 fd00::3", "app=cache");
    private static final Pod STRANGER = pod("other/web", "10.0.1.1 fd00::1:1", "app=web");
    private static final String OUTSIDE = "203.0.113.7";

    private final Cluster open =
            Cluster.of(
                    namespace("shop", "team=a"),
                    namespace("other", "team=b"),
                    WEB,
                    DB,
                    CACHE,
                    STRANGER);

    @Test
    void nothing_is_isolated_until_a_policy_selects_it() {
        assertThat(open.allowsTcp("web", "db", 80)).isTrue();
        assertThat(open.allowsTcp(OUTSIDE, "db", 80)).isTrue();
    }

    @Test
    void isolation_is_per_direction() {
        Cluster cluster = open.with(ingress("deny", having("app=db")));
        assertThat(cluster.allowsTcp("web", "db", 80)).isFalse();
        assertThat(cluster.allowsTcp("db", "web", 80)).isTrue();
    }

    @Test
    void a_flow_needs_both_ends() {
        Cluster cluster =
                open.with(
                        ingress("in", having("app=db"), rule(List.of(), List.of())),
                        egress("out", having("app=web"), rule(List.of(), List.of(tcp(80)))));
        assertThat(cluster.allowsTcp("web", "db", 80)).isTrue();
        assertThat(cluster.allowsTcp("web", "db", 81)).isFalse();
        assertThat(cluster.allowsTcp("cache", "db", 81)).isTrue();
    }

    @Test
    void policies_are_a_union() {
        Cluster cluster =
                open.with(
                        ingress("a", everything(), rule(List.of(), List.of(tcp(80)))),
                        ingress("b", everything(), rule(List.of(), List.of(tcp(81)))));
        assertThat(cluster.allowsTcp("web", "db", 80)).isTrue();
        assertThat(cluster.allowsTcp("web", "db", 81)).isTrue();
        assertThat(cluster.allowsTcp("web", "db", 82)).isFalse();
    }

    @Test
    void no_peers_means_everyone_outside_too() {
        Cluster cluster = open.with(ingress("p", everything(), rule(List.of(), List.of())));
        assertThat(cluster.allowsTcp(OUTSIDE, "db", 80)).isTrue();
        assertThat(cluster.allowsTcp("other/web", "db", 80)).isTrue();
    }

    @Test
    void an_empty_pod_selector_as_peer_means_this_namespace_only() {
        Cluster cluster =
                open.with(ingress("p", everything(), rule(List.of(pods(everything())), List.of())));
        assertThat(cluster.allowsTcp("web", "db", 80)).isTrue();
        assertThat(cluster.allowsTcp("other/web", "db", 80)).isFalse();
        assertThat(cluster.allowsTcp(OUTSIDE, "db", 80)).isFalse();
    }

    @Test
    void an_empty_namespace_selector_means_all_pods_but_nobody_outside() {
        Cluster cluster =
                open.with(
                        ingress(
                                "p",
                                everything(),
                                rule(List.of(pods(everything(), everything())), List.of())));
        assertThat(cluster.allowsTcp("other/web", "db", 80)).isTrue();
        assertThat(cluster.allowsTcp(OUTSIDE, "db", 80)).isFalse();
    }

    @Test
    void selectors_in_one_peer_are_and_in_two_peers_are_or() {
        Cluster and =
                open.with(
                        ingress(
                                "p",
                                everything(),
                                rule(
                                        List.of(pods(having("team=b"), having("app=web"))),
                                        List.of())));
        assertThat(and.allowsTcp("other/web", "db", 80)).isTrue();
        assertThat(and.allowsTcp("web", "db", 80)).isFalse();
        Cluster or =
                open.with(
                        ingress(
                                "p",
                                everything(),
                                rule(
                                        List.of(
                                                pods(having("team=b"), everything()),
                                                pods(having("app=web"))),
                                        List.of())));
        assertThat(or.allowsTcp("other/web", "db", 80)).isTrue();
        assertThat(or.allowsTcp("web", "db", 80)).isTrue();
        assertThat(or.allowsTcp("cache", "db", 80)).isFalse();
    }

    @Test
    void not_in_and_does_not_exist_match_what_lacks_the_key() {
        for (Operator operator : List.of(Operator.NOT_IN, Operator.DOES_NOT_EXIST)) {
            String[] values = operator == Operator.NOT_IN ? new String[] {"x"} : new String[0];
            Cluster cluster =
                    open.with(
                            ingress(
                                    "p",
                                    everything(),
                                    rule(
                                            List.of(pods(where("missing", operator, values))),
                                            List.of())));
            assertThat(cluster.allowsTcp("web", "db", 80)).isTrue();
        }
    }

    @Test
    void no_rules_deny_all_and_one_empty_rule_allows_all() {
        assertThat(open.with(ingress("p", everything())).allowsTcp("web", "db", 80)).isFalse();
        assertThat(
                        open.with(ingress("p", everything(), rule(List.of(), List.of())))
                                .allowsTcp("web", "db", 80))
                .isTrue();
    }

    @Test
    void all_ports_of_one_protocol_are_not_all_protocols() {
        Cluster cluster =
                open.with(
                        ingress(
                                "p",
                                everything(),
                                rule(List.of(), List.of(ports(Protocol.TCP, 0, 65535)))));
        assertThat(cluster.allowsTcp("web", "db", 12345)).isTrue();
        assertThat(cluster.allows("web", "db", Protocol.UDP, 12345)).isFalse();
        assertThat(cluster.allows("web", "db", Protocol.SCTP, 12345)).isFalse();
    }

    @Test
    void ping_matches_rules_without_ports_only() {
        Cluster withPorts =
                open.with(
                        ingress(
                                "p",
                                everything(),
                                rule(List.of(), List.of(ports(Protocol.TCP, 0, 65535)))));
        assertThat(withPorts.allowsPing("web", "db")).isFalse();
        Cluster without =
                open.with(
                        ingress(
                                "p",
                                everything(),
                                rule(List.of(pods(having("app=web"))), List.of())));
        assertThat(without.allowsPing("web", "db")).isTrue();
        assertThat(without.allowsPing("cache", "db")).isFalse();
    }

    @Test
    void sctp_is_not_tcp() {
        Cluster cluster =
                open.with(
                        ingress(
                                "p",
                                everything(),
                                rule(List.of(), List.of(ports(Protocol.SCTP, 80, 80)))));
        assertThat(cluster.allows("web", "db", Protocol.SCTP, 80)).isTrue();
        assertThat(cluster.allowsTcp("web", "db", 80)).isFalse();
    }

    @Test
    void a_named_port_is_resolved_at_each_destination_and_protocol() {
        Cluster cluster =
                open.with(
                        pod("db", "10.0.0.2", "app=db", port("sql", Protocol.TCP, 5432)),
                        pod("cache", "10.0.0.3", "app=cache", port("sql", Protocol.TCP, 6000)),
                        pod("udp", "10.0.0.4", "app=udp", port("sql", Protocol.UDP, 5432)),
                        ingress(
                                "in",
                                everything(),
                                rule(List.of(), List.of(named(Protocol.TCP, "sql")))));
        assertThat(cluster.allowsTcp("web", "db", 5432)).isTrue();
        assertThat(cluster.allowsTcp("web", "db", 6000)).isFalse();
        assertThat(cluster.allowsTcp("web", "cache", 6000)).isTrue();
        assertThat(cluster.allowsTcp("cache", "web", 5432)).as("has no such port").isFalse();
        assertThat(cluster.allows("web", "udp", Protocol.UDP, 5432)).isFalse();
    }

    @Test
    void a_named_port_of_egress_is_the_destinations_and_nobody_outside_has_one() {
        Cluster cluster =
                open.with(
                        pod("db", "10.0.0.2", "app=db", port("sql", Protocol.TCP, 5432)),
                        pod("cache", "10.0.0.3", "app=cache", port("sql", Protocol.TCP, 6000)),
                        egress(
                                "to-everyone",
                                having("app=web"),
                                rule(List.of(), List.of(named(Protocol.TCP, "sql")))),
                        egress(
                                "to-blocks",
                                having("app=web"),
                                rule(
                                        List.of(block("203.0.113.0/24")),
                                        List.of(named(Protocol.TCP, "sql")))));
        assertThat(cluster.allowsTcp("web", "db", 5432)).isTrue();
        assertThat(cluster.allowsTcp("web", "cache", 6000)).isTrue();
        assertThat(cluster.allowsTcp("web", "cache", 5432)).isFalse();
        assertThat(cluster.allowsTcp("web", OUTSIDE, 5432)).isFalse();
    }

    @Test
    void a_range_includes_both_ends_and_needs_few_entries() {
        Cluster cluster =
                open.with(
                        ingress(
                                "p",
                                having("app=db"),
                                rule(List.of(), List.of(ports(Protocol.TCP, 1, 65534)))));
        assertThat(cluster.allowsTcp("web", "db", 1)).isTrue();
        assertThat(cluster.allowsTcp("web", "db", 65534)).isTrue();
        assertThat(cluster.allowsTcp("web", "db", 0)).isFalse();
        assertThat(cluster.allowsTcp("web", "db", 65535)).isFalse();
        assertThat(cluster.compiled().tables().groups().values())
                .singleElement()
                .satisfies(group -> assertThat(group.entries()).hasSize(30));
    }

    @Test
    void an_exception_of_one_block_may_be_in_another() {
        Cluster cluster =
                open.with(
                        ingress(
                                "p",
                                everything(),
                                rule(
                                        List.of(
                                                block("203.0.113.0/24", "203.0.113.0/28"),
                                                block("203.0.113.7/32")),
                                        List.of())));
        assertThat(cluster.allowsTcp("203.0.113.7", "db", 80)).isTrue();
        assertThat(cluster.allowsTcp("203.0.113.8", "db", 80)).isFalse();
        assertThat(cluster.allowsTcp("203.0.113.99", "db", 80)).isTrue();
    }

    @Test
    void every_ipv4_address_says_nothing_of_ipv6() {
        Cluster cluster =
                open.with(ingress("p", everything(), rule(List.of(block("0.0.0.0/0")), List.of())));
        assertThat(cluster.allowsTcp("203.0.113.7", "db", 80)).isTrue();
        assertThat(cluster.allowsTcp("2001:db8::7", "db", 80)).isFalse();
    }

    @Test
    void a_block_also_means_the_pods_in_it() {
        Cluster cluster =
                open.with(
                        ingress(
                                "p",
                                having("app=db"),
                                rule(
                                        List.of(
                                                block("10.0.0.0/16", "10.0.0.3/32"),
                                                block("fd00::/16", "fd00::3/128")),
                                        List.of())));
        assertThat(cluster.allowsTcp("web", "db", 80)).isTrue();
        assertThat(cluster.allowsTcp("other/web", "db", 80)).isTrue();
        assertThat(cluster.allowsTcp("cache", "db", 80)).isFalse();
    }

    @Test
    void a_node_and_its_own_workloads_always_reach_each_other() {
        Cluster cluster = open.with(ingress("in", everything()), egress("out", everything()));
        assertThat(cluster.allowsTcp(Cluster.NODE.toString(), "db", 80)).isTrue();
        assertThat(cluster.allowsTcp("db", Cluster.NODE.toString(), 80)).isTrue();
    }

    @Test
    void a_pod_in_the_hosts_network_is_neither_subject_nor_peer() {
        Pod host =
                new Pod(
                        WEB.ref(),
                        WEB.labels(),
                        List.of(Ip.parse("10.0.255.2")), // another node
                        List.of(),
                        List.of(),
                        true,
                        false,
                        WEB.source());
        Cluster cluster =
                open.with(
                        host,
                        egress("deny", having("app=web")),
                        ingress(
                                "p",
                                having("app=db"),
                                rule(List.of(pods(having("app=web"))), List.of())));
        assertThat(cluster.allowsTcp("web", "cache", 80)).isTrue();
        assertThat(cluster.allowsTcp("web", "db", 80)).isFalse();
    }

    @Test
    void a_pod_reaches_itself() {
        Cluster cluster = open.with(ingress("in", everything()), egress("out", everything()));
        assertThat(cluster.allowsTcp("db", "db", 80)).isTrue();
    }

    @Test
    void a_terminating_pod_still_counts() {
        Pod leaving =
                new Pod(
                        WEB.ref(),
                        WEB.labels(),
                        WEB.ips(),
                        List.of(),
                        List.of(),
                        false,
                        false,
                        true,
                        java.util.Optional.empty(),
                        List.of(),
                        java.util.Optional.empty(),
                        true,
                        Pod.Naming.DEFAULT,
                        WEB.source());
        Cluster cluster =
                open.with(
                        leaving,
                        egress("deny", having("app=web")),
                        ingress(
                                "p",
                                having("app=db"),
                                rule(List.of(pods(having("app=web"))), List.of())));
        assertThat(cluster.allowsTcp("web", "cache", 80)).isFalse();
        assertThat(cluster.without(Cluster.policyRef("deny")).allowsTcp("web", "db", 80)).isTrue();
    }

    @Test
    void a_finished_pod_no_longer_counts_and_its_address_may_be_reused() {
        Pod finished =
                new Pod(
                        WEB.ref(),
                        WEB.labels(),
                        WEB.ips(),
                        List.of(),
                        List.of(),
                        false,
                        true,
                        WEB.source());
        Cluster cluster =
                open.with(
                        ingress(
                                "p",
                                having("app=db"),
                                rule(List.of(pods(having("app=web"))), List.of())));
        assertThat(cluster.allowsTcp("web", "db", 80)).isTrue();
        assertThat(cluster.with(finished).allowsTcp("10.0.0.1", "db", 80)).isFalse();
        Cluster reused = cluster.with(finished, pod("next", "10.0.0.1", "app=cache"));
        assertThat(reused.allowsTcp("10.0.0.1", "db", 80)).isFalse();
        assertThat(reused.with(pod("next", "10.0.0.1", "app=web")).allowsTcp("next", "db", 80))
                .isTrue();
    }

    @Test
    void changes_of_labels_namespaces_and_policies_take_effect() {
        Cluster cluster =
                open.with(
                        ingress(
                                "p",
                                having("app=db"),
                                rule(List.of(pods(having("team=b"), everything())), List.of())));
        assertThat(cluster.allowsTcp("other/web", "db", 80)).isTrue();
        assertThat(cluster.with(namespace("other", "team=c")).allowsTcp("other/web", "db", 80))
                .isFalse();
        assertThat(cluster.allowsTcp("web", "db", 80)).isFalse();
        assertThat(cluster.with(namespace("shop", "team=b")).allowsTcp("web", "db", 80)).isTrue();
        assertThat(cluster.with(pod("db", "10.0.0.2", "app=free")).allowsTcp("web", "db", 80))
                .isTrue();
        assertThat(cluster.without(policyRef("p")).allowsTcp("web", "db", 80)).isTrue();
    }

    @Test
    void the_name_of_a_namespace_is_one_of_its_labels() {
        Cluster cluster =
                open.with(
                        ingress(
                                "p",
                                everything(),
                                rule(
                                        List.of(
                                                pods(
                                                        having(Namespace.NAME_LABEL + "=other"),
                                                        everything())),
                                        List.of())));
        assertThat(cluster.allowsTcp("other/web", "db", 80)).isTrue();
        assertThat(cluster.allowsTcp("web", "db", 80)).isFalse();
        Cluster undeclared = cluster.without(namespace("other", "").ref());
        assertThat(undeclared.allowsTcp("other/web", "db", 80)).isTrue();
    }
}
