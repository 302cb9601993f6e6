package io.weft.cli;

import io.weft.agent.ServicePools;
import io.weft.model.Prefix;
import picocli.CommandLine.Option;

/** From where services get their addresses. */
final class ServicePoolOptions {
    @Option(
            names = "--service-pool4",
            paramLabel = "CIDR",
            description = "Cluster IPs of services (default: 10.96.0.0/16).")
    private String cluster4 = ServicePools.DEFAULT.cluster4().toString();

    @Option(
            names = "--service-pool6",
            paramLabel = "CIDR",
            description = "Likewise, of IPv6 (default: fd96::/112).")
    private String cluster6 = ServicePools.DEFAULT.cluster6().toString();

    @Option(
            names = "--load-balancer-pool4",
            paramLabel = "CIDR",
            description = "Addresses of services of type LoadBalancer (default: 10.97.0.0/24).")
    private String loadBalancer4 = ServicePools.DEFAULT.loadBalancer4().toString();

    @Option(
            names = "--load-balancer-pool6",
            paramLabel = "CIDR",
            description = "Likewise, of IPv6 (default: fd97::/120).")
    private String loadBalancer6 = ServicePools.DEFAULT.loadBalancer6().toString();

    ServicePools pools() {
        return new ServicePools(
                Prefix.parse(cluster4),
                Prefix.parse(cluster6),
                Prefix.parse(loadBalancer4),
                Prefix.parse(loadBalancer6));
    }
}
