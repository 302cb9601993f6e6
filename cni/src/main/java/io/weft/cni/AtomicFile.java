package io.weft.cni;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A file that is there whole or not at all, also after a crash: temporary, fsync, rename, fsync.
 */
final class AtomicFile {
    private AtomicFile() {}

    /** Writes in place of what is there. */
    static void write(Path file, byte[] bytes, String permissions) throws IOException {
        rename(prepare(file, bytes, permissions), file);
    }

    /** {@return a temporary file beside {@code file}, which {@link #rename} gives its name} */
    static Path prepare(Path file, byte[] bytes, String permissions) throws IOException {
        Path temporary =
                file.resolveSibling(
                        "." + file.getFileName() + "-" + ProcessHandle.current().pid() + ".new");
        Files.deleteIfExists(temporary);
        try (FileChannel channel =
                FileChannel.open(
                        temporary,
                        Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW))) {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString(permissions));
            channel.force(true);
            return temporary;
        } catch (IOException e) {
            Files.deleteIfExists(temporary);
            throw e;
        }
    }

    static void rename(Path temporary, Path file) throws IOException {
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        sync(file.toAbsolutePath().resolveSibling("."));
    }

    /** Makes the names in a directory durable. */
    static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
