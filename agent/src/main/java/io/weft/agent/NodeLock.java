package io.weft.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One node for each instance: an advisory lock that the kernel drops when the process ends. It is a
 * lock of fcntl(2): it does not exclude within one process, and is lost when the process closes any
 * descriptor of the file; hence the list of our own.
 */
final class NodeLock implements AutoCloseable {
    private static final int TRIES = 100;
    private static final int MAX_HOLDER_BYTES = 512;
    private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel channel;

    private NodeLock(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * @param purpose what this process does, for the message that another one prints
     * @throws NodeException naming the holder
     */
    static NodeLock take(String instance, Path directory, String purpose) {
        Path path = directory.resolve("lock").toAbsolutePath().normalize();
        if (!OURS.add(path)) {
            throw taken(instance, "pid " + ProcessHandle.current().pid() + ", this very process");
        }
        try {
            for (int i = 0; i < TRIES; i++) {
                Optional<FileChannel> locked = tryTake(instance, path, purpose);
                if (locked.isPresent()) {
                    return new NodeLock(path, locked.get());
                }
            }
            throw new NodeException(
                    NodeException.Cause.MACHINE, "cannot lock " + directory + ": it changes hands");
        } catch (RuntimeException | Error e) {
            OURS.remove(path);
            throw e;
        }
    }

    /** {@return nothing when a holder took the file away before it was locked} */
    private static Optional<FileChannel> tryTake(String instance, Path path, String purpose) {
        try {
            Files.createDirectories(path.getParent());
            Object before = create(path);
            FileChannel channel =
                    FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            boolean ours = false;
            try {
                if (channel.tryLock() == null) {
                    throw taken(instance, holder(channel));
                }
                ours = key(path).equals(before);
                if (!ours) {
                    return Optional.empty();
                }
                channel.truncate(0);
                String self = "pid " + ProcessHandle.current().pid() + ", " + purpose;
                channel.write(ByteBuffer.wrap(self.getBytes(StandardCharsets.UTF_8)), 0);
                return Optional.of(channel);
            } finally {
                if (!ours) {
                    channel.close();
                }
            }
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("lock " + path, e);
        }
    }

    /** {@return which file is there now: device and inode} */
    private static Object create(Path path) throws IOException {
        try {
            Files.createFile(path);
        } catch (FileAlreadyExistsException there) {
            // its holder may be alive or dead
        }
        return key(path);
    }

    private static Object key(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(MAX_HOLDER_BYTES);
        channel.read(bytes, 0);
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8).strip();
    }

    private static NodeException taken(String instance, String holder) {
        return new NodeException(
                NodeException.Cause.MACHINE,
                "instance '"
                        + instance
                        + "' is already running ("
                        + holder
                        + "): stop it first, or choose another --instance");
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(path); // while it is held: whoever waits for it looks again
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("release the lock", e);
        } finally {
            OURS.remove(path);
        }
    }
}
