package io.weft.netlink;

import io.weft.netlink.SocketInfo.Protocol;
import io.weft.netlink.SocketInfo.State;
import java.util.Optional;

/**
 * Messages of NETLINK_SOCK_DIAG: linux/sock_diag.h, linux/inet_diag.h; net/ipv4/inet_diag.c.
 *
 * <pre>
 * inet_diag_req_v2  0 family  1 protocol  2 ext  3 pad  4 states    8 id
 * inet_diag_msg     0 family  1 state  2 timer  3 retrans           4 id  52 expires  56 rqueue  60 wqueue
 *                                                                         64 uid  68 inode
 * inet_diag_sockid  0 sport  2 dport  4 src[16]  20 dst[16]  36 if  40 cookie[2]
 * </pre>
 *
 * Ports and addresses are in network order; IPv4 fills the first 4 bytes of an address.
 */
final class SocketMessages {
    static final int SOCK_DIAG_BY_FAMILY = 20;
    static final int SOCK_DESTROY = 21;

    private static final int ID = 4; // in inet_diag_msg
    private static final int SIZE = 72; // inet_diag_msg
    private static final int BC_D_COND = 8;

    private SocketMessages() {}

    static Request list(int family, Protocol protocol, SocketFilter filter) {
        return list(family, protocol.number(), filter, "list " + protocol + " sockets");
    }

    static Request list(int family, int protocol, SocketFilter filter, String operation) {
        MessageWriter w =
                new MessageWriter(SOCK_DIAG_BY_FAMILY, Request.DUMP)
                        .u8(family)
                        .u8(protocol)
                        .u16(0)
                        .u32(filter.stateBits());
        be16(w, 0);
        be16(w, filter.remotePort());
        for (int i = 0; i < 11; i++) {
            w.u32(0);
        }
        filter.remote()
                .ifPresent(remote ->
                        w.bytes(
                                Attr.INET_DIAG_REQ_BYTECODE,
                                toRemote(remote, filter.remotePort())));
        return w.finish(operation);
    }

    /**
     * One instruction of inet_diag_bc_run(): on to the end, which accepts, or 4 bytes past it,
     * which refuses. An operand of AF_INET also matches ::ffff:a.b.c.d.
     */
    private static byte[] toRemote(Address remote, int port) {
        byte[] address = remote.bytes();
        int op = 4;
        int condition = 8;
        byte[] code = new byte[op + condition + address.length];
        code[0] = BC_D_COND;
        code[1] = (byte) code.length;
        Bytes.put16(code, 2, code.length + 4);
        code[op] = (byte) remote.family();
        code[op + 1] = (byte) remote.bits();
        Bytes.put32(code, op + 4, port == 0 ? -1 : port);
        System.arraycopy(address, 0, code, op + condition, address.length);
        return code;
    }

    static MessageWriter destroyHeader(int family, int protocol) {
        return new MessageWriter(SOCK_DESTROY, 0).u8(family).u8(protocol).u16(0).u32(-1);
    }

    static Request destroy(SocketInfo socket) {
        MessageWriter w =
                destroyHeader(socket.v6() ? Family.V6 : Family.V4, socket.protocol().number());
        be16(w, socket.localPort());
        be16(w, socket.remotePort());
        address(w, socket.local());
        address(w, socket.remote());
        w.u32(socket.link());
        w.u32((int) socket.cookie());
        w.u32((int) (socket.cookie() >>> 32));
        return w.finish("destroy " + socket);
    }

    /** A request that matches no socket: port 0 on both sides, and a cookie that none has. */
    static Request destroyNone(Protocol protocol) {
        MessageWriter w = destroyHeader(Family.V4, protocol.number());
        for (int i = 0; i < 12; i++) {
            w.u32(0);
        }
        return w.finish("probe destroying " + protocol + " sockets");
    }

    private static void be16(MessageWriter w, int value) {
        w.u8(value >>> 8).u8(value);
    }

    private static void address(MessageWriter w, Address address) {
        byte[] raw = address.bytes();
        for (int i = 0; i < 16; i++) {
            w.u8(i < raw.length ? raw[i] : 0);
        }
    }

    /** Empty for messages of other kinds. */
    static Optional<SocketInfo> parse(Reply reply, Protocol protocol) {
        if (reply.type() != SOCK_DIAG_BY_FAMILY) {
            return Optional.empty();
        }
        reply.attributes(SIZE); // all there, and well formed
        int family = reply.u8(0);
        if (family != Family.V4 && family != Family.V6) {
            return Optional.empty();
        }
        int width = family == Family.V6 ? 16 : 4;
        return Optional.of(
                new SocketInfo(
                        protocol,
                        family == Family.V6,
                        State.of(reply.u8(1)),
                        reply.address(ID + 4, width),
                        reply.be16(ID),
                        reply.address(ID + 20, width),
                        reply.be16(ID + 2),
                        reply.i32(ID + 36),
                        Integer.toUnsignedLong(reply.i32(ID + 40))
                                | (long) reply.i32(ID + 44) << 32,
                        Integer.toUnsignedLong(reply.i32(64)),
                        Integer.toUnsignedLong(reply.i32(68))));
    }
}
