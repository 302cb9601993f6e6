package io.weft.kernel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Owns one file descriptor. Closing twice is harmless; using it after close fails with EBADF
 * semantics instead of touching a descriptor that the kernel has handed out again.
 */
public final class Fd implements AutoCloseable {
    private static final AtomicLong OPEN = new AtomicLong();

    private final AtomicInteger number;
    private final String what;

    private Fd(int number, String what) {
        this.number = new AtomicInteger(number);
        this.what = what;
        OPEN.incrementAndGet();
    }

    /**
     * Takes ownership of {@code number}.
     *
     * @param what the object behind it, for messages: {@code map weft_ct}
     */
    public static Fd own(int number, String what) {
        if (number < 0) {
            throw new IllegalArgumentException("descriptor of " + what + " is " + number);
        }
        return new Fd(number, what);
    }

    /** {@return the descriptor, valid until {@link #close}} */
    public int number() {
        int n = number.get();
        if (n < 0) {
            throw new IllegalStateException(what + " is closed");
        }
        return n;
    }

    /** {@return a second owner of the same open file; fcntl(2) F_DUPFD_CLOEXEC} */
    public Fd duplicate() {
        return Linux.duplicate(this, what);
    }

    public boolean isOpen() {
        return number.get() >= 0;
    }

    /** {@return how many {@code Fd} are open in this process; tests compare it} */
    public static long openCount() {
        return OPEN.get();
    }

    @Override
    public void close() {
        int n = number.getAndSet(-1);
        if (n >= 0) {
            OPEN.decrementAndGet();
            Linux.close(n);
        }
    }

    @Override
    public String toString() {
        return what + " (fd " + number.get() + ")";
    }
}
