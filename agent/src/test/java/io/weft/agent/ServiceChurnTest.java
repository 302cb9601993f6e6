package io.weft.agent;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.Ref;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The endpoints of a service are replaced one after the other, while clients ask 500 times a
 * second: no request fails, and none that begins after a backend went is answered by it.
 */
@KernelTest
@Timeout(120)
class ServiceChurnTest {
    private static final int PORT = 8080;
    private static final int REPLACEMENTS = 20;
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1) / 250; // of each of two
    private static final String SERVICE =
            """
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec: {selector: {app: server}, ports: [{port: 80, targetPort: 8080}]}
            """;

    @TempDir private Path temporary;

    /** Answers each connection with its pod's name. */
    private record Server(ServerSocketChannel socket) implements AutoCloseable {
        static Server start(TestNode node, String pod) {
            try (NetNs namespace = node.namespace(pod)) {
                ServerSocketChannel socket =
                        namespace.call(() ->
                                ServerSocketChannel.open().bind(new InetSocketAddress(PORT), 512));
                Thread.ofPlatform().daemon().start(() -> serve(socket, pod));
                return new Server(socket);
            }
        }

        private static void serve(ServerSocketChannel socket, String pod) {
            try {
                while (true) {
                    try (SocketChannel client = socket.accept()) {
                        client.write(ByteBuffer.wrap(pod.getBytes(US_ASCII)));
                    }
                }
            } catch (IOException closed) {
                // its pod ends
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private record Request(long begun, String answer) {}

    private static void ask(NetNs from, Ip ip, AtomicBoolean stop, Queue<Request> done) {
        from.run(() -> {
            long next = System.nanoTime();
            while (!stop.get()) {
                long begun = System.nanoTime();
                done.add(new Request(begun, answer(ip)));
                next += PERIOD_NANOS;
                LockSupport.parkNanos(next - System.nanoTime());
            }
        });
    }

    private static String answer(Ip ip) {
        try (SocketChannel channel = SocketChannel.open(new InetSocketAddress(ip.toString(), 80))) {
            ByteBuffer answer = ByteBuffer.allocate(64);
            while (channel.read(answer) >= 0) {
                // to its end
            }
            return new String(answer.array(), 0, answer.position(), US_ASCII);
        } catch (IOException e) {
            return "failed: " + e;
        }
    }

    @Test
    void noRequestFailsAndNoneGoesToABackendThatWent() throws Exception {
        Map<String, Long> gone = new ConcurrentHashMap<>();
        Queue<Request> done = new ConcurrentLinkedQueue<>();
        AtomicBoolean stop = new AtomicBoolean();
        try (TestNode node = TestNode.start(temporary)) {
            node.apply(TestNode.pod("client", "app: client") + SERVICE);
            List<Server> servers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                servers.add(join(node, "server-" + i));
            }
            Ip ip = clusterIp(node);
            List<Thread> clients = new ArrayList<>();
            try (NetNs client = node.namespace("client")) {
                clients.add(Thread.ofPlatform().start(() -> ask(client, ip, stop, done)));
                clients.add(Thread.ofPlatform().start(() -> ask(node.host, ip, stop, done)));
                for (int i = 0; i < REPLACEMENTS; i++) {
                    servers.add(join(node, "server-" + (i + 3)));
                    String leaving = "server-" + i;
                    node.apply(TestNode.pod(leaving, "app: retired")); // drains
                    gone.put(leaving, System.nanoTime());
                    int seen = done.size();
                    TestNode.until("more requests", () -> done.size() >= seen + 20);
                    servers.get(i).close();
                    node.delete(TestNode.ref(leaving));
                }
                stop.set(true);
                for (Thread thread : clients) {
                    thread.join();
                }
            }
            for (Server server : servers) {
                server.close();
            }
        }
        assertThat(done).hasSizeGreaterThan(REPLACEMENTS * 20);
        assertThat(done).allSatisfy(request -> assertThat(request.answer()).startsWith("server-"));
        assertThat(done)
                .filteredOn(request -> gone.containsKey(request.answer()))
                .allSatisfy(request ->
                        assertThat(request.begun())
                                .as(request.answer() + " had left the service")
                                .isLessThan(Objects.requireNonNull(gone.get(request.answer()))));
        assertThat(done.stream().map(Request::answer).distinct().count())
                .as("each of them was asked")
                .isGreaterThan(REPLACEMENTS / 2);
    }

    private static Server join(TestNode node, String name) {
        // it serves before the service knows of it
        node.apply(TestNode.pod(name, "app: coming"));
        Server server = Server.start(node, name);
        node.apply(TestNode.pod(name, "app: server"));
        return server;
    }

    private static Ip clusterIp(TestNode node) {
        return Objects.requireNonNull(
                        node.node
                                .state()
                                .snapshot()
                                .services()
                                .get(new Ref(Kind.SERVICE, "default", "web")))
                .clusterIps()
                .getFirst();
    }
}
