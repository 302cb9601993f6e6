package io.weft.lab;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** The least proxy that Java can be: blocking sockets, a thread for each direction. */
public final class ProxyPeer {
    private static final int BACKLOG = 1_024;
    private static final int CHUNK = 64 << 10;

    private ProxyPeer() {}

    /**
     * @param arguments address and port to listen at, address and port of the target
     */
    public static void main(String[] arguments) throws IOException {
        InetAddress target = InetAddress.getByName(arguments[2]);
        int port = Integer.parseInt(arguments[3]);
        try (ServerSocket listening =
                new ServerSocket(
                        Integer.parseInt(arguments[1]),
                        BACKLOG,
                        InetAddress.getByName(arguments[0]))) {
            while (true) {
                Socket client = listening.accept();
                Thread.ofPlatform().daemon().start(() -> serve(client, target, port));
            }
        }
    }

    private static void serve(Socket client, InetAddress target, int port) {
        try (client;
                Socket server = new Socket(target, port)) {
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            Thread back = Thread.ofPlatform().daemon().start(() -> copy(server, client));
            copy(client, server);
            back.join();
        } catch (IOException e) {
            // a client that measured connect() has gone
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copy(Socket from, Socket to) {
        byte[] buffer = new byte[CHUNK];
        try {
            int n = from.getInputStream().read(buffer);
            while (n >= 0) {
                to.getOutputStream().write(buffer, 0, n);
                n = from.getInputStream().read(buffer);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            closeBoth(from, to);
        }
    }

    private static void closeBoth(Socket one, Socket other) {
        try (one;
                other) {
            one.setSoLinger(true, 0);
        } catch (IOException e) {
            // closed already
        }
    }
}
