package io.weft.netlink;

import java.util.Optional;

/**
 * An entry of the ARP or ND table.
 *
 * @param link ifindex
 * @param mac empty while unresolved and for {@link #proxy} entries
 * @param state NUD_* bits
 * @param flags NTF_* bits
 */
public record Neighbour(
        int link, Address address, Optional<HardwareAddress> mac, int state, int flags) {
    public static final int INCOMPLETE = 0x01;
    public static final int REACHABLE = 0x02;
    public static final int STALE = 0x04;
    public static final int DELAY = 0x08;
    public static final int PROBE = 0x10;
    public static final int FAILED = 0x20;
    public static final int NOARP = 0x40;

    /** Never probed, never forgotten. */
    public static final int PERMANENT = 0x80;

    /** In {@link #flags}: answer for this address on behalf of another link. */
    public static final int FLAG_PROXY = 0x08;

    /** In {@link #flags}: IPv6, the neighbour is a router. */
    public static final int FLAG_ROUTER = 0x80;

    /** {@return an entry that stays} */
    public static Neighbour permanent(int link, Address address, HardwareAddress mac) {
        return new Neighbour(link, address, Optional.of(mac), PERMANENT, 0);
    }

    /** {@return an entry that makes this host answer ARP or ND for {@code address} on a link} */
    public static Neighbour proxy(int link, Address address) {
        return new Neighbour(link, address, Optional.empty(), 0, FLAG_PROXY);
    }

    public boolean isProxy() {
        return (flags & FLAG_PROXY) != 0;
    }

    @Override
    public String toString() {
        return address
                + mac.map(m -> " is " + m).orElse("")
                + " on link "
                + link
                + (isProxy() ? " (proxy)" : "");
    }
}
