package io.weft.agent;

import io.weft.datapath.Counters;
import io.weft.datapath.ServiceMaps;
import io.weft.dns.DnsCounts;
import io.weft.flow.FlowLog;
import io.weft.model.Ref;
import io.weft.tables.Abi;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Answers {@code Status}: a node at one glance. */
final class StatusCall {
    private static final double NEARLY_FULL = 0.8;

    private final Node node;

    StatusCall(Node node) {
        this.node = node;
    }

    /**
     * @param unseen workloads that policy does not hold for
     */
    Map<String, Object> answer(List<Map<String, Object>> unseen) {
        NodeState state = node.state();
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("instance", node.config().instance());
        status.put("pid", ProcessHandle.current().pid());
        status.put("revision", node.datapath().tables().revision());
        status.put("pods", state.endpoints().size());
        status.put("unseen", unseen);
        status.put("policies", state.snapshot().countOfPolicies());
        status.put("services", state.snapshot().services().size());
        status.put("maps", maps());
        status.put("drops", drops(state));
        FlowLog.Stats log = node.flows().stats();
        Counters counters = node.datapath().counters();
        Map<String, Object> flows = new LinkedHashMap<>();
        flows.put("seen", log.appended());
        flows.put("kept", log.size());
        flows.put("followers", log.followers());
        flows.put("lostByFollowers", log.lost());
        flows.put("eventsLost", counters.eventsLost());
        flows.put("connectionsOpened", counters.connectionsOpened());
        status.put("flows", flows);
        status.put("socketsEnded", node.services().endedSockets());
        node.services().names().counts().ifPresent(counts -> status.put("dns", dns(counts)));
        status.put("selfCheck", node.selfCheck().counts().json());
        return status;
    }

    private static Map<String, Object> dns(DnsCounts counts) {
        Map<String, Object> dns = new LinkedHashMap<>();
        dns.put("queries", counts.queries());
        dns.put("answers", counts.answers());
        dns.put("dropped", counts.dropped());
        dns.put("malformed", counts.malformed());
        dns.put("cacheHits", counts.cacheHits());
        dns.put("cacheMisses", counts.cacheMisses());
        dns.put("upstreamFailures", counts.upstreamFailures());
        dns.put("refused", counts.recursionsRefused() + counts.connectionsRefused());
        dns.put("failed", counts.sendFailures() + counts.bugs());
        return dns;
    }

    private List<Map<String, Object>> maps() {
        List<Map<String, Object>> maps = new ArrayList<>();
        node.datapath().usage().forEach(u -> maps.add(map(u.map(), u.used(), u.max())));
        ServiceMaps services = node.datapath().services();
        services.needs(services.table())
                .forEach(need -> maps.add(map(need.what(), need.needed(), need.max())));
        return maps;
    }

    private static Map<String, Object> map(String name, long used, long max) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", name);
        map.put("used", used);
        map.put("max", max);
        map.put("note", used >= max * NEARLY_FULL ? "nearly full" : "");
        return map;
    }

    private List<Map<String, Object>> drops(NodeState state) {
        Map<Integer, Ref> pods = new HashMap<>();
        state.endpoints().values().forEach(e -> pods.put(e.slot(), e.pod()));
        List<Map<String, Object>> drops = new ArrayList<>();
        node.datapath()
                .drops()
                .forEach((key, counter) -> {
                    Map<String, Object> drop = new LinkedHashMap<>();
                    Ref pod = pods.get(key.slot());
                    drop.put(
                            "workload",
                            key.slot() == Abi.NO_SLOT
                                    ? "unknown"
                                    : pod == null ? "slot " + key.slot() : pod.path());
                    drop.put("direction", key.direction().toString());
                    drop.put("reason", key.reason().toString());
                    drop.put("packets", counter.packets());
                    drop.put("bytes", counter.bytes());
                    drops.add(drop);
                });
        return drops;
    }
}
