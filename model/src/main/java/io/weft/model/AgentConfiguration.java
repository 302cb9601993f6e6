package io.weft.model;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How the agent of a node runs, as its file says. What it leaves out has the value of {@link
 * #DEFAULT}.
 *
 * <pre>
 *   apiVersion: weft.io/v1alpha1
 *   kind: AgentConfiguration
 *   spec:
 *     podCIDRs: [10.77.0.0/16, "fd77::/64"]
 *     addressPools:
 *     - name: databases
 *       ranges: [{subnet: 10.78.0.0/24, rangeStart: 10.78.0.10, rangeEnd: 10.78.0.99}]
 *       exclude: [10.78.0.50, 10.78.0.60-10.78.0.69]
 *       namespaceSelector: {matchLabels: {team: data}}
 *     coolDown: 10m
 * </pre>
 *
 * @param podCidrs one block of each family, IPv4 first: the node's own addresses are the first of
 *     each, and pods get the others when there is no pool
 * @param addressPools from which pods get their addresses: from those that select their namespace,
 *     else from the first one that selects none, unless annotations or the network's config name
 *     one
 * @param coolDown how long an address rests before it is given again; empty: the agent's own
 * @param serviceCidrs of cluster IPs, IPv4 first; empty: the agent's own
 * @param loadBalancerCidrs likewise, of services of type LoadBalancer
 * @param clusterDomain below which services and pods have names; empty: the agent's own
 * @param uplinks interfaces over which clients outside reach services
 * @param audit whether pods that do not say otherwise are in audit mode
 * @param manifests a directory that is read at the start; empty: none
 */
public record AgentConfiguration(
        List<Prefix> podCidrs,
        List<AddressPool> addressPools,
        Optional<Duration> coolDown,
        List<Prefix> serviceCidrs,
        List<Prefix> loadBalancerCidrs,
        Optional<String> clusterDomain,
        List<String> uplinks,
        boolean audit,
        Optional<String> manifests) {
    public static final AgentConfiguration DEFAULT =
            new AgentConfiguration(
                    List.of(Prefix.parse("10.77.0.0/16"), Prefix.parse("fd77::/64")),
                    List.of(),
                    Optional.empty(),
                    List.of(),
                    List.of(),
                    Optional.empty(),
                    List.of(),
                    false,
                    Optional.empty());

    public AgentConfiguration {
        podCidrs = List.copyOf(podCidrs);
        addressPools = List.copyOf(addressPools);
        serviceCidrs = List.copyOf(serviceCidrs);
        loadBalancerCidrs = List.copyOf(loadBalancerCidrs);
        uplinks = List.copyOf(uplinks);
    }

    /**
     * Addresses to give out.
     *
     * @param excluded pieces of the ranges that are not given out
     * @param namespaces whose pods get addresses of it, and no others; empty: it selects none and
     *     is for all
     */
    public record AddressPool(
            String name,
            List<Range> ranges,
            List<Span> excluded,
            Optional<LabelSelector> namespaces) {
        public AddressPool {
            ranges = List.copyOf(ranges);
            excluded = List.copyOf(excluded);
        }
    }

    /**
     * A piece of a subnet.
     *
     * @param first empty: the first one that may be given
     * @param last empty: the last one
     * @param gateway is never given out; empty: the node's own address is the pods' gateway
     */
    public record Range(
            Prefix subnet, Optional<Ip> first, Optional<Ip> last, Optional<Ip> gateway) {}
}
