package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Server and client over a real socket. */
@Timeout(60)
class VarlinkServerTest {
    @TempDir private Path directory;
    private final Map<String, VarlinkServer.Method> methods = new HashMap<>();
    private final List<AutoCloseable> opened = new ArrayList<>();

    private Path socket() {
        return directory.resolve("api.sock");
    }

    private VarlinkServer serve() {
        methods.put("io.weft.node.Echo", (parameters, stream) -> parameters);
        VarlinkServer server = VarlinkServer.start(socket(), methods);
        opened.add(server);
        return server;
    }

    private NodeClient connect() {
        NodeClient client = NodeClient.connect(socket());
        opened.add(client);
        return client;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable resource : opened.reversed()) {
            resource.close();
        }
    }

    @Test
    void answersManyCallsOnOneConnection() {
        serve();
        NodeClient client = connect();

        for (int i = 0; i < 100; i++) {
            assertThat(client.call("Echo", Map.of("n", i))).isEqualTo(Map.of("n", i));
        }
    }

    @Test
    void takesAMessageOfManyMegabytes() {
        serve();
        String text = "manifest\n".repeat(1 << 20);

        assertThat(connect().call("Echo", Map.of("text", text))).isEqualTo(Map.of("text", text));
    }

    @Test
    void namesAMethodThatItDoesNotHave() {
        serve();
        NodeClient client = connect();

        assertThatThrownBy(() -> client.call("Fly", Map.of()))
                .isInstanceOfSatisfying(
                        NodeClient.CallFailedException.class,
                        e -> {
                            assertThat(e.error()).isEqualTo("MethodNotFound");
                            assertThat(e.parameters())
                                    .isEqualTo(Map.of("method", "io.weft.node.Fly"));
                        });
        assertThat(client.call("Echo", Map.of("still", "here"))).containsKey("still");
    }

    @Test
    void sendsRepliesOneByOneBeforeTheLast() {
        methods.put(
                "io.weft.node.Count",
                (parameters, stream) -> {
                    for (int i = 1; i <= 3; i++) {
                        stream.send(Map.of("n", i));
                    }
                    return Map.of("done", true);
                });
        serve();
        List<Object> seen = new ArrayList<>();

        assertThat(connect().stream("Count", Map.of(), reply -> seen.add(reply.get("n"))))
                .isEqualTo(Map.of("done", true));
        assertThat(seen).containsExactly(1, 2, 3);
    }

    @Test
    void tellsTheCallerOfAnErrorAndGoesOn() {
        methods.put(
                "io.weft.node.Refuse",
                (parameters, stream) -> {
                    throw new VarlinkServer.CallException("io.weft.node.Invalid", "no such pod");
                });
        methods.put(
                "io.weft.node.Break",
                (parameters, stream) -> {
                    throw new IllegalStateException("a bug");
                });
        serve();
        NodeClient client = connect();

        assertThatThrownBy(() -> client.call("Refuse", Map.of()))
                .isInstanceOfSatisfying(
                        NodeClient.CallFailedException.class,
                        e -> assertThat(e.error()).isEqualTo("Invalid"))
                .hasMessage("no such pod");
        assertThatThrownBy(() -> client.call("Break", Map.of()))
                .isInstanceOfSatisfying(
                        NodeClient.CallFailedException.class,
                        e -> assertThat(e.error()).isEqualTo("Internal"))
                .hasMessage("a bug");
        assertThat(client.call("Echo", Map.of())).isEmpty();
    }

    @Test
    void endsAConnectionThatBringsNoJsonAndServesTheOthers() throws IOException {
        serve();
        for (String wrong : new String[] {"{{{\0", "null\0", "[]\0", "\0", "{\"method\":\0"}) {
            try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
                channel.write(ByteBuffer.wrap(wrong.getBytes(StandardCharsets.UTF_8)));
                assertThat(channel.read(ByteBuffer.allocate(1))).as(wrong).isEqualTo(-1);
            }
        }
        assertThat(connect().call("Echo", Map.of("n", 1))).containsEntry("n", 1);
    }

    @Test
    void noticesThatTheCallerLeftInMidStream() throws Exception {
        CompletableFuture<IOException> noticed = new CompletableFuture<>();
        CountDownLatch streaming = new CountDownLatch(1);
        methods.put(
                "io.weft.node.Forever",
                (parameters, stream) -> {
                    try {
                        while (true) {
                            stream.send(Map.of("line", "x".repeat(1000)));
                            streaming.countDown();
                        }
                    } catch (IOException gone) {
                        noticed.complete(gone);
                        throw gone;
                    }
                });
        serve();
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
            channel.write(
                    ByteBuffer.wrap(
                            "{\"method\":\"io.weft.node.Forever\",\"more\":true}\0"
                                    .getBytes(StandardCharsets.UTF_8)));
            streaming.await();
        }

        assertThat(noticed.get()).isInstanceOf(IOException.class);
        assertThat(connect().call("Echo", Map.of())).isEmpty();
    }

    @Test
    void letsNoMoreThan128CallersInAtATime() throws Exception {
        int limit = 128;
        int callers = 150;
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch full = new CountDownLatch(limit);
        CountDownLatch open = new CountDownLatch(1);
        methods.put(
                "io.weft.node.Wait",
                (parameters, stream) -> {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    full.countDown();
                    try {
                        open.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    inside.decrementAndGet();
                    return Map.of("done", true);
                });
        serve();
        List<Future<Map<String, Object>>> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            for (int i = 0; i < callers; i++) {
                answers.add(
                        threads.submit(() -> {
                            try (NodeClient client = NodeClient.connect(socket())) {
                                return client.call("Wait", Map.of());
                            }
                        }));
            }
            full.await();
            open.countDown();
        }

        assertThat(answers).allSatisfy(a -> assertThat(a.get()).containsEntry("done", true));
        assertThat(most).hasValue(limit);
    }

    @Test
    void isForItsOwnerAlone() throws IOException {
        serve();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())))
                .isEqualTo("rw-------");
    }

    @Test
    void takesThePlaceOfADeadServersSocket() throws IOException {
        Files.createFile(socket());
        serve();

        assertThat(connect().call("Echo", Map.of())).isEmpty();
    }

    @Test
    void leavesNoFileAndEndsCallsThatAreUnderWay() throws Exception {
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        methods.put(
                "io.weft.node.Hang",
                (parameters, stream) -> {
                    called.countDown();
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return Map.of();
                });
        VarlinkServer server = serve();
        NodeClient client = connect();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Map<String, Object>> call = threads.submit(() -> client.call("Hang", Map.of()));
            called.await();
            server.close();

            assertThatThrownBy(call::get)
                    .cause()
                    .isInstanceOf(NodeClient.UnreachableException.class)
                    .hasMessageStartingWith("the node on " + socket() + " ended during the call");
            never.countDown();
        }
        assertThat(directory).isEmptyDirectory();
        assertThatThrownBy(this::connect)
                .isInstanceOf(NodeClient.UnreachableException.class)
                .hasMessageStartingWith("no running node answers on " + socket())
                .hasMessageEndingWith("start one with 'weft up DIR'");
    }
}
