package io.weft.claims;

/** Data that cannot be used: which file, which entry, what is wrong. */
public final class ClaimsException extends RuntimeException {
    public ClaimsException(String message) {
        super(message);
    }

    public ClaimsException(String message, Throwable cause) {
        super(message, cause);
    }
}
