package io.weft.cni;

import io.weft.kernel.EpollEvents;
import io.weft.kernel.Errno;
import io.weft.kernel.Fd;
import io.weft.kernel.KernelException;
import io.weft.kernel.Linux;
import io.weft.kernel.UnixSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Serves {@code weft-cni.c}: the wire of the package's documentation. One platform thread accepts
 * and reads; each request that was read runs on a virtual thread of its own, in its turn. Only root
 * and the server's own user are served.
 */
public final class CniServer implements AutoCloseable {
    private static final int BACKLOG = 1024;
    private static final int BUFFER = 64 << 10;
    private static final int TICK_MILLIS = 100;
    private static final long LISTENER = 0;
    private static final long STOP = 1;

    /**
     * @param running requests at once
     * @param waiting requests that were read and wait for their turn; one more is answered code 11
     * @param reading how long a client may take to send its request
     * @param stopping how long closing waits for requests that run
     */
    public record Limits(int running, int waiting, Duration reading, Duration stopping) {
        public static final Limits DEFAULT =
                new Limits(64, 256, Duration.ofSeconds(5), Duration.ofSeconds(10));
    }

    /** Since the start, and now. */
    public record Counts(long answered, long refused, int running, int waiting) {}

    private final Path path;
    private final CniDispatcher dispatcher;
    private final Limits limits;
    private final CniLatency latency;
    private final CniQueue queue;
    private final UnixSocket listener;
    private final Fd stop;
    private final Fd epoll;
    private final int ownUid;
    private final Thread thread;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    // of the thread
    private final Map<Long, CniConnection> reading = new HashMap<>();
    private long nextKey = STOP + 1;
    private boolean listening = true;
    private long pausedAt;

    private CniServer(Path path, CniDispatcher dispatcher, Limits limits, CniLatency latency)
            throws IOException {
        this.path = path;
        this.dispatcher = dispatcher;
        this.limits = limits;
        this.latency = latency;
        this.queue = new CniQueue(limits.running(), limits.waiting());
        this.ownUid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        this.listener = bind(path);
        this.stop = Linux.eventFd();
        this.epoll = Linux.epollCreate();
        Linux.epollAdd(epoll, listener.fd(), LISTENER);
        Linux.epollAdd(epoll, stop, STOP);
        this.thread = Thread.ofPlatform().name("cni-server").daemon().unstarted(this::serve);
    }

    /**
     * Makes the socket file, in place of one that nobody listens at.
     *
     * @throws KernelException EADDRINUSE when another server listens there
     */
    public static CniServer listen(Path path, CniDispatcher dispatcher, Limits limits) {
        return listen(path, dispatcher, limits, new CniLatency());
    }

    /**
     * The same.
     *
     * @param latency takes how long calls took
     */
    public static CniServer listen(
            Path path, CniDispatcher dispatcher, Limits limits, CniLatency latency) {
        try {
            CniServer server = new CniServer(path, dispatcher, limits, latency);
            server.thread.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException("listen at " + path, e);
        }
    }

    private static UnixSocket bind(Path path) throws IOException {
        if (Files.exists(path)) {
            try (UnixSocket _ = UnixSocket.connect(path)) {
                throw new KernelException(
                        "listen at " + path, Errno.of(98), "another agent serves there: stop it");
            } catch (KernelException e) {
                if (e.errno().code() == 98) {
                    throw e;
                }
            }
        }
        // complete before it has its name: no client meets one that is not ready
        Path temporary = path.resolveSibling(path.getFileName() + ".new");
        Files.deleteIfExists(temporary);
        UnixSocket listener = UnixSocket.listen(temporary, BACKLOG);
        try {
            Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rw-------"));
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
            return listener;
        } catch (IOException | RuntimeException e) {
            listener.close();
            throw e;
        }
    }

    public Counts counts() {
        return new Counts(answered.get(), refused.get(), queue.running(), queue.waiting());
    }

    private void serve() {
        try (Arena arena = Arena.ofConfined()) {
            EpollEvents events = new EpollEvents(arena, 64);
            MemorySegment buffer = arena.allocate(BUFFER);
            while (true) {
                int n =
                        Linux.epollWait(
                                epoll, events, reading.isEmpty() && listening ? -1 : TICK_MILLIS);
                for (int i = 0; i < n; i++) {
                    long key = events.data(i);
                    if (key == STOP) {
                        return;
                    }
                    if (key == LISTENER) {
                        acceptAll();
                    } else {
                        read(key, buffer);
                    }
                }
                endLate();
                listenAgain();
            }
        } finally {
            reading.values().forEach(CniConnection::close);
            reading.clear();
        }
    }

    /** Those beyond wait in the backlog, and their clients for room there. */
    private int maxReading() {
        return limits.running() + limits.waiting();
    }

