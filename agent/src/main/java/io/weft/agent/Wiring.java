package io.weft.agent;

import io.weft.cni.CniResult;
import io.weft.kernel.Errno;
import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.model.Mac;
import io.weft.model.Prefix;
import io.weft.netlink.Address;
import io.weft.netlink.Batch;
import io.weft.netlink.Cidr;
import io.weft.netlink.HardwareAddress;
import io.weft.netlink.Link;
import io.weft.netlink.LinkAddress;
import io.weft.netlink.LinkChange;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Neighbour;
import io.weft.netlink.Netlink;
import io.weft.netlink.NetlinkException;
import io.weft.netlink.Route;
import io.weft.netlink.Scope;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntPredicate;

/**
 * The interfaces of pods: a veth pair each, routed, without a bridge. Owned by the node's thread.
 *
 * <pre>
 *   pod namespace                            node
 *   eth0  10.77.0.5/32, fd77::5/128          weft1a2b3c4d; lo  10.77.0.1/32, fd77::1/128
 *   default via 10.77.0.1 dev eth0 onlink    10.77.0.5 dev weft1a2b3c4d src 10.77.0.1
 *   default via fd77::1 dev eth0 onlink      fd77::5   dev weft1a2b3c4d src fd77::1
 * </pre>
 *
 * <p>Neighbour entries are permanent at both ends: no packet waits for ARP or ND. Both ends have
 * one queue: a veth takes no lock to send, so more would only cost time to make.
 */
final class Wiring implements AutoCloseable {
    static final String POD_LINK = "eth0";

    /** Of lo, in every namespace (LOOPBACK_IFINDEX). */
    static final int LOOPBACK_INDEX = 1;

    /** ifindex of eth0 in a namespace that was just made. */
    private static final int POD_INDEX = 1000;

    /** Other ifindexes count up from somewhere in here: two nodes seldom meet. */
    private static final int FIRST_INDEX = 10_000;

    private static final int LAST_INDEX = 1_000_000;
    private static final Prefix LINK_LOCAL4 = Prefix.parse("169.254.0.0/16");
    private static final Prefix LINK_LOCAL6 = Prefix.parse("fe80::/10");
    private static final int INDEX_TRIES = 1000;

    /** Link group of what is about to be deleted: "weft" in ASCII, to collide with nobody's. */
    private static final int LEAVING = 0x77656674;

    private final Netlink netlink;
    private final List<Ip> gateways;
    private int nextIndex = ThreadLocalRandom.current().nextInt(FIRST_INDEX, LAST_INDEX);

    /**
     * A pair to make.
     *
     * @param host name of the node's end
     * @param pod name of the pod's end
     * @param mac of the pod's end
     * @param gateway MAC of the node's end
     * @param group of the node's end; 0: none
     * @param mtu of both, in bytes; 0: the kernel's own
     * @param fresh whether the pod's namespace was just made and holds no other link
     */
    record Pair(String host, String pod, Mac mac, Mac gateway, int group, int mtu, boolean fresh) {}

    /** The ifindexes of both ends. */
    record Plugged(int host, int pod) {}

    private Wiring(Netlink netlink, List<Ip> gateways) {
        this.netlink = netlink;
        this.gateways = gateways;
    }

    /**
     * @param again whether an earlier process of this node wired pods that are there
     * @throws NodeException when something on this machine already uses the pools
     */
    static Wiring open(NodeConfig config, boolean again) {
        Netlink netlink = host(config);
        try {
            if (!again) {
                refuseOverlap(netlink, config.pool4());
                refuseOverlap(netlink, config.pool6());
            }
            return new Wiring(netlink, AddressPool.nodeAddresses(config.pool4(), config.pool6()));
        } catch (RuntimeException | Error e) {
            netlink.close();
            throw e;
        }
    }

    /**
     * Gives the node its own addresses, those that it has not: the source towards pods, and their
     * gateway.
     */
    void addNodeAddresses() {
        List<Ip> there =
                netlink.addresses().list(LOOPBACK_INDEX).stream()
                        .map(a -> ip(a.address().address()))
                        .toList();
        Batch batch = netlink.batch().change(LOOPBACK_INDEX, new LinkChange.Up(true));
        gateways.stream()
                .filter(ip -> !there.contains(ip))
                .forEach(ip -> batch.add(hostAddress(LOOPBACK_INDEX, ip)));
        batch.send();
    }

    /** Takes them away again; absent ones are no error. */
    static void removeNodeAddresses(Netlink netlink, List<Ip> addresses) {
        for (LinkAddress there : netlink.addresses().list(LOOPBACK_INDEX)) {
            if (addresses.contains(ip(there.address().address()))) {
                netlink.addresses().delete(there);
            }
        }
    }

