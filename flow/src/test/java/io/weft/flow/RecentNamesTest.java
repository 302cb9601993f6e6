package io.weft.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Ip;
import io.weft.model.Labels;
import io.weft.model.Pod;
import io.weft.tables.Rule;
import io.weft.tables.Rules;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecentNamesTest {
    private static final Instant T0 = Instant.parse("2026-01-31T12:00:00Z");
    private static final Ip ADDRESS = Ip.parse("10.0.0.1");
    private static final Rule OLD = new Rule.BuiltIn("old");
    private static final Rule NEW = new Rule.BuiltIn("new");

    private final RecentNames names = new RecentNames(Duration.ofSeconds(30), 2);

    private String nameOf(String ip) {
        return names.pod(Ip.parse(ip)).map(pod -> pod.ref().path()).orElse("-");
    }

    @Test
    void aRemovedPodKeepsItsNameForAWhile() {
        names.put(Shop.pod(Shop.WEB, "web", "10.0.0.1"), T0);
        names.remove(Shop.WEB, T0.plusSeconds(10));

        names.expire(T0.plusSeconds(39));
        assertThat(nameOf("10.0.0.1")).isEqualTo("shop/web");

        names.expire(T0.plusSeconds(40));
        assertThat(nameOf("10.0.0.1")).isEqualTo("-");
    }

    @Test
    void theNextOwnerOfAnAddressTakesTheNameAndKeepsIt() {
        names.put(Shop.pod(Shop.WEB, "web", "10.0.0.1"), T0);
        names.remove(Shop.WEB, T0);
        names.put(Shop.pod(Shop.API, "api", "10.0.0.1"), T0.plusSeconds(1));
        assertThat(nameOf("10.0.0.1")).isEqualTo("shop/api");

        names.expire(T0.plusSeconds(60));
        assertThat(nameOf("10.0.0.1")).isEqualTo("shop/api");
    }

    @Test
    void aPodThatComesBackTheSameIsNotForgotten() {
        Pod web = Shop.pod(Shop.WEB, "web", "10.0.0.1");
        names.put(web, T0);
        names.remove(Shop.WEB, T0);
        names.put(web, T0);

        names.expire(T0.plusSeconds(60));

        assertThat(nameOf("10.0.0.1")).isEqualTo("shop/web");
    }

    @Test
    void labelsFollowThePodAndALeftAddressFades() {
        Pod web = Shop.pod(Shop.WEB, "web", "10.0.0.1");
        names.put(web, T0);
        names.put(web.withLabels(Labels.of(Map.of("app", "v2"))), T0);
        assertThat(names.pod(ADDRESS).orElseThrow().labels().get("app")).contains("v2");

        names.put(Shop.pod(Shop.WEB, "web", "10.0.0.9"), T0);
        assertThat(nameOf("10.0.0.9")).isEqualTo("shop/web");
        names.expire(T0.plusSeconds(30));
        assertThat(nameOf("10.0.0.1")).isEqualTo("-");
        assertThat(nameOf("10.0.0.9")).isEqualTo("shop/web");
    }

    @Test
    void podsOnTheNodesNetworkDoNotNameItsAddress() {
        Pod web = Shop.pod(Shop.WEB, "web", "10.0.0.1");
        names.put(
                new Pod(
                        web.ref(),
                        web.labels(),
                        web.ips(),
                        web.ports(),
                        web.containers(),
                        true,
                        false,
                        web.source()),
                T0);

        assertThat(nameOf("10.0.0.1")).isEqualTo("-");
    }

    @Test
    void pastTheBoundTheOldestIsForgottenEarly() {
        names.put(Shop.pod(Shop.WEB, "web", "10.0.0.1"), T0);
        names.put(Shop.pod(Shop.API, "api", "10.0.0.2"), T0);
        names.put(Shop.pod(Shop.DB, "db", "10.0.0.3"), T0);
        names.remove(Shop.WEB, T0);
        names.remove(Shop.API, T0);
        names.remove(Shop.DB, T0);

        assertThat(nameOf("10.0.0.1")).isEqualTo("-");
        assertThat(nameOf("10.0.0.2")).isEqualTo("shop/api");
        assertThat(nameOf("10.0.0.3")).isEqualTo("data/db");
    }

    @Test
    void rulesOfTheLastTablesAreStillKnown() {
        names.rules(new Rules(Map.of(16, OLD, 17, OLD)), T0);
        names.rules(new Rules(Map.of(17, NEW)), T0);
        assertThat(names.rule(16)).contains(OLD);
        assertThat(names.rule(17)).contains(NEW);
        assertThat(names.rule(Rules.NOT_ISOLATED)).isPresent();

        names.expire(T0.plusSeconds(30));
        assertThat(names.rule(16)).isEmpty();
        assertThat(names.rule(17)).contains(NEW);
    }

    @Test
    void aRuleIdThatComesBackOutlivesItsOldMeaning() {
        names.rules(new Rules(Map.of(16, OLD)), T0);
        names.rules(new Rules(Map.of()), T0);
        names.rules(new Rules(Map.of(16, NEW)), T0.plusSeconds(1));
        assertThat(names.rule(16)).contains(NEW);

        names.rules(new Rules(Map.of()), T0.plusSeconds(2)); // now NEW is the one to keep
        names.expire(T0.plusSeconds(31));
        assertThat(names.rule(16)).contains(NEW);
        names.expire(T0.plusSeconds(32));
        assertThat(names.rule(16)).isEmpty();
    }

    @Test
    void aSlotIsNamedUntilAWhileAfterItsWorkload() {
        names.wire(3, Shop.WEB, T0);
        names.unwire(3, T0);
        assertThat(names.workload(3)).contains(Shop.WEB);
        names.wire(3, Shop.API, T0.plusSeconds(1));
        names.expire(T0.plusSeconds(60));
        assertThat(names.workload(3)).contains(Shop.API);
        names.unwire(3, T0.plusSeconds(60));
        names.expire(T0.plusSeconds(90));
        assertThat(names.workload(3)).isEmpty();
    }
}
