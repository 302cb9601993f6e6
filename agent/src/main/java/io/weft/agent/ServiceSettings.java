package io.weft.agent;

import java.util.List;

/**
 * How services are reached.
 *
 * @param pools from where they get their addresses
 * @param clusterDomain below which they and pods have names
 * @param uplinks the interfaces over which clients outside reach them
 */
public record ServiceSettings(
        ServicePools pools, String clusterDomain, List<UplinkSetting> uplinks) {
    public static final String DEFAULT_CLUSTER_DOMAIN = "cluster.local";
    public static final ServiceSettings DEFAULT =
            new ServiceSettings(ServicePools.DEFAULT, DEFAULT_CLUSTER_DOMAIN, List.of());

    public ServiceSettings {
        uplinks = List.copyOf(uplinks);
    }
}