    private static void refuseOverlap(Netlink netlink, Prefix pool) {
        for (LinkAddress address : netlink.addresses().list()) {
            Prefix there = prefix(address.address());
            if (pool.contains(there.ip()) || there.contains(pool.ip())) {
                throw inUse(
                        pool,
                        "address " + address.address() + " of " + name(netlink, address.link()));
            }
        }
        for (Route route : netlink.routes().list(Route.MAIN)) {
            Prefix there = prefix(route.destination());
            if (pool.contains(there)) {
                throw inUse(pool, "route to " + route.destination());
            }
        }
    }

    private static NodeException inUse(Prefix pool, String by) {
        return new NodeException(
                NodeException.Cause.MACHINE,
                "the address pool "
                        + pool
                        + " is in use here: "
                        + by
                        + "; choose another one with --pool4 or --pool6");
    }

    private static String name(Netlink netlink, int ifindex) {
        return netlink.links().get(ifindex).map(Link::name).orElse("link " + ifindex);
    }

    Netlink netlink() {
        return netlink;
    }

    /** {@return the node's own addresses, one of each family} */
    List<Ip> gateways() {
        return gateways;
    }

    /** {@return a connection to the namespace that plays the machine} */
    static Netlink host(NodeConfig config) {
        return config.host().map(Netlink::open).orElseGet(Netlink::open);
    }

    /** {@return every address of this node, the pods' gateways among them} */
    Set<Ip> nodeAddresses() {
        Set<Ip> addresses = new HashSet<>(gateways);
        netlink.addresses().list().forEach(a -> addresses.add(ip(a.address().address())));
        return addresses;
    }

    /** {@return the addresses of these links that mean the same everywhere, in order} */
    List<Ip> globalAddresses(List<String> links) {
        return links.stream()
                .flatMap(name -> netlink.links().get(name).stream())
                .flatMap(link -> netlink.addresses().list(link.index()).stream())
                .map(a -> ip(a.address().address()))
                .filter(ip -> !LINK_LOCAL4.contains(ip) && !LINK_LOCAL6.contains(ip))
                .toList();
    }

    /**
     * Makes the pair, both ends down and bare.
     *
     * @param suits whether an ifindex would do for the pod's end
     * @throws NodeException when a link of that name exists at the node
     * @throws NetlinkException EEXIST when one does in the pod's namespace
     */
    Plugged plug(Pair pair, NetNs pod, IntPredicate suits) {
        try {
            for (int i = 0; i < INDEX_TRIES; i++) {
                int index = nextIndex++;
                Plugged there = new Plugged(index, pair.fresh() ? POD_INDEX : index);
                if (suits.test(there.pod()) && plugAt(there, pair, pod)) {
                    return there;
                }
            }
            throw new NodeException(
                    NodeException.Cause.MACHINE,
                    "the " + INDEX_TRIES + " ifindexes before " + nextIndex + " are all in use");
        } catch (NetlinkException e) {
            if (e.is(Errno.EEXIST) && netlink.links().get(pair.host()).isPresent()) {
                throw new NodeException(
                        NodeException.Cause.MACHINE,
                        "interface "
                                + pair.host()
                                + " exists and was not made by this node: remove it, or choose"
                                + " another --instance");
            }
            throw e;
        }
    }

    /** {@return false when an ifindex is taken} */
    private boolean plugAt(Plugged indexes, Pair pair, NetNs pod) {
        try {
            netlink.batch()
                    .create(
                            new LinkSpec.Veth(
                                    LinkSettings.named(pair.host())
                                            .index(indexes.host())
                                            .queues(1)
                                            .group(pair.group())
                                            .mtu(pair.mtu())
                                            .mac(new HardwareAddress(pair.gateway().bits())),
                                    LinkSettings.named(pair.pod())
                                            .index(indexes.pod())
                                            .queues(1)
                                            .mtu(pair.mtu())
                                            .mac(new HardwareAddress(pair.mac().bits()))
                                            .in(pod)))
                    .send();
            return true;
        } catch (NetlinkException e) {
            if (e.is(Errno.EBUSY)) { // register_netdevice() in net/core/dev.c
                return false;
            }
            throw e;
        }
    }

