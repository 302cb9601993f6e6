package io.weft.agent;

/** The node refuses or cannot. */
public final class NodeException extends RuntimeException {
    /** Who can mend it. */
    public enum Cause {
        /** The input: wrong names, a change that is not allowed. */
        INPUT,
        /** The machine: a right, a kernel feature, a foreign object, room. */
        MACHINE
    }

    private final Cause cause;

    public NodeException(Cause cause, String message) {
        super(message);
        this.cause = cause;
    }

    public Cause cause() {
        return cause;
    }
}
