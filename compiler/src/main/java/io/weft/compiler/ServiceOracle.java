package io.weft.compiler;

import io.weft.compiler.Translation.Dropped;
import io.weft.compiler.Translation.NotAService;
import io.weft.compiler.Translation.Reason;
import io.weft.compiler.Translation.Rejected;
import io.weft.compiler.Translation.Target;
import io.weft.compiler.Translation.ToBackends;
import io.weft.model.EndpointSlice;
import io.weft.model.Ip;
import io.weft.model.Node;
import io.weft.model.Pod;
import io.weft.model.Prefix;
import io.weft.model.Protocol;
import io.weft.model.Service;
import io.weft.model.ServiceCidr;
import io.weft.model.Snapshot;
import io.weft.tables.Backend;
import io.weft.tables.BackendSet;
import io.weft.tables.BackendSet.Scope;
import io.weft.tables.Frontend;
import io.weft.tables.Frontend.Client;
import io.weft.tables.Frontend.Exposure;
import io.weft.tables.Frontend.Masquerade;
import io.weft.tables.FrontendKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Translates straight from the snapshot, by trying every port of every service, as <a
 * href="https://kubernetes.io/docs/reference/networking/virtual-ips/">the Kubernetes
 * documentation</a> and kube-proxy 1.36 have it. It is slow on purpose and shares no code with the
 * compiler, which is tested against it.
 */
public final class ServiceOracle {
    private final Snapshot snapshot;
    private final ServiceOptions options;
    private final Optional<Node> self;
    private final Optional<String> name;
    private final List<Ip> addresses = new ArrayList<>();
    private final List<Prefix> podCidrs;

    public ServiceOracle(Snapshot snapshot, Set<Ip> nodeAddresses, ServiceOptions options) {
        this.snapshot = snapshot;
        this.options = options;
        List<Node> nodes = List.copyOf(snapshot.nodes().values());
        Optional<Node> found = Optional.empty();
        if (options.node().isPresent()) {
            found = nodes.stream().filter(n -> n.name().equals(options.node().get())).findAny();
        } else {
            for (Node node : nodes) {
                if (found.isEmpty()
                        && node.addresses().stream().anyMatch(nodeAddresses::contains)) {
                    found = Optional.of(node);
                }
            }
            if (found.isEmpty() && nodes.size() == 1) {
                found = Optional.of(nodes.getFirst());
            }
        }
        self = found;
        name = options.node().isPresent() ? options.node() : found.map(Node::name);
        found.ifPresent(node -> addresses.addAll(node.addresses()));
        addresses.addAll(new TreeSet<>(nodeAddresses));
        podCidrs =
                !options.podCidrs().isEmpty()
                        ? options.podCidrs()
                        : found.map(Node::podCidrs).orElse(List.of());
    }

    /** {@return what services make of a packet that this node sees} */
    public Translation translate(Query query) {
        FrontendKey exact = null;
        for (Protocol protocol : Protocol.values()) {
            if (protocol.number() == query.protocol()) {
                exact = new FrontendKey(query.to(), query.port(), protocol);
            }
        }
        if (exact != null) {
            for (Exposures exposures : List.of(Exposures.OF_ADDRESS, Exposures.OF_NODE)) {
                Optional<Translation> hostPort = hostPort(query, exact, exposures);
                if (hostPort.isPresent()) {
                    return hostPort.get();
                }
                for (Service service : snapshot.services().values()) {
                    for (Service.Port port : service.ports()) {
                        for (Exposure exposure : exposures.order) {
                            if (is(exposure, service, port, exact)) {
                                return translate(query, exact, service, port, exposure);
                            }
                        }
                    }
                }
            }
        }
        FrontendKey none =
                exact != null ? exact : new FrontendKey(query.to(), query.port(), Protocol.TCP);
        for (Service service : snapshot.services().values()) {
            if (!service.ports().isEmpty()
                    && clusterIp(service, query.to().isV4())
                            .filter(query.to()::equals)
                            .isPresent()) {
                return new Rejected(none, Optional.empty());
            }
        }
        for (ServiceCidr cidr : snapshot.serviceCidrs().values()) {
            if (cidr.cidrs().stream().anyMatch(c -> c.contains(query.to()))) {
                return new Dropped(none, Reason.NO_SERVICE);
            }
        }
        return new NotAService();
    }

    private enum Exposures {
        OF_ADDRESS(Exposure.CLUSTER_IP, Exposure.LOAD_BALANCER, Exposure.EXTERNAL_IP),
        OF_NODE(Exposure.NODE_PORT);

