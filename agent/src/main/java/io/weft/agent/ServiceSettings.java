package io.weft.agent;

import io.weft.model.Prefix;
import java.util.List;
import java.util.Optional;

/**
 * How services are reached.
 *
 * @param pools from where they get their addresses
 * @param clusterDomain below which they and pods have names
 * @param uplinks the interfaces over which clients outside reach them
 * @param masquerade whether the pods that this node runs are seen there with the node's address,
 *     and where not; empty: nowhere
 */
public record ServiceSettings(
        ServicePools pools,
        String clusterDomain,
        List<UplinkSetting> uplinks,
        Optional<List<Prefix>> masquerade) {
    public static final String DEFAULT_CLUSTER_DOMAIN = "cluster.local";
    public static final ServiceSettings DEFAULT =
            new ServiceSettings(ServicePools.DEFAULT, DEFAULT_CLUSTER_DOMAIN, List.of());

    /** Makes those of pods that are seen with their own addresses. */
    public ServiceSettings(ServicePools pools, String clusterDomain, List<UplinkSetting> uplinks) {
        this(pools, clusterDomain, uplinks, Optional.empty());
    }

    /** {@return the uplinks' names} */
    List<String> uplinkNames() {
        return uplinks.stream().map(UplinkSetting::name).toList();
    }

    public ServiceSettings {
        masquerade = masquerade.map(List::copyOf);
        uplinks = List.copyOf(uplinks);
    }
}
