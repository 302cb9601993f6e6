package io.weft.netlink;

/**
 * A TCP or UDP socket as the kernel describes it: struct inet_diag_msg of linux/inet_diag.h.
 *
 * <p>An AF_INET6 socket that talks IPv4, as every client of a JVM does, has ::ffff:a.b.c.d on both
 * sides and is found among the IPv6 sockets only.
 *
 * @param v6 whether its family is AF_INET6
 * @param localPort 0: not bound
 * @param remote all zero when it is not connected
 * @param remotePort 0: not connected
 * @param link ifindex that it is bound to; 0: any
 * @param cookie unique among the sockets of this machine until it restarts
 * @param uid of who made it, as this user namespace sees it
 * @param inode the number in {@code socket:[...]} of /proc/PID/fd; 0: no file refers to it any more
 */
public record SocketInfo(
        Protocol protocol,
        boolean v6,
        State state,
        Address local,
        int localPort,
        Address remote,
        int remotePort,
        int link,
        long cookie,
        long uid,
        long inode) {

    /** IPPROTO_* that sock_diag serves here. */
    public enum Protocol {
        TCP(6, "CONFIG_INET_TCP_DIAG (tcp_diag)"),
        UDP(17, "CONFIG_INET_UDP_DIAG (udp_diag)");

        private final int number;
        private final String option;

        Protocol(int number, String option) {
            this.number = number;
            this.option = option;
        }

        int number() {
            return number;
        }

        /** {@return the kernel's build option, and its module} */
        String option() {
            return option;
        }

        @Override
        public String toString() {
            return this == TCP ? "tcp" : "udp";
        }
    }

    /**
     * States of include/net/tcp_states.h. UDP knows two: {@link #ESTABLISHED} is connected, {@link
     * #CLOSE} is not.
     */
    public enum State {
        ESTABLISHED(1),
        SYN_SENT(2),
        SYN_RECV(3),
        FIN_WAIT1(4),
        FIN_WAIT2(5),
        TIME_WAIT(6),
        CLOSE(7),
        CLOSE_WAIT(8),
        LAST_ACK(9),
        LISTEN(10),
        CLOSING(11),
        NEW_SYN_RECV(12),
        BOUND_INACTIVE(13);

        private static final State[] ALL = values();

        private final int number;

        State(int number) {
            this.number = number;
        }

        /** The bit in idiag_states. */
        int bit() {
            return 1 << number;
        }

        static State of(int number) {
            for (State state : ALL) {
                if (state.number == number) {
                    return state;
                }
            }
            throw NetlinkException.malformed("socket state " + number);
        }
    }

    @Override
    public String toString() {
        return protocol
                + " socket "
                + withPort(local, localPort)
                + " to "
                + withPort(remote, remotePort)
                + " ("
                + state
                + ")";
    }

    static String withPort(Address address, int port) {
        return address.isV6() ? "[" + address + "]:" + port : address + ":" + port;
    }
}
