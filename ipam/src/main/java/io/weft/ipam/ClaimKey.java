package io.weft.ipam;

import java.util.regex.Pattern;

/**
 * Who keeps its addresses when the container that has them goes.
 *
 * @param name of the pod, or of the IPAMClaim
 * @param ifname the interface
 */
public record ClaimKey(Kind kind, String namespace, String name, String ifname) {
    /** What keeps them. */
    public enum Kind {
        /** A pod by its name, as of a StatefulSet: annotation {@code weft.io/sticky-ip}. */
        POD,
        /** {@code ipamclaims.k8s.cni.cncf.io}. */
        IPAM_CLAIM
    }

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?");
    private static final Pattern IFNAME = Pattern.compile("[^/:\\s\\p{Cntrl}]{1,15}");

    public ClaimKey {
        if (!NAME.matcher(namespace).matches() || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("'" + namespace + "/" + name + "' names no object");
        }
        if (!IFNAME.matcher(ifname).matches()) {
            throw new IllegalArgumentException("interface '" + ifname + "' is none");
        }
    }

    /** {@return {@code IPAMClaim shop/db-0, net1}} */
    @Override
    public String toString() {
        String kindText = kind == Kind.POD ? "pod" : "IPAMClaim";
        return kindText + " " + namespace + "/" + name + ", " + ifname;
    }
}
