package io.weft.compiler;

import static io.weft.compiler.Cluster.egress;
import static io.weft.compiler.Cluster.everything;
import static io.weft.compiler.Cluster.having;
import static io.weft.compiler.Cluster.ingress;
import static io.weft.compiler.Cluster.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.compiler.Decision.Outcome;
import io.weft.model.Delta;
import io.weft.model.Labels;
import io.weft.model.Namespace;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Snapshot;
import io.weft.model.Source;
import io.weft.tables.Rule;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Audit mode: what policy denies passes, and the decision says so. */
class AuditTest {
    private static final Pod WEB = pod("web", "10.0.0.1", "app=web");
    private static final Pod DB = pod("db", "10.0.0.2", "app=db");
    private static final CompilerOptions ALL = new CompilerOptions(true);

    private final Cluster isolated = Cluster.of(WEB, DB, ingress("in", having("app=db")));

    private static Namespace shop(Optional<Boolean> audit) {
        return new Namespace("shop", Labels.EMPTY, audit, Source.NONE);
    }

    private static Outcome ask(Cluster cluster) {
        return cluster.decide(cluster.query("web", "db", 80)).outcome();
    }

    @Test
    void an_audited_pod_is_reached_and_the_decision_names_who_would_deny() {
        Cluster cluster = isolated.with(DB.withAudit(Optional.of(true)));
        Decision decision = cluster.decide(cluster.query("web", "db", 80));

        assertThat(decision.allowed()).isTrue();
        assertThat(decision.ingress()).isTrue();
        assertThat(decision.outcome()).isEqualTo(Outcome.AUDITED);
        assertThat(decision.ingressOutcome()).isEqualTo(Outcome.AUDITED);
        assertThat(decision.egressOutcome()).isEqualTo(Outcome.ALLOWED);
        assertThat(decision.decisive()).isInstanceOf(Rule.Isolated.class);
        assertThat(Explanation.of(cluster.compiled(), cluster.query("web", "db", 80)).text())
                .startsWith(
                        "shop/web (10.0.0.1) -> shop/db (10.0.0.2), TCP 80: audited: policy would"
                                + " deny it, but in audit mode it passes")
                .contains("ingress of shop/db: audited: policy would deny it")
                .contains("isolated by shop/in");
    }

    @Test
    void the_other_side_denies_for_real() {
        Cluster cluster =
                isolated.with(WEB.withAudit(Optional.of(true)), egress("out", having("app=web")));
        Decision decision = cluster.decide(cluster.query("web", "db", 80));

        assertThat(decision.egressOutcome()).isEqualTo(Outcome.AUDITED);
        assertThat(decision.outcome()).isEqualTo(Outcome.DENIED);
        assertThat(decision.decisive()).isEqualTo(decision.ingressRule());
    }

    @Test
    void what_policy_allows_is_simply_allowed() {
        Cluster cluster = isolated.with(WEB.withAudit(Optional.of(true)));
        assertThat(cluster.decide(cluster.query("db", "web", 80)).outcome())
                .isEqualTo(Outcome.ALLOWED);
    }

    @Test
    void a_pod_speaks_before_its_namespace_and_that_before_the_node() {
        assertThat(ask(isolated)).isEqualTo(Outcome.DENIED);
        assertThat(ask(isolated.with(shop(Optional.of(true))))).isEqualTo(Outcome.AUDITED);
        assertThat(ask(isolated.with(shop(Optional.of(true)), DB.withAudit(Optional.of(false)))))
                .isEqualTo(Outcome.DENIED);

        Snapshot snapshot = isolated.compiled().snapshot();
        Query query = isolated.query("web", "db", 80);
        Compilation all = Compiler.compile(snapshot, Set.of(Cluster.NODE), ALL);
        assertThat(all.decide(query).outcome()).isEqualTo(Outcome.AUDITED);
        assertThat(new Oracle(snapshot, Set.of(), ALL).decide(query).outcome())
                .isEqualTo(Outcome.AUDITED);
        assertThat(all.next(Delta.put(List.of(shop(Optional.of(false))))).decide(query).outcome())
                .as("every step keeps the options")
                .isEqualTo(Outcome.DENIED);
        Pod late = pod("late", "10.0.0.3", "app=db");
        assertThat(
                        all.next(Delta.put(List.of(late)))
                                .decide(new Query(query.from(), late.ips().getFirst(), 6, 80))
                                .outcome())
                .isEqualTo(Outcome.AUDITED);
    }

    @Test
    void switching_it_changes_only_the_pods() {
        Cluster audited = isolated.with(shop(Optional.of(true)));
        assertThat(ask(audited)).isEqualTo(Outcome.AUDITED);
        assertThat(audited.compiled().tables().groups())
                .isSameAs(isolated.compiled().tables().groups());
        Cluster over = audited.without(new Ref(io.weft.model.Kind.NAMESPACE, "", "shop"));
        assertThat(ask(over)).isEqualTo(Outcome.DENIED);
        assertThat(over.compiled().tables().pods()).isEqualTo(isolated.compiled().tables().pods());
    }

    @Test
    void a_pod_that_nothing_isolates_has_nothing_to_audit() {
        Cluster cluster =
                Cluster.of(WEB.withAudit(Optional.of(true)), DB, ingress("none", having("app=x")))
                        .with(egress("other", everything()))
                        .without(egress("other", everything()).ref());
        assertThat(ask(cluster)).isEqualTo(Outcome.ALLOWED);
    }
}
