package io.weft.compiler;

import io.weft.model.Ip;
import io.weft.model.PersistentMap;
import io.weft.model.Prefix;
import io.weft.model.Ref;
import io.weft.model.Snapshot;
import io.weft.tables.BackendSet;
import io.weft.tables.Frontend;
import io.weft.tables.FrontendKey;
import io.weft.tables.ServiceTable;
import java.util.List;
import java.util.Set;

/** The part of {@link State} that is about services; only a {@link ServiceStep} writes to it. */
final class ServiceState {
    /** Addresses of this node. */
    final Set<Ip> addresses;

    final ServiceOptions options;

    Site site;

    /** Service → its slices, by name. */
    PersistentMap<Ref, List<Ref>> slices = PersistentMap.empty();

    /** Services with a selector, by one label that it asks for. */
    Facet.Index<Ref> selecting = Facet.Index.empty();

    /** Keys of those labels. */
    Counts<String> keys = new Counts<>();

    /** Pods by labels with those keys. */
    Facet.Index<Ref> pods = Facet.Index.empty();

    Claims<FrontendKey> frontendClaims = Claims.none();
    Claims<Ip> clusterIpClaims = Claims.none();

    /** Pods by the numbers of their host ports ({@link HostPorts#number}). */
    Claims<FrontendKey> hostPortClaims = Claims.none();

    PersistentMap<FrontendKey, Frontend> frontends = PersistentMap.empty();
    PersistentMap<BackendSet.Id, BackendSet> sets = PersistentMap.empty();
    PersistentMap<Ip, Ref> clusterIps = PersistentMap.empty();
    List<Prefix> reserved = List.of();

    /** How many services are answered directly, in which case the cluster is known. */
    int direct;

    ServiceTable.Cluster cluster = ServiceTable.Cluster.UNKNOWN;

    /** No resources at all. */
    ServiceState(Set<Ip> addresses, ServiceOptions options) {
        this.addresses = addresses;
        this.options = options;
        site = Site.of(Snapshot.EMPTY, addresses, options);
    }

    private ServiceState(ServiceState from) {
        addresses = from.addresses;
        options = from.options;
        site = from.site;
        slices = from.slices;
        selecting = from.selecting;
        keys = from.keys.copy();
        pods = from.pods;
        frontendClaims = from.frontendClaims;
        clusterIpClaims = from.clusterIpClaims;
        hostPortClaims = from.hostPortClaims;
        frontends = from.frontends;
        sets = from.sets;
        clusterIps = from.clusterIps;
        reserved = from.reserved;
        direct = from.direct;
        cluster = from.cluster;
    }

    ServiceState copy() {
        return new ServiceState(this);
    }

    ServiceTable table() {
        return new ServiceTable(frontends, sets, clusterIps, reserved, site.vantage(), cluster);
    }
}
