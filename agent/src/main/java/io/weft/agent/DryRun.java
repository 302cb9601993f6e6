package io.weft.agent;

import io.weft.compiler.Compilation;
import io.weft.model.Delta;
import io.weft.model.Ip;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Snapshot;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A change thought through to its end and not made.
 *
 * @param changes what it would do to each object
 * @param after what would be in force, with likely addresses for the pods that would come
 */
public record DryRun(Map<Ref, Node.Change> changes, Compilation before, Compilation after) {
    /** {@return the plan with addresses of the pools for new pods} */
    static DryRun of(ChangePlan plan, NodeConfig config) {
        Compilation before = plan.compilation();
        Snapshot now = before.snapshot();
        Set<Ip> used = new HashSet<>();
        now.pods().values().forEach(pod -> used.addAll(pod.ips()));
        List<Resource> put = new ArrayList<>();
        AddressPool pool = new AddressPool(config.pool4(), config.pool6());
        for (Resource resource : plan.delta().put()) {
            if (resource instanceof Pod pod && pod.ips().isEmpty() && !pod.hostNetwork()) {
                List<Ip> ips = pool.take();
                while (used.contains(ips.getFirst())) {
                    ips = pool.take();
                }
                put.add(pod.withIps(ips));
            } else {
                put.add(resource);
            }
        }
        return new DryRun(
                plan.changes(), before, before.next(new Delta(put, plan.delta().removed())));
    }
}
