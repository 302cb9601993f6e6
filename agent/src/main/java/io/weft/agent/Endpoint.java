package io.weft.agent;

import io.weft.model.Ip;
import io.weft.model.Mac;
import io.weft.model.Ref;
import java.util.List;

/**
 * A pod that is wired to this node.
 *
 * @param slot index of its policy in the kernel
 * @param hostInterface name of the host-side veth
 * @param ifindex of the host-side veth
 * @param namespace name in /run/netns
 */
public record Endpoint(
        Ref pod,
        int slot,
        List<Ip> ips,
        Mac mac,
        String hostInterface,
        int ifindex,
        String namespace) {
    public Endpoint {
        ips = List.copyOf(ips);
    }
}
