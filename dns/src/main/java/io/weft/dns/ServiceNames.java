package io.weft.dns;

import io.weft.model.EndpointSlice;
import io.weft.model.Ip;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Service;
import io.weft.model.Snapshot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The names that one service has: sections 2.3 to 2.5 of the Kubernetes DNS specification 1.1.0. A
 * headless service without an endpoint has none (§2.4.1).
 */
final class ServiceNames {
    private final WireName namespaces;

    private final Map<WireName, List<Rr>> names = new LinkedHashMap<>();

    private ServiceNames(WireName namespaces) {
        this.namespaces = namespaces;
    }

    /**
     * An endpoint of a headless service.
     *
     * @param hostname its label below the service
     * @param ports where it answers
     */
    private record Endpoint(String hostname, Ip ip, List<Port> ports) {}

    /**
     * @param name of the service's port
     */
    private record Port(String name, String protocol, int number) {}

    /**
     * {@return what is at each name}
     *
     * @param namespaces the domain that namespaces are below: {@code svc.cluster.local}
     * @param slices of this service
     */
    static Map<WireName, List<Rr>> of(
            WireName namespaces,
            Service service,
            Collection<EndpointSlice> slices,
            Snapshot snapshot) {
        ServiceNames names = new ServiceNames(namespaces);
        names.add(service, slices, snapshot);
        return names.names;
    }

    private void add(Service service, Collection<EndpointSlice> slices, Snapshot snapshot) {
        WireName name = namespaces.child(service.ref().namespace()).child(service.ref().name());
        if (service.type() == Service.Type.EXTERNAL_NAME) {
            at(name);
            WireName.tryParse(service.addresses().externalName())
                    .ifPresent(target -> at(name).add(Rr.cname(target)));
        } else if (service.headless()) {
            headless(name, endpoints(service, slices, snapshot));
        } else {
            at(name);
            for (Ip ip : service.clusterIps()) {
                at(name).add(Rr.address(ip));
                at(reverse(ip)).add(Rr.ptr(name));
            }
            for (Service.Port port : service.ports()) {
                if (!port.name().isEmpty()) {
                    at(srv(name, port.name(), port.protocol().name()))
                            .add(Rr.srv(100, port.number(), name));
                }
            }
        }
    }

    private List<Rr> at(WireName name) {
        return names.computeIfAbsent(name, n -> new ArrayList<>());
    }

    private void headless(WireName name, List<Endpoint> endpoints) {
        int weight = Math.max(1, 100 / Math.max(1, endpoints.size()));
        Map<String, WireName> hosts = new HashMap<>();
        for (Endpoint endpoint : endpoints) {
            WireName host = hosts.computeIfAbsent(endpoint.hostname, name::child);
            at(name).add(Rr.address(endpoint.ip));
            at(host).add(Rr.address(endpoint.ip));
            at(reverse(endpoint.ip)).add(Rr.ptr(host));
            for (Port port : endpoint.ports) {
                at(srv(name, port.name, port.protocol)).add(Rr.srv(weight, port.number, host));
            }
        }
    }

    private static WireName srv(WireName service, String port, String protocol) {
        return service.child("_" + protocol.toLowerCase(Locale.ROOT)).child("_" + port);
    }

    // ---- endpoints

    private static List<Endpoint> endpoints(
            Service service, Collection<EndpointSlice> slices, Snapshot snapshot) {
        List<Endpoint> found = new ArrayList<>();
        if (!slices.isEmpty()) {
            for (EndpointSlice slice : slices) {
                addSlice(service, slice, found);
            }
        } else if (service.selector().isPresent()) {
            podsOf(service.ref().namespace(), snapshot)
                    .values()
                    .forEach(pod -> {
                        if (isEndpoint(service, pod)) {
                            addPod(service, pod, found);
                        }
                    });
        }
        return found;
    }

    private static void addSlice(Service service, EndpointSlice slice, List<Endpoint> found) {
        List<Port> ports = new ArrayList<>();
        for (EndpointSlice.Port port : slice.ports()) {
            if (!port.name().isEmpty() && port.number().isPresent()) {
                ports.add(new Port(port.name(), port.protocol().name(), port.number().getAsInt()));
            }
        }
        for (EndpointSlice.Endpoint endpoint : slice.endpoints()) {
            if (endpoint.ready() || service.routing().publishNotReady()) {
                String hostname =
                        endpoint.hostname()
                                .filter(h -> !h.isEmpty() && h.length() <= WireName.MAX_LABEL)
                                .orElseGet(() -> dashed(endpoint.ip()));
                found.add(new Endpoint(hostname, endpoint.ip(), ports));
            }
        }
    }

    static Map<Ref, Pod> podsOf(String namespace, Snapshot snapshot) {
        return snapshot.pods().subMap(Ref.pod(namespace, ""), Ref.pod(namespace + "\0", ""));
    }

    /** {@return whether {@code pod}'s addresses are those of {@code service} now} */
    static boolean isEndpoint(Service service, Pod pod) {
        return service.selects(pod)
                && !pod.finished()
                && (service.routing().publishNotReady() || (pod.ready() && !pod.terminating()));
    }

    private static void addPod(Service service, Pod pod, List<Endpoint> found) {
        List<Port> ports = new ArrayList<>();
        for (Service.Port port : service.ports()) {
            OptionalInt number = target(port, pod);
            if (!port.name().isEmpty() && number.isPresent()) {
                ports.add(new Port(port.name(), port.protocol().name(), number.getAsInt()));
            }
        }
        Pod.Naming naming = pod.naming();
        boolean named =
                !naming.hostname().isEmpty() && naming.subdomain().equals(service.ref().name());
        List<Boolean> families = service.addresses().families();
        for (Ip ip : pod.ips()) {
            if (families.isEmpty() || families.contains(ip.isV4())) {
                found.add(new Endpoint(named ? naming.hostname() : dashed(ip), ip, ports));
            }
        }
    }

    private static OptionalInt target(Service.Port port, Pod pod) {
        if (port.target().isEmpty()) {
            return OptionalInt.of(port.number());
        }
        return port.target().chars().allMatch(c -> c >= '0' && c <= '9')
                ? OptionalInt.of(Integer.parseInt(port.target()))
                : pod.namedPort(port.target(), port.protocol());
    }

    /** {@return {@code 10-0-0-1} or {@code fd00--1}: an address as a label} */
    static String dashed(Ip ip) {
        return ip.toString().replace('.', '-').replace(':', '-');
    }

    // ---- reverse names

    private static final WireName IN_ADDR = WireName.parse("in-addr.arpa");
    private static final WireName IP6 = WireName.parse("ip6.arpa");

    /** {@return {@code 1.0.0.10.in-addr.arpa}, or 32 digits below {@code ip6.arpa}} */
    static WireName reverse(Ip ip) {
        byte[] bytes = ip.toBytes16();
        StringBuilder text = new StringBuilder();
        if (ip.isV4()) {
            for (int i = 15; i >= 12; i--) {
                text.append(bytes[i] & 0xff).append('.');
            }
            return WireName.parse(text.append(IN_ADDR).toString());
        }
        for (int i = 15; i >= 0; i--) {
            text.append(Character.forDigit(bytes[i] & 0xf, 16)).append('.');
            text.append(Character.forDigit((bytes[i] >> 4) & 0xf, 16)).append('.');
        }
        return WireName.parse(text.append(IP6).toString());
    }
}
