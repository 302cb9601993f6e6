package io.weft.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Little-endian bytes of a foreign file: every access is checked and named. */
final class Reader {
    private final String what;
    private final byte[] content;
    private final ByteBuffer buffer;

    Reader(String what, byte[] content) {
        this.what = what;
        this.content = content;
        this.buffer = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    }

    int length() {
        return content.length;
    }

    private int check(long offset, long size) {
        if (offset < 0 || size < 0 || offset > content.length - size) {
            throw new ObjectFormatException(
                    "%s is cut short: %d bytes wanted at %d, it has %d"
                            .formatted(what, size, offset, content.length));
        }
        return (int) offset;
    }

    int u8(long offset) {
        return content[check(offset, 1)] & 0xff;
    }

    int u16(long offset) {
        return buffer.getShort(check(offset, 2)) & 0xffff;
    }

    int i32(long offset) {
        return buffer.getInt(check(offset, 4));
    }

    /** An unsigned 32-bit number that must fit a Java int: offsets, counts, sizes. */
    int size32(long offset) {
        int value = i32(offset);
        if (value < 0) {
            throw new ObjectFormatException(
                    "%s: %d at %d is larger than anything here"
                            .formatted(what, value & 0xffffffffL, offset));
        }
        return value;
    }

    long i64(long offset) {
        return buffer.getLong(check(offset, 8));
    }

    byte[] bytes(long offset, long size) {
        int from = check(offset, size);
        return Arrays.copyOfRange(content, from, from + (int) size);
    }

    /** A string that ends with a zero byte. */
    String string(long offset) {
        int from = check(offset, 1);
        int end = from;
        while (end < content.length && content[end] != 0) {
            end++;
        }
        if (end == content.length) {
            throw new ObjectFormatException(what + ": string at " + offset + " does not end");
        }
        return new String(content, from, end - from, StandardCharsets.UTF_8);
    }
}
