package io.weft.dns;

import io.weft.model.Ip;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;

/** A UDP and a TCP socket on one address and port, in the network namespace of the caller. */
record ServerSockets(DatagramChannel udp, ServerSocketChannel tcp, InetSocketAddress address) {
    /** Of questions that wait while the thread is elsewhere, in bytes. */
    private static final int RECEIVE_BUFFER = 1 << 20;

    private static final int DRAWS = 100;

    /**
     * @param port 0: one that is free for both
     * @throws DnsException naming the address, and who might have it
     */
    static ServerSockets open(Ip ip, int port) {
        InetSocketAddress wanted = Upstream.address(ip, port);
        if (wanted.getAddress().isAnyLocalAddress()) {
            throw new DnsException(
                    DnsException.Cause.INPUT,
                    "a DNS server cannot listen on "
                            + ip
                            + ": its answers must come from the address that was asked; name each"
                            + " address");
        }
        for (int draw = 0; ; draw++) {
            try {
                return tryOpen(wanted);
            } catch (BindException taken) {
                if (port != 0 || draw == DRAWS) {
                    throw new DnsException(
                            DnsException.Cause.SOCKET,
                            "listen on "
                                    + ip
                                    + " port "
                                    + port
                                    + ": "
                                    + taken.getMessage()
                                    + "; either no interface has the address, or another DNS server"
                                    + " has the port: see `ip addr` and `ss -lntup sport = "
                                    + port
                                    + "`",
                            taken);
                }
            } catch (IOException e) {
                throw new DnsException(
                        DnsException.Cause.SOCKET,
                        "listen on " + ip + " port " + port + ": " + e.getMessage(),
                        e);
            }
        }
    }

    private static ServerSockets tryOpen(InetSocketAddress wanted) throws IOException {
        InetAddress ip = wanted.getAddress();
        StandardProtocolFamily family =
                ip instanceof Inet4Address
                        ? StandardProtocolFamily.INET
                        : StandardProtocolFamily.INET6;
        DatagramChannel udp = DatagramChannel.open(family);
        try {
            udp.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER); // as far as allowed
            udp.bind(wanted);
            InetSocketAddress address = (InetSocketAddress) udp.getLocalAddress();
            ServerSocketChannel tcp = ServerSocketChannel.open(family);
            try {
                tcp.setOption(StandardSocketOptions.SO_REUSEADDR, true); // old connections linger
                tcp.bind(address);
                return new ServerSockets(udp, tcp, address);
            } catch (IOException e) {
                tcp.close();
                throw e;
            }
        } catch (IOException e) {
            udp.close();
            throw e;
        }
    }
}