        @SuppressWarnings("ImmutableEnumChecker") // List.of
        private final List<Exposure> order;

        Exposures(Exposure... order) {
            this.order = List.of(order);
        }
    }

    /** A port of a pod of this node, at one address of the node or at all of them. */
    private Optional<Translation> hostPort(Query query, FrontendKey exact, Exposures exposures) {
        boolean v4 = exact.ip().isV4();
        for (Pod pod : snapshot.pods().values()) {
            Optional<Ip> ip = pod.ips().stream().filter(i -> i.isV4() == v4).findFirst();
            if (pod.hostNetwork() || pod.finished() || !isHere(pod) || ip.isEmpty()) {
                continue;
            }
            for (Pod.HostPort port : pod.hostPorts()) {
                boolean everywhere =
                        port.ip().isEmpty()
                                || port.ip().get().equals(Ip.parse(v4 ? "0.0.0.0" : "::"));
                boolean there =
                        exposures == Exposures.OF_NODE
                                ? everywhere && takesNodePorts(exact.ip())
                                : port.ip().isPresent() && port.ip().get().equals(exact.ip());
                if (there && port.number() == exact.port() && port.protocol() == exact.protocol()) {
                    BackendSet.Id set =
                            new BackendSet.Id(
                                    pod.ref(),
                                    "" + port.target(),
                                    port.protocol(),
                                    v4,
                                    Scope.LOCAL);
                    Frontend frontend =
                            new Frontend(
                                    pod.ref(),
                                    "" + port.target(),
                                    Exposure.HOST_PORT,
                                    set,
                                    set,
                                    new Masquerade(false, true, false),
                                    false,
                                    Optional.empty(),
                                    List.of(),
                                    false);
                    Client client = client(query.from());
                    Backend backend = new Backend(ip.get(), port.target(), true);
                    boolean masquerade = client == Client.NODE || ip.get().equals(query.from());
                    return Optional.of(
                            new ToBackends(
                                    everywhere
                                            ? FrontendKey.nodePort(
                                                    v4, exact.port(), exact.protocol())
                                            : exact,
                                    frontend,
                                    set,
                                    client,
                                    List.of(new Target(backend, masquerade))));
                }
            }
        }
        return Optional.empty();
    }

    private boolean takesNodePorts(Ip ip) {
        return addresses.contains(ip)
                && (options.nodePortAddresses().isEmpty()
                        || options.nodePortAddresses().stream().anyMatch(b -> b.contains(ip)));
    }

    private static Optional<Ip> clusterIp(Service service, boolean v4) {
        if (service.headless() || service.type() == Service.Type.EXTERNAL_NAME) {
            return Optional.empty();
        }
        return service.clusterIps().stream().filter(ip -> ip.isV4() == v4).findFirst();
    }

    private boolean is(Exposure exposure, Service service, Service.Port port, FrontendKey key) {
        Optional<Ip> cluster = clusterIp(service, key.ip().isV4());
        if (cluster.isEmpty() || port.protocol() != key.protocol()) {
            return false;
        }
        boolean samePort = port.number() == key.port();
        return switch (exposure) {
            case CLUSTER_IP -> samePort && cluster.get().equals(key.ip());
            case EXTERNAL_IP -> samePort && service.addresses().external().contains(key.ip());
            case LOAD_BALANCER -> samePort && service.addresses().loadBalancer().contains(key.ip());
            case NODE_PORT ->
                    port.nodePort().isPresent()
                            && port.nodePort().getAsInt() == key.port()
                            && takesNodePorts(key.ip());
            case HOST_PORT -> false;
        };
    }

    // ---- a service that is asked for

