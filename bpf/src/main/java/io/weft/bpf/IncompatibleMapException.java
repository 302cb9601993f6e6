package io.weft.bpf;

/** A pinned or given map is not what the object declares: the message names both. */
public final class IncompatibleMapException extends BpfException {
    public IncompatibleMapException(String message) {
        super(message);
    }
}
