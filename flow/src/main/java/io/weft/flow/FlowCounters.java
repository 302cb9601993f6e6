package io.weft.flow;

import io.weft.model.Ref;
import io.weft.tables.Reason;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Counts flows by the rule that decided and by pod. Bounded: past the limit the one that was idle
 * longest is added to {@code others} and forgotten, so the sums stay exact. Safe for use from many
 * threads.
 */
public final class FlowCounters {
    /**
     * @param connections that were opened
     * @param drops packets that were dropped, as far as events tell
     * @param packets of closed connections, both ways
     * @param bytes of closed connections, both ways, IP headers included
     */
    public record Count(long connections, long drops, long packets, long bytes) {
        public static final Count ZERO = new Count(0, 0, 0, 0);

        public Count plus(Count other) {
            return new Count(
                    connections + other.connections,
                    drops + other.drops,
                    packets + other.packets,
                    bytes + other.bytes);
        }
    }

    /** One rule saying one thing; a rule that a policy's edit keeps keeps its count. */
    public record RuleVerdict(FlowRule rule, FlowVerdict verdict) {}

    /**
     * @param sent with the pod as the source
     * @param received with the pod as the destination
     */
    public record PodCount(Count sent, Count received) {
        static final PodCount ZERO = new PodCount(Count.ZERO, Count.ZERO);

        PodCount plus(PodCount other) {
            return new PodCount(sent.plus(other.sent), received.plus(other.received));
        }
    }

    /**
     * The counts at one moment.
     *
     * @param rules by the rule that decided, the longest idle first
     * @param otherRules of rules that are no longer counted apart
     * @param pods by pod, the longest idle first
     * @param otherPods of pods that are no longer counted apart
     * @param reasons drops that no rule decided
     */
    public record Snapshot(
            Map<RuleVerdict, Count> rules,
            Count otherRules,
            Map<Ref, PodCount> pods,
            PodCount otherPods,
            Map<Reason, Count> reasons) {}

    private final int maxRules;
    private final int maxPods;
    private final Map<RuleVerdict, Count> rules = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<Ref, PodCount> pods = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<Reason, Count> reasons = new EnumMap<>(Reason.class);
    private Count otherRules = Count.ZERO;
    private PodCount otherPods = PodCount.ZERO;

    /**
     * @param maxRules pairs of rule and verdict that are counted apart
     * @param maxPods pods that are counted apart
     */
    public FlowCounters(int maxRules, int maxPods) {
        if (maxRules < 0 || maxPods < 0) {
            throw new IllegalArgumentException("at most " + maxRules + ", " + maxPods);
        }
        this.maxRules = maxRules;
        this.maxPods = maxPods;
    }

    public synchronized void add(Flow flow) {
        Count count = count(flow);
        Optional<FlowRule> rule = flow.rule();
        if (rule.isPresent()) {
            rules.merge(new RuleVerdict(rule.get(), flow.verdict()), count, Count::plus);
            if (rules.size() > maxRules) {
                otherRules = otherRules.plus(removeFirst(rules));
            }
        } else if (flow.reason() != Reason.FORWARDED) {
            reasons.merge(flow.reason(), count, Count::plus);
        }
        flow.source().pod().ifPresent(pod -> addPod(pod.ref(), new PodCount(count, Count.ZERO)));
        flow.destination()
                .pod()
                .ifPresent(pod -> addPod(pod.ref(), new PodCount(Count.ZERO, count)));
    }

    private void addPod(Ref pod, PodCount count) {
        pods.merge(pod, count, PodCount::plus);
        if (pods.size() > maxPods) {
            otherPods = otherPods.plus(removeFirst(pods));
        }
    }

    public synchronized Snapshot snapshot() {
        return new Snapshot(
                new LinkedHashMap<>(rules),
                otherRules,
                new LinkedHashMap<>(pods),
                otherPods,
                new EnumMap<>(reasons));
    }

    private static Count count(Flow flow) {
        Traffic traffic = flow.traffic();
        return switch (flow.type()) {
            case OPENED, AUDIT -> new Count(1, 0, 0, 0);
            case DENIED, DROPPED -> new Count(0, 1, 0, 0);
            case CHANGED -> new Count(0, flow.verdict() == FlowVerdict.DROPPED ? 1 : 0, 0, 0);
            case CLOSED -> new Count(0, 0, traffic.packets(), traffic.bytes());
        };
    }

    private static <K, V> V removeFirst(Map<K, V> map) {
        Iterator<V> values = map.values().iterator();
        V first = values.next();
        values.remove();
        return first;
    }
}
