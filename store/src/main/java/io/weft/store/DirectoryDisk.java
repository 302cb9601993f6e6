package io.weft.store;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.weft.store.LedgerException.Code;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** A directory of the file system, locked (fcntl(2)) while it is open. */
final class DirectoryDisk implements Disk {
    private static final String LOCK = "lock";

    /**
     * Those that this process has open. Such a lock file must not be opened again: closing it
     * anywhere in the process gives up the lock (fcntl(2), "Advisory record locking").
     */
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final FileChannel lock;

    private DirectoryDisk(Path directory, FileChannel lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * Makes the directory when it is missing, and locks it.
     *
     * @throws LedgerException {@code LOCKED}, naming the holder
     */
    static DirectoryDisk open(Path path) throws IOException {
        Path directory = path.toAbsolutePath();
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory);
            Path parent = directory.getParent();
            if (parent != null) {
                syncDirectory(parent);
            }
        }
        directory = directory.toRealPath();
        if (!OPEN.add(directory)) {
            throw inUse(directory, String.valueOf(ProcessHandle.current().pid()));
        }
        FileChannel lock = null;
        try {
            lock = lock(directory);
            return new DirectoryDisk(directory, lock);
        } finally {
            if (lock == null) {
                OPEN.remove(directory);
            }
        }
    }

    private static FileChannel lock(Path directory) throws IOException {
        Path file = directory.resolve(LOCK);
        FileChannel channel = FileChannel.open(file, CREATE, READ, WRITE);
        boolean locked = false;
        try {
            if (channel.tryLock() == null) {
                throw inUse(directory, Files.readString(file).strip());
            }
            channel.truncate(0);
            String holder = ProcessHandle.current().pid() + "\n";
            channel.write(ByteBuffer.wrap(holder.getBytes(StandardCharsets.UTF_8)));
            locked = true;
            return channel;
        } finally {
            if (!locked) {
                channel.close();
            }
        }
    }

    private static LedgerException inUse(Path directory, String process) {
        return new LedgerException(
                Code.LOCKED,
                "ledger "
                        + directory
                        + " is in use by process "
                        + process
                        + "; end that process, or use another directory");
    }

    @Override
    public String where() {
        return directory.toString();
    }

    @Override
    public List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(f -> String.valueOf(f.getFileName()))
                    .filter(name -> !name.equals(LOCK))
                    .sorted()
                    .toList();
        }
    }

    @Override
    public Input read(String name) throws IOException {
        return new FileInput(FileChannel.open(directory.resolve(name), READ));
    }

    @Override
    public Output write(String name, long length) throws IOException {
        FileChannel file = FileChannel.open(directory.resolve(name), CREATE, WRITE);
        boolean opened = false;
        try {
            file.truncate(length);
            file.position(length);
            opened = true;
            return new FileOutput(file);
        } finally {
            if (!opened) {
                file.close();
            }
        }
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Files.move(directory.resolve(from), directory.resolve(to), StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(String name) throws IOException {
        Files.deleteIfExists(directory.resolve(name));
    }

    @Override
    public void sync() throws IOException {
        syncDirectory(directory);
    }

    private static void syncDirectory(Path directory) throws IOException {
        try (FileChannel names = FileChannel.open(directory, READ)) {
            names.force(true); // fsync(2) of a directory
        }
    }

    @Override
    public void close() throws IOException {
        lock.close();
        OPEN.remove(directory);
    }

    private record FileInput(FileChannel file) implements Input {
        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public int read(long position, byte[] into, int offset, int count) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(into, offset, count);
            while (buffer.hasRemaining()) {
                if (file.read(buffer, position + count - buffer.remaining()) < 0) {
                    break;
                }
            }
            return count - buffer.remaining();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    private record FileOutput(FileChannel file) implements Output {
        @Override
        public void write(ByteBuffer bytes) throws IOException {
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
        }

        @Override
        public void sync() throws IOException {
            file.force(false); // fdatasync(2): the length, too
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
