package io.weft.model;

import java.util.Optional;

/**
 * An IPv4 or IPv6 address as 128 bits; IPv4 is held as its IPv4-mapped form {@code ::ffff:a.b.c.d}
 * (RFC 4291 §2.5.5.2), so one key layout serves both families. An IPv4-mapped IPv6 address and its
 * IPv4 address are therefore equal.
 *
 * @param high the first 8 bytes, network order
 * @param low the last 8 bytes, network order
 */
public record Ip(long high, long low) implements Comparable<Ip> {
    private static final long MAPPED = 0x0000ffffL << 32;

    /** {@return the IPv4 address of these 32 bits, most significant byte first} */
    public static Ip v4(int bits) {
        return new Ip(0, MAPPED | Integer.toUnsignedLong(bits));
    }

    /** {@return the address of 4 or 16 bytes in network order} */
    public static Ip of(byte[] bytes) {
        if (bytes.length == 4) {
            return v4((int) number(bytes, 0, 4));
        }
        if (bytes.length == 16) {
            return new Ip(number(bytes, 0, 8), number(bytes, 8, 8));
        }
        throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + bytes.length);
    }

    private static long number(byte[] bytes, int from, int count) {
        long n = 0;
        for (int i = from; i < from + count; i++) {
            n = n << 8 | (bytes[i] & 0xff);
        }
        return n;
    }

    /**
     * Reads {@code 10.0.0.1} or {@code fd00::1}; no zone, no leading zeros in IPv4.
     *
     * @throws IllegalArgumentException saying what is wrong
     */
    public static Ip parse(String text) {
        return tryParse(text)
                .orElseThrow(
                        () -> new IllegalArgumentException("not an IP address: '" + text + "'"));
    }

    /** {@return the address, or nothing when {@code text} is none} */
    public static Optional<Ip> tryParse(String text) {
        return IpText.parse(text);
    }

    /** {@return whether it is 0.0.0.0 or ::} */
    public boolean isUnspecified() {
        return high == 0 && (low == 0 || low == MAPPED);
    }

    public boolean isV4() {
        return high == 0 && (low & 0xffffffff00000000L) == MAPPED;
    }

    /** {@return 32 for IPv4, 128 for IPv6} */
    public int bits() {
        return isV4() ? 32 : 128;
    }

    /** {@return the low 32 bits: the IPv4 address, most significant byte first} */
    public int v4Bits() {
        return (int) low;
    }

    /** {@return 16 bytes in network order, IPv4 as IPv4-mapped} */
    public byte[] toBytes16() {
        byte[] bytes = new byte[16];
        for (int i = 0; i < 8; i++) {
            bytes[i] = (byte) (high >>> (56 - 8 * i));
            bytes[8 + i] = (byte) (low >>> (56 - 8 * i));
        }
        return bytes;
    }

    /** {@return the address {@code n} further on, within 64 bits of carry} */
    public Ip plus(long n) {
        long sum = low + n;
        boolean carry = Long.compareUnsigned(sum, low) < 0;
        return new Ip(carry ? high + 1 : high, sum);
    }

    @Override
    public int compareTo(Ip other) {
        int c = Long.compareUnsigned(high, other.high);
        return c != 0 ? c : Long.compareUnsigned(low, other.low);
    }

    /** {@return dotted quad, or RFC 5952 text} */
    @Override
    public String toString() {
        return IpText.format(this);
    }
}
