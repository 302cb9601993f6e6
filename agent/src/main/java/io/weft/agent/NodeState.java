package io.weft.agent;

import io.weft.compiler.Compilation;
import io.weft.model.PersistentMap;
import io.weft.model.Ref;
import io.weft.model.Snapshot;
import java.util.Map;

/**
 * What a node runs, at one moment. Immutable.
 *
 * @param compilation of {@link #snapshot}, in force in the kernel
 * @param endpoints by pod; those that are wired here
 * @param addressing which service has which address
 */
public record NodeState(
        Compilation compilation, Map<Ref, Endpoint> endpoints, ServiceAddressing addressing) {
    public NodeState {
        endpoints = endpoints instanceof PersistentMap ? endpoints : Map.copyOf(endpoints);
    }

    /** {@return the declared state, with the addresses that pods were given} */
    public Snapshot snapshot() {
        return compilation.snapshot();
    }
}
