package io.weft.model;

import io.weft.model.EndpointSlice.Endpoint;
import io.weft.model.EndpointSlice.Port;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Reads discovery.k8s.io/v1 EndpointSlice, checked as the API server does (Kubernetes {@code
 * pkg/apis/discovery/validation}).
 */
final class EndpointSliceReader {
    private static final int MAX_ENDPOINTS = 1000;
    private static final int MAX_ADDRESSES = 100;
    private static final int MAX_PORTS = 20_000;
    private static final int MAX_HINTS = 8;
    private static final int MAX_TOPOLOGY = 16;
    private static final Set<String> ENDPOINT =
            Set.of(
                    "addresses",
                    "conditions",
                    "deprecatedTopology",
                    "hints",
                    "hostname",
                    "nodeName",
                    "targetRef",
                    "zone");
    private static final Set<String> TARGET =
            Set.of(
                    "apiVersion",
                    "fieldPath",
                    "kind",
                    "name",
                    "namespace",
                    "resourceVersion",
                    "uid");

    private EndpointSliceReader() {}

    static EndpointSlice read(Field root, ObjectMeta meta) {
        root.only(Set.of("addressType", "apiVersion", "endpoints", "kind", "metadata", "ports"));
        Optional<Boolean> v4 = family(root);
        List<Endpoint> endpoints = new ArrayList<>();
        if (v4.isPresent()) {
            for (Field item : bounded(root, "endpoints", MAX_ENDPOINTS)) {
                endpoint(item, v4.get(), meta.namespace()).ifPresent(endpoints::add);
            }
        }
        List<Port> ports = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Field item : bounded(root, "ports", MAX_PORTS)) {
            ports.add(port(item, names));
        }
        return new EndpointSlice(
                new Ref(Kind.ENDPOINT_SLICE, meta.namespace(), meta.name()),
                meta.labels()
                        .get(EndpointSlice.SERVICE_LABEL)
                        .filter(name -> !name.isEmpty())
                        .map(name -> new Ref(Kind.SERVICE, meta.namespace(), name)),
                v4.orElse(true),
                endpoints,
                ports,
                root.source());
    }

    /** {@return whether it is of IPv4; nothing when that cannot be said} */
    private static Optional<Boolean> family(Field root) {
        String type = root.requiredText("addressType", "", Names::any);
        if (type.equals("IPv4") || type.equals("IPv6")) {
            return Optional.of(type.equals("IPv4"));
        }
        Optional<Field> field = root.child("addressType").filter(f -> !type.isEmpty());
        if (type.equals("FQDN")) {
            field.ifPresent(f ->
                    f.forbidden(
                            "Weft sends connections to addresses, not to names; write IPv4 or"
                                    + " IPv6"));
        } else {
            field.ifPresent(f -> f.unsupported(List.of("FQDN", "IPv4", "IPv6")));
        }
        return Optional.empty();
    }

    /** {@return the objects in a list; none, and reported, when there are too many} */
    private static List<Field> bounded(Field parent, String key, int most) {
        List<Field> items = parent.items(key);
        if (items.size() > most) {
            int actual = items.size();
            parent.child(key).ifPresent(f -> f.tooMany(actual, most));
            return List.of();
        }
        return items.stream().filter(Field::isObject).toList();
    }

    private static Optional<Endpoint> endpoint(Field item, boolean v4, String namespace) {
        item.only(ENDPOINT);
        Optional<Ip> ip = address(item, v4);
        Field conditions = item.object("conditions");
        conditions.only(Set.of("ready", "serving", "terminating"));
        boolean ready = conditions.flag("ready", true);
        Field hints = item.object("hints");
        hints.only(Set.of("forZones", "forNodes"));
        Field topology = item.object("deprecatedTopology");
        if (topology.entries().size() > MAX_TOPOLOGY) {
            topology.tooMany(topology.entries().size(), MAX_TOPOLOGY);
        }
        Optional<String> hostname = item.child("hostname").flatMap(f -> f.text(Names::dnsLabel));
        Optional<String> node = item.child("nodeName").flatMap(f -> f.text(Names::dnsSubdomain));
        Optional<String> zone = item.filled("zone");
        List<String> forZones = hints(hints, "forZones");
        List<String> forNodes = hints(hints, "forNodes");
        Optional<Ref> pod = pod(item, namespace);
        return ip.map(address ->
                new Endpoint(
                        address,
                        ready,
                        conditions.flag("serving", ready),
                        conditions.flag("terminating", false),
                        hostname,
                        node,
                        zone,
                        forZones,
                        forNodes,
                        pod));
    }

    /** {@return the first address; all are checked} */
    private static Optional<Ip> address(Field item, boolean v4) {
        List<Field> addresses = item.items("addresses");
        if (addresses.isEmpty()) {
            item.missing("addresses", "must contain at least 1 address");
        } else if (addresses.size() > MAX_ADDRESSES) {
            item.child("addresses").ifPresent(f -> f.tooMany(addresses.size(), MAX_ADDRESSES));
        }
        Optional<Ip> first = Optional.empty();
        for (Field address : addresses) {
            Optional<Ip> ip = address.text(t -> wrong(t, v4)).flatMap(Ip::tryParse);
            first = first.or(() -> ip);
        }
        return first;
    }

    private static Optional<String> wrong(String text, boolean v4) {
        Optional<Ip> ip = Ip.tryParse(text);
        if (ip.isEmpty() || ip.get().isV4() != v4) {
            return Optional.of("must be a valid IPv" + (v4 ? 4 : 6) + " address");
        }
        return IpRules.special(ip.get());
    }

    private static List<String> hints(Field hints, String key) {
        List<String> names = new ArrayList<>();
        for (Field item : bounded(hints, key, MAX_HINTS)) {
            item.only(Set.of("name"));
            String name =
                    item.requiredText(
                            "name",
                            "",
                            key.equals("forNodes") ? Names::dnsSubdomain : Names::labelValue);
            if (names.contains(name)) {
                item.child("name").ifPresent(f -> f.duplicate(""));
            } else {
                names.add(name);
            }
        }
        return names;
    }

    private static Optional<Ref> pod(Field item, String own) {
        Field target = item.object("targetRef");
        target.only(TARGET);
        String kind = target.filled("kind").orElse("");
        String namespace = target.filled("namespace").orElse(own);
        return target.filled("name")
                .filter(name -> kind.equals("Pod"))
                .map(name -> Ref.pod(namespace, name));
    }

    private static Port port(Field item, Set<String> names) {
        item.only(Set.of("appProtocol", "name", "port", "protocol"));
        String name = item.filled("name").orElse("");
        Optional<Field> named = item.child("name");
        if (!name.isEmpty()) {
            named.ifPresent(f -> f.ok(Names.dnsLabel(name)));
        }
        if (!names.add(name)) {
            named.ifPresentOrElse(
                    f -> f.duplicate("names another port of it"),
                    () -> item.missing("name", "when there is more than one port"));
        }
        item.child("appProtocol").ifPresent(f -> f.text(Names::labelKey));
        Protocol protocol =
                item.filled("protocol").isEmpty() ? Protocol.TCP : item.protocol("protocol");
        OptionalInt number = item.integer("port");
        if (number.isPresent() && number.getAsInt() != 0) {
            item.child("port").ifPresent(f -> f.ok(Names.portNumber(number.getAsInt())));
            return new Port(name, protocol, number);
        }
        return new Port(name, protocol, OptionalInt.empty());
    }
}
