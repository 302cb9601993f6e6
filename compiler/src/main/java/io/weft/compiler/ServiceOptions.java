package io.weft.compiler;

import io.weft.model.Ip;
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
 * @param direct where pods that masquerade go with their own address; pod CIDRs, link-local and
 *     multicast addresses are such anyway
 * @param primary addresses of the node that take the place of others' before its other ones do;
 *     empty: as its Node says
 */
public record ServiceOptions(
        Optional<String> node,
        List<Prefix> podCidrs,
        List<Prefix> nodePortAddresses,
        boolean masqueradeAll,
        List<Prefix> direct,
        List<Ip> primary) {
    public static final ServiceOptions DEFAULT =
            new ServiceOptions(Optional.empty(), List.of(), List.of(), false);

    /** Makes those of a node whose pods masquerade to everybody but pods. */
    public ServiceOptions(
            Optional<String> node,
            List<Prefix> podCidrs,
            List<Prefix> nodePortAddresses,
            boolean masqueradeAll) {
        this(node, podCidrs, nodePortAddresses, masqueradeAll, List.of(), List.of());
    }

    public ServiceOptions {
        direct = List.copyOf(direct);
        primary = List.copyOf(primary);
        podCidrs = List.copyOf(podCidrs);
        nodePortAddresses = List.copyOf(nodePortAddresses);
    }

    /** {@return the same where pods that masquerade go elsewhere with their own address} */
    public ServiceOptions withDirect(List<Prefix> other) {
        return new ServiceOptions(node, podCidrs, nodePortAddresses, masqueradeAll, other, primary);
    }

    /** {@return the same where these addresses take the place of others'} */
    public ServiceOptions withPrimary(List<Ip> other) {
        return new ServiceOptions(node, podCidrs, nodePortAddresses, masqueradeAll, direct, other);
    }

    /** {@return the same for a node of this name} */
    public ServiceOptions withNode(String name) {
        return new ServiceOptions(
                Optional.of(name), podCidrs, nodePortAddresses, masqueradeAll, direct, primary);
    }
}
