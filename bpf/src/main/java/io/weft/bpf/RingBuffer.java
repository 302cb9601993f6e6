package io.weft.bpf;

import io.weft.kernel.EpollEvents;
import io.weft.kernel.Fd;
import io.weft.kernel.Linux;
import io.weft.kernel.Mapping;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Reads a BPF_MAP_TYPE_RINGBUF, Documentation/bpf/ringbuf.rst. Samples are handed out where they
 * lie, without a copy.
 *
 * <p>The map is seen as: one page with the consumer's position, which only we write; one page with
 * the producers' position; the data, mapped twice in a row so that a sample that wraps around is
 * still one piece. A sample begins with 8 bytes: its length with two flags, and a page offset.
 *
 * <pre>
 *   offset 0            page             2 x page                  + size            + size
 *   | consumer position | producer position | data ............... | data again ...... |
 *     long, rw            long, ro            0.. (position & mask)
 * </pre>
 *
 * <p>A map has one consumer: open it once. One thread at a time consumes; {@link #wakeUp} and
 * {@link #close} may come from any thread.
 */
public final class RingBuffer implements AutoCloseable {
    /** Receives samples. */
    @FunctionalInterface
    public interface SampleHandler {
        /**
         * Called once for each sample, oldest first.
         *
         * @param sample read-only and valid during the call only: the kernel writes over it later
         */
        void sample(MemorySegment sample);
    }

    /** Receives samples without any object being made for them. */
    @FunctionalInterface
    public interface RawHandler {
        /**
         * Called once for each sample, oldest first.
         *
         * @param ring all data, read-only; the sample is valid during the call only
         * @param offset where the sample begins
         * @param length bytes
         */
        void sample(MemorySegment ring, long offset, int length);
    }

    private static final VarHandle POSITION = ValueLayout.JAVA_LONG.varHandle();
    private static final VarHandle HEADER = ValueLayout.JAVA_INT.varHandle();
    private static final int BUSY = 1 << 31;
    private static final int DISCARD = 1 << 30;
    private static final int HEADER_SIZE = 8;
    private static final long WAKE = 1;

    private final String name;
    private final RawHandler handler;
    private final long mask;
    private final Fd map;
    private final Fd epoll;
    private final Fd event;
    private final Mapping consumer;
    private final Mapping producer;
    private final MemorySegment data;
    private final Arena arena = Arena.ofShared();
    private final EpollEvents events;
    private final MemorySegment counter;
    private final ReentrantLock lock = new ReentrantLock();
    private final Object wakeLock = new Object(); // guards closing of event
    private volatile boolean closed;
    private boolean released;

    private RingBuffer(BpfMap map, RawHandler handler) {
        if (map.type() != MapType.RINGBUF) {
            throw new IncompatibleMapException("not a ring buffer: " + map);
        }
        long size = map.maxEntries();
        this.name = map.name();
        this.handler = handler;
        this.mask = size - 1;
        this.events = new EpollEvents(arena, 2);
        this.counter = arena.allocate(ValueLayout.JAVA_LONG);
        ArrayDeque<AutoCloseable> undo = new ArrayDeque<>();
        boolean done = false;
        try {
            undo.push(arena);
            this.map = map.fd().duplicate();
            undo.push(this.map);
            this.consumer = Linux.map(this.map, 0, Page.SIZE, Linux.PROT_READ | Linux.PROT_WRITE);
            undo.push(consumer);
            this.producer = Linux.map(this.map, Page.SIZE, Page.SIZE + 2 * size, Linux.PROT_READ);
            undo.push(producer);
            this.data = producer.segment().asSlice(Page.SIZE, 2 * size);
            this.epoll = Linux.epollCreate();
            undo.push(epoll);
            this.event = Linux.eventFd();
            undo.push(event);
            Linux.epollAdd(epoll, this.map, 0);
            Linux.epollAdd(epoll, event, WAKE);
            done = true;
        } finally {
            if (!done) {
                undo.forEach(RingBuffer::closeQuietly);
            }
        }
    }

    private static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            throw new IllegalStateException(e); // none of ours throws a checked one
        }
    }

    /** Opens {@code map}, which may be closed afterwards. Close the result. */
    public static RingBuffer open(BpfMap map, SampleHandler handler) {
        return new RingBuffer(
                map, (ring, offset, length) -> handler.sample(ring.asSlice(offset, length)));
    }

    /** As {@link #open}, for handlers that read by offset: no allocation per sample. */
    public static RingBuffer openRaw(BpfMap map, RawHandler handler) {
        return new RingBuffer(map, handler);
    }

    public boolean isOpen() {
        return !closed;
    }

    /**
     * Hands out all samples that are there, and waits when there are none.
     *
     * @param timeoutMillis how long to wait; -1 waits for a sample, {@link #wakeUp} or {@link
     *     #close}
     * @return how many samples were handed out; 0 once closed
     */
    public int poll(int timeoutMillis) {
        lock.lock();
        try {
            int count = drain();
            if (count > 0 || closed) {
                return count;
            }
            sleep(timeoutMillis);
            return drain();
        } finally {
            unlock();
        }
    }

    /**
     * Waits until there is a sample, and leaves it where it is. The kernel wakes nobody for those
     * that come behind one which nobody has taken.
     *
     * @param timeoutMillis as of {@link #poll}
     */
    public void await(int timeoutMillis) {
        lock.lock();
        try {
            if (!closed) {
                sleep(timeoutMillis);
            }
        } finally {
            unlock();
        }
    }

    private void sleep(int timeoutMillis) {
        int ready = Linux.epollWait(epoll, events, timeoutMillis);
        for (int i = 0; i < ready; i++) {
            if (events.data(i) == WAKE) {
                Linux.read(event, counter);
            }
        }
    }

    /** Hands out all samples that are there, without waiting. {@return how many} */
    public int consume() {
        lock.lock();
        try {
            return drain();
        } finally {
            unlock();
        }
    }

    private int drain() {
        if (closed) {
            return 0;
        }
        MemorySegment ours = consumer.segment();
        MemorySegment theirs = producer.segment();
        int count = 0;
        long at = (long) POSITION.get(ours, 0L);
        long end = (long) POSITION.getAcquire(theirs, 0L);
        while (at < end && !closed) {
            long offset = at & mask;
            int header = (int) HEADER.getAcquire(data, offset);
            if ((header & BUSY) != 0) {
                break; // reserved and not yet submitted: those behind it must wait
            }
            int length = header & ~(BUSY | DISCARD);
            at += HEADER_SIZE + ((length + 7L) & ~7L);
            try {
                if ((header & DISCARD) == 0) {
                    count++;
                    handler.sample(data, offset + HEADER_SIZE, length);
                }
            } finally {
                POSITION.setRelease(ours, 0L, at); // also when the handler throws
            }
            if (at == end) {
                end = (long) POSITION.getAcquire(theirs, 0L);
            }
        }
        return count;
    }

    /** {@return bytes that it has room for, headers included} */
    public long size() {
        return mask + 1;
    }

    /** {@return bytes that wait to be consumed, headers included} */
    public long pendingBytes() {
        lock.lock();
        try {
            return closed
                    ? 0
                    : (long) POSITION.getAcquire(producer.segment(), 0L)
                            - (long) POSITION.get(consumer.segment(), 0L);
        } finally {
            unlock();
        }
    }

    /** Ends a {@link #poll} that waits, from any thread; the next poll when none does. */
    public void wakeUp() {
        synchronized (wakeLock) {
            if (event.isOpen()) {
                try (Arena one = Arena.ofConfined()) {
                    Linux.write(event, one.allocateFrom(ValueLayout.JAVA_LONG, 1L));
                }
            }
        }
    }

    /** Stops the consumer, waits for its handler to return, and lets go of the memory. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        wakeUp();
        lock.lock();
        unlock();
    }

    /** The last one to leave a closed ring releases it: never under a handler that runs. */
    private void unlock() {
        if (closed && !released && lock.getHoldCount() == 1) {
            released = true;
            producer.close();
            consumer.close();
            synchronized (wakeLock) {
                event.close();
            }
            epoll.close();
            map.close();
            arena.close();
        }
        lock.unlock();
    }

    @Override
    public String toString() {
        return "ring buffer " + name;
    }
}
