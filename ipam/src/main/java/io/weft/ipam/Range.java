package io.weft.ipam;

import io.weft.model.Ip;
import io.weft.model.Prefix;
import io.weft.model.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Part of a pool.
 *
 * @param subnet the addresses' network
 * @param span what is given out of it, but never its network, broadcast (IPv4), subnet-router
 *     anycast (IPv6, RFC 4291 §2.6.1) and gateway address
 * @param gateway of its pods; empty: none
 */
public record Range(Prefix subnet, Span span, Optional<Ip> gateway) {

    /** Makes one of a whole subnet, whose gateway is its first address. */
    public static Range of(Prefix subnet) {
        return new Range(subnet, Span.of(subnet), defaultGateway(subnet));
    }

    /**
     * {@return the first address after the network's own; none when the subnet is a /31 or less}
     */
    public static Optional<Ip> defaultGateway(Prefix subnet) {
        return hasNetworkAddress(subnet) ? Optional.of(subnet.ip().plus(1)) : Optional.empty();
    }

    /** RFC 3021, RFC 6164: of two addresses, both can be given out. */
    private static boolean hasNetworkAddress(Prefix subnet) {
        return subnet.mappedLength() < 127;
    }

    /** {@return what is given out, in order} */
    public List<Span> given() {
        return Span.subtract(List.of(span), never());
    }

    /** {@return what is never given out} */
    List<Span> never() {
        List<Span> never = new ArrayList<>();
        if (hasNetworkAddress(subnet)) {
            never.add(new Span(subnet.ip(), subnet.ip()));
            if (subnet.isV4()) {
                Ip broadcast = Span.of(subnet).last();
                never.add(new Span(broadcast, broadcast));
            }
        }
        gateway.ifPresent(ip -> never.add(new Span(ip, ip)));
        return never;
    }
}
