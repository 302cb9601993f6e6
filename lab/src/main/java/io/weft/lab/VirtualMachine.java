package io.weft.lab;

import io.weft.kernel.NetNs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A qemu with Debian's cloud kernel and a tap, started until its network works. */
final class VirtualMachine implements AutoCloseable {
    private static final int MEMORY = 256; // MB
    private static final int PATIENCE_SECONDS = 30;

    /** Debian's kernel for VMs, with its modules. */
    static final Capability KERNEL =
            new Capability(
                    "a Debian cloud kernel",
                    () ->
                            kernel().isPresent()
                                    ? Optional.empty()
                                    : Optional.of(
                                            "no /boot/vmlinuz-*-cloud-amd64 here (Debian: apt-get"
                                                    + " install linux-image-cloud-amd64)"));

    private final Process process;

    private VirtualMachine(Process process) {
        this.process = process;
    }

    private static Optional<Path> kernel() {
        try (Stream<Path> files = Files.list(Path.of("/boot"))) {
            return files.filter(f -> f.getFileName().toString().matches("vmlinuz-.*-cloud-amd64"))
                    .filter(f -> Files.isRegularFile(modules(f).resolve("modules.dep")))
                    .max(Comparator.naturalOrder());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Path modules(Path kernel) {
        String version = kernel.getFileName().toString().substring("vmlinuz-".length());
        return Path.of("/lib/modules", version);
    }

    /** Writes the root file system that {@link #start} boots. */
    static Path prepare(Path directory) {
        Path busybox =
                Stream.of("/usr/bin/busybox", "/bin/busybox")
                        .map(Path::of)
                        .filter(Files::isExecutable)
                        .findFirst()
                        .orElseThrow();
        Path initrd = directory.resolve("initrd");
        try {
            return Files.write(initrd, Initramfs.make(busybox, modules(kernel().orElseThrow())));
        } catch (IOException e) {
            throw new UncheckedIOException("write " + initrd, e);
        }
    }

    /**
     * A virtual machine's network.
     *
     * @param namespace of {@code tap}
     * @param address with prefix length
     */
    record Card(NetNs namespace, String tap, String mac, String address, String gateway) {}

    /** Starts one and waits until it has reached its gateway. */
    static VirtualMachine start(Card card, Path initrd, boolean kvm) {
        List<String> command =
                List.of(
                        "qemu-system-x86_64",
                        "-accel",
                        kvm ? "kvm" : "tcg",
                        "-m",
                        Integer.toString(MEMORY),
                        "-smp",
                        "1",
                        "-nodefaults",
                        "-no-user-config",
                        "-display",
                        "none",
                        "-serial",
                        "stdio",
                        "-kernel",
                        kernel().orElseThrow().toString(),
                        "-initrd",
                        initrd.toString(),
                        "-append",
                        "console=ttyS0 quiet panic=-1 rdinit=/init address=%s gateway=%s"
                                .formatted(card.address(), card.gateway()),
                        "-netdev",
                        "tap,id=net,ifname=" + card.tap() + ",script=no,downscript=no",
                        "-device",
                        "virtio-net-pci,netdev=net,romfile=,mac=" + card.mac());
        Process process =
                card.namespace()
                        .call(() -> new ProcessBuilder(command).redirectErrorStream(true).start());
        VirtualMachine machine = new VirtualMachine(process);
        CompletableFuture<Void> over = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("vm-patience").start(() -> endUnless(over, process));
        StringBuilder said = new StringBuilder();
        try {
            BufferedReader output = process.inputReader();
            String line = output.readLine();
            while (line != null) {
                if (line.contains(Initramfs.READY)) {
                    over.complete(null);
                    return machine;
                }
                said.append(line).append('\n');
                line = output.readLine();
            }
        } catch (IOException e) {
            machine.close();
            throw new UncheckedIOException("read from qemu", e);
        }
        machine.close();
        Ending.check();
        throw new Commands.ToolException(
                "the VM's network does not work within %d s: %s"
                        .formatted(PATIENCE_SECONDS, said.toString().strip()));
    }

    private static void endUnless(CompletableFuture<Void> over, Process process) {
        try {
            over.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            process.destroyForcibly();
        } catch (InterruptedException | ExecutionException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** {@return Pss of qemu, with all of the guest's memory that was touched} */
    double megabytes() {
        return Sidecars.pss(process.pid());
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
