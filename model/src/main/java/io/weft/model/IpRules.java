package io.weft.model;

import java.util.Optional;

/** Which addresses may stand for a service or an endpoint, in the API server's words. */
final class IpRules {
    private static final Ip LOOPBACK_V6 = Ip.parse("::1");
    private static final Prefix LOOPBACK_V4 = Prefix.parse("127.0.0.0/8");
    private static final Prefix LINK_LOCAL_V4 = Prefix.parse("169.254.0.0/16");
    private static final Prefix LINK_LOCAL_V6 = Prefix.parse("fe80::/10");
    private static final Prefix MULTICAST_V4 = Prefix.parse("224.0.0.0/24");

    private IpRules() {}

    /**
     * {@return what is wrong with {@code text} as the address of one place in the network:
     * unspecified, loopback and link-local ones mean another on every node}
     */
    static Optional<String> ordinary(String text) {
        return PodReader.notIp(text).or(() -> Ip.tryParse(text).flatMap(IpRules::special));
    }

    /** {@return what is special about the address; empty when nothing is} */
    static Optional<String> special(Ip ip) {
        if (ip.equals(Prefix.ALL_V4.ip()) || ip.equals(Prefix.ALL_V6.ip())) {
            return Optional.of("may not be unspecified (" + ip + ")");
        }
        if (LOOPBACK_V4.contains(ip) || ip.equals(LOOPBACK_V6)) {
            return Optional.of("may not be in the loopback range (127.0.0.0/8, ::1/128)");
        }
        if (LINK_LOCAL_V4.contains(ip) || LINK_LOCAL_V6.contains(ip)) {
            return Optional.of("may not be in the link-local range (169.254.0.0/16, fe80::/10)");
        }
        boolean v6 =
                !ip.isV4() && (ip.high() >>> 48 & 0xff0f) == 0xff02; // any flags, RFC 4291 §2.7
        if (MULTICAST_V4.contains(ip) || v6) {
            return Optional.of(
                    "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
        }
        return Optional.empty();
    }
}
