package io.weft.agent;

import io.weft.cni.WeftSettings;
import io.weft.datapath.Datapath;
import io.weft.datapath.Workload;
import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.netlink.HardwareAddress;
import io.weft.netlink.LinkChange;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * A tap for a virtual machine whose process is in the container's namespace, joined to the inner
 * end of a routed pair. Programs and policy are at the node's end, out of the container's reach.
 *
 * <pre>
 *   virtual machine     container's namespace                node
 *   10.77.0.5, MAC m    eth0 (tap, MAC m) = weft1a2b3c4d     weft1a2b3c4d
 * </pre>
 *
 * <p>The namespace has no address: all that a frame meets there is the program that joins the two.
 *
 * @param pair whose inner end is called as the outer one; its {@code podInterface} is the tap's
 * @param settings who may open the tap, and how
 * @param datapath with the program that joins
 */
record TapPlace(VethPlace pair, WeftSettings.Tap settings, Datapath datapath) implements Place {
    /** IFLA_INFO_KIND of a tap. */
    static final String KIND = "tun";

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
    public Set<Ip> nodeAddresses() {
        return pair.nodeAddresses();
    }

    @Override
    public InterfaceKind kind() {
        return InterfaceKind.TAP;
    }

    @Override
    public Workload.Link link() {
        return pair.link();
    }

    @Override
    public Made make(Wiring wiring, Netlink inside, int slot) {
        Place.requireFree(this, inside);
        Made made =
                pair.withPodInterface(hostInterface())
                        .make(
                                wiring,
                                slot,
                                index -> inside.links().get(Datapath.across(index)).isEmpty());
        try {
            LinkSettings tap =
                    LinkSettings.named(podInterface())
                            .index(Datapath.across(made.pod()))
                            .mac(new HardwareAddress(made.mac().bits()))
                            .mtu(pair.mtu())
                            .alias(hostInterface())
                            .withoutLinkLocal();
            inside.links()
                    .create(
                            new LinkSpec.Tap(
                                    tap,
                                    true,
                                    settings.multiQueue(),
                                    settings.owner(),
                                    settings.group()));
            datapath.cross(inside, made.pod());
        } catch (RuntimeException | Error e) {
            wiring.unplug(List.of(hostInterface()));
            unmake(inside);
            throw e;
        }
        return made;
    }

    @Override
    public void unmake(Netlink inside) {
        InnerLink.remove(inside, podInterface(), hostInterface());
    }

    @Override
    public void up(Wiring wiring, Endpoint endpoint, Made made, Netlink inside) {
        wiring.upAtNode(endpoint);
        inside.batch()
                .change(made.pod(), new LinkChange.Ipv6LinkLocal(false)) // before it is up
                .change(made.pod(), new LinkChange.Up(true))
                .change(Datapath.across(made.pod()), new LinkChange.Up(true))
                .send();
    }
}
