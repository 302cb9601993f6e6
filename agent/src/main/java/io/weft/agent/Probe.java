package io.weft.agent;

import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.model.Protocol;
import io.weft.tables.Backend;
import io.weft.tables.EventRecord;
import io.weft.tables.EventType;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Real traffic from inside a pod's namespace, and what came of it. A TCP probe connects; a UDP
 * probe sends a datagram and waits for any answer. "Refused" (RST, ICMP port unreachable) counts as
 * allowed: the packet arrived. A drop ends the probe as soon as the kernel reports it.
 */
final class Probe {
    private static final Duration EVENT_GRACE = Duration.ofMillis(500);
    private static final int DATAGRAM_TRIES = 4;

    /** How the probe ended. */
    enum Outcome {
        ANSWERED,
        REFUSED,
        /** The kernel reported that policy dropped it. */
        DENIED,
        /** Nothing came back and Weft dropped nothing. */
        NO_ANSWER;

        boolean allowed() {
            return this == ANSWERED || this == REFUSED;
        }
    }

    /**
     * @param event what the kernel said of the first packet, if it said anything
     */
    record Result(Outcome outcome, Optional<EventRecord> event) {}

    private final FlowWatch watch;
    private final Duration timeout;

    Probe(FlowWatch watch, Duration timeout) {
        this.watch = watch;
        this.timeout = timeout;
    }

    /** Blocks for at most about the timeout; meant for a virtual thread. */
    Result run(NetNs namespace, Ip source, Ip target, Protocol protocol, int port) {
        return run(namespace, source, 0, target, protocol, port);
    }

    /**
     * As {@link #run(NetNs, Ip, Ip, Protocol, int)}, to a service.
     *
     * @param backends of which it leads the probe to one
     */
    Result run(
            NetNs namespace,
            Ip source,
            Ip service,
            Protocol protocol,
            int port,
            List<Backend> backends) {
        return run(namespace, new Way(source, 0, service, protocol, port, backends));
    }

    /**
     * As {@link #run(NetNs, Ip, Ip, Protocol, int)}.
     *
     * @param sourcePort 0: the kernel picks one
     */
    Result run(NetNs namespace, Ip source, int sourcePort, Ip target, Protocol protocol, int port) {
        List<Backend> itself = List.of(new Backend(target, port, true));
        return run(namespace, new Way(source, sourcePort, target, protocol, port, itself));
    }

    /**
     * @param ends where it may arrive
     */
    private record Way(
            Ip source, int sourcePort, Ip target, Protocol protocol, int port, List<Backend> ends) {
        InetSocketAddress local() throws UnknownHostException {
            return address(source, sourcePort);
        }

        InetSocketAddress remote() throws UnknownHostException {
            return address(target, port);
        }
    }

    private Result run(NetNs namespace, Way way) {
        try {
            return switch (way.protocol) {
                case TCP -> tcp(namespace, way);
                case UDP -> udp(namespace, way);
                case SCTP ->
                        throw new NodeException(
                                NodeException.Cause.MACHINE,
                                "SCTP cannot be probed: the JDK has no SCTP sockets here");
            };
        } catch (IOException e) {
            throw new NodeException(
                    NodeException.Cause.MACHINE,
                    "probe "
                            + way.source
                            + " to "
                            + way.target
                            + ":"
                            + way.port
                            + ": "
                            + e.getMessage());
        }
    }

    private Result tcp(NetNs namespace, Way way) throws IOException {
        // the socket keeps the namespace that it is opened in
        try (SocketChannel socket = namespace.call(SocketChannel::open)) {
            socket.bind(way.local());
            Watched watched = new Watched(socket, way);
            try {
                socket.socket().connect(way.remote(), (int) timeout.toMillis());
                return watched.finished(Outcome.ANSWERED);
            } catch (ConnectException refused) {
                return watched.finished(Outcome.REFUSED);
            } catch (SocketTimeoutException silence) {
                return watched.finished(Outcome.NO_ANSWER);
            } catch (ClosedChannelException | java.net.SocketException dropped) {
                return watched.finished(Outcome.NO_ANSWER);
            } finally {
                watched.close();
            }
        }
    }

    private Result udp(NetNs namespace, Way way) throws IOException {
        try (DatagramChannel socket = namespace.call(() -> DatagramChannel.open())) {
            socket.bind(way.local());
            socket.connect(way.remote());
            Watched watched = new Watched(socket, way);
            try {
                socket.socket().setSoTimeout((int) timeout.toMillis() / DATAGRAM_TRIES);
                for (int i = 0; i < DATAGRAM_TRIES; i++) {
                    socket.write(ByteBuffer.wrap("weft".getBytes(StandardCharsets.UTF_8)));
                    try {
                        socket.socket().receive(new java.net.DatagramPacket(new byte[64], 64));
                        return watched.finished(Outcome.ANSWERED);
                    } catch (SocketTimeoutException silence) {
                        // try again: UDP may lose one
                    }
                }
                return watched.finished(Outcome.NO_ANSWER);
            } catch (PortUnreachableException refused) {
                return watched.finished(Outcome.REFUSED);
            } catch (ClosedChannelException | java.net.SocketException dropped) {
                return watched.finished(Outcome.NO_ANSWER);
            } finally {
                watched.close();
            }
        }
    }

    private static InetSocketAddress address(Ip ip, int port) throws UnknownHostException {
        byte[] bytes = ip.toBytes16();
        if (ip.isV4()) {
            bytes = java.util.Arrays.copyOfRange(bytes, 12, 16);
        }
        return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
    }

    /** Ties a socket to the kernel's word about it: a drop closes the socket. */
    private final class Watched implements AutoCloseable {
        private final List<FlowWatch.Tuple> tuples = new ArrayList<>();
        private final CompletableFuture<EventRecord> first = new CompletableFuture<>();

        Watched(NetworkChannel socket, Way way) throws IOException {
            int localPort = ((InetSocketAddress) socket.getLocalAddress()).getPort();
            var _ = first.thenAccept(event -> closeIfDenied(event, socket));
            for (Backend end : way.ends) {
                FlowWatch.Tuple tuple =
                        new FlowWatch.Tuple(
                                way.source, localPort, end.ip(), end.port(), way.protocol.number());
                tuples.add(tuple);
                var _ = watch.expect(tuple).thenAccept(first::complete);
            }
        }

        private static void closeIfDenied(EventRecord event, NetworkChannel socket) {
            if (event.type() == EventType.DENIED) {
                try {
                    socket.close();
                } catch (IOException e) {
                    // the probe then ends by its timeout
                }
            }
        }

        Result finished(Outcome seen) {
            Optional<EventRecord> event = Optional.empty();
            try {
                event =
                        Optional.of(
                                seen.allowed()
                                        ? first.get(EVENT_GRACE.toMillis(), TimeUnit.MILLISECONDS)
                                        : first.get(0, TimeUnit.MILLISECONDS));
            } catch (TimeoutException none) {
                // an event was lost or the flow was known already
            } catch (ExecutionException impossible) {
                throw new IllegalStateException(impossible);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            boolean denied = event.isPresent() && event.get().type() == EventType.DENIED;
            return new Result(seen == Outcome.NO_ANSWER && denied ? Outcome.DENIED : seen, event);
        }

        @Override
        public void close() {
            tuples.forEach(watch::forget);
        }
    }
}
