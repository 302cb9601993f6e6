package io.weft.model;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Reads v1 Service, as far as policies look at it. Fields that say how traffic reaches the service
 * (session affinity, traffic policies, load balancers, …) are accepted and left alone.
 */
final class ServiceReader {
    private static final Set<String> SPEC =
            Set.of(
                    "allocateLoadBalancerNodePorts",
                    "clusterIP",
                    "clusterIPs",
                    "externalIPs",
                    "externalName",
                    "externalTrafficPolicy",
                    "healthCheckNodePort",
                    "internalTrafficPolicy",
                    "ipFamilies",
                    "ipFamilyPolicy",
                    "loadBalancerClass",
                    "loadBalancerIP",
                    "loadBalancerSourceRanges",
                    "ports",
                    "publishNotReadyAddresses",
                    "selector",
                    "sessionAffinity",
                    "sessionAffinityConfig",
                    "trafficDistribution",
                    "type");

    private ServiceReader() {}

    static Service read(Field root, ObjectMeta meta) {
        root.only(Set.of("apiVersion", "kind", "metadata", "spec", "status"));
        Field spec = root.object("spec");
        spec.only(SPEC);
        Map<String, String> selector = ObjectMeta.labels(spec, "selector").asMap();
        List<Service.Port> ports = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Field port : spec.objects("ports")) {
            ports.add(port(port, names));
        }
        return new Service(
                new Ref(Kind.SERVICE, meta.namespace(), meta.name()),
                meta.labels(),
                selector.isEmpty() ? Optional.empty() : Optional.of(LabelSelector.of(selector)),
                spec.child("clusterIP").flatMap(Field::text).filter("None"::equals).isPresent(),
                clusterIps(spec),
                ports,
                root.source());
    }

    private static List<Ip> clusterIps(Field spec) {
        List<Field> items = spec.items("clusterIPs");
        if (items.isEmpty()) {
            items = spec.child("clusterIP").stream().toList();
        }
        List<Ip> ips = new ArrayList<>();
        for (Field item : items) {
            String text = item.text().orElse("");
            if (!text.isEmpty() && !text.equals("None") && item.ok(PodReader.notIp(text))) {
                Ip.tryParse(text).filter(ip -> !ips.contains(ip)).ifPresent(ips::add);
            }
        }
        return ips;
    }

    private static Service.Port port(Field port, Set<String> names) {
        port.only(Set.of("appProtocol", "name", "nodePort", "port", "protocol", "targetPort"));
        String name = port.child("name").flatMap(f -> f.text(Names::dnsLabel)).orElse("");
        if (!names.add(name)) {
            port.child("name")
                    .ifPresentOrElse(
                            f -> f.duplicate("names another port of it"),
                            () -> port.missing("name", "when there is more than one port"));
        }
        Optional<Field> number = port.child("port");
        if (number.isEmpty()) {
            port.missing("port", "");
        }
        OptionalInt value = number.map(Field::port).orElse(OptionalInt.empty());
        String own = Integer.toString(value.orElse(1));
        Optional<Field> target = port.child("targetPort");
        return new Service.Port(
                name,
                port.protocol("protocol"),
                value.orElse(1),
                target.map(f -> target(f, own)).orElse(own));
    }

    private static String target(Field field, String unset) {
        if (field.isNumber()) {
            OptionalInt number = field.port();
            return number.isPresent() ? Integer.toString(number.getAsInt()) : unset;
        }
        return field.text(Names::portName).orElse(unset);
    }
}
