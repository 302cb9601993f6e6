package io.weft.netlink;

import java.util.HexFormat;

/**
 * An Ethernet address.
 *
 * @param bits 48, the first byte on the wire highest
 */
public record HardwareAddress(long bits) {
    private static final HexFormat COLONS = HexFormat.ofDelimiter(":");

    public HardwareAddress {
        if (bits >>> 48 != 0) {
            throw new IllegalArgumentException("over 48 bits: 0x" + Long.toHexString(bits));
        }
    }

    /**
     * @param bytes 6, as on the wire
     */
    public static HardwareAddress of(byte[] bytes) {
        if (bytes.length != 6) {
            throw new IllegalArgumentException("a MAC has 6 bytes, not " + bytes.length);
        }
        long bits = 0;
        for (byte b : bytes) {
            bits = (bits << 8) | (b & 0xff);
        }
        return new HardwareAddress(bits);
    }

    /** Reads {@code 02:00:00:00:00:2a}. */
    public static HardwareAddress parse(String text) {
        return of(COLONS.parseHex(text));
    }

    /** {@return 6 bytes, as on the wire} */
    public byte[] bytes() {
        byte[] raw = new byte[6];
        for (int i = 0; i < 6; i++) {
            raw[i] = (byte) (bits >>> (40 - 8 * i));
        }
        return raw;
    }

    @Override
    public String toString() {
        return COLONS.formatHex(bytes());
    }
}
