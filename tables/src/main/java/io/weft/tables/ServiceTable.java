package io.weft.tables;

import io.weft.model.Ip;
import io.weft.model.PersistentMap;
import io.weft.model.Prefix;
import io.weft.model.Ref;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where services are reached, and who answers there. Immutable; what a change does not touch is the
 * same object in the next one.
 *
 * <p>A packet of a new connection: the frontend of its destination address, port and protocol;
 * else, if the address takes node ports, {@link FrontendKey#nodePort}; else it is rejected if the
 * address is in {@code clusterIps}, dropped if it is in {@code reserved}, and otherwise for no
 * service.
 *
 * @param sets every set that a frontend names
 * @param clusterIps virtual address → its service: other ports of it are rejected
 * @param reserved ServiceCIDRs: what goes to an address in them that no service has is dropped
 * @param cluster the nodes of the cluster; known only where a service is {@link Frontend#direct}
 */
public record ServiceTable(
        PersistentMap<FrontendKey, Frontend> frontends,
        PersistentMap<BackendSet.Id, BackendSet> sets,
        PersistentMap<Ip, Ref> clusterIps,
        List<Prefix> reserved,
        Vantage vantage,
        Cluster cluster) {
    /**
     * The nodes of the cluster.
     *
     * @param nodes their addresses
     * @param pods where pods have theirs
     */
    public record Cluster(List<Prefix> nodes, List<Prefix> pods) {
        public static final Cluster UNKNOWN = new Cluster(List.of(), List.of());

        public Cluster {
            nodes = List.copyOf(nodes);
            pods = List.copyOf(pods);
        }

        /** {@return whether it is the address of a node or of a pod} */
        public boolean holds(Ip ip) {
            return Stream.concat(nodes.stream(), pods.stream()).anyMatch(p -> p.contains(ip));
        }
    }

    public static final ServiceTable EMPTY =
            new ServiceTable(PersistentMap.empty(), PersistentMap.empty(), List.of());

    public ServiceTable {
        reserved = List.copyOf(reserved);
    }

    /** Makes one that rejects nothing but what its sets say, and sees all clients as outside. */
    public ServiceTable(
            PersistentMap<FrontendKey, Frontend> frontends,
            PersistentMap<BackendSet.Id, BackendSet> sets,
            List<Prefix> reserved) {
        this(frontends, sets, PersistentMap.empty(), reserved, Vantage.NOWHERE, Cluster.UNKNOWN);
    }
}
