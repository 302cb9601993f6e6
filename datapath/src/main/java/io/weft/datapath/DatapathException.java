package io.weft.datapath;

/** The datapath cannot do what was asked; the message says what is in the way and what next. */
public final class DatapathException extends RuntimeException {
    public DatapathException(String message) {
        super(message);
    }

    public DatapathException(String message, Throwable cause) {
        super(message, cause);
    }
}
