package io.weft.agent;

import io.weft.cni.CniResult;
import io.weft.kernel.Errno;
import io.weft.model.Ip;
import io.weft.netlink.Cidr;
import io.weft.netlink.HardwareAddress;
import io.weft.netlink.Link;
import io.weft.netlink.LinkAddress;
import io.weft.netlink.LinkChange;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import io.weft.netlink.NetlinkException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * A bridge that containers' pairs are ports of. One that is missing is made, with the gateway of
 * the containers' pool; it stays when they go, until {@code weft agent --remove}. One that somebody
 * else has made is used as it is.
 *
 * @param group of bridges that this node has made
 * @param instance of the node, which its bridges' aliases name
 */
record Bridge(String name, int group, String instance) {
    static final String KIND = "bridge";

    static Bridge named(String name, NodeConfig config) {
        return new Bridge(name, groupOf(config), config.instance());
    }

    /** {@return the link group of the bridges that a node has made} */
    static int groupOf(NodeConfig config) {
        return Sandbox.group("weft-bridge/" + config.instance());
    }

    /** {@return names of the bridges that a node has made} */
    static List<String> madeBy(NodeConfig config) {
        int group = groupOf(config);
        try (Netlink netlink = Wiring.host(config)) {
            return netlink.links().list().stream()
                    .filter(link -> link.group() == group)
                    .map(Link::name)
                    .toList();
        }
    }

    /** {@return what is of its name, when that is no bridge} */
    Optional<Link> inTheWay(Netlink netlink) {
        return netlink.links().get(name).filter(link -> !link.kind().equals(KIND));
    }

    /** {@return the gateways that are the node's when containers with these addresses come} */
    Set<Ip> gateways(Netlink netlink, List<CniResult.Address> containers) {
        Set<Ip> gateways = new HashSet<>();
        containers.forEach(container -> container.gateway().ifPresent(gateways::add));
        Optional<Link> there = netlink.links().get(name);
        if (there.isPresent() && there.get().group() != group) {
            Set<Ip> has = new HashSet<>();
            netlink.addresses()
                    .list(there.get().index())
                    .forEach(address -> has.add(Wiring.ip(address.address().address())));
            gateways.retainAll(has);
        }
        return Set.copyOf(gateways);
    }

    /**
     * Makes it when it is missing, and up when it is down, and gives one of this node's the
     * gateways of these containers.
     *
     * @return its ifindex
     * @throws NodeException when something else has its name, or a gateway is another link's
     */
    int ensure(Netlink netlink, List<CniResult.Address> containers) {
        inTheWay(netlink)
                .ifPresent(link -> {
                    throw new NodeException(
                            NodeException.Cause.INPUT, "bridge: " + link + " is no bridge");
                });
        Optional<Link> there = netlink.links().get(name);
        boolean own = there.isEmpty() || there.get().group() == group;
        if (own) {
            requireFree(netlink, containers, there.map(Link::index).orElse(0));
        }
        Link bridge = there.orElseGet(() -> make(netlink));
        if (own) {
            for (CniResult.Address container : containers) {
                container
                        .gateway()
                        .ifPresent(gateway ->
                                add(
                                        netlink,
                                        bridge.index(),
                                        new Cidr(
                                                Wiring.address(gateway),
                                                container.address().length())));
            }
        }
        if (!bridge.up()) {
            netlink.links().setUp(bridge.index());
        }
        return bridge.index();
    }

    /** With a MAC of its own: else it would take that of a port, and lose it with that one. */
    private Link make(Netlink netlink) {
        CRC32 crc = new CRC32();
        crc.update((instance + "/" + name).getBytes(StandardCharsets.UTF_8));
        LinkSettings settings =
                LinkSettings.named(name)
                        .group(group)
                        .mac(new HardwareAddress(0x0a77_0000_0000L | crc.getValue() | 0x8000_0000L))
                        .alias("a bridge of weft agent '" + instance + "'");
        try {
            return netlink.links().create(new LinkSpec.Bridge(settings));
        } catch (NetlinkException e) {
            if (e.is(Errno.EEXIST)) {
                return netlink.links().require(name); // made by an ADD beside this one
            }
            throw e;
        }
    }

    /** A subnet is behind one link only. */
    private void requireFree(Netlink netlink, List<CniResult.Address> containers, int own) {
        for (LinkAddress there : netlink.addresses().list()) {
            boolean taken =
                    there.link() != own
                            && there.link() != Wiring.LOOPBACK_INDEX
                            && containers.stream()
                                    .flatMap(container -> container.gateway().stream())
                                    .anyMatch(Wiring.ip(there.address().address())::equals);
            if (taken) {
                throw new NodeException(
                        NodeException.Cause.INPUT,
                        "bridge: "
                                + name
                                + " would have gateway "
                                + there.address().address()
                                + ", which is at "
                                + netlink.links()
                                        .get(there.link())
                                        .map(Link::name)
                                        .orElse("another")
                                + ": name that bridge, or another pool");
            }
        }
    }

    private static void add(Netlink netlink, int link, Cidr gateway) {
        LinkAddress address =
                gateway.address().isV6()
                        ? LinkAddress.of(link, gateway, LinkAddress.Flag.NODAD)
                        : LinkAddress.of(link, gateway);
        boolean there =
                netlink.addresses().list(link).stream().anyMatch(a -> a.address().equals(gateway));
        if (!there) {
            netlink.addresses().add(address);
        }
    }

    /** Makes {@code link} a port of it. */
    static void join(Netlink netlink, int link, int bridge) {
        netlink.batch()
                .change(link, new LinkChange.Ipv6LinkLocal(false), new LinkChange.Master(bridge))
                .send();
    }
}
