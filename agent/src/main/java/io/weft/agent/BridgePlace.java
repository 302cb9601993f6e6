package io.weft.agent;

import io.weft.datapath.Workload;
import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.netlink.HardwareAddress;
import io.weft.netlink.Netlink;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A pair whose end at the node is a port of a bridge.
 *
 * @param nodeAddresses the gateways that are the node's
 */
record BridgePlace(VethPlace pair, Bridge bridge, Set<Ip> nodeAddresses) implements Place {
    @Override
    public NetNs namespace() {
        return pair.namespace();
    }

    @Override
    public Path path() {
        return pair.path();
    }

    @Override
    public String podInterface() {
        return pair.podInterface();
    }

    @Override
    public String hostInterface() {
        return pair.hostInterface();
    }

    @Override
    public boolean masquerade() {
        return pair.masquerade();
    }

    @Override
    public InterfaceKind kind() {
        return InterfaceKind.BRIDGE;
    }

    @Override
    public Workload.Link link() {
        return Workload.Link.SWITCHED;
    }

    @Override
    public Made make(Wiring wiring, Netlink inside, int slot) {
        Place.requireFree(this, inside);
        int port = bridge.ensure(wiring.netlink(), pair.network().addresses());
        Made made = pair.make(wiring, inside, slot);
        try {
            Bridge.join(wiring.netlink(), made.host(), port);
        } catch (RuntimeException | Error e) {
            wiring.unplug(List.of(hostInterface()));
            throw e;
        }
        return made;
    }

    /**
     * The node answers for its gateways with the MAC of the container's port, so the container need
     * not ask.
     */
    @Override
    public void up(Wiring wiring, Endpoint endpoint, Made made, Netlink inside) {
        inside.links().setIpv6LinkLocal(made.pod(), true);
        wiring.netlink().links().setUp(made.host());
        HardwareAddress gatewayMac = new HardwareAddress(made.gateway().bits());
        Map<Ip, HardwareAddress> known = new HashMap<>();
        nodeAddresses.forEach(gateway -> known.put(gateway, gatewayMac));
        Wiring.upOnLink(inside, made.pod(), pair.network(), known);
    }
}
