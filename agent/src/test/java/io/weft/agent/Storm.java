package io.weft.agent;

import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.model.Protocol;
import io.weft.tables.EventRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/**
 * One end's traffic to one other: connections that open one after the other, each told of before
 * the next, and two that live: to 9002, which always answers, and to 9003, which may be cut.
 */
final class Storm implements AutoCloseable {
    private static final int PATIENCE = 10_000; // milliseconds

    /**
     * A new connection.
     *
     * @param atLeast a revision that was in force before the first packet
     * @param answered whether an answer had come when the event was told; port 9002 was waited for
     */
    record Attempt(Protocol protocol, int port, int atLeast, EventRecord event, boolean answered) {}

    private final NetNs namespace;
    private final FlowWatch watch;
    private final Ip from;
    private final Ip to;
    private final SocketChannel steady;
    private final SocketChannel alternating;
    private final int steadyPort;
    private final int alternatingPort;
    private final List<Attempt> attempts = new ArrayList<>();
    private int nextPort = 10_000;
    private int sent; // on alternating
    private int received;

    /** Port 9003 must be allowed now. */
    Storm(NetNs namespace, FlowWatch watch, Ip from, Ip to) throws IOException {
        this.namespace = namespace;
        this.watch = watch;
        this.from = from;
        this.to = to;
        steadyPort = nextPort++;
        steady = living(steadyPort, 9002);
        alternatingPort = nextPort++;
        alternating = living(alternatingPort, 9003);
        alternating.configureBlocking(false);
    }

    private SocketChannel living(int local, int port) throws IOException {
        SocketChannel socket = namespace.call(SocketChannel::open);
        socket.bind(Echo.address(from, local));
        socket.socket().connect(Echo.address(to, port), PATIENCE);
        socket.socket().setSoTimeout(PATIENCE);
        return socket;
    }

    Ip source() {
        return from;
    }

    int steadyPort() {
        return steadyPort;
    }

    int alternatingPort() {
        return alternatingPort;
    }

    /** {@return in the order in which they were made} */
    List<Attempt> attempts() {
        return attempts;
    }

    /** Opens one connection of each kind, and uses those that live. */
    void round(IntSupplier revision) throws Exception {
        for (Protocol protocol : List.of(Protocol.TCP, Protocol.UDP)) {
            for (int port = 9001; port <= 9003; port++) {
                attempts.add(attempt(protocol, port, revision));
            }
            push();
            steady.write(ByteBuffer.wrap(new byte[] {1}));
            if (steady.socket().getInputStream().read() != 1) {
                throw new AssertionError("the connection to " + to + " TCP 9002 ended");
            }
        }
    }

    private Attempt attempt(Protocol protocol, int port, IntSupplier revision) throws Exception {
        int local = nextPort++;
        FlowWatch.Tuple tuple = new FlowWatch.Tuple(from, local, to, port, protocol.number());
        CompletableFuture<EventRecord> event = watch.expect(tuple);
        int atLeast = revision.getAsInt();
        try (Client client = protocol == Protocol.TCP ? tcp(local, port) : udp(local, port)) {
            EventRecord told = event.get(PATIENCE, TimeUnit.MILLISECONDS);
            if (port == 9002) { // never cut
                TestNode.until("an answer of " + tuple, client::answered);
            }
            return new Attempt(protocol, port, atLeast, told, client.answered());
        } catch (TimeoutException | ExecutionException silence) {
            throw new AssertionError("nothing was told of " + tuple, silence);
        } finally {
            watch.forget(tuple);
        }
    }

    /** A socket that has sent its first packet, and what tells that an answer has come. */
    private record Client(Channel socket, BooleanSupplier heard) implements AutoCloseable {
        boolean answered() {
            return heard.getAsBoolean();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private Client tcp(int local, int port) throws IOException {
        SocketChannel socket = namespace.call(SocketChannel::open);
        socket.bind(Echo.address(from, local)).configureBlocking(false);
        socket.connect(Echo.address(to, port));
        return new Client(socket, () -> finished(socket));
    }

    private static boolean finished(SocketChannel socket) {
        try {
            return socket.isConnected() || socket.finishConnect();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Client udp(int local, int port) throws IOException {
        DatagramChannel socket = namespace.call(() -> DatagramChannel.open());
        socket.bind(Echo.address(from, local)).connect(Echo.address(to, port));
        socket.configureBlocking(false);
        socket.write(ByteBuffer.wrap(new byte[] {1}));
        AtomicInteger bytes = new AtomicInteger();
        return new Client(socket, () -> bytes.addAndGet(Math.max(0, read(socket))) > 0);
    }

    private static int read(ByteChannel channel) {
        try {
            return channel.read(ByteBuffer.allocate(4096));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends one more byte on the connection that may be cut. */
    void push() {
        try {
            sent += alternating.write(ByteBuffer.wrap(new byte[] {1}));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        received += Math.max(0, read(alternating));
    }

    /** {@return whether the other end has sent back all that it was sent} */
    boolean allCameBack() {
        received += Math.max(0, read(alternating));
        return received == sent;
    }

    @Override
    public void close() throws IOException {
        steady.close();
        alternating.close();
    }
}
