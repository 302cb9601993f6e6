package io.weft.dns;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The connections of a server (RFC 7766): questions may follow one another without waiting, and
 * answers that need an upstream come when they are there, in any order.
 */
final class TcpConnections implements AutoCloseable {
    private final DnsServer server;
    private final Semaphore free;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private final Thread sweeper;
    private volatile boolean closed;

    TcpConnections(DnsServer server) {
        this.server = server;
        this.free = new Semaphore(server.limits().connections());
        this.sweeper = Thread.ofVirtual().name("dns-tcp-idle").unstarted(this::sweep);
    }

    /** {@return what ends the accepting: the port is free when it has} */
    synchronized AutoCloseable accept(ServerSocketChannel socket) {
        if (sweeper.getState() == Thread.State.NEW) {
            sweeper.start();
        }
        Thread accepting = Thread.ofVirtual().name("dns-tcp-accept").start(() -> acceptAll(socket));
        return () -> {
            socket.close();
            accepting.join(); // until then the socket listens
        };
    }

    private void acceptAll(ServerSocketChannel socket) {
        while (socket.isOpen()) {
            try {
                SocketChannel channel = socket.accept();
                if (!free.tryAcquire()) {
                    server.counters().connectionsRefused.increment();
                    channel.close();
                    continue;
                }
                Connection connection = new Connection(channel);
                open.add(connection);
                if (closed) {
                    connection.close();
                }
                Thread.ofVirtual().name("dns-tcp").start(connection);
            } catch (IOException e) {
                if (socket.isOpen()) { // such as EMFILE: lasts a while
                    server.counters().connectionsRefused.increment();
                    LockSupport.parkNanos(10_000_000);
                }
            }
        }
    }

    /** Closes who is silent for too long, or does not read. */
    private void sweep() {
        long idle = server.limits().idle().toNanos();
        while (!closed) {
            LockSupport.parkNanos(Math.max(1_000_000, idle / 4));
            long now = System.nanoTime();
            for (Connection connection : open) {
                if (now - connection.progress > idle) {
                    connection.close();
                }
            }
        }
    }

    private final class Connection implements Runnable {
        private final SocketChannel channel;
        private final ReentrantLock writing = new ReentrantLock();
        private final Semaphore pipeline = new Semaphore(server.limits().pipelined());
        private final Responder responder = server.responder();
        private volatile long progress = System.nanoTime();

        Connection(SocketChannel channel) {
            this.channel = channel;
        }

        @Override
        public void run() {
            try {
                ByteBuffer size = ByteBuffer.allocate(2);
                byte[] out = new byte[DnsServer.TCP_MOST];
                while (readAll(size.clear())) {
                    int length = size.getShort(0) & 0xffff;
                    if (length > DnsServer.MAX_QUESTION) {
                        server.counters().malformed.increment();
                        return;
                    }
                    ByteBuffer packet = ByteBuffer.allocate(length);
                    if (!readAll(packet)) {
                        return;
                    }
                    progress = System.nanoTime();
                    if (!answer(packet.array(), out)) {
                        return;
                    }
                }
            } catch (IOException e) {
                // the client went away
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                close();
                open.remove(this);
                free.release();
            }
        }

        /** {@return false: nothing can be said to this, so the connection ends} */
        private boolean answer(byte[] packet, byte[] out) throws IOException, InterruptedException {
            int length = Responder.SILENCE;
            try {
                length =
                        responder.respond(
                                server.zone(),
                                packet,
                                packet.length,
                                out,
                                DnsServer.TCP_MOST,
                                true);
            } catch (RuntimeException e) {
                server.bug(e);
                server.fail(packet, DnsServer.FAILED, this::send);
                return true;
            }
            if (length == Responder.SILENCE) {
                return false;
            }
            if (length == Responder.RECURSE) {
                pipeline.acquire(); // the client waits: it asked for much at once
                server.recurse(packet, DnsServer.TCP_MOST, this::send, pipeline::release);
            } else {
                send(out, length);
            }
            return true;
        }

        private boolean readAll(ByteBuffer into) throws IOException {
            while (into.hasRemaining()) {
                if (channel.read(into) < 0) {
                    return false;
                }
            }
            return true;
        }

        private void send(byte[] answer, int length) throws IOException {
            ByteBuffer framed = ByteBuffer.allocate(2 + length);
            framed.putShort((short) length).put(answer, 0, length).flip();
            writing.lock();
            try {
                while (framed.hasRemaining()) {
                    channel.write(framed);
                }
                progress = System.nanoTime();
            } finally {
                writing.unlock();
            }
        }

        void close() {
            try {
                channel.close();
            } catch (IOException e) {
                server.counters().sendFailures.increment();
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(sweeper);
        open.forEach(Connection::close);
    }
}
