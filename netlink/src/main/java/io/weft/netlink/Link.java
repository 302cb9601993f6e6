package io.weft.netlink;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * A link as the kernel showed it.
 *
 * @param index ifindex, unique in its namespace
 * @param kind IFLA_INFO_KIND: {@code veth}, {@code bridge}, {@code tun}; empty for lo and hardware
 * @param mac empty when it has none of 6 bytes
 * @param mtu bytes
 * @param flags IFF_*, see netdevice(7)
 * @param master ifindex of the bridge it is a port of; 0: none
 * @param alias empty for none
 * @param group 0: the default group
 * @param peer ifindex of a veth's other end or of what it is stacked on, in {@link #peerNamespace};
 *     0: none
 * @param peerNamespace the id of the peer's namespace in this one; empty: the same namespace
 */
public record Link(
        int index,
        String name,
        String kind,
        Optional<HardwareAddress> mac,
        int mtu,
        int flags,
        int master,
        String alias,
        int group,
        int peer,
        OptionalInt peerNamespace) {
    private static final int IFF_UP = 0x1;
    private static final int IFF_RUNNING = 0x40;

    /** {@return whether it is set up} */
    public boolean up() {
        return (flags & IFF_UP) != 0;
    }

    /** {@return whether it is up and has carrier} */
    public boolean running() {
        return (flags & IFF_RUNNING) != 0;
    }

    @Override
    public String toString() {
        return index + ": " + name + (kind.isEmpty() ? "" : " (" + kind + ")");
    }
}
