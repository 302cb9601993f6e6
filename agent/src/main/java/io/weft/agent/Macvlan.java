package io.weft.agent;

import io.weft.cni.CniCode;
import io.weft.cni.CniException;
import io.weft.cni.CniRequest;
import io.weft.kernel.Errno;
import io.weft.kernel.NetNs;
import io.weft.netlink.HardwareAddress;
import io.weft.netlink.Link;
import io.weft.netlink.LinkChange;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import io.weft.netlink.NetlinkException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A second MAC on an interface of the node, in a container's namespace: on the link of that
 * interface, and past the programs of the node.
 *
 * @param name in the container
 * @param alias by which it is known again
 */
record Macvlan(CniRequest request, NetNs namespace, NodeConfig node, String name, String alias) {
    private static final String KIND = "macvlan";

    /**
     * @throws CniException when it could not be made, or not be what is asked for
     */
    void require() {
        requirePlain();
        try (Netlink host = Wiring.host(node)) {
            Link master = master(host);
            int mtu = request.config().weft().mtu().orElse(0);
            if (mtu > master.mtu()) {
                throw refused(
                        "mtu: "
                                + mtu
                                + ": must be at most that of "
                                + master.name()
                                + ", "
                                + master.mtu());
            }
        }
    }

    /** What is done where the programs are cannot be had. */
    private void requirePlain() {
        if (request.config().weft().ipMasq()) {
            throw refused("ipMasq: must be absent with interface macvlan, which is past the node");
        }
        if (request.config().runtime().bandwidth().isPresent()
                || !request.config().runtime().portMappings().isEmpty()) {
            throw refused(
                    "runtimeConfig: portMappings and bandwidth must be absent with interface"
                            + " macvlan, which is past the node");
        }
    }

    private Link master(Netlink host) {
        String master = request.config().weft().master().orElseThrow();
        Link link =
                host.links()
                        .get(master)
                        .orElseThrow(() ->
                                refused(
                                        "master: the node has no interface "
                                                + master
                                                + ": must be one of "
                                                + names(host)));
        if (link.index() == Wiring.LOOPBACK_INDEX || link.group() == Sandbox.groupOf(node)) {
            throw refused("master: " + link + " leads nowhere: must be one of " + names(host));
        }
        if (link.master() != 0) {
            String bridge = host.links().get(link.master()).map(Link::toString).orElse("another");
            throw refused("master: " + link + " is a port of " + bridge + ": name that one");
        }
        return link;
    }

    private List<String> names(Netlink host) {
        return host.links().list().stream()
                .filter(link -> link.index() != Wiring.LOOPBACK_INDEX && link.master() == 0)
                .filter(link -> link.group() != Sandbox.groupOf(node))
                .map(Link::name)
                .toList();
    }

    private static CniException refused(String why) {
        return new CniException(CniCode.BAD_CONFIG, why);
    }

    /**
     * Makes it, and brings it up with what it is given.
     *
     * @param inside in its namespace
     * @throws NodeException when something is in the way; then nothing is made
     */
    Link make(InnerNetwork network, Netlink inside) {
        try (Netlink host = Wiring.host(node)) {
            Link link = create(host);
            try {
                inside.links()
                        .change(
                                link.index(),
                                new LinkChange.Alias(alias),
                                new LinkChange.Ipv6LinkLocal(true));
                Wiring.upOnLink(inside, link.index(), network, Map.of());
                return inside.links().require(name);
            } catch (RuntimeException | Error e) {
                inside.links().delete(link.index());
                throw e;
            }
        }
    }

    private Link create(Netlink host) {
        LinkSettings settings =
                LinkSettings.named(name).mtu(request.config().weft().mtu().orElse(0)).in(namespace);
        Optional<HardwareAddress> mac =
                request.requestedMac().map(asked -> new HardwareAddress(asked.bits()));
        if (mac.isPresent()) {
            settings = settings.mac(mac.get());
        }
        LinkSpec.Macvlan.Mode mode =
                LinkSpec.Macvlan.Mode.valueOf(request.config().weft().mode().name());
        try {
            return host.links().create(new LinkSpec.Macvlan(settings, master(host).index(), mode));
        } catch (NetlinkException e) {
            if (e.is(Errno.EEXIST)) {
                throw new NodeException(
                        NodeException.Cause.INPUT,
                        "namespace "
                                + request.environment().netns()
                                + " has an interface "
                                + name
                                + " already: choose another name, or delete that one first");
            }
            throw e;
        }
    }

    /**
     * {@return what is not as ADD left it, in words}
     *
     * @param network what it was given
     */
    static List<String> check(Attachment attachment, NetNs namespace, InnerNetwork network) {
        String name = attachment.id().ifname();
        try (Netlink inside = Netlink.open(namespace)) {
            Optional<Link> link =
                    InnerLink.find(inside, name, attachment.hostInterface())
                            .filter(found -> found.kind().equals(KIND));
            if (link.isEmpty()) {
                return List.of("interface " + name + " of the container is gone");
            }
            List<String> wrong = new ArrayList<>();
            if (!link.get().up()) {
                wrong.add("interface " + name + " of the container is down");
            }
            wrong.addAll(network.missingAt(inside, link.get()));
            return wrong;
        }
    }
}
