package io.weft.bpf;

import io.weft.kernel.Errno;

/** bpf(2) refused. The message is {@code operation object: ESYMBOL (text)[: likely reason]}. */
public final class BpfSyscallException extends BpfException {
    private final Errno errno;

    public BpfSyscallException(String operation, int errno, String reason) {
        this(operation, Errno.of(errno), reason);
    }

    private BpfSyscallException(String operation, Errno errno, String reason) {
        super(operation + ": " + errno + (reason.isEmpty() ? "" : ": " + reason));
        this.errno = errno;
    }

    public Errno errno() {
        return errno;
    }

    public boolean is(int code) {
        return errno.code() == code;
    }
}
