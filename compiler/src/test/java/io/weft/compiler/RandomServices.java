package io.weft.compiler;

import io.weft.model.Bandwidth;
import io.weft.model.Delta;
import io.weft.model.EndpointSlice;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.LabelSelector;
import io.weft.model.Labels;
import io.weft.model.Node;
import io.weft.model.Pod;
import io.weft.model.Prefix;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Service;
import io.weft.model.ServiceCidr;
import io.weft.model.Source;
import io.weft.tables.FrontendKey;
import io.weft.tables.ServiceTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Small worlds of services in which addresses, ports and names meet and clash. */
final class RandomServices {
    private static final List<String> NAMESPACES = List.of("red", "green");
    private static final List<String> NODES = List.of("one", "two", "three");
    private static final List<String> ZONES = List.of("a", "b");
    private static final List<String> VALUES = List.of("x", "y");
    private static final List<Integer> NUMBERS = List.of(80, 81, 443);
    private static final List<Integer> NODE_PORTS = List.of(30080, 30081, 80);
    private static final List<String> TARGETS = List.of("8080", "http", "dns", "0", "81");
    private static final List<String> PODS =
            List.of(
                    "10.0.0.1",
                    "10.0.0.2",
                    "10.0.1.1",
                    "10.0.1.2",
                    "10.9.0.1",
                    "fd00::1",
                    "fd00::2");
    private static final List<String> HOSTS =
            List.of("192.168.0.1", "192.168.0.2", "192.168.1.1", "2001:db8::1", "2001:db8::2");
    private static final List<String> CLUSTER =
            List.of("172.30.0.1", "172.30.0.2", "172.30.0.3", "fd00:ff::1", "fd00:ff::2");
    private static final List<String> PUBLIC =
            List.of("1.2.3.4", "5.6.7.8", "192.168.0.1", "172.30.0.3", "2a00::1");
    private static final List<String> STRANGERS =
            List.of("203.0.113.2", "203.0.113.200", "2a00::9", "172.30.0.9", "fd00:ff::9");

    private final Random random;
    final Set<Ip> addresses;
    final CompilerOptions options;

    RandomServices(long seed) {
        random = new Random(seed);
        addresses = oneIn(2) ? Set.of() : Set.of(ip(HOSTS));
        options =
                new CompilerOptions(
                        false,
                        new ServiceOptions(
                                maybe(() -> pick(NODES)),
                                oneIn(3) ? List.of(Prefix.parse("10.0.0.0/23")) : List.of(),
                                oneIn(3) ? List.of(Prefix.parse("192.168.0.0/24")) : List.of(),
                                oneIn(4)));
    }

    /** {@return mostly a flow to one of the frontends} */
    Query query(ServiceTable table) {
        List<FrontendKey> keys = table.frontends().keySet().stream().sorted().toList();
        if (keys.isEmpty() || oneIn(4)) {
            return anyQuery();
        }
        FrontendKey key = pick(keys);
        while (true) {
            Ip from = ip(pick(List.of(PODS, HOSTS, STRANGERS, PUBLIC)));
            Ip to = key.isNodePort() ? ip(HOSTS) : key.ip();
            if (from.isV4() == to.isV4()) {
                return new Query(from, to, key.protocol().number(), key.port());
            }
        }
    }

    private Query anyQuery() {
        while (true) {
            Ip from = ip(pick(List.of(PODS, HOSTS, STRANGERS, PUBLIC)));
            Ip to = ip(pick(List.of(CLUSTER, CLUSTER, PUBLIC, HOSTS, STRANGERS)));
            if (from.isV4() == to.isV4()) {
                int protocol = oneIn(20) ? 47 : pick(List.of(Protocol.values())).number();
                return new Query(from, to, protocol, pick(oneIn(3) ? NODE_PORTS : NUMBERS));
            }
        }
    }

