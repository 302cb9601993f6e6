package io.weft.cni;

import io.weft.model.Ip;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Gives a result the shape of a version. */
final class ResultWriter {
    private ResultWriter() {}

    static Map<String, Object> write(CniResult result, CniVersion version) {
        boolean v11 = version.isAtLeast(CniVersion.V1_1_0);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("cniVersion", version.text());
        List<Object> interfaces = new ArrayList<>();
        for (CniResult.Interface i : result.interfaces()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", i.name());
            put(one, "mac", i.mac());
            if (v11) {
                put(one, "mtu", i.mtu());
            }
            put(one, "sandbox", i.sandbox());
            if (v11) {
                put(one, "socketPath", i.socketPath());
                put(one, "pciID", i.pciId());
            }
            interfaces.add(one);
        }
        if (!interfaces.isEmpty()) {
            json.put("interfaces", interfaces);
        }
        List<Object> ips = new ArrayList<>();
        for (CniResult.Address a : result.ips()) {
            Map<String, Object> one = new LinkedHashMap<>();
            if (!version.isAtLeast(CniVersion.V1_0_0)) {
                one.put("version", a.address().ip().isV4() ? "4" : "6");
            }
            put(one, "interface", a.interfaceIndex());
            one.put("address", a.address().toString());
            a.gateway().map(Ip::toString).ifPresent(g -> one.put("gateway", g));
            ips.add(one);
        }
        if (!ips.isEmpty()) {
            json.put("ips", ips);
        }
        List<Object> routes = new ArrayList<>();
        for (CniResult.Route r : result.routes()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("dst", r.destination().toString());
            r.gateway().map(Ip::toString).ifPresent(g -> one.put("gw", g));
            if (v11) {
                put(one, "mtu", r.mtu());
                put(one, "advmss", r.advmss());
                put(one, "priority", r.priority());
                put(one, "table", r.table());
                put(one, "scope", r.scope());
            }
            routes.add(one);
        }
        if (!routes.isEmpty()) {
            json.put("routes", routes);
        }
        Map<String, Object> dns = new LinkedHashMap<>();
        put(dns, "nameservers", result.dns().nameservers());
        put(dns, "domain", result.dns().domain());
        put(dns, "search", result.dns().search());
        put(dns, "options", result.dns().options());
        json.put("dns", dns);
        return json;
    }

    private static void put(Map<String, Object> json, String key, String value) {
        if (!value.isEmpty()) {
            json.put(key, value);
        }
    }

    private static void put(Map<String, Object> json, String key, List<String> value) {
        if (!value.isEmpty()) {
            json.put(key, value);
        }
    }

    private static void put(Map<String, Object> json, String key, OptionalInt value) {
        if (value.isPresent()) {
            json.put(key, value.getAsInt());
        }
    }
}