    private void acceptAll() {
        while (reading.size() < maxReading()) {
            Optional<UnixSocket> accepted;
            try {
                accepted = listener.accept();
            } catch (KernelException e) { // EMFILE, ENOMEM: those that end make room
                pause();
                return;
            }
            if (accepted.isEmpty()) {
                return;
            }
            CniConnection connection =
                    new CniConnection(
                            accepted.get(), System.nanoTime() + limits.reading().toNanos());
            int uid = connection.peerUid();
            if (uid != 0 && uid != ownUid) {
                refused.incrementAndGet();
                connection.answer(
                        CniAnswer.error(
                                new CniException(
                                        CniCode.IO,
                                        "user "
                                                + uid
                                                + " may not call Weft's agent: only root and user "
                                                + ownUid
                                                + " may"),
                                CniVersion.LATEST));
                continue;
            }
            Linux.epollAdd(epoll, connection.fd(), nextKey);
            reading.put(nextKey, connection);
            nextKey++;
        }
        pause();
    }

    private void pause() {
        Linux.epollRemove(epoll, listener.fd());
        listening = false;
        pausedAt = System.nanoTime();
    }

    private void listenAgain() {
        if (!listening
                && reading.size() < maxReading()
                && System.nanoTime() - pausedAt > TICK_MILLIS * 1_000_000L) {
            Linux.epollAdd(epoll, listener.fd(), LISTENER);
            listening = true;
        }
    }

    private void read(long key, MemorySegment buffer) {
        CniConnection connection = reading.get(key);
        if (connection == null) {
            return;
        }
        switch (connection.read(buffer)) {
            case MORE -> {}
            case END -> {
                forget(key, connection);
                submit(connection);
            }
            case TOO_LONG -> {
                forget(key, connection);
                connection.answer(wrong("a request longer than " + Wire.MAX_REQUEST + " bytes"));
            }
            case GONE -> {
                forget(key, connection);
                connection.close();
            }
        }
    }

    private static CniAnswer wrong(String what) {
        return CniAnswer.error(new CniException(CniCode.IO, what), CniVersion.LATEST);
    }

    private void forget(long key, CniConnection connection) {
        reading.remove(key);
        Linux.epollRemove(epoll, connection.fd());
    }

    private void endLate() {
        long now = System.nanoTime();
        for (Map.Entry<Long, CniConnection> entry : new ArrayList<>(reading.entrySet())) {
            if (entry.getValue().deadline() - now < 0) {
                forget(entry.getKey(), entry.getValue());
                entry.getValue()
                        .answer(wrong("the request did not end within " + limits.reading()));
            }
        }
    }

    private void submit(CniConnection connection) {
        Optional<Wire> request = connection.request();
        if (request.isEmpty()) {
            connection.answer(wrong("not a request of weft-cni of this version: install it again"));
            return;
        }
        Map<String, String> variables = new HashMap<>(request.get().variables());
        connection
                .netnsError()
                .ifPresent(
                        errno -> variables.put(CniDispatcher.NETNS_ERROR, Integer.toString(errno)));
        CniCall call =
                dispatcher.prepare(variables, request.get().stdin().bytes(), connection.netns());
        queue.add(new Request(connection, call));
    }

    private final class Request implements CniQueue.Work {
        private final CniConnection connection;
        private final CniCall call;
        private final long came = System.nanoTime();

        Request(CniConnection connection, CniCall call) {
            this.connection = connection;
            this.call = call;
        }

        @Override
        public CniCall call() {
            return call;
        }

        @Override
        public void start() {
            Thread.ofVirtual()
                    .name("cni-request")
                    .start(() -> {
                        try {
                            latency.record(CniLatency.Step.WAIT, came);
                            CniAnswer answer = call.run();
                            answered.incrementAndGet();
                            call.command()
                                    .ifPresent(
                                            verb -> latency.record(CniLatency.Step.of(verb), came));
                            connection.answer(answer);
                        } finally {
                            queue.done(call);
                        }
                    });
        }

        @Override
        public void refuse() {
            refused.incrementAndGet();
            connection.answer(
                    CniAnswer.error(
                            new CniException(
                                    CniCode.TRY_AGAIN,
                                    "Weft's agent has "
                                            + queue.running()
                                            + " requests running and "
                                            + queue.waiting()
                                            + " waiting, or stops: try again later"),
                            call.version()));
        }
    }

    /** Takes no more requests, refuses those that wait, lets those that run end. */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            Linux.write(stop, arena.allocateFrom(ValueLayout.JAVA_LONG, 1L));
            thread.join();
            Files.deleteIfExists(path);
            listener.close();
            queue.close(limits.stopping().toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException("remove " + path, e);
        } finally {
            listener.close();
            epoll.close();
            stop.close();
        }
    }
}
