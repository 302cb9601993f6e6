package io.weft.datapath;

import io.weft.bpf.BpfMap;
import io.weft.bpf.RingBuffer;
import io.weft.tables.EventRecord;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Delivers the programs' events on a platform thread of its own, until it is closed, {@link #PAUSE}
 * after they happen.
 *
 * <p>That is what keeps connections fast. A program that puts an event behind one which nobody has
 * taken yet wakes nobody; waking a thread on another processor costs it more than all else that it
 * does. So events are left to gather for a moment, and taken all at once.
 */
public final class EventReader implements AutoCloseable {
    /** An event is delivered so long after the first one that waits with it. */
    static final Duration PAUSE = Duration.ofMillis(10);

    /** Bytes of events in a second, for which a ring must have room during the pause. */
    private static final long MOST_BYTES_PER_SECOND = 1L << 29;

    private static final long NANOS = 1_000_000_000;

    private final RingBuffer ring;
    private final Thread thread;

    EventReader(BpfMap map, Consumer<EventRecord> consumer) {
        ring = RingBuffer.openRaw(map, (data, at, length) -> deliver(data, at, length, consumer));
        thread = Thread.ofPlatform().name("weft-events").daemon().start(this::run);
    }

    private static void deliver(
            java.lang.foreign.MemorySegment data,
            long at,
            int length,
            Consumer<EventRecord> consumer) {
        // a program of another version may still be attached
        if (length == EventRecord.SIZE) {
            consumer.accept(EventRecord.read(data, at));
        }
    }

    private void run() {
        long pause = Math.min(PAUSE.toNanos(), ring.size() * NANOS / MOST_BYTES_PER_SECOND);
        while (ring.isOpen()) {
            try {
                ring.await(-1);
                if (ring.isOpen()) {
                    LockSupport.parkNanos(pause);
                }
                ring.consume();
            } catch (RuntimeException e) {
                // a consumer that fails loses one event, not the stream
                Thread current = Thread.currentThread();
                current.getUncaughtExceptionHandler().uncaughtException(current, e);
            }
        }
    }

    /** Ends the delivery; when it returns, the consumer is not called any more. */
    @Override
    public void close() {
        ring.close();
        boolean interrupted = false;
        while (thread.isAlive() && thread != Thread.currentThread()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
