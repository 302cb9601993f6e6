package io.weft.bpf;

import org.jspecify.annotations.Nullable;

/**
 * Something about eBPF went wrong. The message says operation, object, the kernel's own words if it
 * was the kernel that refused, and the next step where one is known.
 */
public sealed class BpfException extends RuntimeException
        permits ObjectFormatException,
                BpfSyscallException,
                VerifierException,
                IncompatibleMapException {
    public BpfException(String message) {
        super(message);
    }

    public BpfException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
