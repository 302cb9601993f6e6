package io.weft.compiler;

import io.weft.model.Delta;
import io.weft.model.Ip;
import io.weft.model.Resource;
import io.weft.model.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Turns a {@link Snapshot} into {@link io.weft.tables.Tables}. Pure: equal input, equal output. */
public final class Compiler {
    private Compiler() {}

    /**
     * Compiles from nothing.
     *
     * @param nodeAddresses of this node, which its own pods always reach unless a policy of the
     *     node says otherwise
     */
    public static Compilation compile(Snapshot snapshot, Set<Ip> nodeAddresses) {
        return compile(snapshot, nodeAddresses, CompilerOptions.DEFAULT);
    }

    /**
     * Compiles from nothing.
     *
     * @param nodeAddresses of this node, which its own pods always reach unless a policy of the
     *     node says otherwise
     * @param options that every {@link Compilation#next} keeps
     */
    public static Compilation compile(
            Snapshot snapshot, Set<Ip> nodeAddresses, CompilerOptions options) {
        List<Resource> all = new ArrayList<>();
        all.addAll(snapshot.namespaces().values());
        all.addAll(snapshot.pods().values());
        all.addAll(snapshot.nodes().values());
        all.addAll(snapshot.serviceCidrs().values());
        all.addAll(snapshot.services().values());
        all.addAll(snapshot.endpointSlices().values());
        all.addAll(snapshot.policies().values());
        all.addAll(snapshot.clusterPolicies().values());
        all.addAll(snapshot.ciliumPolicies().values());
        all.addAll(snapshot.expectations().values());
        return new Compilation(
                Step.apply(new State(nodeAddresses, options), Delta.put(all), snapshot));
    }
}
