package io.weft.netlink;

/** Values from the kernel that a constructor may refuse, turned into a malformed answer. */
final class Wire {
    private Wire() {}

    /** A kernel without IPv6 answers a dump of AF_INET6 with that of every family. */
    static boolean isOf(int family, Reply reply) {
        return reply.u8(0) == family;
    }

    static Cidr cidr(Address address, int length) {
        if (length > address.bits()) {
            throw NetlinkException.malformed("prefix length " + length + " of " + address);
        }
        return new Cidr(address, length);
    }

    /** A prefix whose address is left out when it is all zero. */
    static Cidr cidr(Attributes attributes, Attr attr, int family, int length) {
        Cidr all = family == Family.V6 ? Cidr.ALL_V6 : Cidr.ALL_V4;
        return cidr(attributes.address(attr).orElse(all.address()), length);
    }
}
