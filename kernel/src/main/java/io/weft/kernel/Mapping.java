package io.weft.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory shared with the kernel by mmap(2). Reading after {@link #close} throws. */
public final class Mapping implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment segment;

    Mapping(long address, long length, boolean readOnly) {
        MemorySegment mapped =
                MemorySegment.ofAddress(address)
                        .reinterpret(length, arena, gone -> Linux.unmap(address, length));
        this.segment = readOnly ? mapped.asReadOnly() : mapped;
    }

    public MemorySegment segment() {
        return segment;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
