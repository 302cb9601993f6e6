package io.weft.store;

import io.weft.store.LedgerException.Code;
import io.weft.store.SnapshotWriter.Entries;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes batches to the disk: one thread writes and syncs whatever waits as one frame, while more
 * gathers. When the logs outgrow what lives it begins a new one, and a second thread writes a
 * snapshot of that moment.
 */
final class Journal {
    /** Bytes that may wait for the disk before writers wait. */
    private static final long MAX_WAITING = 16 << 20;

    private static final System.Logger LOG = System.getLogger("io.weft.store");

    /**
     * @param map guarded by the ledger's lock
     */
    record Living(Map<String, byte[]> map, long bytes) {}

    /** Batches of one frame. */
    private static final class Group {
        final List<Batch> batches = new ArrayList<>();
        final CompletableFuture<Void> durable = new CompletableFuture<>();
        int bytes;
    }

    private final Disk disk;
    private final LogWriter log; // the writer's
    private final Options options;
    private final ReentrantLock lock;
    private final Condition work;
    private final Condition room;
    private final Supplier<Living> living;
    private final Thread writer;

    // guarded by the lock
    private final Deque<Group> waiting = new ArrayDeque<>();
    private Group last = new Group();
    private long waitingBytes;
    private long olderLogs;
    private long snapshotAt;
    private CompletableFuture<Void> snapshot = CompletableFuture.completedFuture(null);
    private @Nullable LedgerException failure;
    private volatile boolean closing;

    Journal(
            Disk disk,
            LogWriter log,
            Options options,
            long replayed,
            ReentrantLock lock,
            Supplier<Living> living) {
        this.disk = disk;
        this.log = log;
        this.options = options;
        this.lock = lock;
        this.work = lock.newCondition();
        this.room = lock.newCondition();
        this.living = living;
        this.olderLogs = Math.max(0, replayed - log.length());
        this.snapshotAt = options.compactionFloor();
        last.durable.complete(null);
        writer = Thread.ofPlatform().daemon().name("weft-ledger").start(this::run);
    }

    /** Waits while too much waits for the disk. */
    void makeRoom() {
        lock.lock();
        try {
            while (waitingBytes > MAX_WAITING && failure == null) {
                room.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The caller holds the lock. */
    Commit add(Batch batch) {
        if (failure != null) {
            throw failure.again();
        }
        if (!batch.isEmpty()) {
            Group open = waiting.peekLast();
            if (open == null || open.bytes + batch.bytes() > LogFile.FRAME_BYTES) {
                open = new Group();
                waiting.add(open);
                last = open;
            }
            open.batches.add(batch);
            open.bytes += batch.bytes();
            waitingBytes += batch.bytes();
            work.signal();
        }
        return new Commit(last.durable);
    }

    private void run() {
        Group group = null;
        try {
            for (group = next(); group != null; group = next()) {
                write(group);
                compactIfDue();
            }
        } catch (IOException | RuntimeException | Error e) {
            fail(group, e);
        }
    }

    private void write(Group group) throws IOException {
        log.append(group.batches);
        group.durable.complete(null);
    }

    /** {@return what is to be written next; null: nothing ever} */
    private @Nullable Group next() {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closing) {
                work.awaitUninterruptibly();
            }
            return take();
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Group take() {
        Group group = waiting.poll();
        if (group != null) {
            waitingBytes -= group.bytes;
            room.signalAll();
        }
        return group;
    }

    private void compactIfDue() throws IOException {
        List<Group> before = new ArrayList<>();
        Entries entries;
        lock.lock();
        try {
            Living now = living.get();
            long logs = olderLogs + log.length();
            if (!snapshot.isDone() || logs <= Math.max(snapshotAt, now.bytes())) {
                return;
            }
            // the map is ahead of the log by what waits: that goes into the old log
            for (Group group = take(); group != null; group = take()) {
                before.add(group);
            }
            entries = new Entries(now.map());
            snapshot = new CompletableFuture<>();
        } finally {
            lock.unlock();
        }
        int written = 0;
        try {
            for (; written < before.size(); written++) {
                write(before.get(written));
            }
            long old = log.length();
            LogFile.Header header = log.next(options.salt().getAsInt());
            lock.lock();
            try {
                olderLogs += old;
            } finally {
                lock.unlock();
            }
            options.compactor().execute(() -> writeSnapshot(header, entries));
        } catch (IOException | RuntimeException | Error e) {
            for (Group group : before.subList(written, before.size())) {
                fail(group, e);
            }
            snapshot.complete(null);
            throw e;
        }
    }

    private void writeSnapshot(LogFile.Header header, Entries entries) {
        try {
            boolean done = SnapshotWriter.write(disk, header, entries, () -> closing);
            snapshotDone(done, options.compactionFloor());
        } catch (IOException | RuntimeException | Error e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "ledger " + disk.where() + ": no snapshot, the logs stay: " + e);
            snapshotDone(false, 0);
        }
    }

    private void snapshotDone(boolean done, long floor) {
        lock.lock();
        try {
            if (done) {
                olderLogs = 0;
            }
            snapshotAt = done ? floor : 2 * olderLogs + options.compactionFloor();
            snapshot.complete(null);
        } finally {
            lock.unlock();
        }
    }

    private void fail(@Nullable Group current, Throwable cause) {
        LedgerException said =
                new LedgerException(
                        Code.DISK,
                        "ledger "
                                + disk.where()
                                + ": the disk refused: "
                                + cause
                                + "; nothing is durable from here on until the ledger is opened"
                                + " anew",
                        cause);
        List<Group> failed = new ArrayList<>();
        lock.lock();
        try {
            if (failure == null) {
                failure = said;
            }
            if (current != null) {
                failed.add(current);
            }
            failed.addAll(waiting);
            waiting.clear();
            waitingBytes = 0;
            room.signalAll();
        } finally {
            lock.unlock();
        }
        failed.forEach(group -> group.durable.completeExceptionally(said));
    }

    /** Writes what waits, then closes the disk. The caller does not hold the lock. */
    void close() {
        lock.lock();
        try {
            closing = true;
            work.signal();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        while (writer.isAlive()) {
            try {
                writer.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        try {
            snapshot.join();
        } catch (CompletionException e) {
            throw new AssertionError("a snapshot's end is never exceptional", e);
        }
        try {
            log.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "ledger " + disk.where() + ": " + e);
        }
        try {
            disk.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "ledger " + disk.where() + ": " + e);
        }
    }
}
