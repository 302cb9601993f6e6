package io.weft.dns;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * A domain name in wire form (RFC 1035 §3.1), in lower case: names that differ in case only are
 * equal. Bytes outside ASCII are kept as they are.
 *
 * <p>What {@link #probe} makes can be loaded from packet after packet, to look up names without
 * garbage; it must never become a key.
 */
public final class WireName {
    /** Of a whole name with its length bytes, in bytes. */
    static final int MAX_LENGTH = 255;

    static final int MAX_LABEL = 63;
    public static final WireName ROOT = new WireName(new byte[1], 1);

    private final byte[] bytes;
    private int length;
    private int hash;

    private WireName(byte[] bytes, int length) {
        this.bytes = bytes;
        this.length = length;
        int h = 0;
        for (int i = 0; i < length; i++) {
            bytes[i] = lower(bytes[i]);
            h = 31 * h + bytes[i];
        }
        this.hash = h;
    }

    private static byte lower(byte b) {
        return b >= 'A' && b <= 'Z' ? (byte) (b | 0x20) : b; // length bytes are below 'A'
    }

    /** {@return an empty one to {@link #load}} */
    static WireName probe() {
        return new WireName(new byte[MAX_LENGTH], 0);
    }

    /**
     * Makes this the uncompressed name at {@code offset}.
     *
     * @return where it ends; -1: malformed, or compressed
     */
    int load(byte[] packet, int offset, int end) {
        int at = offset;
        int h = 0;
        int left = 0; // bytes until the next length byte
        int most = Math.min(end, offset + MAX_LENGTH);
        while (at < most) {
            byte b = packet[at];
            if (left == 0) {
                if ((b & 0xc0) != 0) {
                    return -1;
                }
                left = b;
                bytes[at - offset] = b;
                h = 31 * h + b;
                at++;
                if (b == 0) {
                    length = at - offset;
                    hash = h;
                    return at;
                }
            } else {
                byte l = lower(b);
                bytes[at - offset] = l;
                h = 31 * h + l;
                left--;
                at++;
            }
        }
        return -1;
    }

    /** {@return a copy that stays as it is} */
    WireName copy() {
        return new WireName(Arrays.copyOf(bytes, length), length);
    }

    /**
     * Reads {@code web.shop.svc.cluster.local}, with or without a dot at its end; no escapes.
     *
     * @throws IllegalArgumentException when a label or the name is empty or too long
     */
    public static WireName parse(String text) {
        return tryParse(text)
                .orElseThrow(
                        () -> new IllegalArgumentException("not a domain name: '" + text + "'"));
    }

    public static Optional<WireName> tryParse(String text) {
        if (text.equals(".")) {
            return Optional.of(ROOT);
        }
        String plain = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        byte[] utf8 = plain.getBytes(StandardCharsets.UTF_8);
        byte[] wire = new byte[utf8.length + 2];
        int start = 0; // of the label
        for (int i = 0; i <= utf8.length; i++) {
            if (i == utf8.length || utf8[i] == '.') {
                int size = i - start;
                if (size < 1 || size > MAX_LABEL) {
                    return Optional.empty();
                }
                wire[start] = (byte) size;
                System.arraycopy(utf8, start, wire, start + 1, size);
                start = i + 1;
            }
        }
        return wire.length > MAX_LENGTH
                ? Optional.empty()
                : Optional.of(new WireName(wire, wire.length));
    }

    /**
     * {@return this name with one more label in front}
     *
     * @throws IllegalArgumentException when the label or the name is empty or too long
     */
    public WireName child(String label) {
        byte[] utf8 = label.getBytes(StandardCharsets.UTF_8);
        if (utf8.length < 1 || utf8.length > MAX_LABEL || utf8.length + 1 + length > MAX_LENGTH) {
            throw new IllegalArgumentException("no room for label '" + label + "' in " + this);
        }
        byte[] wire = new byte[1 + utf8.length + length];
        wire[0] = (byte) utf8.length;
        System.arraycopy(utf8, 0, wire, 1, utf8.length);
        System.arraycopy(bytes, 0, wire, 1 + utf8.length, length);
        return new WireName(wire, wire.length);
    }

    /** {@return this name without its first label; the root's is itself} */
    WireName parent() {
        int skip = bytes[0] == 0 ? 0 : 1 + bytes[0];
        return new WireName(Arrays.copyOfRange(bytes, skip, length), length - skip);
    }

    /** {@return whether it is {@code ancestor}, or below it} */
    boolean isAtOrBelow(WireName ancestor) {
        int from = length - ancestor.length;
        if (from < 0 || !Arrays.equals(bytes, from, length, ancestor.bytes, 0, ancestor.length)) {
            return false;
        }
        int at = 0;
        while (at < from) {
            at += 1 + bytes[at];
        }
        return at == from;
    }

    /** {@return the first label} */
    String firstLabel() {
        return label(0);
    }

    /** {@return the second label; this has at least two} */
    String secondLabel() {
        return label(1 + bytes[0]);
    }

    private String label(int at) {
        return new String(bytes, at + 1, bytes[at], StandardCharsets.UTF_8);
    }

    int labels() {
        int count = 0;
        for (int at = 0; bytes[at] != 0; at += 1 + bytes[at]) {
            count++;
        }
        return count;
    }

    /** {@return in bytes, in wire form} */
    int length() {
        return length;
    }

    void copyTo(byte[] to, int offset) {
        System.arraycopy(bytes, 0, to, offset, length);
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WireName o
                && hash == o.hash
                && length == o.length
                && Arrays.equals(bytes, 0, length, o.bytes, 0, length);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** {@return {@code web.shop.svc.cluster.local.}; what would not print as {@code \ddd}} */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < length && bytes[at] != 0; at += 1 + bytes[at]) {
            for (int i = at + 1; i <= at + bytes[at]; i++) {
                int b = bytes[i] & 0xff;
                if (b <= ' ' || b >= 0x7f || b == '.' || b == '\\') {
                    text.append(String.format(Locale.ROOT, "\\%03d", b));
                } else {
                    text.append((char) b);
                }
            }
            text.append('.');
        }
        return text.isEmpty() ? "." : text.toString();
    }
}
