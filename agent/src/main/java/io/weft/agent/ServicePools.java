package io.weft.agent;

import io.weft.model.Ip;
import io.weft.model.Prefix;

/**
 * From where services get their addresses and node ports.
 *
 * @param cluster4 cluster IPs
 * @param cluster6 likewise
 * @param loadBalancer4 addresses of services of type LoadBalancer
 * @param loadBalancer6 likewise
 */
public record ServicePools(
        Prefix cluster4, Prefix cluster6, Prefix loadBalancer4, Prefix loadBalancer6) {
    public static final ServicePools DEFAULT =
            new ServicePools(
                    Prefix.parse("10.96.0.0/16"),
                    Prefix.parse("fd96::/112"),
                    Prefix.parse("10.97.0.0/24"),
                    Prefix.parse("fd97::/120"));

    /** Node ports, as the API server's --service-node-port-range has them by default. */
    static final int FIRST_NODE_PORT = 30000;

    static final int LAST_NODE_PORT = 32767;

    /** At most so many addresses of a pool are given out. */
    private static final int MOST_BITS = 20;

    public ServicePools {
        require(cluster4, true, "--service-pool4");
        require(cluster6, false, "--service-pool6");
        require(loadBalancer4, true, "--load-balancer-pool4");
        require(loadBalancer6, false, "--load-balancer-pool6");
    }

    private static void require(Prefix pool, boolean v4, String option) {
        if (pool.isV4() != v4 || pool.length() > (v4 ? 30 : 126)) {
            throw new IllegalArgumentException(
                    "%s %s: an IPv%s block of /%d or larger is needed"
                            .formatted(option, pool, v4 ? "4" : "6", v4 ? 30 : 126));
        }
    }

    Prefix cluster(boolean v4) {
        return v4 ? cluster4 : cluster6;
    }

    Prefix loadBalancer(boolean v4) {
        return v4 ? loadBalancer4 : loadBalancer6;
    }

    /** {@return how many addresses of a pool may be given: the first and the last are left out} */
    static int size(Prefix pool) {
        int bits = (pool.isV4() ? 32 : 128) - pool.length();
        return (1 << Math.min(bits, MOST_BITS)) - 2;
    }

    /** {@return the address at {@code index}, from 0} */
    static Ip address(Prefix pool, int index) {
        return pool.ip().plus(index + 1L);
    }
}