    private Translation translate(
            Query query, FrontendKey exact, Service service, Service.Port port, Exposure exposure) {
        boolean v4 = exact.ip().isV4();
        FrontendKey key =
                exposure == Exposure.NODE_PORT
                        ? FrontendKey.nodePort(v4, exact.port(), exact.protocol())
                        : exact;
        Frontend frontend = frontend(service, port, exposure, v4);
        if (!frontend.sourceRanges().isEmpty()
                && frontend.sourceRanges().stream().noneMatch(r -> r.contains(query.from()))) {
            return new Dropped(key, Reason.SOURCE_RANGE);
        }
        Client client = client(query.from());
        BackendSet.Id set = client == Client.OUTSIDE ? frontend.outside() : frontend.inside();
        List<Usable> all = endpoints(service, port, v4);
        List<Backend> chosen =
                set.scope() == Scope.LOCAL
                        ? orTerminating(all, Usable::local, e -> true)
                        : orTerminating(all, e -> true, near(all));
        if (chosen.isEmpty()) {
            boolean elsewhere = all.stream().anyMatch(e -> e.ready || e.lastResort());
            return elsewhere
                    ? new Dropped(key, Reason.NO_LOCAL_ENDPOINT)
                    : new Rejected(key, Optional.of(frontend));
        }
        List<Target> targets = new ArrayList<>();
        for (Backend backend : new TreeSet<>(chosen)) {
            boolean masquerade =
                    switch (client) {
                        case POD -> frontend.masquerade().pods();
                        case NODE -> frontend.masquerade().node();
                        case OUTSIDE ->
                                frontend.direct()
                                        ? isOfTheCluster(query.from())
                                        : frontend.masquerade().outside();
                    };
            boolean hairpin = backend.ip().equals(query.from());
            targets.add(new Target(backend, masquerade || hairpin));
        }
        return new ToBackends(key, frontend, set, client, targets);
    }

    private Client client(Ip ip) {
        if (addresses.contains(ip)) {
            return Client.NODE;
        }
        for (Pod pod : snapshot.pods().values()) {
            if (pod.counts() && pod.ips().contains(ip)) {
                if (isHere(pod)) {
                    return Client.POD;
                }
                break;
            }
        }
        return podCidrs.stream().anyMatch(c -> c.contains(ip)) ? Client.POD : Client.OUTSIDE;
    }

    /** Its answers must not come from another node than it has asked. */
    private boolean isOfTheCluster(Ip ip) {
        for (Node node : snapshot.nodes().values()) {
            if (node.addresses().contains(ip)
                    || node.podCidrs().stream().anyMatch(c -> c.contains(ip))) {
                return true;
            }
        }
        return false;
    }

    private boolean isHere(Pod pod) {
        return pod.node().isEmpty() || pod.node().equals(name);
    }

    private Frontend frontend(Service service, Service.Port port, Exposure exposure, boolean v4) {
        boolean internal = exposure == Exposure.CLUSTER_IP;
        boolean detects = podCidrs.stream().anyMatch(c -> c.isV4() == v4);
        boolean hasExternal =
                service.type() == Service.Type.NODE_PORT
                        || service.type() == Service.Type.LOAD_BALANCER
                        || !service.addresses().external().isEmpty();
        boolean externalLocal = hasExternal && service.routing().externalLocal();
        Scope inside = internal && service.routing().internalLocal() ? Scope.LOCAL : Scope.CLUSTER;
        Scope outside = internal ? inside : externalLocal ? Scope.LOCAL : Scope.CLUSTER;
        boolean direct =
                !internal
                        && !externalLocal
                        && service.routing().forwarding() == Service.Forwarding.DSR;
        boolean foreigners = internal ? options.masqueradeAll() || detects : true;
        Masquerade masquerade =
                new Masquerade(
                        internal ? options.masqueradeAll() : !externalLocal,
                        foreigners,
                        internal ? foreigners : !externalLocal && !direct);
        List<Prefix> ranges = new ArrayList<>();
        if (exposure == Exposure.LOAD_BALANCER) {
            for (Prefix range : service.addresses().sourceRanges()) {
                if (range.isV4() == v4) {
                    ranges.add(range);
                }
            }
            Optional<Ip> node = addresses.stream().filter(ip -> ip.isV4() == v4).findFirst();
            if (node.isPresent() && ranges.stream().anyMatch(r -> r.contains(node.get()))) {
                for (Ip ip : service.addresses().loadBalancer()) {
                    if (ip.isV4() == v4) {
                        ranges.add(Prefix.of(ip));
                    }
                }
            }
        }
        return new Frontend(
                service.ref(),
                port.name(),
                exposure,
                new BackendSet.Id(service.ref(), port.name(), port.protocol(), v4, inside),
                new BackendSet.Id(service.ref(), port.name(), port.protocol(), v4, outside),
                masquerade,
                direct,
                service.routing().affinity(),
                ranges,
                service.routing().terminateConnections());
    }

    // ---- endpoints

    private record Usable(
            Ip ip,
            int port,
            boolean local,
            boolean ready,
            boolean serving,
            boolean terminating,
            List<String> forZones,
            List<String> forNodes) {
        boolean lastResort() {
            return serving && terminating;
        }
    }

