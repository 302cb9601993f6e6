package io.weft.dns;

import java.nio.charset.StandardCharsets;

/**
 * Says in words why an answer has no records: RFC 8914. Whoever asked with EDNS reads it, such as
 * dig.
 *
 * @param code one of RFC 8914 §4
 * @param text as long as {@link #MAX_TEXT}; what is longer is cut
 */
record ExtendedError(int code, String text) {
    static final int OTHER = 0;
    static final int NOT_AUTHORITATIVE = 20;
    static final int NO_REACHABLE_AUTHORITY = 22;

    /** In bytes: with the longest name the answer still has no more than 512. */
    static final int MAX_TEXT = 200;

    private static final int OPTION = 15;

    ExtendedError {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(utf8.length, MAX_TEXT);
        while (length < utf8.length && (utf8[length] & 0xc0) == 0x80) {
            length--; // not within a character
        }
        text = new String(utf8, 0, length, StandardCharsets.UTF_8);
    }

    /** {@return the option of an OPT record} */
    byte[] option() {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        byte[] option = new byte[6 + utf8.length];
        Wire.put16(option, 0, OPTION);
        Wire.put16(option, 2, 2 + utf8.length);
        Wire.put16(option, 4, code);
        System.arraycopy(utf8, 0, option, 6, utf8.length);
        return option;
    }
}
