package io.weft.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.kernel.NetNs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A named namespace for one test, with our view of it and that of iproute2. */
final class TestNet implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final String name =
            "weft-t-nl-" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();
    final NetNs namespace = NetNs.create(name);
    final Netlink netlink = Netlink.open(namespace);

    /** Makes a veth whose ends are both here. {@return the first} */
    Link veth(String first, String second) {
        return netlink.links()
                .create(new LinkSpec.Veth(LinkSettings.named(first), LinkSettings.named(second)));
    }

    /** {@return what {@code ip} says in here} */
    String ip(String... arguments) {
        return run("ip", "-n", arguments);
    }

    /** {@return what {@code tc} says in here} */
    String tc(String... arguments) {
        return run("tc", "-n", arguments);
    }

    /** {@return what {@code bridge} says in here} */
    String bridge(String... arguments) {
        return run("bridge", "-n", arguments);
    }

    private String run(String program, String option, String... arguments) {
        List<String> command = new ArrayList<>(List.of(program, option, name));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String text =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(command + ": " + text).isZero();
            return text;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        netlink.close();
        namespace.close();
        NetNs.delete(name);
    }
}
