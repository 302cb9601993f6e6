package io.weft.ipam;

import java.util.regex.Pattern;

/**
 * What a lease is for: one interface of one container in one network.
 *
 * @param containerId as the runtime says it: letters, digits, {@code _.-}; at most 255
 * @param ifname as in Linux: at most 15 characters, no {@code /}, {@code :} or space
 * @param network the network's name: letters, digits, {@code _.-}; at most 255
 */
public record LeaseKey(String containerId, String ifname, String network) {
    // CNI specification 1.1.0, "Parameters" and "Configuration format"
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}");
    private static final Pattern IFNAME = Pattern.compile("[^/:\\s\\p{Cntrl}]{1,15}");

    public LeaseKey {
        require(NAME, "container id", containerId);
        require(IFNAME, "interface", ifname);
        require(NAME, "network", network);
        if (ifname.equals(".") || ifname.equals("..")) {
            throw new IllegalArgumentException("interface '" + ifname + "'");
        }
    }

    private static void require(Pattern syntax, String what, String text) {
        if (!syntax.matcher(text).matches()) {
            throw new IllegalArgumentException(what + " '" + text + "' is none");
        }
    }

    /** {@return {@code CONTAINER/eth0 in NETWORK}} */
    @Override
    public String toString() {
        return containerId + "/" + ifname + " in " + network;
    }
}
