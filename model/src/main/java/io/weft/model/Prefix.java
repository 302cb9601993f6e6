package io.weft.model;

import java.util.Optional;

/**
 * A CIDR block with its host bits cleared: {@code 10.0.0.0/8}, {@code fd00::/8}.
 *
 * @param ip the first address
 * @param length bits of the address's own family: 0–32 or 0–128
 */
public record Prefix(Ip ip, int length) implements Comparable<Prefix> {
    /** Every IPv4 address. */
    public static final Prefix ALL_V4 = new Prefix(Ip.v4(0), 0);

    /** Every IPv6 address. */
    public static final Prefix ALL_V6 = new Prefix(new Ip(0, 0), 0);

    public Prefix {
        if (length < 0 || length > 128) {
            throw new IllegalArgumentException("prefix length " + length + " of " + ip);
        }
        if (ip.isV4()) {
            if (length > 32) {
                throw new IllegalArgumentException("prefix length " + length + " of " + ip);
            }
            ip = masked(ip, 96 + length);
        } else {
            ip = masked(ip, length);
        }
    }

    private static Ip masked(Ip ip, int bits) {
        long high = bits >= 64 ? ip.high() : bits == 0 ? 0 : ip.high() & (-1L << (64 - bits));
        long low = bits >= 128 ? ip.low() : bits <= 64 ? 0 : ip.low() & (-1L << (128 - bits));
        return new Ip(high, low);
    }

    /** {@return the block that holds only {@code ip}} */
    public static Prefix of(Ip ip) {
        return new Prefix(ip, ip.bits());
    }

    /**
     * Reads {@code address/length}.
     *
     * @throws IllegalArgumentException saying what is wrong
     */
    public static Prefix parse(String text) {
        return tryParse(text)
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "not a CIDR block (address/length): '" + text + "'"));
    }

    /** {@return the block, or nothing when {@code text} is none} */
    public static Optional<Prefix> tryParse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return Optional.empty();
        }
        String digits = text.substring(slash + 1);
        if (!digits.matches("0|[1-9][0-9]{0,2}")) {
            return Optional.empty();
        }
        int length = Integer.parseInt(digits);
        String address = text.substring(0, slash);
        Optional<Ip> ip = Ip.tryParse(address);
        if (ip.isPresent() && ip.get().isV4() && address.indexOf(':') >= 0) {
            // ::ffff:10.0.0.0/104 is 10.0.0.0/8
            return length < 96 || length > 128
                    ? Optional.empty()
                    : Optional.of(new Prefix(ip.get(), length - 96));
        }
        return ip.filter(i -> length <= i.bits()).map(i -> new Prefix(i, length));
    }

    public boolean isV4() {
        return ip.isV4();
    }

    /** {@return the length among 128 bits, where IPv4 is IPv4-mapped: 96 more than its own} */
    public int mappedLength() {
        return isV4() ? 96 + length : length;
    }

    /** {@return whether {@code other} is of the same family and inside this block} */
    public boolean contains(Ip other) {
        return isV4() == other.isV4() && masked(other, mappedLength()).equals(ip);
    }

    /** {@return whether all of {@code other} is inside this block} */
    public boolean contains(Prefix other) {
        return length <= other.length && contains(other.ip);
    }

    /** By family, address, then length: a block before those inside it. */
    @Override
    public int compareTo(Prefix other) {
        int c = Boolean.compare(other.isV4(), isV4());
        c = c != 0 ? c : ip.compareTo(other.ip);
        return c != 0 ? c : Integer.compare(length, other.length);
    }

    @Override
    public String toString() {
        return ip + "/" + length;
    }
}
