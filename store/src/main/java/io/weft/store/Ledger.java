package io.weft.store;

import io.weft.store.LedgerException.Code;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A map from text to bytes, all of it in memory, each change of it in a log. {@link #write} applies
 * a batch in memory at once; {@link Commit#await} returns when it is durable. Readers see what is
 * in memory: what must not be said before it is durable is said after {@code await}. Thread-safe.
 *
 * <p>When the disk refuses a write or a sync, all commits that wait fail, and so does every later
 * write: after a failed fsync(2) nobody knows what is on the disk. Memory is then ahead of the
 * disk; close the ledger and open it anew to see what is there.
 */
public final class Ledger implements AutoCloseable {
    /** Most bytes of all keys and values together. */
    public static final long MAX_BYTES = 1L << 30;

    /** What an entry weighs besides its key and value. */
    private static final int ENTRY_BYTES = 7;

    private final ReentrantLock lock = new ReentrantLock();
    private final NavigableMap<String, byte[]> map = new TreeMap<>();
    private final List<String> notices;
    private final @Nullable Journal journal;
    private long bytes;
    private boolean closed;

    private Ledger() {
        journal = null;
        notices = List.of();
    }

    private Ledger(Disk disk, Options options) throws IOException {
        Recovery.Found found = new Recovery(disk, map).run(options.salt().getAsInt());
        map.forEach((key, value) -> bytes += weight(key, value));
        LogWriter log = LogWriter.open(disk, found);
        notices = found.notices();
        journal = new Journal(disk, log, options, found.replayed(), lock, this::entries);
    }

    /**
     * Opens the ledger in a directory, which is made when it is missing, and mends what a crash
     * left unfinished; see {@link #notices}.
     *
     * @throws LedgerException {@code LOCKED}, {@code CORRUPT} or {@code DISK}
     */
    public static Ledger open(Path directory) {
        try {
            return open(DirectoryDisk.open(directory), Options.DEFAULT);
        } catch (IOException e) {
            throw new LedgerException(
                    Code.DISK, "ledger " + directory + " cannot be opened: " + e, e);
        }
    }

    /** Opens it, and closes the disk with it. */
    static Ledger open(Disk disk, Options options) {
        Ledger ledger = null;
        try {
            ledger = new Ledger(disk, options);
            return ledger;
        } catch (IOException e) {
            throw new LedgerException(
                    Code.DISK, "ledger " + disk.where() + " cannot be opened: " + e, e);
        } finally {
            if (ledger == null) {
                try {
                    disk.close();
                } catch (IOException ignored) {
                    // the first error is the one that tells
                }
            }
        }
    }

    /**
     * {@return one that forgets everything when it is closed: commits are at once as durable as can
     * be}
     */
    public static Ledger inMemory() {
        return new Ledger();
    }

    /** {@return what opening found unfinished and mended, a line each} */
    public List<String> notices() {
        return notices;
    }

    /** {@return a copy of the value} */
    public Optional<byte[]> get(String key) {
        lock.lock();
        try {
            requireOpen();
            return Optional.ofNullable(map.get(key)).map(byte[]::clone);
        } finally {
            lock.unlock();
        }
    }

    public boolean contains(String key) {
        lock.lock();
        try {
            requireOpen();
            return map.containsKey(key);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Shows each entry whose key begins with {@code prefix}, in the order of the keys (UTF-16, as
     * {@link String#compareTo}). Writers wait meanwhile; the reader must not write, and may keep a
     * value's array, but never change it.
     */
    public void forEach(String prefix, BiConsumer<String, byte[]> reader) {
        lock.lock();
        try {
            requireOpen();
            for (Map.Entry<String, byte[]> entry : map.tailMap(prefix, true).entrySet()) {
                if (!entry.getKey().startsWith(prefix)) {
                    break;
                }
                reader.accept(entry.getKey(), entry.getValue());
            }
        } finally {
            lock.unlock();
        }
    }

    /** {@return how many entries there are} */
    public int size() {
        lock.lock();
        try {
            return map.size();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Applies a batch in memory and hands it to the disk, after all batches before it. Waits when
     * very much waits for the disk already. An empty batch is durable when all before it are.
     *
     * @throws LedgerException {@code DISK}, {@code CLOSED}, {@code TOO_LARGE}; nothing of the batch
     *     was applied then
     */
    public Commit write(Batch batch) {
        batch.requireOpen();
        Commit commit;
        if (journal != null) {
            journal.makeRoom();
        }
        lock.lock();
        try {
            requireOpen();
            if (bytes + batch.bytes() > MAX_BYTES && batch.puts()) {
                throw new LedgerException(
                        Code.TOO_LARGE,
                        "the ledger holds " + bytes + " bytes of at most " + MAX_BYTES);
            }
            commit = journal == null ? Commit.done() : journal.add(batch);
            apply(batch);
        } finally {
            lock.unlock();
        }
        batch.written();
        return commit;
    }

    private void apply(Batch batch) {
        for (Batch.Change change : batch.changes()) {
            String key = change.name();
            byte[] value = change.value();
            byte[] old = value == null ? map.remove(key) : map.put(key, value);
            bytes -= old == null ? 0 : weight(key, old);
            bytes += value == null ? 0 : weight(key, value);
        }
    }

    private static int weight(String key, byte[] value) {
        return ENTRY_BYTES + key.length() + value.length;
    }

    private Journal.Living entries() {
        return new Journal.Living(map, bytes);
    }

    private void requireOpen() {
        if (closed) {
            throw new LedgerException(Code.CLOSED, "the ledger is closed");
        }
    }

    /** Returns when all that was written is durable, or has failed. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            lock.unlock();
        }
        if (journal != null) {
            journal.close();
        }
    }
}
