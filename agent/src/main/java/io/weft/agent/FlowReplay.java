package io.weft.agent;

import io.weft.compiler.Compilation;
import io.weft.compiler.Decision;
import io.weft.compiler.Query;
import io.weft.flow.FlowHistory;
import io.weft.flow.FlowParty;
import io.weft.flow.RecordedFlow;
import io.weft.model.Entity;
import io.weft.model.Ip;
import io.weft.model.Pod;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a change of policy would have done to flows that were seen: each is judged before and after.
 *
 * <p>A pod is the one that has its name now, whatever address it had. An address that was nobody's
 * and is a pod's now, and pods that are gone, cannot be judged.
 *
 * @param cut that passed, are allowed before and denied after
 * @param allowed that are denied before and allowed after, whatever became of them
 * @param judged connections
 * @param unknown connections that could not be judged
 */
public record FlowReplay(
        List<Changed> cut,
        List<Changed> allowed,
        long judged,
        long unknown,
        Optional<Instant> since) {
    /**
     * @param service port and protocol
     * @param rule that decides after the change
     * @param count of connections
     */
    public record Changed(
            String from, String to, String service, String rule, long count, Instant lastSeen) {}

    /**
     * @param nodeAddresses what stands for the node
     */
    public static FlowReplay of(
            FlowHistory history, Compilation before, Compilation after, Set<Ip> nodeAddresses) {
        List<Changed> cut = new ArrayList<>();
        List<Changed> allowed = new ArrayList<>();
        long judged = 0;
        long unknown = 0;
        for (RecordedFlow flow : history.flows()) {
            boolean v4 = flow.destination().ip().isV4();
            Optional<Ip> from = address(flow.source(), v4, before, after, nodeAddresses);
            Optional<Ip> to = address(flow.destination(), v4, before, after, nodeAddresses);
            if (from.isEmpty() || to.isEmpty()) {
                unknown += flow.count();
                continue;
            }
            judged += flow.count();
            Query query = new Query(from.get(), to.get(), flow.protocol(), flow.port());
            boolean was = before.decide(query).allowed();
            Decision now = after.decide(query);
            if (was != now.allowed() && (flow.passed() || now.allowed())) {
                (now.allowed() ? allowed : cut).add(changed(flow, now));
            }
        }
        return new FlowReplay(
                List.copyOf(cut), List.copyOf(allowed), judged, unknown, history.since());
    }

    private static Changed changed(RecordedFlow flow, Decision now) {
        return new Changed(
                flow.source().name(),
                flow.destination().name(),
                flow.service(),
                now.decisive().text(),
                flow.count(),
                flow.lastSeen());
    }

    private static Optional<Ip> address(
            FlowParty party,
            boolean v4,
            Compilation before,
            Compilation after,
            Set<Ip> nodeAddresses) {
        return switch (party) {
            case FlowParty.OfPod pod ->
                    podAddress(pod, v4, before)
                            .filter(ip -> podAddress(pod, v4, after).equals(Optional.of(ip)));
            case FlowParty.OfEntity(Entity entity, Ip ip) when entity == Entity.HOST ->
                    nodeAddresses.contains(ip)
                            ? Optional.of(ip)
                            : nodeAddresses.stream()
                                    .filter(n -> n.isV4() == v4)
                                    .sorted()
                                    .findFirst();
            case FlowParty.OfEntity(Entity _, Ip ip) -> unowned(ip, before, after);
            case FlowParty.OfAddress(Ip ip) -> unowned(ip, before, after);
        };
    }

    private static Optional<Ip> unowned(Ip ip, Compilation before, Compilation after) {
        return Optional.of(ip).filter(i -> before.owner(i).isEmpty() && after.owner(i).isEmpty());
    }

    private static Optional<Ip> podAddress(FlowParty.OfPod party, boolean v4, Compilation in) {
        Pod pod = in.snapshot().pods().get(party.pod().ref());
        return pod == null || !pod.counts()
                ? Optional.empty()
                : pod.ips().stream().filter(ip -> ip.isV4() == v4).findFirst();
    }

    /** {@return the same as a document} */
    public Map<String, Object> json() {
        Map<String, Object> document = new LinkedHashMap<>();
        since.ifPresent(time -> document.put("since", time.toString()));
        document.put("judged", judged);
        document.put("unknown", unknown);
        document.put("cut", cut.stream().map(FlowReplay::json).toList());
        document.put("allowed", allowed.stream().map(FlowReplay::json).toList());
        return document;
    }

    private static Map<String, Object> json(Changed changed) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("from", changed.from());
        document.put("to", changed.to());
        document.put("service", changed.service());
        document.put("rule", changed.rule());
        document.put("count", changed.count());
        document.put("lastSeen", changed.lastSeen().toString());
        return document;
    }
}
