package io.weft.flow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The flows that a node has seen of late: a ring of fixed capacity in which a new flow overwrites
 * the oldest, and the queues of those who follow it.
 *
 * <pre>
 *   append ──▶ ring (capacity) ──▶ recent(query)
 *         └──▶ each follower's queue ──▶ Follower.next
 * </pre>
 *
 * <p>{@code append} never waits for a reader: a follower whose queue is full loses that flow, and
 * is told how many it lost before it gets the next one. Any thread may call any method; flows keep
 * the order in which they were appended.
 */
public final class FlowLog implements AutoCloseable {
    /**
     * How full the log is.
     *
     * @param appended since the start
     * @param overwritten of these, no longer in the ring
     * @param lost flows that followers missed, also those that have left
     */
    public record Stats(
            int capacity, int size, long appended, long overwritten, int followers, long lost) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final @Nullable Flow[] ring;
    private final int maxFollowers;
    private final List<Follower> followers = new ArrayList<>();
    private long appended;
    private long lostByLeavers;
    private boolean closed;

    /**
     * @param capacity flows that are kept
     * @param maxFollowers how many may follow at the same time
     */
    public FlowLog(int capacity, int maxFollowers) {
        if (capacity < 1 || maxFollowers < 0) {
            throw new IllegalArgumentException(
                    "capacity " + capacity + ", at most " + maxFollowers + " followers");
        }
        this.ring = new Flow[capacity];
        this.maxFollowers = maxFollowers;
    }

    /** Adds the newest flow. After {@link #close} it is ignored. */
    public void append(Flow flow) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            ring[(int) (appended % ring.length)] = flow;
            appended++;
            for (Follower follower : followers) {
                follower.offer(flow);
            }
        } finally {
            lock.unlock();
        }
    }

    /** {@return the flows of the ring that the query asks for, oldest first} */
    public List<Flow> recent(FlowQuery query) {
        List<Flow> all;
        lock.lock();
        try {
            all = kept();
        } finally {
            lock.unlock();
        }
        return query.select(all);
    }

    /** {@return the newest flows, oldest first; at most {@code count}} */
    public List<Flow> newest(int count) {
        lock.lock();
        try {
            return kept(Math.min(count, ring.length));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Follows the log from now on, after the recent flows that the query asks for with {@code
     * --last} or {@code --since}; none is missed or seen twice in between. Close it to leave.
     *
     * @param queueCapacity flows that may wait for the reader
     * @throws TooManyFollowersException when as many as may follow do
     * @throws FlowFilterException when the query has {@code --first}
     */
    public Follower follow(FlowQuery query, int queueCapacity) {
        if (query.first().isPresent()) {
            throw new FlowFilterException(
                    "--first", "asks for the oldest flows and cannot follow new ones; use --last");
        }
        lock.lock();
        try {
            if (!closed && followers.size() >= maxFollowers) {
                throw new TooManyFollowersException(maxFollowers);
            }
            List<Flow> history =
                    query.last().isPresent() || query.since().isPresent()
                            ? query.select(kept())
                            : List.of();
            Follower follower =
                    new Follower(
                            query.filter(), new ArrayDeque<>(history), queueCapacity, this::leave);
            if (closed) {
                follower.end();
            } else {
                followers.add(follower);
            }
            return follower;
        } finally {
            lock.unlock();
        }
    }

    public Stats stats() {
        lock.lock();
        try {
            long lost = lostByLeavers;
            for (Follower follower : followers) {
                lost += follower.lost();
            }
            int size = (int) Math.min(appended, ring.length);
            return new Stats(ring.length, size, appended, appended - size, followers.size(), lost);
        } finally {
            lock.unlock();
        }
    }

    /** Ends every follower, once it has read what waits for it; the ring stays readable. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            for (Follower follower : followers) {
                lostByLeavers += follower.lost();
                follower.end();
            }
            followers.clear();
        } finally {
            lock.unlock();
        }
    }

    private void leave(Follower follower) {
        lock.lock();
        try {
            if (followers.remove(follower)) {
                lostByLeavers += follower.lost();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Oldest first; the lock is held. */
    private List<Flow> kept() {
        return kept(ring.length);
    }

    private List<Flow> kept(int most) {
        int size = (int) Math.min(appended, most);
        List<Flow> flows = new ArrayList<>(size);
        for (long i = appended - size; i < appended; i++) {
            Flow flow = ring[(int) (i % ring.length)];
            if (flow != null) {
                flows.add(flow);
            }
        }
        return flows;
    }
}
