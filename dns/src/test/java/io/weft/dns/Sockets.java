package io.weft.dns;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;

/** A UDP and a TCP socket on one port of loopback. */
record Sockets(DatagramChannel udp, ServerSocketChannel tcp, InetSocketAddress address) {
    static Sockets open() {
        while (true) {
            try {
                DatagramChannel udp = DatagramChannel.open();
                udp.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                InetSocketAddress address = (InetSocketAddress) udp.getLocalAddress();
                ServerSocketChannel tcp = ServerSocketChannel.open();
                try {
                    tcp.bind(address);
                    return new Sockets(udp, tcp, address);
                } catch (java.net.BindException taken) {
                    udp.close();
                    tcp.close();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
