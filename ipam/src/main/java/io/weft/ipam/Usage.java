package io.weft.ipam;

/**
 * How full a pool is in one family: {@code total = used + cooling + reserved + free}. {@link
 * Long#MAX_VALUE} means that many or more.
 *
 * @param total that can be given out: without network, broadcast, gateway and excluded addresses
 * @param used by leases
 * @param cooling given back, and not free yet
 * @param reserved kept for claims that no lease holds
 */
public record Usage(
        String pool, Family family, long total, long used, long cooling, long reserved, long free) {

    /** {@return {@code pool default, IPv4: 12 used, 3 cooling, 0 reserved, 238 free of 253}} */
    @Override
    public String toString() {
        return "pool "
                + pool
                + ", "
                + family
                + ": "
                + used
                + " used, "
                + cooling
                + " cooling, "
                + reserved
                + " reserved, "
                + number(free)
                + " free of "
                + number(total);
    }

    static String number(long n) {
        return n == Long.MAX_VALUE ? "2^63 or more" : Long.toString(n);
    }
}
