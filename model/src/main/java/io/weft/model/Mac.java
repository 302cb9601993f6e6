package io.weft.model;

/**
 * An Ethernet address.
 *
 * @param bits 48 bits, the first byte on the wire most significant
 */
public record Mac(long bits) {
    public Mac {
        if (bits >>> 48 != 0) {
            throw new IllegalArgumentException("a MAC has 48 bits");
        }
    }

    /** Reads {@code 0a:58:0a:00:00:01}. */
    public static Mac parse(String text) {
        if (!text.matches("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}")) {
            throw new IllegalArgumentException("not a MAC address: '" + text + "'");
        }
        return new Mac(Long.parseLong(text.replace(":", ""), 16));
    }

    /** {@return 6 bytes in wire order} */
    public byte[] toBytes() {
        byte[] bytes = new byte[6];
        for (int i = 0; i < 6; i++) {
            bytes[i] = (byte) (bits >>> (40 - 8 * i));
        }
        return bytes;
    }

    @Override
    public String toString() {
        return String.format(
                "%02x:%02x:%02x:%02x:%02x:%02x",
                bits >>> 40 & 255,
                bits >>> 32 & 255,
                bits >>> 24 & 255,
                bits >>> 16 & 255,
                bits >>> 8 & 255,
                bits & 255);
    }
}
