package io.weft.tables;

import io.weft.model.Ip;
import io.weft.model.Prefix;
import java.util.List;

/**
 * From where services and their clients are seen: this node.
 *
 * @param addresses of the node itself, the primary one of each family before others
 * @param nodePortAddresses those that take node ports
 * @param podCidrs where its pods have their addresses; empty: not known
 * @param direct where pods that masquerade go with their own address, besides
 */
public record Vantage(
        List<Ip> addresses,
        List<Ip> nodePortAddresses,
        List<Prefix> podCidrs,
        List<Prefix> direct) {
    public static final Vantage NOWHERE = new Vantage(List.of(), List.of(), List.of());

    /** Makes one from which nothing but pods is reached without masquerade. */
    public Vantage(List<Ip> addresses, List<Ip> nodePortAddresses, List<Prefix> podCidrs) {
        this(addresses, nodePortAddresses, podCidrs, List.of());
    }

    public Vantage {
        direct = List.copyOf(direct);
        addresses = List.copyOf(addresses);
        nodePortAddresses = List.copyOf(nodePortAddresses);
        podCidrs = List.copyOf(podCidrs);
    }

    /** {@return whether it is known where pods of a family have their addresses} */
    public boolean knowsPods(boolean v4) {
        return podCidrs.stream().anyMatch(cidr -> cidr.isV4() == v4);
    }

    /** {@return whether an address lies in the pod CIDRs} */
    public boolean holdsPod(Ip ip) {
        return podCidrs.stream().anyMatch(cidr -> cidr.contains(ip));
    }
}