    private static List<Backend> orTerminating(
            List<Usable> all, Predicate<Usable> which, Predicate<Usable> near) {
        List<Usable> some = all.stream().filter(which).toList();
        List<Usable> ready = some.stream().filter(e -> e.ready && near.test(e)).toList();
        List<Usable> chosen =
                ready.isEmpty() ? some.stream().filter(Usable::lastResort).toList() : ready;
        return chosen.stream().map(e -> new Backend(e.ip, e.port, e.local)).toList();
    }

    private Predicate<Usable> near(List<Usable> all) {
        List<Usable> ready = all.stream().filter(Usable::ready).toList();
        String node = name.orElse("");
        String zone = self.flatMap(n -> n.labels().get(Node.ZONE_LABEL)).orElse("");
        if (ready.stream().allMatch(e -> !e.forNodes.isEmpty())
                && ready.stream().anyMatch(e -> e.forNodes.contains(node))) {
            return e -> e.forNodes.contains(node);
        }
        if (ready.stream().allMatch(e -> !e.forZones.isEmpty())
                && ready.stream().anyMatch(e -> e.forZones.contains(zone))) {
            return e -> e.forZones.contains(zone);
        }
        return e -> true;
    }

    private List<Usable> endpoints(Service service, Service.Port port, boolean v4) {
        List<EndpointSlice> slices =
                snapshot.endpointSlices().values().stream()
                        .filter(s -> s.service().filter(service.ref()::equals).isPresent())
                        .toList();
        List<Usable> all = slices.isEmpty() ? ofPods(service, port, v4) : of(slices, port, v4);
        List<Usable> once = new ArrayList<>();
        for (Usable one : all) {
            Predicate<Usable> same = e -> e.ip.equals(one.ip) && e.port == one.port;
            if (one.local) {
                once.removeIf(same);
            }
            if (once.stream().noneMatch(same)) {
                once.add(one);
            }
        }
        return once;
    }

    private List<Usable> of(List<EndpointSlice> slices, Service.Port port, boolean v4) {
        List<Usable> all = new ArrayList<>();
        for (EndpointSlice slice : slices) {
            for (EndpointSlice.Port p : slice.ports()) {
                for (EndpointSlice.Endpoint e : slice.endpoints()) {
                    if (slice.v4() == v4
                            && e.ip().isV4() == v4
                            && p.name().equals(port.name())
                            && p.protocol() == port.protocol()
                            && p.number().isPresent()
                            && p.number().getAsInt() > 0) {
                        all.add(
                                new Usable(
                                        e.ip(),
                                        p.number().getAsInt(),
                                        e.node().isPresent() && e.node().equals(name),
                                        e.ready(),
                                        e.serving(),
                                        e.terminating(),
                                        e.forZones(),
                                        e.forNodes()));
                    }
                }
            }
        }
        return all;
    }

    private List<Usable> ofPods(Service service, Service.Port port, boolean v4) {
        List<Usable> all = new ArrayList<>();
        for (Pod pod : snapshot.pods().values()) {
            List<Ip> ips = pod.hostNetwork() && pod.ips().isEmpty() ? pod.hostIps() : pod.ips();
            Optional<Ip> ip = ips.stream().filter(i -> i.isV4() == v4).findFirst();
            int number = targetPort(pod, port);
            if (!service.selects(pod) || pod.finished() || ip.isEmpty() || number == 0) {
                continue;
            }
            boolean ready =
                    service.routing().publishNotReady() || (pod.ready() && !pod.terminating());
            List<String> zones = new ArrayList<>();
            List<String> nodes = new ArrayList<>();
            if (ready && service.routing().distribution() != Service.Distribution.ANY) {
                for (Node node : snapshot.nodes().values()) {
                    if (pod.node().filter(node.name()::equals).isPresent()) {
                        node.labels().get(Node.ZONE_LABEL).ifPresent(zones::add);
                    }
                }
            }
            if (ready
                    && service.routing().distribution() == Service.Distribution.PREFER_SAME_NODE) {
                pod.node().ifPresent(nodes::add);
            }
            all.add(
                    new Usable(
                            ip.get(),
                            number,
                            isHere(pod),
                            ready,
                            pod.ready(),
                            pod.terminating(),
                            zones,
                            nodes));
        }
        return all;
    }

    /** Zero when the pod has no such port. */
    private static int targetPort(Pod pod, Service.Port port) {
        if (port.target().isEmpty() || port.target().equals("0")) {
            return port.number();
        }
        for (Pod.ContainerPort p : pod.ports()) {
            if (p.name().equals(port.target()) && p.protocol() == port.protocol()) {
                return p.number();
            }
        }
        return port.target().matches("[0-9]+") ? Integer.parseInt(port.target()) : 0;
    }
}
