package io.weft.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.flow.FlowCounters.Count;
import io.weft.flow.FlowCounters.PodCount;
import io.weft.flow.FlowCounters.RuleVerdict;
import io.weft.flow.Shop.Event;
import io.weft.tables.EventType;
import io.weft.tables.Reason;
import io.weft.tables.Rules;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FlowCountersTest {
    @Test
    void aRuleCountsWhatItDecided() {
        FlowCounters counters = new FlowCounters(10, 10);
        Flow opened = Shop.flow(Shop.opened());
        Flow denied = Shop.flow(Shop.deniedAtSource());
        counters.add(opened);
        counters.add(opened);
        counters.add(Shop.flow(Shop.closed()));
        counters.add(denied);
        counters.add(Shop.flow(Shop.spoofed()));

        FlowCounters.Snapshot snapshot = counters.snapshot();

        assertThat(snapshot.rules())
                .isEqualTo(
                        Map.of(
                                new RuleVerdict(opened.rule().orElseThrow(), FlowVerdict.FORWARDED),
                                new Count(2, 0, 22, 9616),
                                new RuleVerdict(denied.rule().orElseThrow(), FlowVerdict.DROPPED),
                                new Count(0, 1, 0, 0)));
        assertThat(snapshot.reasons()).isEqualTo(Map.of(Reason.SPOOFED, new Count(0, 1, 0, 0)));
    }

    @Test
    void aPodCountsWhatItSentAndReceived() {
        FlowCounters counters = new FlowCounters(10, 10);
        counters.add(Shop.flow(Shop.opened()));
        counters.add(Shop.flow(Shop.closed()));
        counters.add(Shop.flow(Shop.deniedAtSource()));
        counters.add(
                new Event()
                        .type(EventType.CHANGED, Reason.POLICY_INGRESS)
                        .rules(Rules.NOT_ISOLATED, Shop.API_ISOLATED)
                        .flow());

        assertThat(counters.snapshot().pods())
                .isEqualTo(
                        Map.of(
                                Shop.WEB,
                                new PodCount(new Count(1, 1, 22, 9616), Count.ZERO),
                                Shop.API,
                                new PodCount(Count.ZERO, new Count(1, 2, 22, 9616)),
                                Shop.DB,
                                new PodCount(new Count(0, 1, 0, 0), Count.ZERO)));
    }

    @Test
    void pastTheBoundTheLongestIdleJoinsTheOthersAndNoCountIsLost() {
        FlowCounters counters = new FlowCounters(1, 1);
        Flow opened = Shop.flow(Shop.opened());
        Flow denied = Shop.flow(Shop.deniedAtSource());
        counters.add(opened);
        counters.add(opened);
        counters.add(denied);
        counters.add(opened);

        FlowCounters.Snapshot snapshot = counters.snapshot();

        assertThat(snapshot.rules().values()).containsExactly(new Count(1, 0, 0, 0));
        assertThat(snapshot.otherRules()).isEqualTo(new Count(2, 1, 0, 0));
        assertThat(snapshot.pods()).containsOnlyKeys(Shop.API);
        PodCount all = snapshot.pods().get(Shop.API);
        assertThat(all).isNotNull();
        PodCount sum = snapshot.otherPods().plus(all == null ? PodCount.ZERO : all);
        assertThat(sum).isEqualTo(new PodCount(new Count(3, 1, 0, 0), new Count(3, 1, 0, 0)));
    }

    @Test
    void aSnapshotStaysAsItWas() {
        FlowCounters counters = new FlowCounters(10, 10);
        FlowCounters.Snapshot before = counters.snapshot();
        counters.add(Shop.flow(Shop.opened()));
        assertThat(before.rules()).isEmpty();
        assertThat(before.pods()).isEmpty();
    }
}
