package io.weft.compiler;

import static io.weft.compiler.Cluster.egress;
import static io.weft.compiler.Cluster.having;
import static io.weft.compiler.Cluster.ingress;
import static io.weft.compiler.Cluster.named;
import static io.weft.compiler.Cluster.pod;
import static io.weft.compiler.Cluster.pods;
import static io.weft.compiler.Cluster.policyRef;
import static io.weft.compiler.Cluster.port;
import static io.weft.compiler.Cluster.rule;
import static io.weft.compiler.Cluster.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Delta;
import io.weft.model.Ip;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.tables.Group;
import io.weft.tables.Identities;
import io.weft.tables.PodPolicy;
import io.weft.tables.Tables;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What stays the same from one compilation to the next. */
class StepTest {
    private final Cluster first =
            Cluster.of(
                    pod("web", "10.0.0.1", "app=web"),
                    pod("web2", "10.0.0.2", "app=web"),
                    pod("db", "10.0.0.3", "app=db"),
                    pod("cache", "10.0.0.4", "app=cache"),
                    ingress(
                            "db",
                            having("app=db"),
                            rule(List.of(pods(having("app=web"))), List.of(tcp(5432)))),
                    ingress(
                            "cache",
                            having("app=cache"),
                            rule(List.of(pods(having("app=db"))), List.of(tcp(6379)))));

    private static PodPolicy policy(Tables tables, String pod) {
        PodPolicy policy = tables.pods().get(Ref.pod("shop", pod));
        if (policy == null) {
            throw new AssertionError("no pod " + pod);
        }
        return policy;
    }

    private static Group ingressGroup(Tables tables, String pod) {
        Group group = tables.groups().get(policy(tables, pod).ingressGroup());
        if (group == null) {
            throw new AssertionError("no group of " + pod);
        }
        return group;
    }

    @Test
    void pods_alike_share_an_identity() {
        Tables tables = first.compiled().tables();
        assertThat(policy(tables, "web")).isEqualTo(policy(tables, "web2"));
        assertThat(policy(tables, "web").identity()).isGreaterThanOrEqualTo(Identities.FIRST);
        assertThat(policy(tables, "db").identity()).isNotEqualTo(policy(tables, "web").identity());
    }

    @Test
    void labels_that_no_selector_looks_at_do_not_count() {
        Tables before = first.compiled().tables();
        Tables after = first.with(pod("web", "10.0.0.1", "app=web hash=x")).compiled().tables();
        assertThat(after.podIdentities()).isSameAs(before.podIdentities());
        assertThat(after.pods()).isSameAs(before.pods());
        assertThat(after.groups()).isSameAs(before.groups());
    }

    @Test
    void a_change_leaves_what_does_not_depend_on_it() {
        Tables before = first.compiled().tables();
        Tables after = first.with(pod("cache", "10.0.0.4", "app=web")).compiled().tables();
        assertThat(ingressGroup(after, "db")).isSameAs(ingressGroup(before, "db"));
        assertThat(after.blockIdentities()).isSameAs(before.blockIdentities());
        assertThat(after.podIdentities()).isNotEqualTo(before.podIdentities());
    }

    @Test
    void an_identity_that_goes_takes_its_entries_and_its_number_along() {
        int old = policy(first.compiled().tables(), "db").identity();
        Cluster without = first.without(Ref.pod("shop", "db"));
        assertThat(ingressGroup(without.compiled().tables(), "cache").entries()).isEmpty();
        Cluster again = without.with(pod("db", "10.0.0.3", "app=db"));
        assertThat(policy(again.compiled().tables(), "db").identity()).isGreaterThan(old);
        assertThat(again.allowsTcp("db", "cache", 6379)).isTrue();
    }

    @Test
    void a_pod_replaced_by_one_alike_keeps_the_number() {
        int old = policy(first.compiled().tables(), "db").identity();
        Cluster replaced =
                first.step(
                        new Delta(
                                List.of(pod("db-next", "10.0.0.9", "app=db")),
                                List.of(Ref.pod("shop", "db"))));
        assertThat(policy(replaced.compiled().tables(), "db-next").identity()).isEqualTo(old);
    }

