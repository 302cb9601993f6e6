package io.weft.datapath;

import io.weft.bpf.ObjectSpec;
import io.weft.tables.ServiceAbi;

/**
 * Sizes of the maps of services, fixed when they are made.
 *
 * @param frontends address × port × protocol
 * @param sets service port × family × scope
 * @param backends of all sets; while a set changes, of both its states
 */
public record ServiceLimits(int frontends, int sets, int backends) {
    /** Those of {@code weft_service_abi.h}. */
    public static final ServiceLimits DEFAULT =
            new ServiceLimits(
                    ServiceAbi.MAX_FRONTENDS, ServiceAbi.MAX_SETS, ServiceAbi.MAX_BACKENDS);

    ObjectSpec on(ObjectSpec spec) {
        return spec.withMaxEntries("weft_frontends", frontends)
                .withMaxEntries("weft_service_addresses", frontends)
                .withMaxEntries("weft_sets", sets)
                .withMaxEntries("weft_service_counters", sets)
                .withMaxEntries("weft_backends", backends);
    }
}
