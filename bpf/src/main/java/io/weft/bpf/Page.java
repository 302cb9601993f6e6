package io.weft.bpf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** The machine's page size, from the auxiliary vector; getauxval(3). */
final class Page {
    static final int SIZE = read();

    private static final int AT_PAGESZ = 6;

    private Page() {}

    private static int read() {
        Path file = Path.of("/proc/self/auxv");
        try {
            ByteBuffer vector =
                    ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
            while (vector.remaining() >= 16) {
                long key = vector.getLong();
                long value = vector.getLong();
                if (key == AT_PAGESZ) {
                    return Math.toIntExact(value);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("read " + file, e);
        }
        throw new IllegalStateException(file + " does not tell the page size");
    }
}
