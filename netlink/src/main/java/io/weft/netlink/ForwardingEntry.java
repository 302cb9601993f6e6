package io.weft.netlink;

/**
 * An entry of a vxlan's forwarding table, which a vxlan without learning needs for every MAC.
 *
 * @param link ifindex of the vxlan
 * @param mac inner destination; all zero: every MAC that has no entry, and broadcasts
 * @param remote outer destination
 */
public record ForwardingEntry(int link, HardwareAddress mac, Address remote) {
    @Override
    public String toString() {
        return mac + " by " + remote + " on link " + link;
    }
}
