package io.weft.dns;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;

/** A server on loopback. */
final class TestServer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Sockets sockets = Sockets.open();
    final DnsServer server;

    TestServer(ClusterZone zone, Forwarder forwarder, DnsServer.Limits limits) {
        server = new DnsServer(zone, forwarder, limits);
        server.serve(sockets.udp());
        server.serve(sockets.tcp());
    }

    TestServer(ClusterZone zone) {
        this(zone, Forwarder.none(), DnsServer.Limits.DEFAULT);
    }

    /** A forwarder with one try of each upstream. */
    static Forwarder forwarder(InstantSource clock, FakeUpstream... upstreams) {
        List<InetSocketAddress> addresses =
                Arrays.stream(upstreams).map(FakeUpstream::address).toList();
        return new Forwarder(
                new Forwarder.Settings(addresses, PATIENCE, 1, Forwarder.Settings.CACHE_BYTES),
                Set.of(),
                clock);
    }

    /** A clock that a test sets. */
    static final class Clock implements InstantSource {
        private volatile Instant now = Instant.EPOCH;

        void forward(long seconds) {
            now = now.plusSeconds(seconds);
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    InetSocketAddress address() {
        return sockets.address();
    }

    SimpleResolver resolver() {
        SimpleResolver resolver = new SimpleResolver(sockets.address());
        resolver.setTimeout(PATIENCE);
        return resolver;
    }

    Message ask(String name, String type) throws IOException {
        return resolver().send(Client.question(name, type));
    }

    Message askWithEdns(String name, String type) throws IOException {
        Message question = Client.question(name, type);
        question.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);
        return new Message(exchange(question.toWire()));
    }

    /** Sends bytes over UDP. {@return the answer's bytes} */
    byte[] exchange(byte[] packet) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(sockets.address());
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.send(new DatagramPacket(packet, packet.length));
            DatagramPacket answer = new DatagramPacket(new byte[65_535], 65_535);
            socket.receive(answer);
            return Arrays.copyOf(answer.getData(), answer.getLength());
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