    Delta first() {
        List<Resource> all = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            all.add(resource());
        }
        return Delta.put(all);
    }

    Delta next() {
        List<Resource> put = new ArrayList<>();
        List<Ref> removed = new ArrayList<>();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            if (oneIn(3)) {
                removed.add(resource().ref());
            } else {
                put.add(resource());
            }
        }
        return new Delta(put, removed);
    }

    private Resource resource() {
        return switch (random.nextInt(14)) {
            case 0, 12 -> node();
            case 1 -> new ServiceCidr("cidr" + random.nextInt(2), cidrs(), Source.NONE);
            case 2, 3, 4, 5 -> pod();
            case 6, 7, 8 -> slice();
            default -> service();
        };
    }

    private List<Prefix> cidrs() {
        return oneIn(2)
                ? List.of(Prefix.parse("172.30.0.0/16"))
                : List.of(Prefix.parse("172.30.0.0/29"), Prefix.parse("fd00:ff::/112"));
    }

    private Node node() {
        Labels labels = oneIn(3) ? Labels.EMPTY : Labels.EMPTY.with(Node.ZONE_LABEL, pick(ZONES));
        return new Node(
                pick(NODES),
                labels,
                some(HOSTS, 3).stream().map(Ip::parse).toList(),
                oneIn(2) ? List.of() : List.of(Prefix.parse("10.0." + random.nextInt(2) + ".0/24")),
                Source.NONE);
    }

    private Pod pod() {
        boolean host = oneIn(5);
        List<Ip> ips = new ArrayList<>();
        if (!oneIn(6)) {
            ips.add(ip(host ? HOSTS : PODS));
        }
        List<Pod.ContainerPort> ports = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            ports.add(
                    new Pod.ContainerPort(
                            pick(List.of("http", "dns", "")),
                            pick(List.of(Protocol.values())),
                            8080 + random.nextInt(3)));
        }
        return new Pod(
                Ref.pod(pick(NAMESPACES), "pod" + random.nextInt(6)),
                labels(),
                ips,
                ports,
                List.of(),
                host,
                oneIn(8),
                oneIn(4),
                maybe(() -> pick(NODES)),
                host ? List.of(ip(HOSTS)) : List.of(),
                Optional.empty(),
                !oneIn(3),
                Pod.Naming.DEFAULT,
                Bandwidth.UNLIMITED,
                hostPorts(),
                Pod.Addressing.DEFAULT,
                Source.NONE);
    }

    private List<Pod.HostPort> hostPorts() {
        List<Pod.HostPort> ports = new ArrayList<>();
        for (int number :
                some(NODE_PORTS.stream().map(String::valueOf).toList(), 2).stream()
                        .mapToInt(Integer::parseInt)
                        .toArray()) {
            ports.add(
                    new Pod.HostPort(
                            oneIn(2)
                                    ? Optional.empty()
                                    : Optional.of(Ip.parse(oneIn(3) ? "0.0.0.0" : pick(HOSTS))),
                            number,
                            protocol(),
                            8080 + random.nextInt(3)));
        }
        return ports;
    }

    private Labels labels() {
        Labels labels = Labels.EMPTY;
        for (String key : List.of("app", "tier")) {
            labels = oneIn(4) ? labels : labels.with(key, pick(VALUES));
        }
        return labels;
    }

    private Ref serviceRef() {
        return new Ref(Kind.SERVICE, pick(NAMESPACES), "svc" + random.nextInt(5));
    }

    private EndpointSlice slice() {
        boolean v4 = !oneIn(4);
        Ref service = serviceRef();
        List<EndpointSlice.Endpoint> endpoints = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            endpoints.add(
                    new EndpointSlice.Endpoint(
                            ip(PODS),
                            !oneIn(3),
                            !oneIn(3),
                            oneIn(3),
                            Optional.empty(),
                            maybe(() -> pick(NODES)),
                            maybe(() -> pick(ZONES)),
                            oneIn(2) ? List.of() : some(ZONES, 2),
                            oneIn(2) ? List.of() : some(NODES, 2),
                            Optional.empty()));
        }
        List<EndpointSlice.Port> ports = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            ports.add(
                    new EndpointSlice.Port(
                            "p" + random.nextInt(3),
                            protocol(),
                            oneIn(8) ? OptionalInt.empty() : OptionalInt.of(pick(NUMBERS))));
        }
        return new EndpointSlice(
                new Ref(Kind.ENDPOINT_SLICE, service.namespace(), "slice" + random.nextInt(4)),
                oneIn(8) ? Optional.empty() : Optional.of(service),
                v4,
                endpoints,
                ports,
                Source.NONE);
    }

    private Service service() {
        List<Service.Port> ports = new ArrayList<>();
        for (int i = 0, n = random.nextInt(4); i < n; i++) {
            ports.add(
                    new Service.Port(
                            "p" + i,
                            protocol(),
                            NUMBERS.get(i),
                            pick(TARGETS),
                            oneIn(2) ? OptionalInt.empty() : OptionalInt.of(NODE_PORTS.get(i))));
        }
        return new Service(
                serviceRef(),
                Labels.EMPTY,
                pick(List.of(Service.Type.values())),
                oneIn(5) ? Optional.empty() : Optional.of(selector()),
                oneIn(12),
                new Service.Addresses(
                        ips(CLUSTER, 3),
                        List.of(),
                        Service.FamilyPolicy.SINGLE,
                        oneIn(2) ? List.of() : ips(PUBLIC, 2),
                        oneIn(2) ? List.of() : ips(PUBLIC, 2),
                        List.of(),
                        Optional.empty(),
                        oneIn(2)
                                ? List.of()
                                : some(List.of("203.0.113.0/25", "192.168.0.0/24", "fd00::/16"), 2)
                                        .stream()
                                        .map(Prefix::parse)
                                        .toList(),
                        ""),
                ports,
                new Service.Routing(
                        maybe(() -> Duration.ofSeconds(1 + random.nextInt(9))),
                        oneIn(3),
                        oneIn(3),
                        OptionalInt.empty(),
                        pick(List.of(Service.Distribution.values())),
                        oneIn(4),
                        pick(List.of(Service.Balancing.values())),
                        pick(List.of(Service.Forwarding.values())),
                        oneIn(4)),
                Source.NONE);
    }

    private Protocol protocol() {
        return oneIn(2) ? Protocol.TCP : pick(List.of(Protocol.values()));
    }

    private LabelSelector selector() {
        Labels labels = labels();
        return oneIn(8)
                ? new LabelSelector(
                        List.of(
                                new LabelSelector.Requirement(
                                        "app", LabelSelector.Operator.EXISTS, List.of())))
                : LabelSelector.of(labels.asMap());
    }

    private List<Ip> ips(List<String> from, int most) {
        return some(from, most).stream().map(Ip::parse).toList();
    }

    private List<String> some(List<String> from, int most) {
        return IntStream.range(0, random.nextInt(most + 1))
                .mapToObj(i -> pick(from))
                .distinct()
                .toList();
    }

    private Ip ip(List<String> from) {
        return Ip.parse(pick(from));
    }

    private <T> Optional<T> maybe(Supplier<T> value) {
        return oneIn(3) ? Optional.empty() : Optional.of(value.get());
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    private boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }
}
