package io.weft.netlink;

import java.util.List;

/**
 * Traffic control: queueing disciplines, classes and BPF filters, see tc(8). Made by {@link
 * Netlink#traffic}. Rates are bytes per second of whole Ethernet frames.
 */
public final class Traffic {
    /** TC_H_ROOT: the parent of a link's root qdisc. */
    public static final int ROOT = 0xffffffff;

    /** TC_H_CLSACT: the parent of a link's clsact qdisc. */
    public static final int CLSACT = 0xfffffff1;

    private final NetlinkSocket socket;

    Traffic(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** {@return a handle, e.g. {@code 1:10} is {@code handle(1, 0x10)}} */
    public static int handle(int major, int minor) {
        return (major << 16) | (minor & 0xffff);
    }

    /**
     * Gives the link the clsact qdisc, where filters can be attached in both directions.
     *
     * @throws NetlinkException EEXIST when it has it
     */
    public void addClsact(int link) {
        socket.call(TrafficMessages.addClsact(link));
    }

    /**
     * Takes clsact away, and all filters with it.
     *
     * @throws NetlinkException EINVAL or ENOENT when there is none
     */
    public void deleteClsact(int link) {
        socket.call(TrafficMessages.deleteClsact(link));
    }

    /**
     * Makes a token bucket the root qdisc, or changes the one that is there.
     *
     * @param rate bytes per second
     * @param burst bytes that may go at once; at least one frame with its header
     * @param limit bytes that may wait; rate x latency + burst gives a bound on the delay
     */
    public void setTbf(int link, long rate, int burst, int limit) {
        socket.call(TrafficMessages.setTbf(link, rate, burst, limit));
    }

    /**
     * Makes a qdisc of a kind that needs no options, such as {@code fq_codel}, the root one.
     *
     * @throws NetlinkException ENOENT when the kernel does not have the kind; EINVAL when the kind
     *     needs options
     */
    public void addQdisc(int link, String kind) {
        socket.call(TrafficMessages.addQdisc(link, kind));
    }

    /**
     * Makes an HTB the root qdisc.
     *
     * @param major of its handle, 1 to 0xfffe
     * @param defaultClass minor number of the class of unclassified packets; 0: unshaped
     * @throws NetlinkException EEXIST when a root qdisc with this handle is there
     */
    public void addHtb(int link, int major, int defaultClass) {
        socket.call(TrafficMessages.addHtb(link, major, defaultClass));
    }

    /**
     * Adds a class to an HTB, or changes it.
     *
     * @param parent the HTB's handle ({@code 1:0}) or an inner class
     * @param handle {@code major:minor}
     * @param rate guaranteed, bytes per second
     * @param ceil borrowed up to, bytes per second
     * @param burst bytes
     */
    public void setHtbClass(int link, int parent, int handle, long rate, long ceil, int burst) {
        socket.call(TrafficMessages.setHtbClass(link, parent, handle, rate, ceil, burst));
    }

    /** Takes a class away. */
    public void deleteClass(int link, int handle) {
        socket.call(TrafficMessages.deleteClass(link, handle));
    }

    /**
     * Takes the root qdisc away; the link gets its default again.
     *
     * @throws NetlinkException ENOENT when it has only the default
     */
    public void deleteRoot(int link) {
        socket.call(TrafficMessages.deleteRoot(link));
    }

    /** {@return the qdiscs of one link; 0: of all} */
    public List<Qdisc> qdiscs(int link) {
        return socket.dump(TrafficMessages.listQdiscs(link), TrafficMessages::parseQdisc).stream()
                .filter(qdisc -> link == 0 || qdisc.link() == link)
                .toList();
    }

    /** {@return the classes of one link's qdiscs} */
    public List<Qdisc> classes(int link) {
        return socket.dump(TrafficMessages.listClasses(link), TrafficMessages::parseClass);
    }

    /** Attaches a program, or atomically replaces the one of the same identity; needs clsact. */
    public void attach(BpfFilter filter) {
        socket.call(TrafficMessages.attach(filter));
    }

    /**
     * Detaches one program.
     *
     * @throws NetlinkException ENOENT when there is none of this identity
     */
    public void detach(int link, BpfFilter.Direction direction, int priority, int handle) {
        socket.call(TrafficMessages.detach(link, direction, priority, handle));
    }

    /** {@return whether there are filters of any kind in one direction} */
    public boolean hasFilters(int link, BpfFilter.Direction direction) {
        return !socket.dump(
                        TrafficMessages.listFilters(link, direction),
                        TrafficMessages::parseFilterKind)
                .isEmpty();
    }

    /** {@return the BPF filters in one direction, by priority; filters of other kinds left out} */
    public List<BpfFilter.Attached> filters(int link, BpfFilter.Direction direction) {
        return socket.dump(
                TrafficMessages.listFilters(link, direction),
                reply -> TrafficMessages.parseFilter(reply, direction));
    }
}
