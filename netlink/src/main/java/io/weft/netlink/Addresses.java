package io.weft.netlink;

import java.util.List;
import java.util.Optional;

/** The IP addresses of one namespace. Made by {@link Netlink#addresses}. */
public final class Addresses {
    private static final int RTM_NEWADDR = 20;
    private static final int RTM_DELADDR = 21;
    private static final int RTM_GETADDR = 22;
    private static final int HEADER = 8; // struct ifaddrmsg

    private final NetlinkSocket socket;

    Addresses(NetlinkSocket socket) {
        this.socket = socket;
    }

    /**
     * Adds an address.
     *
     * @throws NetlinkException EEXIST when the link has it
     */
    public void add(LinkAddress address) {
        socket.call(addRequest(address));
    }

    /**
     * Takes an address away.
     *
     * @throws NetlinkException EADDRNOTAVAIL when the link does not have it
     */
    public void delete(LinkAddress address) {
        socket.call(deleteRequest(address));
    }

    /** {@return all addresses of all links} */
    public List<LinkAddress> list() {
        return list(0);
    }

    /** {@return the addresses of one link; 0: of all} */
    public List<LinkAddress> list(int link) {
        Request request =
                header(RTM_GETADDR, Request.DUMP, Family.UNSPEC, 0, 0, link)
                        .finish("list addresses" + (link == 0 ? "" : " of link " + link));
        return socket.dump(request, Addresses::parse);
    }

    static Request addRequest(LinkAddress address) {
        MessageWriter w = message(RTM_NEWADDR, Request.CREATE | Request.EXCL, address);
        if (address.flagBits() != 0) {
            w.u32(Attr.IFA_FLAGS, address.flagBits());
        }
        return w.finish("add address " + address);
    }

    static Request deleteRequest(LinkAddress address) {
        return message(RTM_DELADDR, 0, address).finish("delete address " + address);
    }

    private static MessageWriter message(int type, int flags, LinkAddress a) {
        Cidr cidr = a.address();
        return header(type, flags, cidr.address().family(), cidr.length(), a.scope(), a.link())
                .address(Attr.IFA_LOCAL, cidr.address())
                .address(Attr.IFA_ADDRESS, cidr.address());
    }

    private static MessageWriter header(
            int type, int flags, int family, int length, int scope, int link) {
        return new MessageWriter(type, flags).u8(family).u8(length).u8(0).u8(scope).u32(link);
    }

    static Optional<LinkAddress> parse(Reply reply) {
        if (reply.type() != RTM_NEWADDR) {
            return Optional.empty();
        }
        Attributes a = reply.attributes(HEADER);
        // IPv4 has both, and IFA_ADDRESS is the other end of a point-to-point link; IPv6 may lack
        // IFA_LOCAL.
        return a.address(Attr.IFA_LOCAL)
                .or(() -> a.address(Attr.IFA_ADDRESS))
                .map(address ->
                        new LinkAddress(
                                reply.i32(4),
                                Wire.cidr(address, reply.u8(1)),
                                reply.u8(3),
                                LinkAddress.Flag.of(a.u32(Attr.IFA_FLAGS, reply.u8(2)))));
    }
}