    @Test
    void a_rule_keeps_its_number_while_its_policy_changes_around_it() {
        Tables before = first.compiled().tables();
        int rule = ingressGroup(before, "db").entries().values().iterator().next().rule();
        Tables after =
                first.with(
                                ingress(
                                        "db",
                                        having("app=db"),
                                        rule(List.of(pods(having("app=web"))), List.of(tcp(5432))),
                                        rule(List.of(pods(having("app=cache"))), List.of())))
                        .compiled()
                        .tables();
        assertThat(ingressGroup(after, "db").id()).isEqualTo(ingressGroup(before, "db").id());
        assertThat(ingressGroup(after, "db").entries())
                .hasSize(2)
                .anySatisfy((key, verdict) -> assertThat(verdict.rule()).isEqualTo(rule));
    }

    @Test
    void a_rule_that_is_gone_can_still_be_named() {
        Tables before = first.compiled().tables();
        int rule = ingressGroup(before, "db").entries().values().iterator().next().rule();
        Tables after = first.without(policyRef("db")).compiled().tables();
        assertThat(after.rules().find(rule)).isEqualTo(before.rules().find(rule)).isPresent();
    }

    @Test
    void a_port_name_splits_identities_only_while_an_egress_rule_uses_it() {
        Cluster named =
                first.with(pod("web2", "10.0.0.2", "app=web", port("http", Protocol.TCP, 8080)));
        assertThat(policy(named.compiled().tables(), "web2").identity())
                .isEqualTo(policy(named.compiled().tables(), "web").identity());
        Cluster used =
                named.with(
                        egress(
                                "out",
                                having("app=cache"),
                                rule(List.of(), List.of(named(Protocol.TCP, "http")))));
        assertThat(policy(used.compiled().tables(), "web2").identity())
                .isNotEqualTo(policy(used.compiled().tables(), "web").identity());
        assertThat(used.without(policyRef("out")).compiled().tables().podIdentities().values())
                .hasSize(5)
                .contains(Identities.HOST);
    }

    @Test
    void an_edited_policy_may_begin_to_name_ports() {
        Cluster named =
                first.with(
                        pod("db", "10.0.0.3", "app=db", port("sql", Protocol.TCP, 3306)),
                        ingress(
                                "db",
                                having("app=db"),
                                rule(
                                        List.of(pods(having("app=web"))),
                                        List.of(tcp(5432), tcp(5433)))));
        assertThat(named.allowsTcp("web", "db", 3306)).isFalse();
        Cluster edited =
                named.with(
                        ingress(
                                "db",
                                having("app=db"),
                                rule(
                                        List.of(pods(having("app=web"))),
                                        List.of(named(Protocol.TCP, "sql")))));
        assertThat(edited.allowsTcp("web", "db", 3306)).isTrue();
        assertThat(edited.allowsTcp("web", "db", 5432)).isFalse();
    }

    @Test
    void of_two_pods_with_one_address_the_first_by_name_answers() {
        Cluster both = first.with(pod("aaa", "10.0.0.1", "app=db"));
        Ip ip = Ip.parse("10.0.0.1");
        assertThat(both.compiled().owner(ip)).contains(Ref.pod("shop", "aaa"));
        assertThat(both.compiled().tables().identityOf(ip))
                .isEqualTo(policy(both.compiled().tables(), "db").identity());
        Cluster back = both.without(Ref.pod("shop", "aaa"));
        assertThat(back.compiled().tables().identityOf(ip))
                .isEqualTo(policy(first.compiled().tables(), "web").identity());
    }

    @Test
    void an_empty_delta_changes_nothing() {
        Tables before = first.compiled().tables();
        Tables after = first.step(Delta.NONE).compiled().tables();
        assertThat(after.groups()).isSameAs(before.groups());
        assertThat(after.rules().byId()).isSameAs(before.rules().byId());
    }
}
