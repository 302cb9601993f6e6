package io.weft.agent;

import io.weft.datapath.ServiceMaps;
import io.weft.model.PersistentMap;
import io.weft.model.Ref;
import io.weft.model.Service;
import io.weft.tables.Backend;
import io.weft.tables.BackendSet;
import io.weft.tables.Frontend;
import io.weft.tables.FrontendKey;
import io.weft.tables.ServiceTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Services as they are in force: where they are reached, who answers, and how much comes. */
final class ServiceListing {
    private final ServiceMaps maps;
    private final ServiceTable table;
    private final Map<Ref, List<FrontendKey>> frontends = new HashMap<>();

    ServiceListing(Node node) {
        this.maps = node.datapath().services();
        this.table = maps.table();
        table.frontends()
                .forEach((key, frontend) ->
                        frontends
                                .computeIfAbsent(frontend.service(), s -> new ArrayList<>())
                                .add(key));
    }

    void describe(Service service, Map<String, Object> item) {
        item.put("labels", service.labels().asMap());
        item.put("type", service.headless() ? "Headless" : service.type().toString());
        service.selector().ifPresent(selector -> item.put("selector", selector.toString()));
        item.put("clusterIps", texts(service.clusterIps()));
        item.put("externalIps", texts(service.addresses().external()));
        item.put("loadBalancerIps", texts(service.addresses().loadBalancer()));
        if (!service.addresses().externalName().isEmpty()) {
            item.put("externalName", service.addresses().externalName());
        }
        List<FrontendKey> keys = frontends.getOrDefault(service.ref(), List.of());
        item.put("frontends", keys.stream().sorted().map(this::frontend).toList());
        Set<BackendSet.Id> sets = new LinkedHashSet<>();
        for (FrontendKey key : keys) {
            sets.add(at(key).inside());
            sets.add(at(key).outside());
        }
        item.put("state", state(service, sets.stream().map(this::set).toList()));
        item.put("connections", sets.stream().mapToLong(maps::connections).sum());
    }

    private Map<String, Object> frontend(FrontendKey key) {
        Frontend frontend = at(key);
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("address", key.toString());
        shown.put("as", frontend.exposure().toString());
        if (!frontend.port().isEmpty()) {
            shown.put("port", frontend.port());
        }
        BackendSet inside = set(frontend.inside());
        shown.put("backends", texts(inside.backends()));
        if (!frontend.outside().equals(frontend.inside())) {
            shown.put("backendsFromOutside", texts(set(frontend.outside()).backends()));
        }
        shown.put("balancing", inside.balancing().toString());
        if (frontend.direct()) {
            shown.put("forwarding", "dsr");
        } else if (frontend.exposure().external() && frontend.masquerade().outside()) {
            shown.put("forwarding", "snat");
        }
        frontend.affinity().ifPresent(a -> shown.put("affinitySeconds", a.toSeconds()));
        if (!frontend.sourceRanges().isEmpty()) {
            shown.put("sourceRanges", texts(frontend.sourceRanges()));
        }
        shown.put(
                "connections",
                Stream.of(frontend.inside(), frontend.outside())
                        .distinct()
                        .mapToLong(maps::connections)
                        .sum());
        return shown;
    }

    private static String state(Service service, List<BackendSet> sets) {
        if (service.type() == Service.Type.EXTERNAL_NAME || service.headless()) {
            return "by name alone";
        }
        if (sets.isEmpty()) {
            return "no address"; // or no port
        }
        // a pod counts once, not for each family
        long backends = Math.max(addresses(sets, true), addresses(sets, false));
        List<BackendSet> empty = sets.stream().filter(s -> s.backends().isEmpty()).toList();
        if (empty.isEmpty()) {
            return backends + " ready";
        }
        boolean drops = empty.stream().anyMatch(s -> s.whenEmpty() == BackendSet.WhenEmpty.DROP);
        String what = drops ? "none here: dropped" : "no endpoint: refused";
        return backends == 0 ? what : backends + " ready, some ports " + what;
    }

    private static long addresses(List<BackendSet> sets, boolean v4) {
        return sets.stream()
                .flatMap(set -> set.backends().stream())
                .map(Backend::ip)
                .filter(ip -> ip.isV4() == v4)
                .distinct()
                .count();
    }

    private Frontend at(FrontendKey key) {
        return required(table.frontends(), key);
    }

    private BackendSet set(BackendSet.Id id) {
        return required(table.sets(), id);
    }

    private static <K, V> V required(PersistentMap<K, V> map, K key) {
        V value = map.get(key);
        if (value == null) {
            throw new IllegalStateException("not in the table: " + key);
        }
        return value;
    }

    private static List<String> texts(List<?> of) {
        return of.stream().map(Object::toString).toList();
    }
}
