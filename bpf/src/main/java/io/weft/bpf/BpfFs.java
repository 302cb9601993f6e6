package io.weft.bpf;

import io.weft.kernel.Errno;
import io.weft.kernel.KernelException;
import io.weft.kernel.Linux;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** The file system where pinned maps, programs and links have their names. */
public final class BpfFs {
    /** Where it belongs. */
    public static final Path DEFAULT = Path.of("/sys/fs/bpf");

    private BpfFs() {}

    /** {@return whether {@code path}, or where it would be made, lies on a bpffs} */
    public static boolean contains(Path path) {
        Path full = path.toAbsolutePath().normalize();
        for (Path at = full; at != null; at = at.getParent()) {
            if (Files.exists(at)) {
                return Linux.fileSystemType(at) == Linux.BPF_FS_MAGIC;
            }
        }
        return false;
    }

    static void require(Path path) {
        if (!contains(path)) {
            throw new BpfSyscallException(
                    "pin at " + path,
                    Errno.EPERM,
                    "no bpffs there: mount -t bpf bpf " + DEFAULT + ", or pin below a mounted one");
        }
    }

    /**
     * Mounts {@link #DEFAULT} unless it is.
     *
     * @throws BpfSyscallException EPERM without CAP_SYS_ADMIN
     */
    public static void ensureMounted() {
        if (!contains(DEFAULT)) {
            mount(DEFAULT);
        }
    }

    /** Mounts a bpffs of its own on the directory {@code target}. */
    public static void mount(Path target) {
        try {
            Linux.mount("bpf", target, "bpf", 0);
        } catch (KernelException e) {
            throw new BpfSyscallException(
                    "mount bpffs on " + target,
                    e.errno().code(),
                    e.is(Errno.EPERM)
                            ? "run as root, or let root run: mount -t bpf bpf " + target
                            : Explain.errno(e.errno().code()));
        }
    }

    /** Makes a directory and those above it. They must lie on a bpffs. */
    public static void makeDirectory(Path directory) {
        require(directory);
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("make directory " + directory, e);
        }
    }

    /** Takes away the name of a map, program or link. An absent one is no error. */
    public static void unpin(Path pin) {
        try {
            Files.deleteIfExists(pin);
        } catch (IOException e) {
            throw new UncheckedIOException("unpin " + pin, e);
        }
    }

    /** Takes away a pin, or a directory with all pins below. Absent ones are no error. */
    public static void removeRecursively(Path path) {
        if (!Files.exists(path)) {
            return;
        }
        require(path);
        try {
            Files.walkFileTree(
                    path,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                                throws IOException {
                            Files.delete(file);
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult postVisitDirectory(
                                Path directory, @Nullable IOException e) throws IOException {
                            if (e != null) {
                                throw e;
                            }
                            Files.delete(directory);
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException("remove " + path, e);
        }
    }
}
