package io.weft.datapath;

import io.weft.bpf.TypedMap;
import io.weft.model.Ip;
import io.weft.tables.Frontend;
import io.weft.tables.FrontendKey;
import io.weft.tables.ServiceAbi;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which addresses are services', in {@code weft_service_addresses}. */
final class ServiceAddresses {
    /** How many frontends an address has. */
    private record Uses(int cluster, int external) {
        static final Uses NONE = new Uses(0, 0);

        int flags() {
            return (cluster > 0 ? ServiceAbi.ADDRESS_CLUSTER_IP : 0)
                    | (external > 0 ? ServiceAbi.ADDRESS_EXTERNAL : 0);
        }
    }

    private final TypedMap<Ip, Integer> map;
    private final Map<Ip, Uses> uses = new HashMap<>();
    private final Set<Ip> touched = new HashSet<>();
    private Set<Ip> nodes = Set.of();

    ServiceAddresses(TypedMap<Ip, Integer> map) {
        this.map = map;
    }

    /** Has node ports answer at these addresses and at no others. */
    void nodes(Set<Ip> ips) {
        touched.addAll(nodes);
        touched.addAll(ips);
        nodes = Set.copyOf(ips);
        add();
        remove();
    }

    /** Notes that a frontend comes (1) or goes (-1). */
    void count(FrontendKey key, Frontend frontend, int by) {
        if (key.isNodePort()) {
            return;
        }
        Uses old = uses.getOrDefault(key.ip(), Uses.NONE);
        Uses now =
                frontend.exposure().external()
                        ? new Uses(old.cluster, old.external + by)
                        : new Uses(old.cluster + by, old.external);
        if (now.equals(Uses.NONE)) {
            uses.remove(key.ip());
        } else {
            uses.put(key.ip(), now);
        }
        if (now.flags() != old.flags()) {
            touched.add(key.ip());
        }
    }

    private int flags(Ip ip) {
        return uses.getOrDefault(ip, Uses.NONE).flags()
                | (nodes.contains(ip) ? ServiceAbi.ADDRESS_NODE : 0);
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
        touched.clear();
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
        uses.clear();
        touched.clear();
        touched.addAll(nodes);
    }
}
