package io.weft.datapath;

import io.weft.bpf.TypedMap;
import io.weft.model.Ip;
import io.weft.model.MapDiff;
import io.weft.tables.Frontend;
import io.weft.tables.FrontendKey;
import io.weft.tables.ServiceAbi;
import io.weft.tables.ServiceTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which addresses are services', in {@code weft_service_addresses}. */
final class ServiceAddresses {
    private final TypedMap<Ip, Integer> map;
    private final Set<Ip> clusterIps = new HashSet<>();
    private final Map<Ip, Integer> external = new HashMap<>(); // frontends of each
    private Set<Ip> touched =
            new HashSet<>(); // a new one for each change: it stays as wide as it was
    private Set<Ip> nodes = Set.of();
    private Set<Ip> masquerading = Set.of();

    ServiceAddresses(TypedMap<Ip, Integer> map) {
        this.map = map;
    }

    /**
     * Notes the cluster IPs, and which addresses of the node take node ports, or the place of
     * clients'.
     */
    void change(ServiceTable before, ServiceTable after, Set<Ip> taking) {
        MapDiff.between(
                before.clusterIps(),
                after.clusterIps(),
                (ip, old, now) -> {
                    if (now == null ? clusterIps.remove(ip) : clusterIps.add(ip)) {
                        touched.add(ip);
                    }
                });
        Set<Ip> now = Set.copyOf(after.vantage().nodePortAddresses());
        if (!now.equals(nodes)) {
            touched.addAll(nodes);
            touched.addAll(now);
            nodes = now;
        }
        if (!taking.equals(masquerading)) {
            touched.addAll(masquerading);
            touched.addAll(taking);
            masquerading = taking;
        }
    }

    /** Notes that a frontend comes (1) or goes (-1). */
    void count(FrontendKey key, Frontend frontend, int by) {
        if (key.isNodePort() || !frontend.exposure().external()) {
            return;
        }
        int now = external.merge(key.ip(), by, Integer::sum);
        if (now == 0) {
            external.remove(key.ip());
        }
        touched.add(key.ip());
    }

    private int flags(Ip ip) {
        return (clusterIps.contains(ip) ? ServiceAbi.ADDRESS_CLUSTER_IP : 0)
                | (external.containsKey(ip) ? ServiceAbi.ADDRESS_EXTERNAL : 0)
                | (nodes.contains(ip) ? ServiceAbi.ADDRESS_NODE : 0)
                | (masquerading.contains(ip) ? ServiceAbi.ADDRESS_MASQUERADE : 0);
    }

    /** Writes the addresses that are services' now. */
    void add() {
        Map<Ip, Integer> put = new LinkedHashMap<>();
        for (Ip ip : touched) {
            if (flags(ip) != 0) {
                put.put(ip, flags(ip));
            }
        }
        map.putAll(put);
    }

    /** Takes away those that are no service's any more. */
    void remove() {
        map.removeAll(touched.stream().filter(ip -> flags(ip) == 0).toList());
        touched = new HashSet<>();
    }

    /** Takes away what nobody here has written. */
    void removeOthers() {
        List<Ip> others = new ArrayList<>();
        map.forEach((ip, flags) -> {
            if (flags(ip) == 0) {
                others.add(ip);
            }
        });
        map.removeAll(others);
    }

    /** Starts anew; the kernel keeps what it has. */
    void forget() {
        clusterIps.clear();
        external.clear();
        touched = new HashSet<>();
        nodes = Set.of();
        masquerading = Set.of();
    }
}
