package io.weft.bpf;

/** An object file, its BTF, or an edit of its spec makes no sense. */
public final class ObjectFormatException extends BpfException {
    public ObjectFormatException(String message) {
        super(message);
    }
}
