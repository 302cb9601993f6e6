package io.weft.agent;

import io.weft.cni.CniCode;
import io.weft.cni.CniException;
import io.weft.cni.CniRequest;
import io.weft.cni.CniResult;
import io.weft.datapath.Workload;
import io.weft.kernel.KernelException;
import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.model.Mac;
import io.weft.netlink.Link;
import io.weft.netlink.LinkAddress;
import io.weft.netlink.Netlink;
import io.weft.netlink.NetlinkException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The pair of a plugin before Weft in a chain. Programs go to its end at the node; links, addresses
 * and routes stay as they are.
 *
 * <p>That end is what the kernel says it is: the two name each other, by index and by the number
 * that each namespace has in the other.
 *
 * @param there both ends, as they were found
 * @param addresses the container's, by prevResult, IPv4 first
 * @param nodeAddresses the container's gateways that are addresses of the node
 */
record ChainedPlace(
        NetNs namespace,
        Path path,
        String podInterface,
        String hostInterface,
        Made there,
        Workload.Link link,
        List<CniResult.Address> addresses,
        Set<Ip> nodeAddresses,
        boolean masquerade)
        implements Place {
    private static final String VETH = "veth";
    private static final String VRF = "vrf";

    /**
     * Looks for it.
     *
     * @param host where the node's end must be
     * @param own link group of interfaces that Weft made
     * @throws CniException when there is none that programs could go to
     */
    static ChainedPlace find(CniRequest request, NetNs namespace, Netlink host, int own) {
        CniResult before = request.config().prevResult().orElseThrow();
        String name = request.environment().ifname();
        Link inside;
        try (Netlink netlink = Netlink.open(namespace)) {
            inside =
                    netlink.links()
                            .get(name)
                            .orElseThrow(() -> refused("the container has no interface " + name));
        }
        if (!inside.kind().equals(VETH)) {
            throw refused(
                    "interface "
                            + name
                            + " of the container is "
                            + (inside.kind().isEmpty() ? "no pair" : "a " + inside.kind())
                            + ": only a pair (veth) has an end at the node, where programs can be");
        }
        Link end =
                host.links()
                        .get(inside.peer())
                        .filter(link -> isOtherEnd(host, link, inside, namespace))
                        .orElseThrow(() ->
                                refused(
                                        "the other end of interface "
                                                + name
                                                + " of the container is not in the node's"
                                                + " namespace"));
        if (end.group() == own) {
            throw refused(
                    "interface "
                            + name
                            + " of the container is Weft's own: Weft must be once in a chain");
        }
        Set<Ip> gateways = new HashSet<>();
        before.ips().forEach(address -> address.gateway().ifPresent(gateways::add));
        Set<Ip> ofNode = new HashSet<>();
        for (LinkAddress address : host.addresses().list()) {
            ofNode.add(Wiring.ip(address.address().address()));
        }
        gateways.retainAll(ofNode);
        return new ChainedPlace(
                namespace,
                Path.of(request.environment().netns()),
                name,
                end.name(),
                new Made(end.index(), inside.index(), mac(inside), mac(end)),
                isSwitched(host, end) ? Workload.Link.SWITCHED : Workload.Link.ROUTED,
                addresses(before, name),
                Set.copyOf(gateways),
                request.config().weft().ipMasq());
    }

    /** {@return whether the other end of a node's interface is in the namespace of a path} */
    static boolean isStillAt(Netlink host, String hostInterface, Path path) {
        Optional<Link> end =
                hostInterface.isEmpty() ? Optional.empty() : host.links().get(hostInterface);
        if (end.isEmpty() || end.get().peerNamespace().isEmpty()) {
            return false;
        }
        try (NetNs namespace = NetNs.open(path)) {
            return end.get().peerNamespace().equals(host.idOf(namespace));
        } catch (KernelException | NetlinkException e) {
            return false; // there is no such namespace any more
        }
    }

    private static boolean isOtherEnd(Netlink host, Link link, Link inside, NetNs namespace) {
        return link.kind().equals(VETH)
                && link.peer() == inside.index()
                && link.peerNamespace().isPresent()
                && link.peerNamespace().equals(host.idOf(namespace));
    }

    /** All that have ports switch frames, but for a vrf. */
    private static boolean isSwitched(Netlink host, Link end) {
        return end.master() != 0
                && host.links().get(end.master()).filter(m -> !m.kind().equals(VRF)).isPresent();
    }

    private static Mac mac(Link link) {
        return link.mac()
                .map(mac -> new Mac(mac.bits()))
                .orElseThrow(() -> refused("interface " + link.name() + " has no MAC"));
    }

    private static List<CniResult.Address> addresses(CniResult before, String name) {
        List<CniResult.Address> addresses =
                before.ips().stream()
                        .filter(address ->
                                address.interfaceIndex().isEmpty()
                                        || isNamed(
                                                before, address.interfaceIndex().getAsInt(), name))
                        .sorted(Comparator.comparing(address -> !address.address().ip().isV4()))
                        .toList();
        long v4 = addresses.stream().filter(a -> a.address().ip().isV4()).count();
        if (addresses.isEmpty() || v4 > 1 || addresses.size() - v4 > 1) {
            throw refused(
                    "interface "
                            + name
                            + " has the addresses "
                            + addresses.stream().map(a -> a.address().toString()).toList()
                            + ": must be one of each family at most, and at least one");
        }
        return addresses;
    }

    private static boolean isNamed(CniResult before, int index, String name) {
        if (index >= before.interfaces().size()) {
            return false;
        }
        CniResult.Interface of = before.interfaces().get(index);
        return of.name().equals(name) && !of.sandbox().isEmpty();
    }

    private static CniException refused(String why) {
        return new CniException(CniCode.BAD_CONFIG, "prevResult: " + why);
    }

    @Override
    public InterfaceKind kind() {
        return InterfaceKind.CHAINED;
    }

    @Override
    public Made make(Wiring wiring, Netlink inside, int slot) {
        return there;
    }

    @Override
    public void up(Wiring wiring, Endpoint endpoint, Made made, Netlink inside) {
        // its owner has done that
    }
}
