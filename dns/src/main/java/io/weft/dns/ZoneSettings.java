package io.weft.dns;

import io.weft.model.Ip;
import java.util.List;

/**
 * What a zone is like.
 *
 * @param domain of the cluster, at most {@value #MAX_DOMAIN} characters
 * @param ttl of what is there, in seconds, 0 to {@value #MAX_TTL}
 * @param negativeTtl of what is not, in seconds, likewise
 * @param servers addresses of the name servers: {@code ns.dns.<domain>}
 */
public record ZoneSettings(String domain, int ttl, int negativeTtl, List<Ip> servers) {
    /** So that three labels of 63 and {@code svc} fit in front of it. */
    public static final int MAX_DOMAIN = 57;

    public static final int MAX_TTL = 86_400;
    public static final ZoneSettings DEFAULT = new ZoneSettings("cluster.local", 5, 5, List.of());

    /**
     * @throws IllegalArgumentException saying what is out of its range
     */
    public ZoneSettings {
        domain = domain.endsWith(".") ? domain.substring(0, domain.length() - 1) : domain;
        if (domain.length() > MAX_DOMAIN || WireName.tryParse(domain).isEmpty()) {
            throw new IllegalArgumentException(
                    "cluster domain '"
                            + domain
                            + "' is no domain name of at most "
                            + MAX_DOMAIN
                            + " characters");
        }
        check("ttl", ttl);
        check("negativeTtl", negativeTtl);
        servers = List.copyOf(servers);
    }

    private static void check(String what, int seconds) {
        if (seconds < 0 || seconds > MAX_TTL) {
            throw new IllegalArgumentException(
                    what + " must be 0 to " + MAX_TTL + " seconds, not " + seconds);
        }
    }
}
