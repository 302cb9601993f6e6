package io.weft.agent;

import io.weft.model.Ip;
import io.weft.model.PersistentMap;
import io.weft.model.Prefix;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Which service has which virtual address and which node port. Immutable: {@link #give} makes the
 * next one.
 *
 * <p>Where a search begins depends on the service's name alone, so a service mostly gets the same
 * address again, on every node and after every start.
 */
record ServiceAddressing(
        ServicePools pools, PersistentMap<Ip, Ref> ips, PersistentMap<NodePort, Ref> nodePorts) {
    private static final String OWN_CLASS = "weft.io/node";

    /** Nodes' ports below this offset are left to those who choose for themselves (KEP-3668). */
    private static final int STATIC_BAND = 86;

    record NodePort(int number, Protocol protocol) {}

    /** A service with its addresses, and what is taken with it. */
    record Given(Service service, ServiceAddressing after) {}

    static ServiceAddressing of(ServicePools pools) {
        return new ServiceAddressing(pools, PersistentMap.empty(), PersistentMap.empty());
    }

    /** {@return what is taken when a service has gone} */
    ServiceAddressing without(Service gone) {
        PersistentMap<Ip, Ref> left = ips;
        for (Ip ip : gone.addresses().cluster()) {
            left = left.without(ip);
        }
        for (Ip ip : gone.addresses().loadBalancer()) {
            left = left.without(ip);
        }
        PersistentMap<NodePort, Ref> ports = nodePorts;
        for (Service.Port port : gone.ports()) {
            if (port.nodePort().isPresent()) {
                ports = ports.without(new NodePort(port.nodePort().getAsInt(), port.protocol()));
            }
        }
        if (gone.routing().healthCheckNodePort().isPresent()) {
            ports =
                    ports.without(
                            new NodePort(
                                    gone.routing().healthCheckNodePort().getAsInt(), Protocol.TCP));
        }
        return new ServiceAddressing(pools, left, ports);
    }

    /**
     * {@return the service with the addresses and ports that it asks for, that it had, or else free
     * ones}
     *
     * @param before the same service as it is in force
     * @throws NodeException when what it asks for is taken or outside the pools, or a pool is empty
     */
    Given give(Service wanted, Optional<Service> before) {
        return new Giving(before.map(this::without).orElse(this), wanted, before).run();
    }

    /** One service's way through the pools. */
    private static final class Giving {
        private final ServicePools pools;
        private final Service wanted;
        private final Optional<Service> before;
        private PersistentMap<Ip, Ref> ips;
        private PersistentMap<NodePort, Ref> nodePorts;

        Giving(ServiceAddressing from, Service wanted, Optional<Service> before) {
            this.pools = from.pools;
            this.wanted = wanted;
            this.before = before;
            ips = from.ips;
            nodePorts = from.nodePorts;
        }

        Given run() {
            Service given = wanted;
            if (!wanted.headless() && wanted.type() != Service.Type.EXTERNAL_NAME) {
                List<Ip> cluster = clusterIps();
                given = given.withAddresses(given.addresses().withCluster(cluster));
                given =
                        given.withAddresses(
                                given.addresses()
                                        .withLoadBalancer(
                                                isLoadBalancer()
                                                        ? balancerIps(cluster)
                                                        : List.of()));
                if (wanted.type().hasNodePorts()) {
                    given = given.withPorts(ports());
                }
                if (isLoadBalancer() && wanted.routing().externalLocal()) {
                    given =
                            given.withRouting(
                                    given.routing().withHealthCheckNodePort(healthPort()));
                }
            }
            return new Given(given, new ServiceAddressing(pools, ips, nodePorts));
        }

        private boolean isLoadBalancer() {
            return wanted.type() == Service.Type.LOAD_BALANCER
                    && wanted.addresses().loadBalancerClass().map(OWN_CLASS::equals).orElse(true);
        }

        private List<Boolean> families() {
            List<Boolean> said = wanted.addresses().families();
            List<Boolean> families = new ArrayList<>(said.isEmpty() ? List.of(true) : said);
            if (wanted.addresses().familyPolicy() != Service.FamilyPolicy.SINGLE
                    && families.size() == 1) {
                families.add(!families.getFirst());
            }
            return families;
        }

        private List<Ip> clusterIps() {
            List<Ip> asked = wanted.clusterIps();
            List<Ip> had = before.map(Service::clusterIps).orElse(List.of());
            List<Ip> given = new ArrayList<>();
            for (Ip ip : asked) {
                given.add(take(ip, pools.cluster(ip.isV4()), "spec.clusterIPs"));
            }
            for (boolean v4 : families()) {
                if (given.stream().noneMatch(ip -> ip.isV4() == v4)
                        && (asked.isEmpty()
                                || wanted.addresses().familyPolicy()
                                        != Service.FamilyPolicy.SINGLE)) {
                    given.add(
                            had.stream()
                                    .filter(ip -> ip.isV4() == v4 && !ips.containsKey(ip))
                                    .findFirst()
                                    .map(ip -> take(ip, pools.cluster(v4), "spec.clusterIPs"))
                                    .orElseGet(() -> free(pools.cluster(v4), "cluster IPs")));
                }
            }
            return given;
        }

        private List<Ip> balancerIps(List<Ip> cluster) {
            String field = "metadata.annotations[weft.io/load-balancer-ips]";
            List<Ip> had =
                    before.map(service -> service.addresses().loadBalancer()).orElse(List.of());
            List<Ip> given = new ArrayList<>();
            for (Ip ip : wanted.addresses().wanted()) {
                given.add(take(ip, pools.loadBalancer(ip.isV4()), field));
            }
            for (Ip of : cluster) {
                boolean v4 = of.isV4();
                if (given.stream().noneMatch(ip -> ip.isV4() == v4)) {
                    given.add(
                            had.stream()
                                    .filter(ip -> ip.isV4() == v4 && !ips.containsKey(ip))
                                    .findFirst()
                                    .map(ip -> take(ip, pools.loadBalancer(v4), field))
                                    .orElseGet(() ->
                                            free(
                                                    pools.loadBalancer(v4),
                                                    "load balancer addresses")));
                }
            }
            return given;
        }

        private Ip take(Ip ip, Prefix pool, String field) {
            if (!pool.contains(ip)) {
                throw refused(
                        field,
                        ip.toString(),
                        "the provided IP is not in the valid range. The range of valid IPs is "
                                + pool);
            }
            Ref owner = ips.get(ip);
            if (owner != null) {
                throw refused(
                        field, ip.toString(), "provided IP is already allocated, to " + owner);
            }
            ips = ips.with(ip, wanted.ref());
            return ip;
        }

        private Ip free(Prefix pool, String what) {
            int size = ServicePools.size(pool);
            int start = Math.floorMod(hash(), size);
            for (int i = 0; i < size; i++) {
                Ip ip = ServicePools.address(pool, (start + i) % size);
                if (!ips.containsKey(ip)) {
                    return take(ip, pool, "");
                }
            }
            throw new NodeException(
                    NodeException.Cause.MACHINE,
                    "%s: %s: all %d %s of %s are in use: delete services, or choose a larger pool"
                            .formatted(wanted.source(), wanted.ref(), size, what, pool));
        }

        private List<Service.Port> ports() {
            List<Service.Port> ports = new ArrayList<>();
            for (int i = 0; i < wanted.ports().size(); i++) {
                Service.Port port = wanted.ports().get(i);
                if (port.nodePort().isPresent()) {
                    takePort(
                            port.nodePort().getAsInt(),
                            port.protocol(),
                            "spec.ports[" + i + "].nodePort");
                }
            }
            for (Service.Port port : wanted.ports()) {
                ports.add(
                        port.nodePort().isPresent()
                                ? port
                                : port.withNodePort(freePort(port.protocol(), had(port))));
            }
            return ports;
        }

        private OptionalInt had(Service.Port port) {
            return before.stream()
                    .flatMap(service -> service.ports().stream())
                    .filter(p -> p.name().equals(port.name()) && p.protocol() == port.protocol())
                    .map(Service.Port::nodePort)
                    .filter(OptionalInt::isPresent)
                    .mapToInt(OptionalInt::getAsInt)
                    .findFirst();
        }

        private int healthPort() {
            OptionalInt asked = wanted.routing().healthCheckNodePort();
            if (asked.isPresent()) {
                takePort(asked.getAsInt(), Protocol.TCP, "spec.healthCheckNodePort");
                return asked.getAsInt();
            }
            return freePort(
                    Protocol.TCP,
                    before.map(service -> service.routing().healthCheckNodePort())
                            .orElse(OptionalInt.empty()));
        }

        private void takePort(int number, Protocol protocol, String field) {
            if (number < ServicePools.FIRST_NODE_PORT || number > ServicePools.LAST_NODE_PORT) {
                throw refused(
                        field,
                        Integer.toString(number),
                        "provided port is not in the valid range. The range of valid ports is "
                                + ServicePools.FIRST_NODE_PORT
                                + "-"
                                + ServicePools.LAST_NODE_PORT);
            }
            NodePort port = new NodePort(number, protocol);
            Ref owner = nodePorts.get(port);
            if (owner != null) {
                throw refused(
                        field,
                        Integer.toString(number),
                        "provided port is already allocated, to " + owner);
            }
            nodePorts = nodePorts.with(port, wanted.ref());
        }

        private int freePort(Protocol protocol, OptionalInt had) {
            if (had.isPresent() && !nodePorts.containsKey(new NodePort(had.getAsInt(), protocol))) {
                takePort(had.getAsInt(), protocol, "");
                return had.getAsInt();
            }
            int first = ServicePools.FIRST_NODE_PORT + STATIC_BAND;
            int size = ServicePools.LAST_NODE_PORT - first + 1;
            int start = Math.floorMod(hash(), size);
            for (int i = 0; i < size; i++) {
                int number = first + (start + i) % size;
                if (!nodePorts.containsKey(new NodePort(number, protocol))) {
                    takePort(number, protocol, "");
                    return number;
                }
            }
            throw new NodeException(
                    NodeException.Cause.MACHINE,
                    "%s: %s: all %d node ports of %s from %d to %d are in use: delete services"
                            .formatted(
                                    wanted.source(),
                                    wanted.ref(),
                                    size,
                                    protocol,
                                    first,
                                    ServicePools.LAST_NODE_PORT));
        }

        private int hash() {
            int h = wanted.ref().path().hashCode();
            return (h ^ (h >>> 16)) * 0x45d9f3b;
        }

        private NodeException refused(String field, String value, String reason) {
            return new NodeException(
                    NodeException.Cause.INPUT,
                    wanted.source()
                            + ": "
                            + wanted.ref()
                            + ": "
                            + field
                            + ": Invalid value: \""
                            + value
                            + "\": "
                            + reason);
        }
    }
}
