package io.weft.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.testing.KernelTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@KernelTest
class UnixSocketTest {
    @TempDir Path directory;

    private static MemorySegment bytes(Arena arena, String text) {
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void carriesDescriptorsWithTheFirstByte() {
        Path path = directory.resolve("s");
        List<Fd> received = new ArrayList<>();
        try (Arena arena = Arena.ofConfined();
                UnixSocket server = UnixSocket.listen(path, 5);
                UnixSocket client = UnixSocket.connect(path);
                NetNs pod = NetNs.createAnonymous();
                UnixSocket accepted = server.accept().orElseThrow()) {
            assertThat(server.accept()).isEmpty();
            assertThat(accepted.receive(arena.allocate(10), received)).isEqualTo(-Errno.EAGAIN);
            client.sendAll(bytes(arena, "hello"), Optional.of(pod.fd()));
            client.endOutput();
            MemorySegment buffer = arena.allocate(3);
            assertThat(accepted.receive(buffer, received)).isEqualTo(3);
            try (NetNs passed = NetNs.of(received.getFirst())) {
                assertThat(passed.isSame(pod)).isTrue();
                assertThat(passed.cookie()).isEqualTo(pod.cookie());
            }
            assertThat(accepted.receive(buffer, received)).isEqualTo(2);
            assertThat(accepted.receive(buffer, received)).isZero();
            assertThat(received).hasSize(1);
            assertThat(accepted.send(bytes(arena, "back"))).isEqualTo(4);
            assertThat(client.receiveWaiting(arena.allocate(10), received)).isEqualTo(4);
        }
    }

    @Test
    void saysWhoIsAtTheOtherEnd() {
        Path path = directory.resolve("s");
        try (UnixSocket server = UnixSocket.listen(path, 5);
                UnixSocket client = UnixSocket.connect(path);
                UnixSocket accepted = server.accept().orElseThrow()) {
            assertThat(accepted.peer().pid()).isEqualTo((int) ProcessHandle.current().pid());
            assertThat(accepted.peer().uid()).isZero();
            assertThat(client.peer()).isEqualTo(accepted.peer());
        }
    }

    @Test
    void aFullSocketAndAGonePeerAreTold() {
        Path path = directory.resolve("s");
        try (Arena arena = Arena.ofConfined();
                UnixSocket server = UnixSocket.listen(path, 5);
                UnixSocket client = UnixSocket.connect(path)) {
            MemorySegment much = arena.allocate(1 << 20);
            int sent;
            do {
                sent = client.send(much);
            } while (sent > 0);
            assertThat(sent).isEqualTo(-Errno.EAGAIN);
            client.limitWaits(1);
            assertThatThrownBy(() -> client.sendAll(much, Optional.empty()))
                    .isInstanceOfSatisfying(
                            KernelException.class, e -> assertThat(e.is(Errno.EAGAIN)).isTrue());
            server.accept().orElseThrow().close();
            assertThatThrownBy(() -> client.send(much))
                    .isInstanceOfSatisfying(
                            KernelException.class,
                            e -> assertThat(e.errno().symbol()).isEqualTo("EPIPE"));
        }
    }

    @Test
    void pathsThatAreTooLongOrTakenAreRefused() {
        Path path = directory.resolve("s");
        try (UnixSocket _ = UnixSocket.listen(path, 1)) {
            assertThatThrownBy(() -> UnixSocket.listen(path, 1)).hasMessageContaining("EADDRINUSE");
        }
        assertThatThrownBy(() -> UnixSocket.connect(path)).hasMessageContaining("ECONNREFUSED");
        assertThatThrownBy(() -> UnixSocket.connect(directory.resolve("x".repeat(120))))
                .hasMessageContaining("ENAMETOOLONG")
                .hasMessageContaining("not of 1 to 107");
    }

    @Test
    void whatIsNoNetworkNamespaceIsRefusedAndClosed() {
        Fd file = Linux.open(Path.of("/etc/passwd"), Linux.O_RDONLY);
        assertThatThrownBy(() -> NetNs.of(file)).isInstanceOf(KernelException.class);
        assertThat(file.isOpen()).isFalse();
        Fd mounts = Linux.open(Path.of("/proc/self/ns/mnt"), Linux.O_RDONLY);
        assertThatThrownBy(() -> NetNs.of(mounts)).hasMessageContaining("EINVAL");
        assertThat(mounts.isOpen()).isFalse();
    }
}
