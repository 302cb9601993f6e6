package io.weft.compiler;

import io.weft.model.Prefix;
import java.util.List;
import java.util.Optional;

/**
 * What this node knows of itself where services are concerned.
 *
 * @param node its name; empty: that of the Node with an address of this node, else of the only Node
 * @param podCidrs where pods have their addresses; empty: as its Node says
 * @param nodePortAddresses its addresses in these blocks take node ports; empty: all of them
 * @param masqueradeAll whether the node's own address takes the place of every client's that goes
 *     to a cluster IP
 */
public record ServiceOptions(
        Optional<String> node,
        List<Prefix> podCidrs,
        List<Prefix> nodePortAddresses,
        boolean masqueradeAll) {
    public static final ServiceOptions DEFAULT =
            new ServiceOptions(Optional.empty(), List.of(), List.of(), false);

    public ServiceOptions {
        podCidrs = List.copyOf(podCidrs);
        nodePortAddresses = List.copyOf(nodePortAddresses);
    }

    /** {@return the same for a node of this name} */
    public ServiceOptions withNode(String name) {
        return new ServiceOptions(Optional.of(name), podCidrs, nodePortAddresses, masqueradeAll);
    }
}
