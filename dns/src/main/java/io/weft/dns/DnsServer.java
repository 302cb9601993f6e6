package io.weft.dns;

import io.weft.model.Delta;
import io.weft.model.Ip;
import io.weft.model.Snapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;

/**
 * Serves the names of a {@link Snapshot}, and through the host's resolvers all others, over UDP and
 * TCP. Each address has a platform thread for UDP; connections, and whatever waits for an upstream,
 * are virtual threads.
 *
 * <pre>
 *   DnsServer server = DnsServer.open(addresses, DnsServer.PORT, ZoneSettings.DEFAULT,
 *           Forwarder.Settings.of(HostResolvers.read()));
 *   server.publish(snapshot, delta);
 * </pre>
 *
 * <p>No packet ends a thread: what fails is answered SERVFAIL, counted and logged.
 */
public final class DnsServer implements AutoCloseable {
    /** Where clients expect it. */
    public static final int PORT = 53;

    /** The most over UDP to someone who says nothing of EDNS, in bytes. */
    static final int UDP_PLAIN = 512;

    /** The most over UDP to anyone, in bytes: fits into a frame (DNS flag day 2020). */
    static final int UDP_MOST = 1232;

    /** The longest question that is read, in bytes: a name has 255. */
    static final int MAX_QUESTION = 4096;

    static final int TCP_MOST = 65_535;

    static final String FAILED = "the server failed; its log says how";

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
    private final List<InetSocketAddress> addresses = new CopyOnWriteArrayList<>();
    private final TcpConnections connections;
    private volatile ClusterZone zone;

    /**
     * Opens a server that answers from an empty snapshot, until {@link #publish}.
     *
     * @param addresses of this machine, each with sockets of its own; none is a wildcard. They
     *     belong to the network namespace of the calling thread; upstreams are asked from that of
     *     the process
     * @param port usually {@link #PORT}; 0: one for each address that is free
     * @param upstreams for names outside; those that are this server itself are left out, see
     *     {@link #warnings}
     * @throws DnsException when an address cannot be listened on; then no socket stays open
     */
    public static DnsServer open(
            List<Ip> addresses, int port, ZoneSettings settings, Forwarder.Settings upstreams) {
        List<ServerSockets> sockets = new ArrayList<>();
        try {
            for (Ip address : new LinkedHashSet<>(addresses)) {
                sockets.add(ServerSockets.open(address, port));
            }
        } catch (RuntimeException e) {
            closeAll(sockets.stream().flatMap(s -> Stream.of(s.udp(), s.tcp())).toList());
            throw e;
        }
        Set<InetSocketAddress> own = new HashSet<>();
        sockets.forEach(s -> own.add(s.address()));
        DnsServer server =
                new DnsServer(
                        ClusterZone.of(settings, Snapshot.EMPTY),
                        new Forwarder(upstreams, own, InstantSource.system()),
                        Limits.DEFAULT);
        for (ServerSockets each : sockets) {
            server.addresses.add(each.address());
            server.serve(each.udp());
            server.serve(each.tcp());
        }
        return server;
    }

    /** Makes a server without sockets; {@link #serve} takes those that someone bound. */
    DnsServer(ClusterZone zone, Forwarder forwarder, Limits limits) {
        this.zone = zone;
        this.forwarder = forwarder;
        this.limits = limits;
        this.recursor = new Recursor(forwarder, counters);
        this.recursions = new Semaphore(limits.recursions());
        this.connections = new TcpConnections(this);
    }

    /**
     * Answers from {@code after} from now on. It costs what {@code delta} touches, whatever the
     * number of services.
     *
     * @param delta what made {@code after} of the snapshot published before; it may name more
     */
    public synchronized void publish(Snapshot after, Delta delta) {
        zone = zone.next(after, delta);
    }

    /** Answers from {@code after} from now on; it costs a look at everything in it. */
    public synchronized void publish(Snapshot after) {
        zone = zone.next(after, Delta.between(zone.snapshot(), after));
    }

    /** Answers from {@code next} from now on. */
    public synchronized void zone(ClusterZone next) {
        zone = next;
    }

    /** {@return what it answers from} */
    public ClusterZone zone() {
        return zone;
    }

    /** {@return where it listens} */
    public List<InetSocketAddress> addresses() {
        return List.copyOf(addresses);
    }

    /** {@return what an operator should know of the upstreams, in sentences} */
    public List<String> warnings() {
        return forwarder.warnings();
    }

    /** Serves one more UDP socket: bound, blocking; it is closed with this server. */
    void serve(DatagramChannel socket) {
        serving.add(UdpLoop.start(this, socket));
    }

    /** Serves one more TCP socket: bound, blocking; it is closed with this server. */
    void serve(ServerSocketChannel socket) {
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
        return new Responder(counters, forwarder);
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
                fail(packet, limits.recursions() + " names wait for an upstream already", reply);
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
                        fail(packet, FAILED, reply);
                    } finally {
                        recursions.release();
                        last.run();
                    }
                });
    }

    /** Answers SERVFAIL. */
    void fail(byte[] packet, String why, Reply reply) {
        QueryReader query = new QueryReader();
        boolean question = query.read(packet, packet.length) == QueryReader.Kind.QUESTION;
        byte[] option = new ExtendedError(ExtendedError.OTHER, why).option();
        int end = question ? query.questionEnd : Wire.HEADER;
        boolean edns = question && query.edns;
        byte[] answer = new byte[end + (edns ? Wire.OPT_SIZE + option.length : 0)];
        System.arraycopy(packet, 0, answer, 0, end);
        Wire.put16(answer, 2, Wire.QR | (query.flags & (Wire.OPCODE | Wire.RD)) | Wire.SERVFAIL);
        Wire.put16(answer, 4, question ? 1 : 0);
        Arrays.fill(answer, 6, Wire.HEADER, (byte) 0);
        if (edns) {
            Wire.put16(answer, 10, 1);
            Responder.putOpt(answer, end, Wire.SERVFAIL, query.dnssecOk, option);
        }
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
        try {
            closeAll(serving);
        } finally {
            connections.close();
        }
    }

    /** Closes each, whatever becomes of the others. */
    private static void closeAll(List<? extends AutoCloseable> all) {
        if (!all.isEmpty()) {
            try {
                closeQuietly(all.getFirst());
            } finally {
                closeAll(all.subList(1, all.size()));
            }
        }
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
