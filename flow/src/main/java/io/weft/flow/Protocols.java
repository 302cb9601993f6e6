package io.weft.flow;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/** Names of IANA protocol numbers and ICMP types, spelled as Hubble spells them. */
final class Protocols {
    static final int ICMP = 1;
    static final int TCP = 6;
    static final int UDP = 17;
    static final int ICMPV6 = 58;
    static final int SCTP = 132;

    private Protocols() {}

    static String name(int number) {
        return switch (number) {
            case ICMP -> "ICMPv4";
            case TCP -> "TCP";
            case UDP -> "UDP";
            case ICMPV6 -> "ICMPv6";
            case SCTP -> "SCTP";
            default -> "IP-" + number;
        };
    }

    /** {@return the number of a name in any case, or of {@code IP-47}} */
    static OptionalInt number(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "icmpv4" -> OptionalInt.of(ICMP);
            case "tcp" -> OptionalInt.of(TCP);
            case "udp" -> OptionalInt.of(UDP);
            case "icmpv6" -> OptionalInt.of(ICMPV6);
            case "sctp" -> OptionalInt.of(SCTP);
            default ->
                    name.matches("(?i)IP-(0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])")
                            ? OptionalInt.of(Integer.parseInt(name.substring(3)))
                            : OptionalInt.empty();
        };
    }

    static boolean hasPorts(int number) {
        return number == TCP || number == UDP || number == SCTP;
    }

    static boolean isIcmp(int number) {
        return number == ICMP || number == ICMPV6;
    }

    /** {@return the name of the types that a node meets daily} RFC 792, RFC 4443, RFC 4861. */
    static Optional<String> icmpType(int protocol, int type) {
        String name =
                switch (protocol) {
                    case ICMP ->
                            switch (type) {
                                case 0 -> "EchoReply";
                                case 3 -> "DestinationUnreachable";
                                case 5 -> "Redirect";
                                case 8 -> "EchoRequest";
                                case 11 -> "TimeExceeded";
                                default -> "";
                            };
                    case ICMPV6 ->
                            switch (type) {
                                case 1 -> "DestinationUnreachable";
                                case 2 -> "PacketTooBig";
                                case 3 -> "TimeExceeded";
                                case 128 -> "EchoRequest";
                                case 129 -> "EchoReply";
                                case 133 -> "RouterSolicitation";
                                case 134 -> "RouterAdvertisement";
                                case 135 -> "NeighborSolicitation";
                                case 136 -> "NeighborAdvertisement";
                                case 137 -> "Redirect";
                                default -> "";
                            };
                    default -> "";
                };
        return Optional.of(name).filter(n -> !n.isEmpty());
    }
}
