package io.weft.agent;

import io.weft.model.Ip;
import io.weft.model.Mac;
import io.weft.model.Ref;
import java.nio.file.Path;
import java.util.List;

/**
 * A pod that is wired to this node.
 *
 * @param slot index of its policy in the kernel
 * @param hostInterface name of the host-side veth
 * @param ifindex of the host-side veth
 * @param podInterface name of the other end, in the pod's namespace
 * @param namespace the file that names it, such as one in /run/netns; for a namespace that was not
 *     made here it may be gone or another one's
 */
public record Endpoint(
        Ref pod,
        int slot,
        List<Ip> ips,
        Mac mac,
        String hostInterface,
        int ifindex,
        String podInterface,
        Path namespace) {
    public Endpoint {
        ips = List.copyOf(ips);
    }

    /** {@return the MAC of the node's end} */
    Mac hostMac() {
        return Sandbox.hostMac(slot);
    }
}
