package io.weft.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;

/**
 * {@code weft workload}: a server and a client that a bare machine has, for examples, tests and
 * probes. It starts without the command-line library, so that eight of them start quickly.
 *
 * <pre>
 *   weft workload serve --tcp 8080 --tcp 8443 --udp 5353   echoes what it gets
 *   weft workload connect HOST PORT [--udp]                sends a line, prints the echo
 *   weft workload idle                                     waits until it is ended
 * </pre>
 */
final class Workload {
    private static final int MAX_CONNECTIONS = 1024;
    private static final int CLIENT_TIMEOUT_MILLIS = 2000;
    private static final String USAGE =
            "usage: weft workload serve [--tcp PORT]... [--udp PORT]... | connect HOST PORT [--udp]"
                    + " | idle";

    private Workload() {}

    static int run(List<String> arguments) throws Exception {
        String verb = arguments.isEmpty() ? "" : arguments.getFirst();
        List<String> rest =
                arguments.isEmpty() ? List.of() : arguments.subList(1, arguments.size());
        return switch (verb) {
            case "serve" -> serve(rest);
            case "connect" -> connect(rest);
            case "idle" -> idle();
            case "--help", "-h" -> usage(Exit.DONE);
            default -> usage(Exit.BAD_INPUT);
        };
    }

    private static int usage(int code) {
        (code == Exit.DONE ? System.out : System.err).println(USAGE);
        return code;
    }

    private static int idle() throws InterruptedException {
        new CountDownLatch(1).await();
        return Exit.DONE;
    }

    private static int serve(List<String> arguments) throws Exception {
        List<Integer> tcp = new ArrayList<>();
        List<Integer> udp = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i += 2) {
            if (i + 1 == arguments.size()) {
                return usage(Exit.BAD_INPUT);
            }
            int port = port(arguments.get(i + 1));
            switch (arguments.get(i)) {
                case "--tcp" -> tcp.add(port);
                case "--udp" -> udp.add(port);
                default -> {
                    return usage(Exit.BAD_INPUT);
                }
            }
        }
        if (tcp.isEmpty() && udp.isEmpty()) {
            return usage(Exit.BAD_INPUT);
        }
        for (int port : tcp) {
            ServerSocketChannel server =
                    ServerSocketChannel.open()
                            .setOption(StandardSocketOptions.SO_REUSEADDR, true)
                            .bind(new InetSocketAddress(port));
            Thread.ofVirtual().start(() -> acceptAll(server));
        }
        for (int port : udp) {
            DatagramChannel socket = DatagramChannel.open().bind(new InetSocketAddress(port));
            Thread.ofVirtual().start(() -> echoDatagrams(socket));
        }
        System.out.println("serving tcp " + tcp + " udp " + udp);
        return idle();
    }

    private static int port(String text) {
        int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port '" + text + "': 1 to 65535");
        }
        return port;
    }

    private static void acceptAll(ServerSocketChannel server) {
        Semaphore free = new Semaphore(MAX_CONNECTIONS);
        try {
            while (true) {
                free.acquire();
                SocketChannel client = server.accept();
                Thread.ofVirtual()
                        .start(() -> {
                            try (client) {
                                echo(client);
                            } catch (IOException gone) {
                                // the client left; the server goes on
                            } finally {
                                free.release();
                            }
                        });
            }
        } catch (IOException | InterruptedException e) {
            System.err.println("weft workload: no longer accepting: " + e);
        }
    }

    private static void echo(SocketChannel client) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
        while (client.read(buffer) >= 0) {
            buffer.flip();
            while (buffer.hasRemaining()) {
                client.write(buffer);
            }
            buffer.clear();
        }
    }

    private static void echoDatagrams(DatagramChannel socket) {
        ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
        while (true) {
            try {
                buffer.clear();
                var sender = socket.receive(buffer);
                buffer.flip();
                socket.send(buffer, sender);
            } catch (IOException e) {
                System.err.println("weft workload: datagram: " + e);
            }
        }
    }

    private static int connect(List<String> arguments) throws IOException {
        boolean udp = arguments.contains("--udp");
        List<String> words = arguments.stream().filter(a -> !a.equals("--udp")).toList();
        if (words.size() != 2) {
            return usage(Exit.BAD_INPUT);
        }
        InetSocketAddress target =
                new InetSocketAddress(InetAddress.getByName(words.get(0)), port(words.get(1)));
        byte[] line = "weft\n".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        try {
            if (udp) {
                try (var socket = new java.net.DatagramSocket()) {
                    socket.connect(target);
                    socket.setSoTimeout(CLIENT_TIMEOUT_MILLIS);
                    socket.send(new java.net.DatagramPacket(line, line.length));
                    socket.receive(new java.net.DatagramPacket(new byte[64], 64));
                }
            } else {
                try (var socket = new java.net.Socket()) {
                    socket.connect(target, CLIENT_TIMEOUT_MILLIS);
                    socket.setSoTimeout(CLIENT_TIMEOUT_MILLIS);
                    socket.getOutputStream().write(line);
                    socket.getInputStream().readNBytes(line.length);
                }
            }
        } catch (IOException e) {
            System.err.println("weft workload: " + target + ": " + e.getMessage());
            return Exit.NO;
        }
        System.out.println("echo from " + target);
        return Exit.DONE;
    }
}
