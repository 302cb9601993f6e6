package io.weft.dns;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.Arrays;
import java.util.Optional;

/** Receives and answers on one socket, on one platform thread, until the socket is closed. */
final class UdpLoop implements Runnable, AutoCloseable {
    private final DnsServer server;
    private final DatagramChannel socket;
    private final Thread thread;
    private final Responder responder;
    private final ByteBuffer incoming = ByteBuffer.allocateDirect(DnsServer.MAX_QUESTION);
    private final ByteBuffer outgoing = ByteBuffer.allocateDirect(DnsServer.UDP_MOST);
    private final byte[] packet = new byte[DnsServer.MAX_QUESTION];
    private final byte[] out = new byte[DnsServer.TCP_MOST + Wire.OPT_SIZE];

    private UdpLoop(DnsServer server, DatagramChannel socket) {
        this.server = server;
        this.socket = socket;
        this.responder = server.responder();
        this.thread = Thread.ofPlatform().name("dns-udp").daemon().unstarted(this);
    }

    static UdpLoop start(DnsServer server, DatagramChannel socket) {
        UdpLoop loop = new UdpLoop(server, socket);
        loop.thread.start();
        return loop;
    }

    @Override
    public void run() {
        while (socket.isOpen()) {
            try {
                incoming.clear();
                SocketAddress from = socket.receive(incoming);
                if (from != null) {
                    answer(from, incoming.position());
                }
            } catch (ClosedChannelException closed) {
                return;
            } catch (IOException e) {
                server.counters().sendFailures.increment(); // an ICMP error for an earlier answer
            } catch (RuntimeException e) {
                server.bug(e);
            }
        }
    }

    private void answer(SocketAddress from, int length) throws IOException {
        incoming.get(0, packet, 0, length);
        int answer =
                responder.respond(server.zone(), packet, length, out, DnsServer.UDP_MOST, false);
        if (answer == Responder.RECURSE) {
            answer = fromCache();
            if (answer == Responder.RECURSE) {
                int limit = responder.limit(DnsServer.UDP_MOST, false);
                server.recurse(
                        Arrays.copyOf(packet, length),
                        limit,
                        (bytes, count) -> socket.send(ByteBuffer.wrap(bytes, 0, count), from),
                        () -> {});
                return;
            }
        }
        if (answer != Responder.SILENCE) {
            outgoing.clear();
            outgoing.put(out, 0, answer).flip();
            socket.send(outgoing, from);
        }
    }

    private int fromCache() {
        QueryReader query = responder.query();
        Optional<StoredAnswer> known =
                server.forwarder()
                        .cached(
                                new AnswerCache.Key(
                                        query.name.copy(),
                                        query.type,
                                        AnswerCache.Key.flags(query)));
        if (known.isEmpty()) {
            return Responder.RECURSE;
        }
        server.counters().answered(known.get().rcode());
        return known.get()
                .write(
                        packet,
                        query,
                        server.forwarder().now(),
                        out,
                        responder.limit(DnsServer.UDP_MOST, false));
    }

    @Override
    public void close() throws IOException {
        socket.close();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
