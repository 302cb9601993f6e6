package io.weft.ipam;

import java.time.Duration;
import java.util.Optional;

/** An address that cannot be given. Nothing has changed. */
public final class IpamException extends RuntimeException {
    /** Why. */
    public enum Code {
        /** Nothing is free. */
        EXHAUSTED,
        /** Somebody else has it. */
        CONFLICT,
        /** The pool never gives it. */
        OUTSIDE_POOL,
        UNKNOWN_POOL,
        /** It is for other namespaces. */
        FORBIDDEN_POOL,
        /** The key has a lease already: {@link #existing}. */
        DUPLICATE
    }

    private final Code code;
    private final Optional<Lease> existing;
    private final Optional<Duration> retryAfter;

    private IpamException(
            Code code, String message, Optional<Lease> existing, Optional<Duration> retryAfter) {
        super(message);
        this.code = code;
        this.existing = existing;
        this.retryAfter = retryAfter;
    }

    IpamException(Code code, String message) {
        this(code, message, Optional.empty(), Optional.empty());
    }

    static IpamException duplicate(Lease existing) {
        return new IpamException(
                Code.DUPLICATE,
                existing.key()
                        + " has "
                        + existing.addresses()
                        + " of pool "
                        + existing.pool()
                        + " already, since "
                        + existing.since()
                        + "; release it first",
                Optional.of(existing),
                Optional.empty());
    }

    static IpamException exhausted(String message, Optional<Duration> retryAfter) {
        return new IpamException(Code.EXHAUSTED, message, Optional.empty(), retryAfter);
    }

    public Code code() {
        return code;
    }

    /** {@return the lease that the key has: {@code DUPLICATE}} */
    public Optional<Lease> existing() {
        return existing;
    }

    /** {@return when the next resting address becomes free: {@code EXHAUSTED}} */
    public Optional<Duration> retryAfter() {
        return retryAfter;
    }
}
