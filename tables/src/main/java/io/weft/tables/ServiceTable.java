package io.weft.tables;

import io.weft.model.PersistentMap;
import io.weft.model.Prefix;
import java.util.List;

/**
 * Where services are reached, and who answers there. Immutable; what a change does not touch is the
 * same object in the next one.
 *
 * @param sets every set that a frontend names
 * @param reserved ServiceCIDRs: what goes to an address in them that is no frontend's is dropped
 */
public record ServiceTable(
        PersistentMap<FrontendKey, Frontend> frontends,
        PersistentMap<BackendSet.Id, BackendSet> sets,
        List<Prefix> reserved) {
    public static final ServiceTable EMPTY =
            new ServiceTable(PersistentMap.empty(), PersistentMap.empty(), List.of());

    public ServiceTable {
        reserved = List.copyOf(reserved);
    }
}
