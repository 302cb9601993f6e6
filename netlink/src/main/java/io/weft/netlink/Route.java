package io.weft.netlink;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A route, canonical: what {@link Builder#build} gives is what {@link Routes#list} shows once the
 * kernel has it.
 *
 * @param nextHops where packets go: none (unless {@link Type#UNICAST}), one, or several of weight
 * @param source preferred source address
 * @param scope {@link Scope}; always {@code UNIVERSE} for IPv6
 * @param table 254 is main
 * @param metric lower wins; IPv6 turns 0 into 1024
 * @param mtu bytes; 0: the link's
 * @param advmss TCP's segment size that is offered (RTAX_ADVMSS), bytes; 0: by the MTU
 * @param protocol who made it (RTPROT_*): 2 kernel, 3 boot, 4 static
 */
public record Route(
        Cidr destination,
        Type type,
        List<NextHop> nextHops,
        Optional<Address> source,
        int scope,
        int table,
        int metric,
        int mtu,
        int advmss,
        int protocol) {
    public static final int MAIN = 254;
    public static final int LOCAL_TABLE = 255;
    public static final int PROTOCOL_STATIC = 4;
    private static final int IPV6_METRIC = 1024;

    /** RTN_*: what happens to a packet. */
    public enum Type {
        UNICAST(1),
        LOCAL(2),
        BROADCAST(3),
        ANYCAST(4),
        MULTICAST(5),
        BLACKHOLE(6),
        UNREACHABLE(7),
        PROHIBIT(8),
        THROW(9);

        private final int code;

        Type(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }

        static Optional<Type> of(int code) {
            return code < 1 || code > values().length
                    ? Optional.empty()
                    : Optional.of(values()[code - 1]);
        }
    }

    /**
     * @param gateway may be of the other family (RTA_VIA); empty: the destination is on the link
     * @param link ifindex; 0: the kernel finds it by the gateway
     * @param onLink take the gateway as on the link, whatever its prefix
     * @param weight 1 to 256, among several
     */
    public record NextHop(Optional<Address> gateway, int link, boolean onLink, int weight) {
        public NextHop {
            if (weight < 1 || weight > 256) {
                throw new IllegalArgumentException("weight " + weight + " is not 1 to 256");
            }
        }

        @Override
        public String toString() {
            return gateway.map(g -> "via " + g).orElse("")
                    + (link == 0 ? "" : (gateway.isPresent() ? " " : "") + "dev " + link);
        }
    }

    public Route {
        nextHops = List.copyOf(nextHops);
    }

    /** Starts a unicast route in the main table. */
    public static Builder to(Cidr destination) {
        return new Builder(destination);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        if (type != Type.UNICAST) {
            text.append(type.name().toLowerCase(Locale.ROOT)).append(' ');
        }
        text.append(destination);
        nextHops.forEach(hop -> text.append(' ').append(hop));
        return text.append(table == MAIN ? "" : " table " + table).toString();
    }

    /** Collects what differs from a static unicast route in the main table. */
    public static final class Builder {
        private final Cidr destination;
        private Type type = Type.UNICAST;
        private Optional<Address> gateway = Optional.empty();
        private int link;
        private boolean onLink;
        private List<NextHop> nextHops = List.of();
        private Optional<Address> source = Optional.empty();
        private int scope = -1;
        private int table = MAIN;
        private int metric;
        private int mtu;
        private int advmss;
        private int protocol = PROTOCOL_STATIC;

        private Builder(Cidr destination) {
            this.destination = destination;
        }

        public Builder type(Type value) {
            type = value;
            return this;
        }

        public Builder via(Address value) {
            gateway = Optional.of(value);
            return this;
        }

        /**
         * @param ifindex where packets leave
         */
        public Builder dev(int ifindex) {
            link = ifindex;
            return this;
        }

        /** The gateway is on the link, whatever its prefix. */
        public Builder onLink() {
            onLink = true;
            return this;
        }

        /** Several next hops, in place of {@link #via} and {@link #dev}. */
        public Builder across(NextHop... hops) {
            nextHops = List.of(hops);
            return this;
        }

        /** Preferred source address. */
        public Builder source(Address value) {
            source = Optional.of(value);
            return this;
        }

        /** {@link Scope}; without it link for IPv4 routes without gateway, else universe. */
        public Builder scope(int value) {
            scope = value;
            return this;
        }

        public Builder table(int value) {
            table = value;
            return this;
        }

        public Builder metric(int value) {
            metric = value;
            return this;
        }

        /** In bytes. */
        public Builder mtu(int value) {
            mtu = value;
            return this;
        }

        /** TCP's segment size that is offered, in bytes. */
        public Builder advmss(int value) {
            advmss = value;
            return this;
        }

        /** RTPROT_*, 1 to 255. */
        public Builder protocol(int value) {
            protocol = value;
            return this;
        }

        public Route build() {
            List<NextHop> hops = nextHops;
            if (hops.isEmpty() && (gateway.isPresent() || link != 0)) {
                hops = List.of(new NextHop(gateway, link, onLink, 1));
            }
            if (type == Type.UNICAST && hops.isEmpty()) {
                throw new IllegalArgumentException("route to " + destination + " leads nowhere");
            }
            return new Route(
                    destination,
                    type,
                    hops,
                    source,
                    destination.isV6() ? Scope.UNIVERSE : scope >= 0 ? scope : scopeOf(hops),
                    table,
                    destination.isV6() && metric == 0 ? IPV6_METRIC : metric,
                    mtu,
                    advmss,
                    protocol);
        }

        /** As ip-route(8) does. */
        private int scopeOf(List<NextHop> hops) {
            return switch (type) {
                case LOCAL -> Scope.HOST;
                case BROADCAST, ANYCAST, MULTICAST -> Scope.LINK;
                case UNICAST ->
                        hops.stream().anyMatch(hop -> hop.gateway().isPresent())
                                ? Scope.UNIVERSE
                                : Scope.LINK;
                case BLACKHOLE, UNREACHABLE, PROHIBIT, THROW -> Scope.UNIVERSE;
            };
        }
    }
}