    /**
     * Gives both ends their addresses, brings them up, adds routes and neighbours: from here on
     * packets flow. A link-local address would only cause chatter, so neither end has one: at the
     * host's it would come with the carrier, which the pod's end brings.
     *
     * <p>With the carrier the kernel starts work of its own (linkwatch) under the lock that all but
     * IPv6 routes take. So as little as can be comes after it: what a route needs up.
     *
     * @param network whose routes the pod's end is given
     */
    void up(Endpoint endpoint, int podLink, Netlink inside, Mac gatewayMac, InnerNetwork network) {
        Batch host = atNode(endpoint);
        Batch pod =
                inside.batch()
                        .change(LOOPBACK_INDEX, new LinkChange.Up(true))
                        .change(podLink, new LinkChange.Ipv6LinkLocal(false));
        HardwareAddress hostMac = new HardwareAddress(gatewayMac.bits());
        for (Ip ip : endpoint.ips()) {
            pod.add(hostAddress(podLink, ip))
                    .replace(Neighbour.permanent(podLink, address(gatewayOf(ip)), hostMac));
        }
        pod.change(podLink, new LinkChange.Up(true));
        network.addRoutes(pod, podLink);
        host.send();
        pod.send();
    }

    /**
     * Brings a container's interface up on a link with others: addresses with their subnets, and
     * routes.
     *
     * @param known MACs of gateways that need not be asked for
     */
    static void upOnLink(
            Netlink inside, int link, InnerNetwork network, Map<Ip, HardwareAddress> known) {
        Batch batch = inside.batch().change(LOOPBACK_INDEX, new LinkChange.Up(true));
        for (CniResult.Address address : network.addresses()) {
            Ip ip = address.address().ip();
            Cidr cidr = new Cidr(address(ip), address.address().length());
            batch.add(
                    ip.isV4()
                            ? LinkAddress.of(link, cidr)
                            : LinkAddress.of(link, cidr, LinkAddress.Flag.NODAD));
        }
        batch.change(link, new LinkChange.Up(true));
        known.forEach(
                (gateway, mac) -> batch.replace(Neighbour.permanent(link, address(gateway), mac)));
        network.addRoutes(batch, link);
        batch.send();
    }

    /** Brings the node's end up with routes and neighbours, and does nothing at the pod's. */
    void upAtNode(Endpoint endpoint) {
        atNode(endpoint).send();
    }

    private Batch atNode(Endpoint endpoint) {
        int link = endpoint.ifindex();
        Batch host =
                netlink.batch()
                        .change(link, new LinkChange.Ipv6LinkLocal(false), new LinkChange.Up(true));
        HardwareAddress mac = new HardwareAddress(endpoint.mac().bits());
        for (Ip ip : endpoint.ips()) {
            Address address = address(ip);
            host.replace(
                            Route.to(Cidr.host(address))
                                    .dev(link)
                                    .source(address(gatewayOf(ip)))
                                    .scope(ip.isV4() ? Scope.LINK : Scope.UNIVERSE)
                                    .build())
                    .replace(Neighbour.permanent(link, address, mac));
        }
        return host;
    }

    /**
     * Deletes links by name; absent ones are no error. The kernel waits some 15 ms for each message
     * that deletes (synchronize_net), however many links it names: so many go as one group.
     */
    void unplug(List<String> names) {
        if (names.isEmpty()) {
            return;
        }
        List<Link> links = names.stream().flatMap(n -> netlink.links().get(n).stream()).toList();
        boolean free = netlink.links().list().stream().noneMatch(l -> l.group() == LEAVING);
        if (links.size() == 1 || !free) {
            links.forEach(link -> netlink.links().delete(link.index()));
        } else if (!links.isEmpty()) {
            Batch batch = netlink.batch();
            links.forEach(link -> batch.change(link.index(), new LinkChange.Group(LEAVING)));
            batch.send();
            netlink.links().deleteGroup(LEAVING);
        }
    }

    /** {@return the node's address that is the gateway of a pod's} */
    Ip gatewayOf(Ip ip) {
        return gateways.stream().filter(g -> g.isV4() == ip.isV4()).findFirst().orElseThrow();
    }

    private static LinkAddress hostAddress(int link, Ip ip) {
        Cidr alone = Cidr.host(address(ip));
        return ip.isV4()
                ? LinkAddress.of(link, alone)
                : LinkAddress.of(
                        link, alone, LinkAddress.Flag.NODAD, LinkAddress.Flag.NOPREFIXROUTE);
    }

    static Address address(Ip ip) {
        byte[] bytes = ip.toBytes16();
        return Address.of(ip.isV4() ? Arrays.copyOfRange(bytes, 12, 16) : bytes);
    }

    static Ip ip(Address address) {
        return Ip.of(address.bytes());
    }

    static Prefix prefix(Cidr cidr) {
        return new Prefix(ip(cidr.address()), cidr.length());
    }

    void removeNodeAddresses() {
        removeNodeAddresses(netlink, gateways);
    }

    @Override
    public void close() {
        netlink.close();
    }
}
