package io.weft.agent;

import io.weft.datapath.Workload;
import io.weft.model.Ip;
import io.weft.model.Mac;
import io.weft.model.Ref;
import java.nio.file.Path;
import java.util.List;

/**
 * A pod that is wired to this node.
 *
 * @param slot index of its policy in the kernel
 * @param link what its interface leads to
 * @param mac of its own interface
 * @param gateway MAC by which it reaches the node
 * @param hostInterface name of the interface where the programs are
 * @param ifindex of that interface
 * @param podInterface name of its own interface, in its namespace
 * @param namespace the file that names it, such as one in /run/netns; for a namespace that was not
 *     made here it may be gone or another one's
 */
public record Endpoint(
        Ref pod,
        int slot,
        List<Ip> ips,
        InterfaceKind kind,
        Workload.Link link,
        Mac mac,
        Mac gateway,
        String hostInterface,
        int ifindex,
        String podInterface,
        Path namespace) {
    public Endpoint {
        ips = List.copyOf(ips);
    }

    /** {@return what the programs know of it} */
    Workload workload() {
        return new Workload(slot, mac, gateway, ips, link);
    }
}
