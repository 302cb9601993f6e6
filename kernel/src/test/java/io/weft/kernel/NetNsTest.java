package io.weft.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.testing.KernelTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@KernelTest
class NetNsTest {
    private final String name = "weft-t-ns-" + ProcessHandle.current().pid();

    @AfterEach
    void deleteName() {
        NetNs.delete(name);
    }

    /** {@return the namespace of the calling thread, e.g. {@code net:[4026531840]}} */
    private static String here() throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/task/" + Linux.threadId() + "/ns/net"))
                .toString();
    }

    @Test
    void makesANameThatOthersCanOpen() {
        try (NetNs made = NetNs.create(name);
                NetNs named = NetNs.named(name);
                NetNs current = NetNs.current()) {
            assertThat(NetNs.pathOf(name)).exists();
            assertThat(named.cookie()).isEqualTo(made.cookie());
            assertThat(made.cookie()).isNotEqualTo(current.cookie());
        }
    }

    @Test
    void refusesATakenName() {
        try (NetNs made = NetNs.create(name)) {
            long cookie = made.cookie();
            assertThatThrownBy(() -> NetNs.create(name))
                    .isInstanceOfSatisfying(
                            KernelException.class, e -> assertThat(e.is(Errno.EEXIST)).isTrue())
                    .hasMessageStartingWith("create namespace " + name);
            try (NetNs still = NetNs.named(name)) {
                assertThat(still.cookie()).isEqualTo(cookie);
            }
        }
    }

    @Test
    void deletesTheNameAndNotTheNamespace() {
        try (NetNs made = NetNs.create(name)) {
            long cookie = made.cookie();
            NetNs.delete(name);
            NetNs.delete(name);
            assertThat(NetNs.pathOf(name)).doesNotExist();
            assertThat(made.cookie()).isEqualTo(cookie);
            assertThatThrownBy(() -> NetNs.named(name))
                    .isInstanceOfSatisfying(
                            KernelException.class, e -> assertThat(e.is(Errno.ENOENT)).isTrue());
        }
    }

    @Test
    void deletesAFileThatIsNoNamespace() throws IOException {
        Files.createDirectories(NetNs.NAMES);
        Files.createFile(NetNs.pathOf(name));
        NetNs.delete(name);
        assertThat(NetNs.pathOf(name)).doesNotExist();
    }

    @Test
    void refusesNamesThatLeadElsewhere() {
        for (String bad : new String[] {"", "..", ".hidden", "a/b", "/proc/1/ns/net"}) {
            assertThatThrownBy(() -> NetNs.pathOf(bad))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'" + bad + "'");
        }
    }

    @Test
    void runsWorkInsideAndLeavesTheCallerOutside() throws Exception {
        String outside = here();
        try (NetNs made = NetNs.createAnonymous()) {
            String inside = made.call(NetNsTest::here);
            assertThat(inside).isNotEqualTo(outside);
            assertThat(made.call(NetNsTest::here)).isEqualTo(inside);
            assertThat(here()).isEqualTo(outside);
        }
    }

    @Test
    void handsFailuresOfTheWorkOver() {
        try (NetNs made = NetNs.createAnonymous()) {
            assertThatThrownBy(() ->
                            made.run(() -> {
                                throw new IllegalArgumentException("mine");
                            }))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("mine");
            assertThatThrownBy(() ->
                            made.call(() -> {
                                throw new IOException("disk");
                            }))
                    .hasCauseInstanceOf(IOException.class);
        }
    }

    /** An interrupt must not lose the descriptors that the work made. */
    @Test
    void finishesTheWorkOfAnInterruptedCaller() {
        try (NetNs made = NetNs.createAnonymous()) {
            Thread.currentThread().interrupt();
            try (Fd fd = made.call(Linux::eventFd)) {
                assertThat(fd.isOpen()).isTrue();
                assertThat(Thread.interrupted()).isTrue();
            }
        }
    }

    @Test
    void whatIsOpenedFirstIsInsideAndAFailureLeavesNothing() {
        String name = "weft-t-first" + ProcessHandle.current().pid();
        List<Fd> opened = new ArrayList<>();
        Runnable open =
                () -> opened.add(Linux.socket(Linux.AF_UNIX, Linux.SOCK_DGRAM, 0, "unix socket"));
        try (NetNs made = NetNs.create(name, open);
                Fd socket = opened.getFirst()) {
            assertThat(Linux.optionLong(socket, Linux.SOL_SOCKET, Linux.SO_NETNS_COOKIE))
                    .isEqualTo(made.cookie());
        } finally {
            NetNs.delete(name);
        }
        Runnable fail =
                () -> {
                    throw new IllegalStateException("mine");
                };
        assertThatThrownBy(() -> NetNs.create(name, fail))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("mine");
        assertThat(NetNs.pathOf(name)).doesNotExist();
    }

    @Test
    void socketsStayInTheirNamespace() {
        try (NetNs made = NetNs.createAnonymous();
                Fd socket =
                        made.call(() ->
                                Linux.socket(Linux.AF_UNIX, Linux.SOCK_DGRAM, 0, "unix socket"));
                NetNs home = NetNs.ofSocket(socket)) {
            long cookie = Linux.optionLong(socket, Linux.SOL_SOCKET, Linux.SO_NETNS_COOKIE);
            assertThat(cookie).isEqualTo(made.cookie());
            assertThat(home.cookie()).isEqualTo(cookie);
        }
    }

    @Test
    void aSocketInsideIsTheOnlyDescriptorItCosts() {
        try (NetNs made = NetNs.createAnonymous()) {
            long before = Fd.openCount();
            for (int i = 0; i < 500; i++) {
                try (Fd socket = made.socket(Linux.AF_UNIX, Linux.SOCK_DGRAM, 0, "unix socket")) {
                    assertThat(socket.isOpen()).isTrue();
                    assertThat(Fd.openCount()).isEqualTo(before + 1);
                }
            }
        }
    }

    @Test
    void findsTheNamespaceOfAProcess() throws Exception {
        try (NetNs made = NetNs.createAnonymous()) {
            Process process = made.call(() -> new ProcessBuilder("cat").start());
            try (NetNs its = NetNs.ofProcess(process.pid())) {
                assertThat(its.cookie()).isEqualTo(made.cookie());
            } finally {
                process.getOutputStream().close(); // cat ends with its input
                assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            }
        }
        assertThatThrownBy(() -> NetNs.ofProcess(Integer.MAX_VALUE))
                .isInstanceOf(KernelException.class)
                .hasMessageContaining("/proc/" + Integer.MAX_VALUE + "/ns/net");
    }

    @Test
    void refusesToEnterWhatIsNoNetworkNamespace() {
        try (NetNs mounts = NetNs.open(Path.of("/proc/self/ns/mnt"))) {
            assertThatThrownBy(() -> mounts.run(() -> {}))
                    .isInstanceOfSatisfying(
                            KernelException.class, e -> assertThat(e.is(Errno.EINVAL)).isTrue())
                    .hasMessageContaining("enter namespace /proc/self/ns/mnt");
        }
    }
}
