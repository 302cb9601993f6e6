package io.weft.datapath;

import io.weft.bpf.BpfProgram;
import io.weft.kernel.Errno;
import io.weft.netlink.BpfFilter;
import io.weft.netlink.Netlink;
import io.weft.netlink.NetlinkException;
import io.weft.netlink.Traffic;

/** Our two filters at an interface's clsact qdisc. */
final class Filters {
    private static final int PRIORITY = 1;
    private static final int HANDLE = 1;
    private static final String NAME = "weft_";

    private Filters() {}

    static void attach(Netlink netlink, int ifindex, BpfProgram from, BpfProgram to) {
        Traffic traffic = netlink.traffic();
        try {
            traffic.addClsact(ifindex);
        } catch (NetlinkException e) {
            if (!e.is(Errno.EEXIST)) {
                throw e;
            }
            refuseForeign(traffic, ifindex, BpfFilter.Direction.INGRESS);
            refuseForeign(traffic, ifindex, BpfFilter.Direction.EGRESS);
        }
        // what comes to the workload first; when one fails the caller gives the interface up
        netlink.batch()
                .attach(filter(ifindex, BpfFilter.Direction.EGRESS, to))
                .attach(filter(ifindex, BpfFilter.Direction.INGRESS, from))
                .send();
    }

    static void attachIngress(Netlink netlink, int ifindex, BpfProgram program) {
        try {
            netlink.traffic().addClsact(ifindex);
        } catch (NetlinkException e) {
            if (!e.is(Errno.EEXIST)) {
                throw e;
            }
        }
        netlink.traffic().attach(filter(ifindex, BpfFilter.Direction.INGRESS, program));
    }

    /** Takes ours away, and clsact when it is empty then. */
    static void detach(Netlink netlink, int ifindex) {
        Traffic traffic = netlink.traffic();
        try {
            boolean others = false;
            for (BpfFilter.Direction direction : BpfFilter.Direction.values()) {
                if (isOurs(traffic, ifindex, direction)) {
                    traffic.detach(ifindex, direction, PRIORITY, HANDLE);
                }
                others |= traffic.hasFilters(ifindex, direction);
            }
            if (!others) {
                traffic.deleteClsact(ifindex);
            }
        } catch (NetlinkException e) {
            if (!e.is(Errno.ENODEV) && !e.is(Errno.EINVAL) && !e.is(Errno.ENOENT)) {
                throw e; // there is no interface, no qdisc, no filter any more
            }
        }
    }

    private static boolean isOurs(Traffic traffic, int ifindex, BpfFilter.Direction direction) {
        return traffic.filters(ifindex, direction).stream()
                .anyMatch(filter ->
                        filter.name().startsWith(NAME)
                                && filter.priority() == PRIORITY
                                && filter.handle() == HANDLE);
    }

    private static BpfFilter filter(
            int ifindex, BpfFilter.Direction direction, BpfProgram program) {
        return new BpfFilter(
                ifindex, direction, PRIORITY, HANDLE, NAME + program.name(), program.fd());
    }

    private static void refuseForeign(Traffic traffic, int ifindex, BpfFilter.Direction direction) {
        for (BpfFilter.Attached filter : traffic.filters(ifindex, direction)) {
            if (!filter.name().startsWith(NAME)) {
                throw new DatapathException(
                        "attach interface %d: a filter '%s' (program %d) of somebody else is at its %s"
                                        .formatted(
                                                ifindex,
                                                filter.name(),
                                                filter.programId(),
                                                direction)
                                + ": see 'tc filter show', and take it away or use another interface");
            }
        }
    }
}
