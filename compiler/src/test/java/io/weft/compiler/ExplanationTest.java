package io.weft.compiler;

import static io.weft.compiler.Cluster.block;
import static io.weft.compiler.Cluster.everything;
import static io.weft.compiler.Cluster.having;
import static io.weft.compiler.Cluster.ingress;
import static io.weft.compiler.Cluster.named;
import static io.weft.compiler.Cluster.namespace;
import static io.weft.compiler.Cluster.pod;
import static io.weft.compiler.Cluster.pods;
import static io.weft.compiler.Cluster.port;
import static io.weft.compiler.Cluster.rule;
import static io.weft.compiler.Cluster.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.compiler.Explanation.ConsideredTier;
import io.weft.model.Ip;
import io.weft.model.Protocol;
import io.weft.model.Snapshot;
import io.weft.tables.Rule;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExplanationTest {
    private final Cluster cluster =
            Cluster.of(
                    namespace("shop", ""),
                    namespace("other", "team=b"),
                    pod("front", "10.0.0.1", "tier=front"),
                    pod("back", "10.0.0.2", "tier=back", port("http", Protocol.TCP, 8080)),
                    pod("other/job", "10.0.1.1", ""),
                    ingress(
                            "to-back",
                            having("tier=back"),
                            rule(
                                    List.of(pods(having("tier=front"))),
                                    List.of(named(Protocol.TCP, "http"))),
                            rule(
                                    List.of(
                                            pods(having("team=a"), everything()),
                                            block("203.0.113.0/24", "203.0.113.128/25")),
                                    List.of(tcp(9090)))));

    private String text(String from, String to, int port) {
        return Explanation.of(cluster.compiled(), cluster.query(from, to, port)).text();
    }

    @Test
    void an_allowed_flow() {
        assertThat(text("front", "back", 8080))
                .isEqualTo(
                        """
                        shop/front (10.0.0.1) -> shop/back (10.0.0.2), TCP 8080: allowed

                        egress of shop/front: allowed
                          no policy isolates the workload

                        ingress of shop/back: allowed
                          shop/to-back ingress[0] from[0] podSelector tier=front, port http/TCP (rule.yaml:7)
                          tier NetworkPolicy: allows by shop/to-back ingress[0]
                          considered NetworkPolicy shop/to-back (to-back.yaml:1)
                            ingress[0] (rule.yaml:7) matches
                              yes from[0] podSelector tier=front: shop/front has tier=front
                              yes port http/TCP: it is 8080 on shop/back, the flow goes to port 8080
                            ingress[1] (rule.yaml:7) does not match
                              no  from[0] namespaceSelector team=a podSelector <all>: namespace shop has no label team
                              no  from[1] ipBlock 203.0.113.0/24 except 203.0.113.128/25: 10.0.0.1 is outside
                              no  port 9090/TCP: the flow goes to port 8080
                        """);
    }

    @Test
    void a_denied_flow_from_another_namespace() {
        assertThat(text("other/job", "back", 9090))
                .contains("TCP 9090: denied")
                .contains("no ingress rule allows it: isolated by shop/to-back (to-back.yaml:1)")
                .contains("it means pods of shop, and other/job is not there")
                .contains("namespace other has team=b")
                .contains("yes port 9090/TCP");
    }

    @Test
    void a_flow_from_outside() {
        assertThat(text("203.0.113.200", "back", 9090))
                .startsWith("203.0.113.200 -> shop/back (10.0.0.2), TCP 9090: denied")
                .contains("egress: allowed\n  not judged: this end is no workload of the cluster")
                .contains("203.0.113.200 is in the exception 203.0.113.128/25")
                .contains("203.0.113.200 is no pod's address");
    }

    @Test
    void the_node_is_not_judged() {
        assertThat(text(Cluster.NODE.toString(), "back", 1))
                .contains("a node and its own workloads always reach each other")
                .doesNotContain("considered");
    }

    @Test
    void reasons_agree_with_the_decision_in_random_worlds() {
        List<Ip> addresses = RandomWorld.addresses();
        for (long seed = 0; seed < 200; seed++) {
            RandomWorld world = new RandomWorld(seed);
            Compilation compiled =
                    Compiler.compile(Snapshot.EMPTY.apply(world.first()), RandomWorld.NODES);
            for (int i = 0; i < 100; i++) {
                Explanation explanation = Explanation.of(compiled, world.query(addresses));
                agrees(seed, explanation, explanation.egress());
                agrees(seed, explanation, explanation.ingress());
            }
        }
    }

    private static void agrees(long seed, Explanation explanation, Explanation.Side side) {
        List<ConsideredTier.Outcome> outcomes =
                side.tiers().stream().map(ConsideredTier::outcome).toList();
        Optional<ConsideredTier> decides =
                side.tiers().stream()
                        .filter(t ->
                                t.outcome() == ConsideredTier.Outcome.ALLOWS
                                        || t.outcome() == ConsideredTier.Outcome.DENIES)
                        .findFirst();
        switch (side.decidedBy()) {
            case Rule.BuiltIn _ ->
                    assertThat(outcomes).allMatch(o -> o == ConsideredTier.Outcome.GOES_ON);
            case Rule.Isolated _ ->
                    assertThat(decides)
                            .as("seed %d: %s", seed, explanation.text())
                            .hasValueSatisfying(tier -> {
                                assertThat(tier.name()).isEqualTo("NetworkPolicy");
                                assertThat(tier.outcome()).isEqualTo(ConsideredTier.Outcome.DENIES);
                            });
            case Rule.OfPolicy decisive ->
                    assertThat(decides)
                            .as("seed %d: %s", seed, explanation.text())
                            .hasValueSatisfying(tier -> {
                                assertThat(tier.outcome())
                                        .isEqualTo(
                                                side.outcome() == Decision.Outcome.ALLOWED
                                                        ? ConsideredTier.Outcome.ALLOWS
                                                        : ConsideredTier.Outcome.DENIES);
                                assertThat(tier.policies())
                                        .filteredOn(p -> p.policy().equals(decisive.policy()))
                                        .flatExtracting(Explanation.ConsideredPolicy::rules)
                                        .anyMatch(
                                                r -> r.index() == decisive.index() && r.matches());
                            });
        }
    }
}
