package io.weft.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Numbers in bytes that the kernel wrote. */
final class MemorySegments {
    private MemorySegments() {}

    static int int32(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getInt(0);
    }
}
