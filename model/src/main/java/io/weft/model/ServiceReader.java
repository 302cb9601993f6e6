package io.weft.model;

import io.weft.model.Service.Port;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Reads v1 Service, checked and defaulted as the API server does (Kubernetes {@code
 * pkg/apis/core/validation} and {@code v1/defaults.go}).
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
    private static final List<String> TYPES =
            Arrays.stream(Service.Type.values()).map(Service.Type::toString).sorted().toList();

    private final Field spec;
    private final Service.Type type;
    private final Misfit misfit;
    private final Set<String> names = new HashSet<>();
    private final Set<List<Object>> numbers = new HashSet<>();
    private final Set<List<Object>> nodePorts = new HashSet<>();

    private ServiceReader(Field spec, Service.Type type, Misfit misfit) {
        this.spec = spec;
        this.type = type;
        this.misfit = misfit;
    }

    /**
     * @param running whether what does not fit its type is refused; otherwise it is warned of and
     *     left out, because recorded worlds have it
     */
    static Service read(Field root, ObjectMeta meta, boolean running) {
        root.only(Set.of("apiVersion", "kind", "metadata", "spec", "status"));
        Field spec = root.object("spec");
        spec.only(SPEC);
        String text = spec.oneOf("type", TYPES).orElse("");
        Service.Type type =
                Arrays.stream(Service.Type.values())
                        .filter(t -> t.toString().equals(text))
                        .findFirst()
                        .orElse(Service.Type.CLUSTER_IP);
        Misfit misfit = new Misfit(running);
        boolean headless = headless(spec, type);
        Service.Addresses addresses =
                new ServiceAddressReader(root, spec, meta, type, misfit).read();
        Map<String, String> selector = ObjectMeta.labels(spec, "selector").asMap();
        boolean needsPorts = !headless && type != Service.Type.EXTERNAL_NAME;
        return new Service(
                new Ref(Kind.SERVICE, meta.namespace(), meta.name()),
                meta.labels(),
                type,
                selector.isEmpty() ? Optional.empty() : Optional.of(LabelSelector.of(selector)),
                headless,
                addresses,
                new ServiceReader(spec, type, misfit).ports(needsPorts),
                ServiceRoutingReader.read(spec, meta, type, addresses, misfit),
                root.source());
    }

    private static boolean headless(Field spec, Service.Type type) {
        boolean none =
                spec.child("clusterIP").filter(ServiceReader::isNone).isPresent()
                        || spec.child("clusterIPs")
                                .filter(f -> f.tree() instanceof Tree.Sequence)
                                .flatMap(f -> spec.items("clusterIPs").stream().findFirst())
                                .filter(ServiceReader::isNone)
                                .isPresent();
        return none && type != Service.Type.EXTERNAL_NAME;
    }

    static boolean isNone(Field field) {
        return field.tree() instanceof Tree.Scalar s
                && s.type() == Tree.Type.STRING
                && s.text().equals("None");
    }

    private List<Port> ports(boolean needed) {
        List<Port> ports = new ArrayList<>();
        List<Field> items = spec.objects("ports");
        if (items.isEmpty() && needed) {
            misfit.missing(spec, "ports", "nothing reaches a service without one");
        }
        for (Field item : items) {
            ports.add(port(item, items.size() > 1));
        }
        return ports;
    }

    private Port port(Field port, boolean several) {
        port.only(Set.of("appProtocol", "name", "nodePort", "port", "protocol", "targetPort"));
        String name = port.filled("name").orElse("");
        if (!name.isEmpty()) {
            Field field = port.child("name").orElse(port);
            field.ok(Names.dnsLabel(name));
            if (!names.add(name)) {
                field.duplicate("names another port of it");
            }
        } else if (several) {
            port.missing("name", "when there is more than one port");
        }
        port.child("appProtocol").ifPresent(f -> f.text(Names::labelKey));
        Optional<Field> number = port.child("port");
        if (number.isEmpty()) {
            port.missing("port", "");
        }
        OptionalInt value = number.map(Field::port).orElse(OptionalInt.empty());
        Protocol protocol = port.protocol("protocol");
        if (value.isPresent() && !numbers.add(List.of(value.getAsInt(), protocol))) {
            port.duplicate(value.getAsInt() + "/" + protocol + " is another port of it");
        }
        String own = Integer.toString(value.orElse(1));
        Optional<Field> target = port.child("targetPort");
        return new Port(
                name,
                protocol,
                value.orElse(1),
                target.map(f -> target(f, own)).orElse(own),
                nodePort(port, protocol));
    }

    /** {@return the target; the port itself when it is not said, as "" or 0 do not} */
    private static String target(Field field, String unset) {
        if (field.isNumber()) {
            OptionalInt number = field.integer();
            if (number.isEmpty() || number.getAsInt() == 0) {
                return unset;
            }
            field.ok(Names.portNumber(number.getAsInt()));
            return Integer.toString(number.getAsInt());
        }
        Optional<String> name = field.text().filter(text -> !text.isEmpty());
        name.ifPresent(text -> field.ok(Names.portName(text)));
        return name.orElse(unset);
    }

    private OptionalInt nodePort(Field port, Protocol protocol) {
        OptionalInt number = port.integer("nodePort");
        if (number.isEmpty() || number.getAsInt() == 0) {
            return OptionalInt.empty();
        }
        Field field = port.child("nodePort").orElse(port);
        if (!type.hasNodePorts()) {
            misfit.forbidden(field, "may not be used when `type` is '" + type + "'");
            return OptionalInt.empty();
        }
        if (!field.ok(Names.portNumber(number.getAsInt()))) {
            return OptionalInt.empty();
        }
        if (!nodePorts.add(List.of(number.getAsInt(), protocol))) {
            field.duplicate("");
        }
        return number;
    }
}
