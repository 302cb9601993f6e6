package io.weft.tables;

/** ICMP and ICMPv6: protocols whose packets have a type where others have ports. */
public final class Icmp {
    /** IANA protocol number of ICMP (RFC 792). */
    public static final int V4 = 1;

    /** IANA protocol number of ICMPv6 (RFC 4443). */
    public static final int V6 = 58;

    private static final int ECHO = 8;
    private static final int ECHO_V6 = 128;

    private Icmp() {}

    /** {@return whether packets of this protocol have a type, 0–255} */
    public static boolean is(int protocol) {
        return protocol == V4 || protocol == V6;
    }

    /** {@return the type of an echo request, the only one that opens a connection} */
    public static int echoRequest(int protocol) {
        return switch (protocol) {
            case V4 -> ECHO;
            case V6 -> ECHO_V6;
            default -> throw new IllegalArgumentException("protocol " + protocol + " is not ICMP");
        };
    }
}
