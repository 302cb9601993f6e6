package io.weft.dns;

import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Service;
import io.weft.model.Snapshot;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The environment variables by which a workload finds services that existed before it: those that
 * the kubelet sets, of its namespace and of {@code kubernetes} in {@code default}.
 */
public final class ServiceEnvironment {
    private static final String MASTER_NAMESPACE = "default";
    private static final String MASTER = "kubernetes";

    private ServiceEnvironment() {}

    /**
     * {@return name to value, sorted}
     *
     * @param before what there was when the pod came
     */
    public static Map<String, String> of(Pod pod, Snapshot before) {
        Map<String, String> variables = new TreeMap<>();
        Service master = before.services().get(new Ref(Kind.SERVICE, MASTER_NAMESPACE, MASTER));
        if (master != null) {
            add(master, variables);
        }
        if (pod.naming().serviceLinks()) {
            Ref from = new Ref(Kind.SERVICE, pod.namespace(), "");
            Ref to = new Ref(Kind.SERVICE, pod.namespace() + "\0", "");
            before.services().subMap(from, to).values().forEach(s -> add(s, variables));
        }
        return variables;
    }

    private static void add(Service service, Map<String, String> variables) {
        if (service.clusterIps().isEmpty() || service.ports().isEmpty()) {
            return;
        }
        String prefix = variable(service.ref().name());
        Ip ip = service.clusterIps().getFirst();
        Service.Port first = service.ports().getFirst();
        variables.put(prefix + "_SERVICE_HOST", ip.toString());
        variables.put(prefix + "_SERVICE_PORT", Integer.toString(first.number()));
        for (Service.Port port : service.ports()) {
            if (!port.name().isEmpty()) {
                variables.put(
                        prefix + "_SERVICE_PORT_" + variable(port.name()),
                        Integer.toString(port.number()));
            }
        }
        variables.put(prefix + "_PORT", url(ip, first));
        for (Service.Port port : service.ports()) {
            String link = prefix + "_PORT_" + port.number() + "_" + port.protocol().name();
            variables.put(link, url(ip, port));
            variables.put(link + "_PROTO", protocol(port));
            variables.put(link + "_PORT", Integer.toString(port.number()));
            variables.put(link + "_ADDR", ip.toString());
        }
    }

    private static String variable(String name) {
        return name.replace('-', '_').toUpperCase(Locale.ROOT);
    }

    private static String protocol(Service.Port port) {
        return port.protocol().name().toLowerCase(Locale.ROOT);
    }

    private static String url(Ip ip, Service.Port port) {
        return protocol(port) + "://" + (ip.isV4() ? ip : "[" + ip + "]") + ":" + port.number();
    }
}
