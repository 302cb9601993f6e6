package io.weft.compiler;

import io.weft.model.Ip;
import io.weft.model.Prefix;
import io.weft.model.Service;
import io.weft.tables.BackendSet;
import io.weft.tables.BackendSet.Scope;
import io.weft.tables.Frontend;
import io.weft.tables.Frontend.Exposure;
import io.weft.tables.Frontend.Masquerade;
import io.weft.tables.FrontendKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where one service is reached. It is served in the families in which it has a cluster IP, as
 * kube-proxy does it.
 */
final class ServiceFrontends {
    private final Service service;
    private final Site site;
    private final boolean masqueradeAll;
    private final Map<FrontendKey, Frontend> found = new LinkedHashMap<>();

    private ServiceFrontends(Service service, Site site, boolean masqueradeAll) {
        this.service = service;
        this.site = site;
        this.masqueradeAll = masqueradeAll;
    }

    /** {@return its frontends; their keys depend on the service alone} */
    static Map<FrontendKey, Frontend> of(Service service, Site site, boolean masqueradeAll) {
        ServiceFrontends frontends = new ServiceFrontends(service, site, masqueradeAll);
        for (Ip cluster : clusterIps(service)) {
            service.ports().forEach(port -> frontends.add(port, cluster));
        }
        return frontends.found;
    }

    /** {@return its virtual addresses, at most one of each family} */
    static List<Ip> clusterIps(Service service) {
        if (service.headless() || service.type() == Service.Type.EXTERNAL_NAME) {
            return List.of();
        }
        if (service.clusterIps().size() < 2) {
            return service.clusterIps();
        }
        List<Ip> firsts = new ArrayList<>();
        for (Ip ip : service.clusterIps()) {
            if (firsts.stream().noneMatch(other -> other.isV4() == ip.isV4())) {
                firsts.add(ip);
            }
        }
        return firsts;
    }

    /** {@return every set that its frontends name} */
    static Set<BackendSet.Id> sets(Service service) {
        Set<BackendSet.Id> ids = new LinkedHashSet<>();
        for (Ip cluster : clusterIps(service)) {
            for (Service.Port port : service.ports()) {
                boolean v4 = cluster.isV4();
                boolean external = isExternal(service, port, v4);
                if (!service.routing().internalLocal() || external) {
                    ids.add(id(service, port, v4, Scope.CLUSTER));
                }
                if (service.routing().internalLocal() || (external && externalLocal(service))) {
                    ids.add(id(service, port, v4, Scope.LOCAL));
                }
            }
        }
        return ids;
    }

    static BackendSet.Id id(Service service, Service.Port port, boolean v4, Scope scope) {
        return new BackendSet.Id(service.ref(), port.name(), port.protocol(), v4, scope);
    }

    private static boolean isExternal(Service service, Service.Port port, boolean v4) {
        return port.nodePort().isPresent()
                || !ofFamily(service.addresses().external(), v4).isEmpty()
                || !ofFamily(service.addresses().loadBalancer(), v4).isEmpty();
    }

    private static boolean externalLocal(Service service) {
        return service.routing().externalLocal()
                && (service.type().hasNodePorts() || !service.addresses().external().isEmpty());
    }

    /**
     * {@return whether clients outside are answered by the backend's node; with a policy of Local
     * no other node has one}
     */
    static boolean isDirect(Service service) {
        return service.routing().forwarding() == Service.Forwarding.DSR && !externalLocal(service);
    }

    private static List<Ip> ofFamily(List<Ip> ips, boolean v4) {
        return ips.isEmpty() ? ips : ips.stream().filter(ip -> ip.isV4() == v4).toList();
    }

    private void add(Service.Port port, Ip cluster) {
        boolean v4 = cluster.isV4();
        put(port, cluster, Exposure.CLUSTER_IP, List.of());
        List<Ip> balancer = ofFamily(service.addresses().loadBalancer(), v4);
        List<Prefix> ranges = balancer.isEmpty() ? List.of() : sourceRanges(v4, balancer);
        for (Ip ip : balancer) {
            put(port, ip, Exposure.LOAD_BALANCER, ranges);
        }
        for (Ip ip : ofFamily(service.addresses().external(), v4)) {
            put(port, ip, Exposure.EXTERNAL_IP, List.of());
        }
        if (port.nodePort().isPresent()) {
            FrontendKey key = FrontendKey.nodePort(v4, port.nodePort().getAsInt(), port.protocol());
            found.putIfAbsent(key, frontend(port, v4, Exposure.NODE_PORT, List.of()));
        }
    }

    private void put(Service.Port port, Ip ip, Exposure exposure, List<Prefix> ranges) {
        found.putIfAbsent(
                new FrontendKey(ip, port.number(), port.protocol()),
                frontend(port, ip.isV4(), exposure, ranges));
    }

    /**
     * Where a load balancer's address is also one of the node's own, a connection from the node has
     * it as its source, too; so it is let in where the node is.
     */
    private List<Prefix> sourceRanges(boolean v4, List<Ip> balancer) {
        List<Prefix> ranges =
                new ArrayList<>(
                        service.addresses().sourceRanges().stream()
                                .filter(range -> range.isV4() == v4)
                                .toList());
        Optional<Ip> node = site.primary(v4);
        if (node.isPresent() && ranges.stream().anyMatch(r -> r.contains(node.get()))) {
            balancer.forEach(ip -> ranges.add(Prefix.of(ip)));
        }
        return ranges;
    }

    private Frontend frontend(
            Service.Port port, boolean v4, Exposure exposure, List<Prefix> ranges) {
        Scope inside = Scope.CLUSTER;
        Scope outside = Scope.CLUSTER;
        Masquerade masquerade = Masquerade.ALL;
        if (exposure == Exposure.CLUSTER_IP) {
            inside = service.routing().internalLocal() ? Scope.LOCAL : Scope.CLUSTER;
            outside = inside;
            if (!masqueradeAll) {
                masquerade =
                        site.vantage().knowsPods(v4)
                                ? new Masquerade(false, true, true)
                                : Masquerade.NONE;
            }
        } else if (externalLocal(service)) {
            // as if it went out to the load balancer and came back
            outside = Scope.LOCAL;
            masquerade = new Masquerade(false, true, false);
        } else if (isDirect(service)) {
            masquerade = new Masquerade(true, true, false);
        }
        return new Frontend(
                service.ref(),
                port.name(),
                exposure,
                id(service, port, v4, inside),
                id(service, port, v4, outside),
                masquerade,
                exposure.external() && isDirect(service),
                service.routing().affinity(),
                ranges,
                service.routing().terminateConnections());
    }
}
