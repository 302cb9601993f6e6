package io.weft.agent;

import io.weft.compiler.Compilation;
import io.weft.compiler.Decision;
import io.weft.compiler.Query;
import io.weft.model.Ip;
import io.weft.model.Pod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Which verdicts between pods change from one compilation to the next. */
final class VerdictDiff {
    private static final int MAX_FLOWS = 1_000_000;

    private VerdictDiff() {}

    /**
     * {@return every pod to every declared port of every other pod that both know, where the answer
     * differs}
     *
     * @throws NodeException when there are too many flows to compare
     */
    static List<Map<String, ?>> between(Compilation before, Compilation after) {
        List<Map<String, ?>> changes = new ArrayList<>();
        int flows = 0;
        for (Pod from : before.snapshot().pods().values()) {
            for (Pod to : before.snapshot().pods().values()) {
                if (from.ref().equals(to.ref())
                        || !after.snapshot().pods().containsKey(from.ref())
                        || !after.snapshot().pods().containsKey(to.ref())) {
                    continue;
                }
                for (Pod.ContainerPort port : to.ports()) {
                    if (++flows > MAX_FLOWS) {
                        throw new NodeException(
                                NodeException.Cause.MACHINE,
                                "more than " + MAX_FLOWS + " flows between pods to compare");
                    }
                    compare(before, after, from, to, port, changes);
                }
            }
        }
        return changes;
    }

    private static void compare(
            Compilation before,
            Compilation after,
            Pod from,
            Pod to,
            Pod.ContainerPort port,
            List<Map<String, ?>> changes) {
        for (Ip source : from.ips()) {
            for (Ip target : to.ips()) {
                if (source.isV4() != target.isV4()) {
                    continue;
                }
                Query query = new Query(source, target, port.protocol().number(), port.number());
                Decision old = before.decide(query);
                Decision now = after.decide(query);
                if (old.allowed() != now.allowed()) {
                    changes.add(
                            Map.of(
                                    "from", from.ref().path(),
                                    "to", to.ref().path(),
                                    "protocol", port.protocol().toString(),
                                    "port", port.number(),
                                    "before", old.allowed() ? "allow" : "deny",
                                    "after", now.allowed() ? "allow" : "deny",
                                    "rule", now.decisive().text()));
                    return; // one line for both families
                }
            }
        }
    }
}
