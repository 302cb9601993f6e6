package io.weft.kernel;

import org.jspecify.annotations.Nullable;

/** The kernel refused. The message is {@code operation object: ESYMBOL (text)[: detail]}. */
public final class KernelException extends RuntimeException {
    private final String operation;
    private final Errno errno;

    public KernelException(String operation, int errno) {
        this(operation, Errno.of(errno), null);
    }

    /**
     * @param operation what was tried, and on what: {@code open /run/netns/blue}
     * @param detail the kernel's own words (extended ack, verifier) or a next step
     */
    public KernelException(String operation, Errno errno, @Nullable String detail) {
        super(operation + ": " + errno + (detail == null ? "" : ": " + detail));
        this.operation = operation;
        this.errno = errno;
    }

    public String operation() {
        return operation;
    }

    public Errno errno() {
        return errno;
    }

    public boolean is(int code) {
        return errno.code() == code;
    }
}
