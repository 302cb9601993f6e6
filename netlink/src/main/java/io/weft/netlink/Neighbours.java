package io.weft.netlink;

import java.util.List;
import java.util.Optional;

/** The ARP, ND and VXLAN forwarding tables of one namespace. Made by {@link Netlink#neighbours}. */
public final class Neighbours {
    private static final int RTM_NEWNEIGH = 28;
    private static final int RTM_DELNEIGH = 29;
    private static final int RTM_GETNEIGH = 30;
    private static final int HEADER = 12; // struct ndmsg
    private static final int NTF_SELF = 0x02; // the table of the link, not of its bridge

    private final NetlinkSocket socket;

    Neighbours(NetlinkSocket socket) {
        this.socket = socket;
    }

    /**
     * Adds an entry.
     *
     * @throws NetlinkException EEXIST when the link has one for the address
     */
    public void add(Neighbour neighbour) {
        socket.call(addRequest(neighbour));
    }

    /** Adds an entry, or changes the one for the same link and address. */
    public void replace(Neighbour neighbour) {
        socket.call(replaceRequest(neighbour));
    }

    /**
     * Takes an entry away.
     *
     * @throws NetlinkException ENOENT when there is none
     */
    public void delete(Neighbour neighbour) {
        socket.call(deleteRequest(neighbour));
    }

    /** {@return the entries of both families on all links, without proxies} */
    public List<Neighbour> list() {
        return list(0);
    }

    /** {@return the entries of one link, without proxies; 0: of all} */
    public List<Neighbour> list(int link) {
        Request request =
                header(RTM_GETNEIGH, Request.DUMP, Family.UNSPEC, 0, 0, 0)
                        .finish("list neighbours");
        // A filter by link would be NDA_IFINDEX, which IPv6 and IPv4 take alike, but proxies not.
        return socket.dump(request, Neighbours::parse).stream()
                .filter(n -> link == 0 || n.link() == link)
                .toList();
    }

    /** {@return the proxy entries of both families on all links} */
    public List<Neighbour> listProxies() {
        Request request =
                header(RTM_GETNEIGH, Request.DUMP, Family.UNSPEC, 0, 0, Neighbour.FLAG_PROXY)
                        .finish("list proxy neighbours");
        return socket.dump(request, Neighbours::parse);
    }

    /**
     * Adds an entry to the forwarding table of a vxlan.
     *
     * @throws NetlinkException EEXIST when it is there
     */
    public void addForwarding(ForwardingEntry entry) {
        socket.call(
                forwarding(RTM_NEWNEIGH, Request.CREATE | Request.EXCL, entry)
                        .finish("add forwarding entry " + entry));
    }

    /**
     * Takes an entry away.
     *
     * @throws NetlinkException ENOENT when there is none
     */
    public void deleteForwarding(ForwardingEntry entry) {
        socket.call(forwarding(RTM_DELNEIGH, 0, entry).finish("delete forwarding entry " + entry));
    }

    /** {@return the forwarding entries of a vxlan that name a remote} */
    public List<ForwardingEntry> listForwarding(int link) {
        Request request =
                header(RTM_GETNEIGH, Request.DUMP, Family.BRIDGE, link, 0, 0)
                        .finish("list forwarding entries of link " + link);
        return socket.dump(request, Neighbours::parseForwarding);
    }

    private static MessageWriter forwarding(int type, int flags, ForwardingEntry entry) {
        return header(
                        type,
                        flags,
                        Family.BRIDGE,
                        entry.link(),
                        Neighbour.PERMANENT | Neighbour.NOARP,
                        NTF_SELF)
                .bytes(Attr.NDA_LLADDR, entry.mac().bytes())
                .address(Attr.NDA_DST, entry.remote());
    }

    static Optional<ForwardingEntry> parseForwarding(Reply reply) {
        if (reply.type() != RTM_NEWNEIGH || reply.u8(0) != Family.BRIDGE) {
            return Optional.empty();
        }
        Attributes a = reply.attributes(HEADER);
        Optional<Address> remote = a.address(Attr.NDA_DST);
        return a.hardwareAddress(Attr.NDA_LLADDR)
                .flatMap(mac -> remote.map(r -> new ForwardingEntry(reply.i32(4), mac, r)));
    }

    static Request addRequest(Neighbour neighbour) {
        return message(RTM_NEWNEIGH, Request.CREATE | Request.EXCL, neighbour)
                .finish("add neighbour " + neighbour);
    }

    static Request replaceRequest(Neighbour neighbour) {
        return message(RTM_NEWNEIGH, Request.CREATE | Request.REPLACE, neighbour)
                .finish("replace neighbour " + neighbour);
    }

    static Request deleteRequest(Neighbour neighbour) {
        return message(RTM_DELNEIGH, 0, neighbour).finish("delete neighbour " + neighbour);
    }

    private static MessageWriter header(
            int type, int flags, int family, int link, int state, int neighbourFlags) {
        return new MessageWriter(type, flags)
                .u8(family)
                .u8(0)
                .u16(0)
                .u32(link)
                .u16(state)
                .u8(neighbourFlags)
                .u8(0);
    }

    private static MessageWriter message(int type, int flags, Neighbour n) {
        MessageWriter w = header(type, flags, n.address().family(), n.link(), n.state(), n.flags());
        w.address(Attr.NDA_DST, n.address());
        n.mac().ifPresent(mac -> w.bytes(Attr.NDA_LLADDR, mac.bytes()));
        return w;
    }

    static Optional<Neighbour> parse(Reply reply) {
        int family = reply.type() == RTM_NEWNEIGH ? reply.u8(0) : Family.UNSPEC;
        if (family != Family.V4 && family != Family.V6) { // AF_BRIDGE: forwarding tables
            return Optional.empty();
        }
        Attributes a = reply.attributes(HEADER);
        return a.address(Attr.NDA_DST)
                .map(address ->
                        new Neighbour(
                                reply.i32(4),
                                address,
                                a.hardwareAddress(Attr.NDA_LLADDR),
                                reply.u16(8),
                                reply.u8(10)));
    }
}
