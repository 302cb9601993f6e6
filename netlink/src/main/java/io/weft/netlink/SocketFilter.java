package io.weft.netlink;

import io.weft.netlink.SocketInfo.Protocol;
import io.weft.netlink.SocketInfo.State;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Which sockets to list; the kernel applies it, so that others cost no message.
 *
 * @param remote an IPv4 address finds IPv4-mapped IPv6 sockets, too; empty: any
 * @param remotePort 0: any
 */
public record SocketFilter(Set<State> states, Optional<Address> remote, int remotePort) {
    /** Every socket, connected or not. */
    public static final SocketFilter ALL =
            new SocketFilter(EnumSet.allOf(State.class), Optional.empty(), 0);

    /** SYN_RECV is the other side's wish, and TIME_WAIT belongs to nobody. */
    private static final Set<State> TCP_CONNECTED =
            EnumSet.of(
                    State.ESTABLISHED,
                    State.SYN_SENT,
                    State.FIN_WAIT1,
                    State.FIN_WAIT2,
                    State.CLOSE_WAIT,
                    State.LAST_ACK,
                    State.CLOSING);

    public SocketFilter {
        states = Set.copyOf(states);
        remote = remote.map(Address::unmapped);
        if (states.isEmpty()) {
            throw new IllegalArgumentException("a filter without states finds nothing");
        }
        if (remotePort < 0 || remotePort > 0xffff) {
            throw new IllegalArgumentException("port " + remotePort);
        }
    }

    /** Sockets that are connected to {@code remote}, or on their way to it or from it. */
    public static SocketFilter connectedTo(Protocol protocol, Address remote, int port) {
        return new SocketFilter(
                protocol == Protocol.UDP ? EnumSet.of(State.ESTABLISHED) : TCP_CONNECTED,
                Optional.of(remote),
                port);
    }

    int stateBits() {
        return states.stream().mapToInt(State::bit).reduce(0, (a, b) -> a | b);
    }

    /** Whether IPv4 sockets can match at all. */
    boolean takesV4() {
        return remote.isEmpty() || !remote.get().isV6();
    }
}
