package io.weft.bpf;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;

/** An immutable string of bytes, compared by content. */
public final class Bytes {
    public static final Bytes EMPTY = new Bytes(new byte[0]);

    private final byte[] content;

    private Bytes(byte[] content) {
        this.content = content;
    }

    public static Bytes copyOf(byte[] content) {
        return new Bytes(content.clone());
    }

    /** {@return that many zero bytes} */
    public static Bytes zeroes(int length) {
        return new Bytes(new byte[length]);
    }

    public int length() {
        return content.length;
    }

    public byte get(int index) {
        return content[index];
    }

    public byte[] toArray() {
        return content.clone();
    }

    /** {@return the content, read-only and without a copy} */
    public MemorySegment segment() {
        return MemorySegment.ofArray(content).asReadOnly();
    }

    /** {@return a copy with {@code value} at {@code offset}} */
    Bytes with(int offset, byte[] value) {
        byte[] copy = content.clone();
        System.arraycopy(value, 0, copy, offset, value.length);
        return new Bytes(copy);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes b && Arrays.equals(content, b.content);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(content);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(content, 0, Math.min(content.length, 64))
                + (content.length > 64 ? "..." : "");
    }
}
