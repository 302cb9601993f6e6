package io.weft.flow;

/** A flag of a {@link FlowQuery} that cannot be understood. */
public final class FlowFilterException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String flag;

    FlowFilterException(String flag, String reason) {
        super(flag + ": " + reason);
        this.flag = flag;
    }

    /** {@return the flag as it was written, with its dashes} */
    public String flag() {
        return flag;
    }
}
