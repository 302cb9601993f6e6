package io.weft.agent;

import io.weft.cni.CniLatency;
import io.weft.cni.CniServer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** CNI calls at one glance: how many, and how long they and their steps took. */
record CniCalls(CniServer server, CniLatency latency) {
    /** {@return for {@code Status}; times are microseconds} */
    Map<String, Object> status() {
        CniServer.Counts counts = server.counts();
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("answered", counts.answered());
        status.put("refused", counts.refused());
        status.put("running", counts.running());
        status.put("waiting", counts.waiting());
        List<Map<String, Object>> steps = new ArrayList<>();
        latency.summaries()
                .forEach((step, summary) -> {
                    Map<String, Object> one = new LinkedHashMap<>();
                    one.put("step", step.toString());
                    one.put("count", summary.count());
                    one.put("medianMicros", summary.median() / 1000);
                    one.put("p99Micros", summary.p99() / 1000);
                    one.put("longestMicros", summary.longest() / 1000);
                    steps.add(one);
                });
        status.put("steps", steps);
        return status;
    }
}
