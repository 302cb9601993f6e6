package io.weft.datapath;

import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Namespaces with servers and clients in them, which go when the test does. */
abstract class TestSockets implements AutoCloseable {
    static final int PATIENCE_MILLIS = 20_000;

    /** The last is the first to be closed. */
    final List<AutoCloseable> toClose = new CopyOnWriteArrayList<>();

    final NetNs namespace(String unique, String suffix) {
        NetNs ns = NetNs.create(unique + suffix);
        toClose.add(() -> NetNs.delete(unique + suffix));
        toClose.add(ns);
        return ns;
    }

    /** In the namespace of the calling thread. */
    static void sysctl(String name, int value) {
        try {
            Files.writeString(Path.of("/proc/sys", name), Integer.toString(value));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static InetAddress inet(Ip ip) {
        try {
            return InetAddress.getByName(ip.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String words(String name, InetSocketAddress client) {
        return name + " " + Ip.parse(client.getAddress().getHostAddress());
    }

    /** Answers each connection with {@code name} and the client's address. */
    void tcpServer(NetNs at, Ip ip, int port, String name) {
        ServerSocket server = at.call(() -> new ServerSocket(port, 128, inet(ip)));
        toClose.add(server);
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        while (true) {
                            try (Socket client = server.accept()) {
                                InetSocketAddress from =
                                        (InetSocketAddress) client.getRemoteSocketAddress();
                                client.getOutputStream().write(bytes(words(name, from)));
                            }
                        }
                    } catch (IOException closed) {
                        // the test is over
                    }
                });
    }

    /** Sends back what comes, on each connection. */
    void echoServer(NetNs at, Ip ip, int port) {
        ServerSocket server = at.call(() -> new ServerSocket(port, 128, inet(ip)));
        toClose.add(server);
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    try {
                        while (true) {
                            Socket client = server.accept();
                            toClose.add(client);
                            Thread.ofVirtual().start(() -> echo(client));
                        }
                    } catch (IOException closed) {
                        // the test is over
                    }
                });
    }

    private static void echo(Socket client) {
        try (client) {
            client.getInputStream().transferTo(client.getOutputStream());
        } catch (IOException closed) {
            // the test is over
        }
    }

    /** Answers each datagram with {@code name} and the client's address, as long as it was. */
    void udpServer(NetNs at, Ip ip, int port, String name) {
        DatagramSocket server =
                at.call(() -> new DatagramSocket(new InetSocketAddress(inet(ip), port)));
        toClose.add(server);
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        while (true) {
                            DatagramPacket packet = new DatagramPacket(new byte[9000], 9000);
                            server.receive(packet);
                            byte[] words =
                                    bytes(
                                            words(
                                                    name,
                                                    (InetSocketAddress) packet.getSocketAddress()));
                            byte[] answer = new byte[Math.max(words.length, packet.getLength())];
                            System.arraycopy(words, 0, answer, 0, words.length);
                            packet.setData(answer);
                            server.send(packet);
                        }
                    } catch (IOException closed) {
                        // the test is over
                    }
                });
    }

    Socket connect(NetNs from, Ip to, int port) {
        Socket socket =
                from.call(() -> {
                    Socket s = new Socket();
                    s.connect(new InetSocketAddress(inet(to), port), PATIENCE_MILLIS);
                    s.setSoTimeout(PATIENCE_MILLIS);
                    return s;
                });
        toClose.add(socket);
        return socket;
    }

    /** {@return who answers there, and whom it takes for the client} */
    String ask(NetNs from, Ip to, int port) {
        try (Socket socket = connect(from, to, port)) {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    DatagramSocket datagrams(NetNs from) {
        DatagramSocket socket = from.call(() -> new DatagramSocket());
        toClose.add(socket);
        return socket;
    }

    /**
     * {@return who answers there, and whom it takes for the client}
     *
     * @param size of both datagrams
     */
    static String askUdp(DatagramSocket socket, Ip to, int port, int size) {
        return askUdp(socket, to, port, size, PATIENCE_MILLIS);
    }

    static String askUdp(DatagramSocket socket, Ip to, int port, int size, int patienceMillis) {
        InetSocketAddress there = new InetSocketAddress(inet(to), port);
        try {
            socket.setSoTimeout(patienceMillis);
            socket.send(new DatagramPacket(new byte[size], size, there));
            DatagramPacket answer = new DatagramPacket(new byte[9000], 9000);
            socket.receive(answer);
            if (!answer.getSocketAddress().equals(there) || answer.getLength() < size) {
                throw new AssertionError(answer.getSocketAddress() + " " + answer.getLength());
            }
            return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8)
                    .trim()
                    .replace("\0", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        for (AutoCloseable resource : toClose.reversed()) {
            try {
                resource.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
