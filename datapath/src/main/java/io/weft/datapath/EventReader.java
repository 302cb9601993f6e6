package io.weft.datapath;

import io.weft.bpf.BpfMap;
import io.weft.bpf.RingBuffer;
import io.weft.tables.EventRecord;
import java.util.function.Consumer;

/** Delivers the programs' events on a platform thread of its own, until it is closed. */
public final class EventReader implements AutoCloseable {
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
        while (ring.isOpen()) {
            try {
                ring.poll(-1);
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
