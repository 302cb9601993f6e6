package io.weft.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxTest {
    @TempDir Path folder;

    private static String text(MemorySegment bytes, int length) {
        return new String(
                bytes.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    @Test
    void namesTheFileThatCannotBeOpened() {
        Path missing = folder.resolve("missing");
        assertThatThrownBy(() -> Linux.open(missing, Linux.O_RDONLY))
                .isInstanceOfSatisfying(
                        KernelException.class,
                        e -> {
                            assertThat(e.is(Errno.ENOENT)).isTrue();
                            assertThat(e.operation()).isEqualTo("open " + missing);
                        })
                .hasMessage("open " + missing + ": ENOENT (No such file or directory)");
    }

    @Test
    void readsAndWritesFiles() throws Exception {
        Path file = Files.writeString(folder.resolve("f"), "weft");
        try (Arena arena = Arena.ofConfined();
                Fd fd = Linux.open(file, Linux.O_RDWR)) {
            MemorySegment buffer = arena.allocate(16);
            assertThat(Linux.read(fd, buffer)).isEqualTo(4);
            assertThat(text(buffer, 4)).isEqualTo("weft");
            assertThat(Linux.read(fd, buffer)).isZero();
            assertThat(Linux.write(fd, buffer.asSlice(0, 4))).isEqualTo(4);
        }
        assertThat(file).hasContent("weftweft");
    }

    @Test
    void setsCloseOnExec() throws Exception {
        try (Fd fd = Linux.eventFd();
                Fd copy = fd.duplicate();
                Fd socket = Linux.socket(Linux.AF_UNIX, Linux.SOCK_DGRAM, 0, "unix socket");
                Fd file = Linux.open(Path.of("/proc/self/stat"), Linux.O_RDONLY);
                Fd epoll = Linux.epollCreate()) {
            for (Fd each : new Fd[] {fd, copy, socket, file, epoll}) {
                String flags =
                        Files.readAllLines(Path.of("/proc/self/fdinfo/" + each.number())).stream()
                                .filter(line -> line.startsWith("flags:"))
                                .findFirst()
                                .orElseThrow();
                int octal = Integer.parseInt(flags.substring(6).strip(), 8);
                assertThat(octal & Linux.O_CLOEXEC).as("%s", each).isNotZero();
            }
        }
    }

    @Test
    void tellsAnEmptySocketFromAFailure() {
        try (Arena arena = Arena.ofConfined();
                Fd socket =
                        Linux.socket(
                                Linux.AF_NETLINK,
                                Linux.SOCK_RAW | Linux.SOCK_NONBLOCK,
                                0,
                                "netlink socket");
                Fd event = Linux.eventFd()) {
            MemorySegment buffer = arena.allocate(64);
            assertThat(Linux.receive(socket, buffer, 0)).isEqualTo(-Errno.EAGAIN);
            assertThatThrownBy(() -> Linux.receive(event, buffer, 0))
                    .isInstanceOf(KernelException.class)
                    .hasMessageContaining("receive on eventfd")
                    .hasMessageContaining("ENOTSOCK");
        }
    }

    @Test
    void bindsAndNamesASocket() {
        try (Arena arena = Arena.ofConfined();
                Fd socket = Linux.socket(Linux.AF_NETLINK, Linux.SOCK_RAW, 0, "netlink socket")) {
            MemorySegment address = arena.allocate(12, 4);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) Linux.AF_NETLINK);
            Linux.bind(socket, address);
            Linux.socketName(socket, address);
            assertThat(address.get(ValueLayout.JAVA_INT, 4)).as("port").isNotZero();
            assertThatThrownBy(() -> Linux.bind(socket, arena.allocate(1)))
                    .isInstanceOf(KernelException.class)
                    .hasMessageContaining("bind netlink socket");
        }
    }

    @Test
    void mapsAFile() throws Exception {
        Path file = folder.resolve("page");
        Files.write(file, new byte[4096]);
        try (Fd fd = Linux.open(file, Linux.O_RDWR)) {
            Mapping shared = Linux.map(fd, 0, 4096, Linux.PROT_READ | Linux.PROT_WRITE);
            try (Mapping readOnly = Linux.map(fd, 0, 4096, Linux.PROT_READ)) {
                shared.segment().set(ValueLayout.JAVA_INT, 8, 42);
                assertThat(readOnly.segment().get(ValueLayout.JAVA_INT, 8)).isEqualTo(42);
                assertThat(readOnly.segment().isReadOnly()).isTrue();
            }
            shared.close();
            assertThatThrownBy(() -> shared.segment().get(ValueLayout.JAVA_INT, 8))
                    .isInstanceOf(IllegalStateException.class);
        }
        assertThat(Files.readAllBytes(file)[8]).isEqualTo((byte) 42);
    }

    @Test
    void mapsOfALargeFileOnlyWhatIsUsed() throws Exception {
        Path file = folder.resolve("large");
        long length = 3 * SparseMapping.PIECE + 4096;
        Files.write(file, new byte[(int) length]);
        int protection = Linux.PROT_READ | Linux.PROT_WRITE;
        try (Fd fd = Linux.open(file, Linux.O_RDWR);
                SparseMapping sparse = new SparseMapping(fd, length, protection)) {
            assertThat(sparse.mappedBytes()).isZero();

            long border = SparseMapping.PIECE - 4;
            sparse.at(border, 8).set(ValueLayout.JAVA_INT, 0, 1);
            sparse.at(border, 8).set(ValueLayout.JAVA_INT, 4, 2);
            assertThat(sparse.mappedBytes()).isEqualTo(2 * SparseMapping.PIECE);

            sparse.at(length - 1, 1).set(ValueLayout.JAVA_BYTE, 0, (byte) 3);
            assertThat(sparse.mappedBytes()).isEqualTo(2 * SparseMapping.PIECE + 4096);
            assertThatThrownBy(() -> sparse.at(length - 1, 2))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
        byte[] written = Files.readAllBytes(file);
        assertThat(written[(int) SparseMapping.PIECE - 4]).isEqualTo((byte) 1);
        assertThat(written[(int) SparseMapping.PIECE]).isEqualTo((byte) 2);
        assertThat(written[(int) length - 1]).isEqualTo((byte) 3);
    }

    @Test
    void refusesToMapWhatCannotBe() {
        try (Fd event = Linux.eventFd()) {
            assertThatThrownBy(() -> Linux.map(event, 0, 4096, Linux.PROT_READ))
                    .isInstanceOf(KernelException.class)
                    .hasMessageContaining("mmap eventfd");
        }
    }

    @Test
    void leavesTheVerdictOfBpfToTheCaller() {
        try (Arena arena = Arena.ofConfined()) {
            int noSuchCommand = 9999;
            assertThat(Linux.bpf(noSuchCommand, arena.allocate(8, 8))).isNegative();
        }
    }

    @Test
    void knowsFileSystems() {
        int proc = 0x9fa0;
        assertThat(Linux.fileSystemType(Path.of("/proc"))).isEqualTo(proc);
        assertThatThrownBy(() -> Linux.fileSystemType(folder.resolve("missing")))
                .isInstanceOf(KernelException.class)
                .hasMessageStartingWith("statfs ");
    }

    @Test
    void pinsOnlyTheCallingThread() throws Exception {
        StringBuilder allowed = new StringBuilder();
        Thread thread =
                Thread.ofPlatform()
                        .start(() -> {
                            Linux.pinThread(0);
                            try {
                                Path status =
                                        Path.of("/proc/self/task/" + Linux.threadId() + "/status");
                                Files.readAllLines(status).stream()
                                        .filter(l -> l.startsWith("Cpus_allowed_list:"))
                                        .forEach(allowed::append);
                            } catch (java.io.IOException e) {
                                throw new java.io.UncheckedIOException(e);
                            }
                        });
        thread.join();
        assertThat(allowed.toString()).isEqualTo("Cpus_allowed_list:\t0");
    }
}
