package io.weft.flow;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** One reader of a {@link FlowLog}, with a bounded queue of its own. */
public final class Follower implements AutoCloseable {
    /** What a follower gets, in order. */
    public sealed interface Item {
        record Seen(Flow flow) implements Item {}

        /**
         * The queue was full.
         *
         * @param count flows that matched and are missing between the last item and the next
         */
        record Lost(long count) implements Item {}

        /** Nothing comes after it. */
        record End() implements Item {}
    }

    /** A flow, and how many were lost just before it. */
    private record Waiting(long lostBefore, Flow flow) {}

    private static final Item END = new Item.End();

    private final FlowFilter filter;
    private final int capacity;
    private final Consumer<Follower> onClose;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Flow> history; // does not count against the capacity
    private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
    private long losing; // lost since the last flow that found room
    private long lost;
    private boolean ended;

    Follower(
            FlowFilter filter, ArrayDeque<Flow> history, int capacity, Consumer<Follower> onClose) {
        if (capacity < 1) {
            throw new IllegalArgumentException("queue capacity " + capacity);
        }
        this.filter = filter;
        this.history = history;
        this.capacity = capacity;
        this.onClose = onClose;
    }

    /** Never waits for the reader. */
    void offer(Flow flow) {
        if (!filter.matches(flow)) {
            return;
        }
        lock.lock();
        try {
            if (ended) {
                return;
            }
            if (queue.size() >= capacity) {
                losing++;
                lost++;
            } else {
                queue.addLast(new Waiting(losing, flow));
                losing = 0;
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for the next item.
     *
     * @return empty when none came in time
     * @throws InterruptedException when interrupted while it waits; nothing is lost by it
     */
    public Optional<Item> next(Duration timeout) throws InterruptedException {
        long nanos = TimeUnit.NANOSECONDS.convert(timeout); // saturates
        lock.lockInterruptibly();
        try {
            while (true) {
                Optional<Item> item = poll();
                if (item.isPresent()) {
                    return item;
                }
                if (nanos <= 0) {
                    return Optional.empty();
                }
                nanos = changed.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }

    private Optional<Item> poll() {
        Flow old = history.pollFirst();
        if (old != null) {
            return Optional.of(new Item.Seen(old));
        }
        Waiting first = queue.pollFirst();
        if (first != null) {
            if (first.lostBefore > 0) {
                queue.addFirst(new Waiting(0, first.flow));
                return Optional.of(new Item.Lost(first.lostBefore));
            }
            return Optional.of(new Item.Seen(first.flow));
        }
        if (losing > 0) {
            Item item = new Item.Lost(losing);
            losing = 0;
            return Optional.of(item);
        }
        return ended ? Optional.of(END) : Optional.empty();
    }

    /** {@return how many matching flows found the queue full, told or not} */
    public long lost() {
        lock.lock();
        try {
            return lost;
        } finally {
            lock.unlock();
        }
    }

    /** Leaves the log; what waits can still be read. */
    @Override
    public void close() {
        onClose.accept(this);
        end();
    }
}
