package io.weft.flow;

/** Recorded flows that cannot be read. */
public final class FlowFileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FlowFileException(String message) {
        super(message);
    }
}
