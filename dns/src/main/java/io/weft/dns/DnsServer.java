package io.weft.dns;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;

/**
 * Serves a {@link ClusterZone}, and through a {@link Forwarder} all other names, on sockets that
 * someone bound: in whatever network namespace. Each UDP socket has a platform thread; so to serve
 * one address on several processors bind several sockets to it with SO_REUSEPORT. Connections, and
 * whatever waits for an upstream, are virtual threads.
 *
 * <p>No packet ends a thread: what fails is answered SERVFAIL, counted and logged.
 */
public final class DnsServer implements AutoCloseable {
    /** The most over UDP to someone who says nothing of EDNS, in bytes. */
    static final int UDP_PLAIN = 512;

    /** The most over UDP to anyone, in bytes: fits into a frame (DNS flag day 2020). */
    static final int UDP_MOST = 1232;

    /** The longest question that is read, in bytes: a name has 255. */
    static final int MAX_QUESTION = 4096;

    static final int TCP_MOST = 65_535;

    private static final System.Logger LOG = System.getLogger(DnsServer.class.getName());

    /**
     * What a server never exceeds.
     *
     * @param recursions names that wait for an upstream at one time; more are answered SERVFAIL
     * @param connections open at one time; more are closed at once
     * @param pipelined questions of one connection that wait for an upstream at one time
     * @param idle until a connection is closed on which no question came whole and no answer went
     */
    public record Limits(int recursions, int connections, int pipelined, Duration idle) {
        public static final Limits DEFAULT = new Limits(1024, 256, 32, Duration.ofSeconds(10));
    }

    private final Forwarder forwarder;
    private final Limits limits;
    private final Counters counters = new Counters();
    private final Recursor recursor;
    private final Semaphore recursions;
    private final List<AutoCloseable> serving = new CopyOnWriteArrayList<>();
    private final TcpConnections connections;
    private volatile ClusterZone zone;

    public DnsServer(ClusterZone zone, Forwarder forwarder, Limits limits) {
        this.zone = zone;
        this.forwarder = forwarder;
        this.limits = limits;
        this.recursor = new Recursor(forwarder, counters);
        this.recursions = new Semaphore(limits.recursions());
        this.connections = new TcpConnections(this);
    }

    /** Answers from {@code next} from now on. */
    public void zone(ClusterZone next) {
        zone = next;
    }

    public ClusterZone zone() {
        return zone;
    }

    /** Serves one more UDP socket: bound, blocking; it is closed with this server. */
    public void serve(DatagramChannel socket) {
        serving.add(UdpLoop.start(this, socket));
    }

    /** Serves one more TCP socket: bound, blocking; it is closed with this server. */
    public void serve(ServerSocketChannel socket) {
        serving.add(connections.accept(socket));
    }

    public DnsCounts counts() {
        return counters.read(forwarder.counters());
    }

    // ---- for its threads

    Forwarder forwarder() {
        return forwarder;
    }

    Limits limits() {
        return limits;
    }

    Counters counters() {
        return counters;
    }

    Responder responder() {
        return new Responder(counters, forwarder.hasUpstreams());
    }

    /** Takes an answer. */
    @FunctionalInterface
    interface Reply {
        void send(byte[] answer, int length) throws IOException;
    }

    /**
     * Answers what {@link Responder} left, later.
     *
     * @param packet becomes the server's
     * @param limit of the answer, in bytes
     * @param last runs in any case when it is done
     */
    void recurse(byte[] packet, int limit, Reply reply, Runnable last) {
        if (!recursions.tryAcquire()) {
            counters.recursionsRefused.increment();
            try {
                fail(packet, reply);
            } finally {
                last.run();
            }
            return;
        }
        Thread.ofVirtual()
                .name("dns-recursion")
                .start(() -> {
                    try {
                        byte[] answer = recursor.answer(zone, packet, limit);
                        send(answer, answer.length, reply);
                    } catch (IOException | RuntimeException e) {
                        bug(e);
                        fail(packet, reply);
                    } finally {
                        recursions.release();
                        last.run();
                    }
                });
    }

    /** Answers SERVFAIL. */
    void fail(byte[] packet, Reply reply) {
        QueryReader query = new QueryReader();
        boolean question = query.read(packet, packet.length) == QueryReader.Kind.QUESTION;
        byte[] answer = Arrays.copyOf(packet, question ? query.questionEnd : Wire.HEADER);
        Wire.put16(answer, 2, Wire.QR | query.flags & (Wire.OPCODE | Wire.RD) | Wire.SERVFAIL);
        Wire.put16(answer, 4, question ? 1 : 0);
        Arrays.fill(answer, 6, Wire.HEADER, (byte) 0);
        counters.answered(Wire.SERVFAIL);
        send(answer, answer.length, reply);
    }

    void send(byte[] answer, int length, Reply reply) {
        try {
            reply.send(answer, length);
        } catch (IOException e) {
            counters.sendFailures.increment();
        }
    }

    void bug(Exception e) {
        counters.bugs.increment();
        LOG.log(System.Logger.Level.WARNING, "a DNS question failed", e);
    }

    /** Stops serving and closes the sockets; what waits for an upstream is not answered. */
    @Override
    public void close() {
        serving.forEach(DnsServer::closeQuietly);
        connections.close();
    }

    static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            throw new UncheckedIOException("close a DNS socket", e);
        } catch (Exception e) {
            throw new IllegalStateException("close a DNS socket", e);
        }
    }
}
