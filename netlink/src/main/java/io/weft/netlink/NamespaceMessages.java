package io.weft.netlink;

import io.weft.kernel.NetNs;
import java.util.Optional;

/** RTM_*NSID: struct rtgenmsg and NETNSA_* attributes; net/core/net_namespace.c. */
final class NamespaceMessages {
    /** NETNSA_NSID_NOT_ASSIGNED */
    static final int NOT_ASSIGNED = -1;

    private static final int RTM_NEWNSID = 88;
    private static final int RTM_GETNSID = 90;
    private static final int HEADER = 4; // struct rtgenmsg, aligned

    private NamespaceMessages() {}

    static Request get(NetNs namespace) {
        return new MessageWriter(RTM_GETNSID, 0)
                .u8(Family.UNSPEC)
                .u8(0)
                .u16(0)
                .descriptor(Attr.NETNSA_FD, namespace.fd())
                .finish("get id of namespace " + namespace);
    }

    static Optional<Integer> parse(Reply reply) {
        return reply.type() == RTM_NEWNSID
                ? Optional.of(reply.attributes(HEADER).u32(Attr.NETNSA_NSID, NOT_ASSIGNED))
                : Optional.empty();
    }
}
