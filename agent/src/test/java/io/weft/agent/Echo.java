package io.weft.agent;

import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Servers in a namespace that send back what they get, in both families, until closed. */
final class Echo implements AutoCloseable {
    private final List<Channel> channels = new ArrayList<>();
    private final List<Thread> servers = new ArrayList<>();
    private final ConcurrentLinkedQueue<SocketChannel> clients = new ConcurrentLinkedQueue<>();

    static InetSocketAddress address(Ip ip, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(ip.toString()), port);
    }

    Echo tcp(NetNs namespace, int port) {
        ServerSocketChannel server =
                namespace.call(() -> {
                    ServerSocketChannel socket = ServerSocketChannel.open();
                    try {
                        return socket.bind(new InetSocketAddress(port));
                    } catch (IOException e) {
                        socket.close();
                        throw new IOException("TCP port " + port + ": " + e.getMessage(), e);
                    }
                });
        channels.add(server);
        servers.add(Thread.ofVirtual().start(() -> accept(server)));
        return this;
    }

    Echo udp(NetNs namespace, int port) {
        return udp(namespace, new InetSocketAddress(port));
    }

    /** Answers from the address that was asked, also where there are several of a family. */
    Echo udp(NetNs namespace, InetSocketAddress local) {
        DatagramChannel socket = namespace.call(() -> DatagramChannel.open().bind(local));
        channels.add(socket);
        servers.add(Thread.ofVirtual().start(() -> datagrams(socket)));
        return this;
    }

    private void accept(ServerSocketChannel server) {
        try {
            while (true) {
                SocketChannel client = server.accept();
                clients.add(client);
                Thread.ofVirtual().start(() -> echo(client));
            }
        } catch (IOException closed) {
            // the test is over
        }
    }

    private static void echo(SocketChannel client) {
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        try (client) {
            while (client.read(buffer) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    client.write(buffer);
                }
                buffer.clear();
            }
        } catch (IOException closed) {
            // the test is over
        }
    }

    private static void datagrams(DatagramChannel socket) {
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        try {
            while (true) {
                SocketAddress sender = socket.receive(buffer);
                buffer.flip();
                socket.send(buffer, sender);
                buffer.clear();
            }
        } catch (IOException closed) {
            // the test is over
        }
    }

    @Override
    public void close() {
        try {
            for (Channel channel : channels) {
                channel.close();
            }
            for (SocketChannel client : clients) {
                client.close();
            }
            for (Thread server : servers) {
                server.join(); // until then its port is taken
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
