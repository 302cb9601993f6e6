package io.weft.lab;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * A root file system in memory for a VM that only has a network: busybox, the kernel's modules for
 * virtio, and an init that says when it has reached its gateway; {@code address=ADDRESS/LENGTH} and
 * {@code gateway=} stand on the kernel's command line, which hands them to init as variables. The
 * format is cpio newc, Documentation/driver-api/early-userspace/buffer-format.rst.
 */
final class Initramfs {
    /** What init prints once the network works. */
    static final String READY = "WEFT-LAB-READY";

    private static final int DIRECTORY = 0040755;
    private static final int PROGRAM = 0100755;
    private static final int FILE = 0100644;
    private static final List<String> MODULES = List.of("virtio_pci", "virtio_net");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int inode = 1;

    private Initramfs() {}

    /**
     * {@return the bytes}
     *
     * @param modules {@code /lib/modules/VERSION} of the VM's kernel
     */
    static byte[] make(Path busybox, Path modules) {
        Initramfs made = new Initramfs();
        for (String directory : List.of("bin", "dev", "proc", "modules")) {
            made.entry(directory, DIRECTORY, new byte[0]);
        }
        made.entry("bin/busybox", PROGRAM, read(busybox));
        List<Path> files = load(modules);
        for (Path file : files) {
            made.entry("modules/" + file.getFileName(), FILE, read(file));
        }
        made.entry("init", PROGRAM, init(files).getBytes(StandardCharsets.UTF_8));
        made.entry("TRAILER!!!", 0, new byte[0]);
        return made.out.toByteArray();
    }

    private static String init(List<Path> modules) {
        StringBuilder insert = new StringBuilder();
        modules.forEach(m -> insert.append("$b insmod /modules/" + m.getFileName() + "\n"));
        return """
        #!/bin/busybox sh
        b=/bin/busybox
        $b mount -t proc proc /proc
        $b mount -t devtmpfs dev /dev
        %s$b ip link set lo up
        $b ip address add $address dev eth0
        $b ip link set eth0 up
        $b ip route add $gateway dev eth0
        until $b ping -c 1 -W 1 $gateway >/dev/null 2>&1; do :; done
        echo %s
        exec $b sleep 1000000
        """
                .formatted(insert, READY);
    }

    /** {@return the modules in the order in which they must be loaded; those built in are none} */
    static List<Path> load(Path modules) {
        List<String> lines;
        try {
            lines = Files.readAllLines(modules.resolve("modules.dep"));
        } catch (IOException e) {
            throw new UncheckedIOException("read modules.dep", e);
        }
        List<Path> ordered = new ArrayList<>();
        for (String name : MODULES) {
            for (String line : lines) {
                String[] parts = line.split(":", 2);
                if (parts[0].matches(".*/" + name + "\\.ko(\\.[a-z]+)?")) {
                    List<String> needed = new ArrayList<>(List.of(parts[1].strip().split(" ", -1)));
                    Collections.reverse(needed); // the deepest stands last
                    needed.add(parts[0]);
                    needed.stream()
                            .filter(n -> !n.isEmpty())
                            .map(modules::resolve)
                            .filter(file -> !ordered.contains(file))
                            .forEach(ordered::add);
                }
            }
        }
        return ordered;
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException("read " + file, e);
        }
    }

    private void entry(String name, int mode, byte[] content) {
        byte[] bytes = (name + "\0").getBytes(StandardCharsets.UTF_8);
        int[] fields = {inode++, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, bytes.length, 0};
        StringBuilder header = new StringBuilder("070701");
        // the order is inode, mode, uid, gid, links, time, size, four device numbers, name, check
        for (int field : fields) {
            header.append(String.format(Locale.ROOT, "%08x", field));
        }
        out.writeBytes(header.toString().getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(bytes);
        pad();
        out.writeBytes(content);
        pad();
    }

    private void pad() {
        while (out.size() % 4 != 0) {
            out.write(0);
        }
    }
}
