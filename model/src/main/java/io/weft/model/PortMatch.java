package io.weft.model;

/**
 * What a flow may be, in rules of {@link ClusterNetworkPolicy} and {@link CiliumNetworkPolicy}.
 * Rules hold lists of these: any of them may match, and an empty list matches nothing. What a
 * manifest says of several protocols at once is one item for each.
 */
public sealed interface PortMatch {
    Source source();

    /** Every protocol and port, ICMP too. */
    record Every(Source source) implements PortMatch {}

    /** Destination ports {@code first} to {@code last}, inclusive; every port is 0–65535. */
    record Range(Protocol protocol, int first, int last, Source source) implements PortMatch {}

    /** The port of that name and protocol of each destination pod. */
    record Named(Protocol protocol, String name, Source source) implements PortMatch {}

    /**
     * One type of ICMP, with any code.
     *
     * @param type 0–255, of the registry of the family (RFC 792, RFC 4443)
     */
    record Icmp(Family family, int type, Source source) implements PortMatch {}

    /** ICMP or ICMPv6. */
    enum Family {
        IPV4,
        IPV6
    }
}
