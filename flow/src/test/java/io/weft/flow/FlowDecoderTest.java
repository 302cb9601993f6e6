package io.weft.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.flow.Shop.Event;
import io.weft.model.Ip;
import io.weft.model.Source;
import io.weft.tables.Abi;
import io.weft.tables.Direction;
import io.weft.tables.EventType;
import io.weft.tables.Identities;
import io.weft.tables.Reason;
import io.weft.tables.Rules;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlowDecoderTest {
    @Test
    void anOpenedConnectionHasTimeNamesAndTheRuleThatLetItIn() {
        Flow flow = Shop.flow(Shop.opened());

        assertThat(flow.time()).isEqualTo(Instant.parse("2026-01-31T12:03:04.567Z"));
        assertThat(flow.type()).isEqualTo(EventType.OPENED);
        assertThat(flow.verdict()).isEqualTo(FlowVerdict.FORWARDED);
        assertThat(flow.protocolName()).isEqualTo("TCP");
        assertThat(flow.source().name()).isEqualTo("shop/web");
        assertThat(flow.source().port()).isEqualTo(43512);
        assertThat(flow.destination().pod().orElseThrow().labels().get("app")).contains("api");
        assertThat(flow.direction()).contains(Direction.EGRESS); // slot 0 is web
        assertThat(flow.observer()).contains(Shop.WEB);
        FlowRule rule = flow.rule().orElseThrow();
        assertThat(rule.id()).isEqualTo(Shop.API_INGRESS);
        assertThat(rule.side()).isEqualTo(Direction.INGRESS);
        assertThat(rule.source()).contains(new Source("policies.yaml", 12));
        assertThat(rule.text()).contains("shop/api-ingress ingress[0] from[0] podSelector app=web");
        assertThat(rule.brief()).isEqualTo("api-ingress ingress[0] (policies.yaml:12)");
        assertThat(flow.duration()).isEmpty();
    }

    @Test
    void theSideThatDeniedNamesTheRule() {
        Flow atSource = Shop.flow(Shop.deniedAtSource());
        assertThat(atSource.verdict()).isEqualTo(FlowVerdict.DROPPED);
        assertThat(atSource.direction()).contains(Direction.EGRESS);
        assertThat(atSource.rule().orElseThrow().side()).isEqualTo(Direction.EGRESS);
        assertThat(atSource.rule().orElseThrow().text())
                .isEqualTo("no egress rule allows it: isolated by data/no-egress (db.yaml:1)");

        Flow atDestination = Shop.flow(Shop.deniedAtDestination());
        assertThat(atDestination.direction()).contains(Direction.INGRESS);
        assertThat(atDestination.rule().orElseThrow().side()).isEqualTo(Direction.INGRESS);
        assertThat(atDestination.rule().orElseThrow().source())
                .contains(new Source("policies.yaml", 3));
        assertThat(atDestination.source().name()).isEqualTo("world");
    }

    @Test
    void whatAuditModeLetsPassNamesTheRuleThatWouldDeny() {
        for (EventType type : List.of(EventType.AUDIT, EventType.CLOSED)) {
            Flow flow =
                    new Event()
                            .type(type, Reason.POLICY_INGRESS)
                            .rules(Rules.NOT_ISOLATED, Shop.API_ISOLATED)
                            .flow();
            assertThat(flow.verdict()).isEqualTo(FlowVerdict.AUDIT);
            assertThat(flow.direction()).contains(Direction.INGRESS);
            assertThat(flow.rule().orElseThrow().id()).isEqualTo(Shop.API_ISOLATED);
        }
    }

    @Test
    void anAllowedFlowNamesThePolicyBeforeARuleThatAlwaysHolds() {
        Flow onlyEgressPolicy = new Event().rules(Shop.WEB_EGRESS, Rules.NOT_ISOLATED).flow();
        assertThat(onlyEgressPolicy.rule().orElseThrow().id()).isEqualTo(Shop.WEB_EGRESS);

        Flow both = new Event().rules(Shop.WEB_EGRESS, Shop.API_INGRESS).flow();
        assertThat(both.rule().orElseThrow().id()).isEqualTo(Shop.API_INGRESS);

        Flow noPolicy = new Event().rules(Rules.NONE, Rules.NODE).flow();
        assertThat(noPolicy.rule().orElseThrow().text())
                .isEqualTo("a node and its own workloads always reach each other");
        assertThat(noPolicy.rule().orElseThrow().ofPolicy()).isFalse();

        Flow toTheWorld = new Event().rules(Rules.NOT_ISOLATED, Rules.NONE).flow();
        assertThat(toTheWorld.rule().orElseThrow().side()).isEqualTo(Direction.EGRESS);
    }

    @Test
    void aRuleThatNobodyKnowsAnyMoreKeepsItsNumber() {
        Flow flow = new Event().rules(Rules.NONE, 4711).flow();

        assertThat(flow.rule().orElseThrow().text())
                .isEqualTo("ingress rule 4711, which is no longer known");
        assertThat(flow.rule().orElseThrow().source()).isEmpty();
    }

    @Test
    void aClosedConnectionHasItsCountsAndDuration() {
        Flow flow = Shop.flow(Shop.closed());

        assertThat(flow.duration()).contains(Duration.ofMillis(1204));
        assertThat(flow.traffic()).isEqualTo(new Traffic(12, 10, 1204, 8412));
        assertThat(flow.traffic().packets()).isEqualTo(22);
        assertThat(flow.traffic().bytes()).isEqualTo(9616);
    }

    @Test
    void aForgedSourceIsNotBlamedOnTheOwnerOfTheAddress() {
        Flow flow = Shop.flow(Shop.spoofed());

        assertThat(flow.source().pod()).isEmpty(); // 10.0.0.3 is data/db, which did nothing
        assertThat(flow.observer()).contains(Shop.WEB);
        assertThat(flow.direction()).contains(Direction.EGRESS);
        assertThat(flow.rule()).isEmpty();
    }

    @Test
    void endsThatAreNoPodsAreHostWorldOrAddress() {
        Flow flow =
                new Event()
                        .source("10.0.0.254", 1, Identities.HOST)
                        .destination("198.51.100.9", 443, 300)
                        .flow();

        assertThat(flow.source().name()).isEqualTo("host");
        assertThat(flow.destination().name()).isEqualTo("198.51.100.9");
        assertThat(flow.destination().ip()).isEqualTo(Ip.parse("198.51.100.9"));
    }

    @Test
    void directionIsThatOfTheObserverAndElseOfTheSideThatJudged() {
        assertThat(new Event().slot(1).flow().direction()).contains(Direction.INGRESS);
        Event unknownSlot = new Event().slot(Abi.NO_SLOT);
        assertThat(unknownSlot.rules(1, 1).flow().direction()).contains(Direction.EGRESS);
        assertThat(unknownSlot.rules(0, 1).flow().direction()).contains(Direction.INGRESS);
        assertThat(
                        unknownSlot
                                .rules(0, 0)
                                .type(EventType.DROPPED, Reason.MALFORMED)
                                .flow()
                                .direction())
                .isEmpty();
    }

    @Test
    void whatIsNotIpHasNoProtocol() {
        Flow arp =
                new Event()
                        .type(EventType.DROPPED, Reason.ETHERTYPE)
                        .protocol(0, 0)
                        .source("::", 0, 0)
                        .destination("::", 0, 0)
                        .rules(0, 0)
                        .flow();

        assertThat(arp.isIp()).isFalse();
        assertThat(arp.protocolName()).isEqualTo("non-IP");
    }

    @Test
    void theClockTurnsMonotonicTimeIntoTheTimeOfDay() {
        Instant now = Instant.parse("2026-01-31T12:00:10Z");

        FlowClock clock = FlowClock.of(4_000_000_000L, now);

        assertThat(clock.at(4_000_000_000L)).isEqualTo(now);
        assertThat(clock.at(1L)).isEqualTo(Instant.parse("2026-01-31T12:00:06.000000001Z"));
    }
}
