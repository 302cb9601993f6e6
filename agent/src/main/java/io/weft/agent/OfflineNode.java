package io.weft.agent;

import io.weft.compiler.Compilation;
import io.weft.compiler.Compiler;
import io.weft.model.Ip;
import io.weft.model.Pod;
import io.weft.model.Resource;
import io.weft.model.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What a node would decide, without a node: pods get the addresses that {@code up} would give. */
public final class OfflineNode {
    private OfflineNode() {}

    /** {@return the manifests, each pod with addresses of the default pools in order} */
    public static Snapshot snapshot(List<Resource> resources) {
        AddressPool pool = new AddressPool(NodeConfig.DEFAULT_POOL4, NodeConfig.DEFAULT_POOL6);
        List<Resource> addressed = new ArrayList<>();
        for (Resource resource : resources) {
            addressed.add(
                    resource instanceof Pod pod && pod.ips().isEmpty() && !pod.hostNetwork()
                            ? pod.withIps(pool.take())
                            : resource);
        }
        return Snapshot.of(addressed);
    }

    /** {@return the addresses that the node itself would have on the default pools} */
    public static Set<Ip> nodeAddresses() {
        return Set.copyOf(
                AddressPool.nodeAddresses(NodeConfig.DEFAULT_POOL4, NodeConfig.DEFAULT_POOL6));
    }

    /** {@return the compiled {@link #snapshot}} */
    public static Compilation compile(List<Resource> resources) {
        return Compiler.compile(snapshot(resources), nodeAddresses());
    }
}
