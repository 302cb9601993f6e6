package io.weft.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.Fd;
import io.weft.kernel.KernelException;
import io.weft.kernel.NetNs;
import io.weft.kernel.UnixSocket;
import io.weft.kernel.testing.KernelTest;
import java.io.ByteArrayInputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The server with both clients: the C program, and its Java fallback. */
@KernelTest
class CniServerTest {
    private static final String CONFIG =
            "{\"cniVersion\":\"1.0.0\",\"name\":\"net1\",\"type\":\"weft\"}";

    @TempDir static Path programs;
    @TempDir Path directory;

    private final String netns = "weft-t-cni" + ProcessHandle.current().pid();
    private final FakePlugin plugin = new FakePlugin();
    private NetNs pod;
    private CniServer server;

    /** Who relays. */
    enum Client {
        C,
        JAVA
    }

    @BeforeAll
    static void compile() throws Exception {
        Compiler.require();
        Path program = programs.resolve("weft");
        Files.write(program, CniInstaller.compile());
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    }

    @BeforeEach
    void start() {
        pod = NetNs.create(netns);
        server = listen(new CniServer.Limits(4, 4, Duration.ofSeconds(5), Duration.ofSeconds(5)));
    }

    private CniServer listen(CniServer.Limits limits) {
        return CniServer.listen(
                socket(),
                new CniDispatcher(Set.of("weft"), plugin, plugin, Throwable::printStackTrace),
                limits);
    }

    @AfterEach
    void stop() {
        server.close();
        pod.close();
        NetNs.delete(netns);
    }

    private Path socket() {
        return directory.resolve("cni.sock");
    }

    private Map<String, String> environment(String command) {
        Map<String, String> variables = new TreeMap<>();
        variables.put("CNI_COMMAND", command);
        variables.put("CNI_CONTAINERID", "c1");
        variables.put("CNI_NETNS", "/run/netns/" + netns);
        variables.put("CNI_IFNAME", "eth0");
        variables.put("CNI_PATH", "/opt/cni/bin");
        variables.put("WEFT_CNI_SOCKET", socket().toString());
        variables.put("WEFT_CNI_TOMBSTONES", directory.resolve("a/b/tombstones").toString());
        return variables;
    }

    private static CniAnswer call(Client client, Map<String, String> environment, String stdin)
            throws Exception {
        byte[] bytes = stdin.getBytes(StandardCharsets.UTF_8);
        if (client == Client.JAVA) {
            return CniClient.call(environment, new ByteArrayInputStream(bytes), "weft");
        }
        CniProcess.Output output =
                CniProcess.run(
                        List.of(programs.resolve("weft").toString()),
                        environment,
                        bytes,
                        Duration.ofSeconds(30));
        return new CniAnswer(output.exitCode(), output.stdout(), output.stderr());
    }

