package io.weft.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Room for the results of one {@link Linux#epollWait}: {@code struct epoll_event}, packed on x86-64
 * (12 bytes) and padded elsewhere (16 bytes).
 */
public final class EpollEvents {
    private static final boolean PACKED =
            !System.getProperty("os.arch", "").equalsIgnoreCase("aarch64");
    static final int SIZE = PACKED ? 12 : 16;
    private static final int DATA = PACKED ? 4 : 8;

    private final MemorySegment segment;
    private final int capacity;

    /** Allocates in {@code arena}. */
    public EpollEvents(Arena arena, int capacity) {
        this.segment = arena.allocate((long) SIZE * capacity, 8);
        this.capacity = capacity;
    }

    static void put(MemorySegment event, int events, long data) {
        event.set(ValueLayout.JAVA_INT, 0, events);
        event.set(ValueLayout.JAVA_LONG_UNALIGNED, DATA, data);
    }

    MemorySegment segment() {
        return segment;
    }

    int capacity() {
        return capacity;
    }

    /** {@return the data that was registered with the ready descriptor at {@code index}} */
    public long data(int index) {
        return segment.get(ValueLayout.JAVA_LONG_UNALIGNED, (long) index * SIZE + DATA);
    }
}
