package io.weft.agent;

import io.weft.datapath.Workload;
import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.model.Mac;
import io.weft.netlink.Netlink;
import io.weft.netlink.NetlinkException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * A routed pair.
 *
 * @param mac of the pod's end; empty: the node chooses
 * @param mtu in bytes; 0: the kernel's own
 * @param group of the node's end, by which the node knows its own; 0: none
 * @param fresh whether the namespace was just made and holds no other link
 * @param masquerade whether the pod is seen outside with the node's address
 * @param network of the pod's end
 */
record VethPlace(
        NetNs namespace,
        Path path,
        String podInterface,
        String hostInterface,
        Optional<Mac> mac,
        int mtu,
        int group,
        boolean fresh,
        boolean masquerade,
        InnerNetwork network)
        implements Place {
    /** {@return it with another name of the pod's end} */
    VethPlace withPodInterface(String name) {
        return new VethPlace(
                namespace, path, name, hostInterface, mac, mtu, group, fresh, masquerade, network);
    }

    @Override
    public InterfaceKind kind() {
        return InterfaceKind.VETH;
    }

    @Override
    public Workload.Link link() {
        return Workload.Link.ROUTED;
    }

    @Override
    public Set<Ip> nodeAddresses() {
        return Set.of();
    }

    @Override
    public Made make(Wiring wiring, Netlink inside, int slot) {
        try {
            return make(wiring, slot, index -> true);
        } catch (NodeException | NetlinkException e) {
            Place.requireFree(this, inside);
            throw e;
        }
    }

    /**
     * @param suits whether an ifindex would do for the pod's end
     */
    Made make(Wiring wiring, int slot, IntPredicate suits) {
        Mac own = mac.orElseGet(() -> Sandbox.podMac(slot));
        Mac gateway = Sandbox.hostMac(slot);
        Wiring.Plugged plugged =
                wiring.plug(
                        new Wiring.Pair(
                                hostInterface, podInterface, own, gateway, group, mtu, fresh),
                        namespace,
                        suits);
        return new Made(plugged.host(), plugged.pod(), own, gateway);
    }

    @Override
    public void up(Wiring wiring, Endpoint endpoint, Made made, Netlink inside) {
        wiring.up(endpoint, made.pod(), inside, made.gateway(), network);
    }
}
