package io.weft.store;

/** The ledger refuses or cannot. */
public final class LedgerException extends RuntimeException {
    /** What is the matter. */
    public enum Code {
        /** Another process, or this one already, has it open. */
        LOCKED,
        /** What is on the disk is not what was written. */
        CORRUPT,
        /**
         * The disk refused: full, or broken. Nothing is written until the ledger is opened anew.
         */
        DISK,
        /** A key, a value, a batch or the whole exceeds its limit. */
        TOO_LARGE,
        /** It was closed. */
        CLOSED
    }

    private final Code code;

    LedgerException(Code code, String message) {
        super(message);
        this.code = code;
    }

    LedgerException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** {@return the same, with the stack of whoever is told now} */
    LedgerException again() {
        return new LedgerException(code, String.valueOf(getMessage()), this);
    }

    public Code code() {
        return code;
    }
}
