package io.weft.model;

import java.util.List;

/**
 * A v1 Node.
 *
 * @param addresses those of {@code status.addresses} that are IP addresses, internal or external,
 *     in written order
 * @param podCidrs {@code spec.podCIDRs}: where its pods have their addresses
 */
public record Node(
        String name, Labels labels, List<Ip> addresses, List<Prefix> podCidrs, Source source)
        implements Resource {
    /** The label that names its zone. */
    public static final String ZONE_LABEL = "topology.kubernetes.io/zone";

    public Node {
        addresses = List.copyOf(addresses);
        podCidrs = List.copyOf(podCidrs);
    }

    /** Makes one whose pods may have any address. */
    public Node(String name, Labels labels, List<Ip> addresses, Source source) {
        this(name, labels, addresses, List.of(), source);
    }

    @Override
    public Ref ref() {
        return new Ref(Kind.NODE, "", name);
    }
}