    @ParameterizedTest
    @EnumSource
    void relaysWithTheContainersNamespace(Client client) throws Exception {
        List<Long> cookies = new CopyOnWriteArrayList<>();
        plugin.then = asked -> asked.request().netns().ifPresent(n -> cookies.add(n.cookie()));
        Map<String, String> variables = environment("ADD");
        variables.put("TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        variables.put("CNI_ARGS", "K8S_POD_NAME=web-0");
        CniAnswer answer = call(client, variables, CONFIG);
        assertThat(answer.exitCode()).as(answer.stdout()).isZero();
        assertThat(answer.stdout()).isEqualTo(FakePlugin.RESULT.toJson(CniVersion.V1_0_0));
        assertThat(cookies).containsExactly(pod.cookie());
        CniRequest request = plugin.asked.getFirst().request();
        assertThat(request.environment().traceParent()).isPresent();
        assertThat(request.environment().args().podName()).contains("web-0");
        assertThat(request.config().name()).isEqualTo("net1");
    }

    @ParameterizedTest
    @EnumSource
    void errorsAreRelayed(Client client) throws Exception {
        Map<String, String> gone = environment("ADD");
        gone.put("CNI_NETNS", "/run/netns/weft-t-nobody");
        assertThat(call(client, gone, CONFIG).stdout())
                .isEqualTo(
                        "{\"cniVersion\":\"1.0.0\",\"code\":4,\"msg\":\"CNI_NETNS: '/run/netns/weft-t-nobody':"
                                + " must be the path of a network namespace: ENOENT (No such file or directory)\"}");
        Map<String, String> file = environment("ADD");
        file.put("CNI_NETNS", "/etc/passwd");
        assertThat(call(client, file, CONFIG).stdout()).contains("\"code\":4", "EINVAL");
        assertThat(call(client, environment("ADD"), "{")).returns(1, CniAnswer::exitCode);
        assertThat(call(client, environment("ADD"), "").stdout()).contains("\"code\":6");
        assertThat(call(client, environment("DEL"), "").exitCode()).isZero();
        assertThat(call(client, environment("ADD"), " ".repeat((1 << 20) + 1)).stdout())
                .contains("\"code\":6", "1 MiB");
        Map<String, String> many = environment("ADD");
        many.put("CNI_ARGS", "A=" + "x".repeat(66_000));
        assertThat(call(client, many, CONFIG).stdout()).contains("\"code\":4", "64 KiB");
        assertThat(call(client, environment("VERSION"), "").stdout())
                .contains("\"supportedVersions\":[\"0.3.0\"");
        CniAnswer about = call(client, Map.of(), "");
        assertThat(about.exitCode()).isZero();
        assertThat(about.stderr()).isEqualTo(CniDispatcher.about());
    }

    @ParameterizedTest
    @EnumSource
    void withoutAnAgentDelLeavesATombstoneAndOthersSayTryAgain(Client client) throws Exception {
        server.close();
        assertThat(call(client, environment("ADD"), CONFIG).stdout())
                .contains("\"cniVersion\":\"1.0.0\"", "\"code\":11", "cni.sock");
        assertThat(call(client, environment("CHECK"), CONFIG).stdout()).contains("\"code\":11");
        assertThat(call(client, environment("STATUS"), CONFIG).stdout()).contains("\"code\":50");
        Map<String, String> incomplete = environment("DEL");
        incomplete.put("CNI_CONTAINERID", "");
        assertThat(call(client, incomplete, CONFIG).stdout())
                .contains("\"code\":4", "CNI_CONTAINERID");
        CniAnswer deleted = call(client, environment("DEL"), CONFIG);
        assertThat(deleted).isEqualTo(new CniAnswer(0, "", ""));

        Path folder = directory.resolve("a/b/tombstones");
        Files.writeString(folder.resolve("1.1-1"), "rubbish");
        Files.writeString(folder.resolve(".2.2-2"), "half a tomb");
        Tombstones tombstones = new Tombstones(folder);
        List<String> warnings = new ArrayList<>();
        assertThat(tombstones.list(Instant.now(), warnings::add)).hasSize(1);
        assertThat(warnings).singleElement().asString().contains("1.1-1 is no tombstone");
        assertThat(folder.resolve("corrupt/1.1-1")).exists();
        CniDispatcher weft = new CniDispatcher(Set.of("weft"), plugin, plugin, _ -> {});
        plugin.then =
                _ -> {
                    throw new CniException(CniCode.IO, "not now");
                };
        assertThat(tombstones.replay(weft, Instant.now(), warnings::add)).isZero();
        plugin.then = _ -> {};
        assertThat(tombstones.replay(weft, Instant.now().plusSeconds(7200), warnings::add))
                .isEqualTo(1);
        assertThat(plugin.asked)
                .hasSize(2)
                .last()
                .satisfies(asked -> {
                    assertThat(asked.what()).isEqualTo("delete");
                    assertThat(asked.request().attachment()).hasToString("c1/eth0");
                    assertThat(asked.request().config().name()).isEqualTo("net1");
                });
        assertThat(folder).isDirectoryNotContaining(f -> Files.isRegularFile(f));
    }

    @ParameterizedTest
    @EnumSource
    void anAgentThatDiesMeanwhileIsAsOneThatIsNotThere(Client client) throws Exception {
        server.close();
        try (UnixSocket dying = UnixSocket.listen(socket(), 5)) {
            Thread death =
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int i = 0; i < 3; ) {
                                    Optional<UnixSocket> connection = dying.accept();
                                    connection.ifPresent(UnixSocket::close);
                                    i += connection.isPresent() ? 1 : 0;
                                    Thread.onSpinWait();
                                }
                            });
            assertThat(call(client, environment("ADD"), CONFIG).stdout()).contains("\"code\":11");
            assertThat(call(client, environment("DEL"), CONFIG).exitCode()).isZero(); // asks twice
            death.join();
        }
        Files.delete(socket());
        assertThat(new Tombstones(directory.resolve("a/b/tombstones")).list(Instant.now(), _ -> {}))
                .hasSize(1);
    }

    @Test
    void aSilentAgentIsNotWaitedForForEver() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        plugin.then = _ -> await(end);
        Map<String, String> variables = environment("DEL");
        variables.put("WEFT_CNI_TIMEOUT", "1");
        for (Client client : Client.values()) {
            assertThat(call(client, variables, CONFIG).stdout()).contains("\"code\":11");
        }
        end.countDown();
        assertThat(directory.resolve("a")).doesNotExist();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void tooManyAreTurnedAwayWithCode11AndTheRestAreServed() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        plugin.then = _ -> await(end);
        List<CompletableFuture<CniAnswer>> answers = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            Map<String, String> variables = environment("ADD");
            variables.put("CNI_CONTAINERID", "c" + i);
            answers.add(
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return call(Client.C, variables, CONFIG);
                                } catch (Exception e) {
                                    throw new IllegalStateException(e);
                                }
                            },
                            r -> Thread.ofPlatform().start(r)));
        }
        while (server.counts().refused() < 4) {
            Thread.onSpinWait();
        }
        assertThat(server.counts()).isEqualTo(new CniServer.Counts(0, 4, 4, 4));
        end.countDown();
        long refused = 0;
        for (CompletableFuture<CniAnswer> answer : answers) {
            if (answer.get().exitCode() != 0) {
                assertThat(answer.get().stdout())
                        .contains("\"code\":11", "4 requests running and 4 waiting");
                refused++;
            }
        }
        assertThat(refused).isEqualTo(4);
        assertThat(plugin.asked).hasSize(8);
    }

    @Test
    void closingAnswersThoseWhoWait() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        plugin.then = _ -> await(end);
        List<CompletableFuture<CniAnswer>> answers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            answers.add(
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return call(Client.C, environment("ADD"), CONFIG);
                                } catch (Exception e) {
                                    throw new IllegalStateException(e);
                                }
                            },
                            r -> Thread.ofPlatform().start(r)));
        }
        while (server.counts().waiting() < 1) {
            Thread.onSpinWait();
        }
        Thread closing = Thread.ofPlatform().start(server::close);
        CompletableFuture.anyOf(answers.toArray(CompletableFuture[]::new)).get();
        end.countDown();
        closing.join();
        assertThat(List.of(answers.get(0).get().exitCode(), answers.get(1).get().exitCode()))
                .containsExactlyInAnyOrder(0, 1);
        assertThat(socket()).doesNotExist();
    }

    @Test
    void aClientThatSaysNothingOrRubbishDoesNotHoldTheOthersUp() throws Exception {
        server.close();
        server = listen(new CniServer.Limits(4, 4, Duration.ofMillis(200), Duration.ofSeconds(5)));
        try (UnixSocket silent = UnixSocket.connect(socket());
                UnixSocket rubbish = UnixSocket.connect(socket());
                Arena arena = Arena.ofConfined()) {
            rubbish.sendAll(arena.allocateFrom("GET / HTTP/1.1"), Optional.empty());
            rubbish.endOutput();
            assertThat(answer(rubbish, arena)).contains("\"code\":5", "not a request of weft-cni");
            assertThat(call(Client.C, environment("ADD"), CONFIG).exitCode()).isZero();
            assertThat(answer(silent, arena)).contains("\"code\":5", "did not end within PT0.2S");
        }
    }

    private static String answer(UnixSocket socket, Arena arena) {
        MemorySegment buffer = arena.allocate(1000);
        List<Fd> none = new ArrayList<>();
        int n = socket.receiveWaiting(buffer, none);
        return new String(
                buffer.asSlice(1, n - 1).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    @Test
    void onlyRootAndItselfAreServed() throws Exception {
        Path open = Files.createTempDirectory("weft-cni-open");
        Path program = open.resolve("weft");
        Files.copy(programs.resolve("weft"), program);
        for (Path path : List.of(open, program)) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        CniDispatcher weft = new CniDispatcher(Set.of("weft"), plugin, plugin, _ -> {});
        Path socket = open.resolve("cni.sock");
        try (CniServer other = CniServer.listen(socket, weft, CniServer.Limits.DEFAULT)) {
            assertThat(Files.getPosixFilePermissions(socket))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            Map<String, String> variables = environment("ADD");
            variables.put("WEFT_CNI_SOCKET", socket.toString());
            List<String> command =
                    List.of(
                            "/usr/bin/setpriv",
                            "--reuid=65534",
                            "--clear-groups",
                            program.toString());
            byte[] stdin = CONFIG.getBytes(StandardCharsets.UTF_8);
            assertThat(CniProcess.run(command, variables, stdin, Duration.ofSeconds(20)).stdout())
                    .contains("\"code\":11", "Permission denied");
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
            assertThat(CniProcess.run(command, variables, stdin, Duration.ofSeconds(20)).stdout())
                    .contains("\"code\":5", "user 65534 may not call Weft's agent");
            assertThat(plugin.asked).isEmpty();
            assertThat(other.counts().refused()).isEqualTo(1);
        } finally {
            Files.delete(program);
            Files.delete(open);
        }
    }

    @Test
    void aStaleSocketIsReplacedAndALivingOneIsNot() throws Exception {
        assertThatThrownBy(() -> listen(CniServer.Limits.DEFAULT))
                .isInstanceOf(KernelException.class)
                .hasMessageContaining("another agent serves there");
        server.close();
        UnixSocket.listen(socket(), 1).close(); // leaves its file
        server = listen(CniServer.Limits.DEFAULT);
        assertThat(call(Client.JAVA, environment("DEL"), CONFIG).exitCode()).isZero();
    }
}
