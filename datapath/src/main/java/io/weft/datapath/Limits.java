package io.weft.datapath;

import io.weft.bpf.ObjectSpec;
import io.weft.tables.Abi;

/**
 * Sizes of the maps, fixed when they are made. Smaller ones save memory of tests and small nodes.
 *
 * @param identityPrefixes pods and CIDR blocks of the cluster
 * @param policyEntries of all groups on this node
 * @param connections past it the least recently used one is forgotten; of those that are translated
 *     per packet half as many
 * @param eventBytes of the ring buffer, a power of two and a multiple of the page size
 */
public record Limits(
        int identityPrefixes,
        int policyEntries,
        int connections,
        int eventBytes,
        ServiceLimits services) {
    /** Those of the ABI. */
    public static final Limits DEFAULT =
            new Limits(
                    Abi.MAX_IDENTITY_PREFIXES,
                    Abi.MAX_POLICY_ENTRIES,
                    Abi.MAX_CONNECTIONS,
                    Abi.EVENT_BYTES);

    /** Makes limits with the usual ones of services. */
    public Limits(int identityPrefixes, int policyEntries, int connections, int eventBytes) {
        this(identityPrefixes, policyEntries, connections, eventBytes, ServiceLimits.DEFAULT);
    }

    public Limits with(ServiceLimits changed) {
        return new Limits(identityPrefixes, policyEntries, connections, eventBytes, changed);
    }

    ObjectSpec on(ObjectSpec spec) {
        return services.on(spec)
                .withMaxEntries("weft_identities", identityPrefixes)
                .withMaxEntries("weft_policy", policyEntries)
                .withMaxEntries("weft_connections", connections)
                .withMaxEntries("weft_translations", connections)
                .withMaxEntries("weft_events", eventBytes);
    }
}
