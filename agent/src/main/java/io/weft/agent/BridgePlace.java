package io.weft.agent;

import io.weft.cni.CniResult;
import io.weft.datapath.Workload;
import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.netlink.Batch;
import io.weft.netlink.Cidr;
import io.weft.netlink.HardwareAddress;
import io.weft.netlink.LinkAddress;
import io.weft.netlink.LinkChange;
import io.weft.netlink.Neighbour;
import io.weft.netlink.Netlink;
import io.weft.netlink.Route;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * A pair whose end at the node is a port of a bridge.
 *
 * @param addresses the container's, with the subnets' lengths
 * @param nodeAddresses the gateways that are the node's
 */
record BridgePlace(
        VethPlace pair, Bridge bridge, List<CniResult.Address> addresses, Set<Ip> nodeAddresses)
        implements Place {
    BridgePlace {
        addresses = List.copyOf(addresses);
    }

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
        int port = bridge.ensure(wiring.netlink(), addresses);
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
        Batch pod =
                inside.batch()
                        .change(Wiring.LOOPBACK_INDEX, new LinkChange.Up(true))
                        .change(made.pod(), new LinkChange.Ipv6LinkLocal(true));
        HardwareAddress gatewayMac = new HardwareAddress(made.gateway().bits());
        for (CniResult.Address address : addresses) {
            Ip ip = address.address().ip();
            Cidr cidr = new Cidr(Wiring.address(ip), address.address().length());
            pod.add(
                    ip.isV4()
                            ? LinkAddress.of(made.pod(), cidr)
                            : LinkAddress.of(made.pod(), cidr, LinkAddress.Flag.NODAD));
        }
        pod.change(made.pod(), new LinkChange.Up(true));
        for (CniResult.Address address : addresses) {
            address.gateway()
                    .ifPresent(gateway -> {
                        if (nodeAddresses.contains(gateway)) {
                            pod.replace(
                                    Neighbour.permanent(
                                            made.pod(), Wiring.address(gateway), gatewayMac));
                        }
                        pod.replace(
                                Route.to(gateway.isV4() ? Cidr.ALL_V4 : Cidr.ALL_V6)
                                        .via(Wiring.address(gateway))
                                        .dev(made.pod())
                                        .onLink()
                                        .build());
                    });
        }
        wiring.netlink().links().setUp(made.host());
        pod.send();
    }
}
