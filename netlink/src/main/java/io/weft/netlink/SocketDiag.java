package io.weft.netlink;

import io.weft.kernel.Errno;
import io.weft.kernel.NetNs;
import io.weft.netlink.SocketInfo.Protocol;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The TCP and UDP sockets of one namespace: lists them, and ends them from outside, as {@code ss
 * --kill} does. See sock_diag(7).
 *
 * <p>A socket that is ended stays open for its owner: what waits in it wakes, and the next receive
 * fails with ECONNABORTED. A TCP peer gets a reset. A UDP socket is not connected any more, so that
 * send(2) fails with EDESTADDRREQ; it may connect again.
 *
 * <p>Safe for many threads. Holding one open costs a descriptor and 64 KiB outside the heap, which
 * go with the garbage after {@link #close}.
 */
public final class SocketDiag implements AutoCloseable {
    /**
     * Of UDP sockets that share both ends the kernel finds one only, mostly the one that connected
     * last; when that is gone, the next.
     */
    private static final int PASSES = 64;

    private final NetlinkSocket socket;

    private SocketDiag(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** Opens on the namespace of this process. */
    public static SocketDiag open() {
        return new SocketDiag(NetlinkSocket.open(NetlinkSocket.Bus.SOCK_DIAG));
    }

    /** Opens on {@code namespace}, which need not stay open. */
    public static SocketDiag open(NetNs namespace) {
        return new SocketDiag(NetlinkSocket.open(namespace, NetlinkSocket.Bus.SOCK_DIAG));
    }

    /**
     * {@return the sockets of both families}
     *
     * @throws NetlinkException ENOENT when the kernel cannot list sockets of this protocol
     */
    public List<SocketInfo> list(Protocol protocol, SocketFilter filter) {
        List<SocketInfo> sockets = new ArrayList<>();
        if (filter.takesV4()) {
            sockets.addAll(list(Family.V4, protocol, filter));
        }
        sockets.addAll(list(Family.V6, protocol, filter));
        return sockets;
    }

    /** {@return the IPv4 sockets, which those of {@code ::ffff:a.b.c.d} are not} */
    public List<SocketInfo> listV4(Protocol protocol, SocketFilter filter) {
        return list(Family.V4, protocol, filter);
    }

    /** {@return the IPv6 sockets, with those that talk IPv4} */
    public List<SocketInfo> listV6(Protocol protocol, SocketFilter filter) {
        return list(Family.V6, protocol, filter);
    }

    private List<SocketInfo> list(int family, Protocol protocol, SocketFilter filter) {
        try {
            return socket.dump(
                    SocketMessages.list(family, protocol, filter),
                    reply ->
                            Wire.isOf(family, reply)
                                    ? SocketMessages.parse(reply, protocol)
                                    : Optional.empty());
        } catch (NetlinkException e) {
            throw explain(e, protocol);
        }
    }

    /**
     * Ends one socket, and no other that took its place: the cookie tells.
     *
     * @return false when it is gone already, or hidden by another with the same two ends
     * @throws NetlinkException EPERM; EOPNOTSUPP when the kernel cannot
     */
    public boolean destroy(SocketInfo one) {
        try {
            socket.call(SocketMessages.destroy(one));
            return true;
        } catch (NetlinkException e) {
            if (e.is(Errno.ENOENT)) {
                return false;
            }
            throw explain(e, one.protocol());
        }
    }

    /**
     * Ends every socket that is connected to {@code remote}, of both families. Sockets that are not
     * connected stay, as do those that connect while this runs. Calling again is harmless.
     *
     * @param port 1 to 65535
     * @return how many were ended
     * @throws NetlinkException when some could not be; the others were ended all the same
     */
    public int destroyConnectedTo(Protocol protocol, Address remote, int port) {
        if (port < 1 || port > 0xffff) {
            throw new IllegalArgumentException("port " + port);
        }
        SocketFilter filter = SocketFilter.connectedTo(protocol, remote, port);
        List<SocketInfo> there = list(protocol, filter);
        int ended = 0;
        for (int pass = 0; pass < PASSES && !there.isEmpty(); pass++) {
            List<SocketInfo> missed = destroyAll(there, protocol);
            int now = there.size() - missed.size();
            there = missed.reversed(); // a wrong order is right then
            ended += now;
            if (now == 0) {
                break;
            }
        }
        if (!there.isEmpty()) {
            requireGone(there, list(protocol, filter), ended);
        }
        return ended;
    }

    /** {@return those that the kernel did not find} */
    private List<SocketInfo> destroyAll(List<SocketInfo> sockets, Protocol protocol) {
        List<NetlinkSocket.Outcome> outcomes =
                socket.exchange(sockets.stream().map(SocketMessages::destroy).toList());
        List<SocketInfo> missed = new ArrayList<>();
        List<NetlinkException> refused = new ArrayList<>();
        for (int i = 0; i < sockets.size(); i++) {
            Optional<NetlinkException> failure = outcomes.get(i).failure();
            if (failure.isPresent()) {
                if (failure.get().is(Errno.ENOENT)) {
                    missed.add(sockets.get(i));
                } else {
                    refused.add(failure.get());
                }
            }
        }
        if (!refused.isEmpty()) {
            throw explain(refused.getFirst(), protocol);
        }
        return missed;
    }

    /** ENOENT means gone, or hidden by a socket with the same ends. */
    static void requireGone(List<SocketInfo> missed, List<SocketInfo> there, int ended) {
        Set<Long> cookies = new HashSet<>();
        there.forEach(s -> cookies.add(s.cookie()));
        List<SocketInfo> left = missed.stream().filter(s -> cookies.contains(s.cookie())).toList();
        if (!left.isEmpty()) {
            throw new NetlinkException(
                    "destroy " + left.getFirst(),
                    Errno.EBUSY,
                    ended + " were ended, " + left.size() + " are hidden by others; try again");
        }
    }

    /**
     * Finds out, by trying, whether sockets of this protocol can be listed and ended here. Meant
     * for explaining a failure and for a self-check: nothing is changed.
     *
     * @return what is missing, in words; empty: nothing
     */
    public Optional<String> missing(Protocol protocol) {
        SocketFilter nothing = SocketFilter.connectedTo(protocol, Address.parse("0.0.0.0"), 1);
        try {
            listV4(protocol, nothing);
        } catch (NetlinkException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
        Request destroyNone = SocketMessages.destroyNone(protocol);
        return socket.exchange(List.of(destroyNone))
                .getFirst()
                .failure()
                .filter(e -> !e.is(Errno.ENOENT)) // it can, and found none
                .map(e -> String.valueOf(explain(e, protocol).getMessage()));
    }

    /** Says which part of the kernel is missing, where that is what the refusal means. */
    static NetlinkException explain(NetlinkException e, Protocol protocol) {
        if (e.is(Errno.ENOENT) && e.operation().startsWith("list ")) {
            return e.explained(
                    "this kernel cannot list them: it needs CONFIG_INET_DIAG and "
                            + protocol.option());
        }
        if (e.is(Errno.EOPNOTSUPP)) {
            return e.explained(
                    "this kernel cannot end sockets: it needs CONFIG_INET_DIAG_DESTROY, "
                            + (protocol == Protocol.UDP
                                    ? "and 4.9 or newer for udp"
                                    : "and 4.5 or newer for tcp"));
        }
        return e;
    }

    @Override
    public void close() {
        socket.close();
    }

    @Override
    public String toString() {
        return socket.toString();
    }
}
