package io.weft.dns;

/** A DNS server that cannot serve; the message says where, why, and what to do. */
public final class DnsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Why. */
    public enum Cause {
        /** The addresses that were asked for make no sense. */
        INPUT,
        /** The kernel does not give the socket. */
        SOCKET
    }

    private final Cause why;

    DnsException(Cause why, String message, Throwable cause) {
        super(message, cause);
        this.why = why;
    }

    DnsException(Cause why, String message) {
        super(message);
        this.why = why;
    }

    public Cause why() {
        return why;
    }
}
