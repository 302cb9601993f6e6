package io.weft.ipam;

import java.time.Duration;
import java.util.regex.Pattern;

/**
 * @param domain addresses are unique within one; several networks that cannot reach each other may
 *     use the same addresses in different ones. Empty, or letters, digits, {@code _.-}
 * @param node whose blocks requests take from that name no other
 * @param cooldown how long an address rests after its release; at most a day
 * @param evenResting whether the address that has rested longest is given when none is free
 */
public record Settings(String domain, String node, Duration cooldown, boolean evenResting) {
    /**
     * Longer than anyone keeps a silent UDP flow (5 minutes, RFC 4787 REQ-5) or a half-closed TCP
     * connection (4 minutes, RFC 5382 REQ-5) to the former holder, and one sweep more. An open TCP
     * connection may be silent for two hours; the next holder answers it with a reset, and on this
     * node all of an address's connections end when its holder goes.
     */
    public static final Duration COOLDOWN = Duration.ofSeconds(310);

    private static final Pattern DOMAIN = Pattern.compile("[a-zA-Z0-9_.-]{0,255}");

    public Settings {
        if (!DOMAIN.matcher(domain).matches()) {
            throw new IllegalArgumentException("domain '" + domain + "'");
        }
        if (node.isEmpty() || node.length() > 253) {
            throw new IllegalArgumentException("node '" + node + "': 1 to 253 characters");
        }
        if (cooldown.isNegative() || cooldown.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException(
                    "cool-down of " + cooldown + ": at least none, at most a day");
        }
    }

    public static Settings of(String node) {
        return new Settings("", node, COOLDOWN, false);
    }

    public Settings withCooldown(Duration changed) {
        return new Settings(domain, node, changed, evenResting);
    }

    public Settings withDomain(String changed) {
        return new Settings(changed, node, cooldown, evenResting);
    }

    public Settings withEvenResting(boolean allowed) {
        return new Settings(domain, node, cooldown, allowed);
    }
}
