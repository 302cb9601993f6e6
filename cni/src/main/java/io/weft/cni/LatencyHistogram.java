package io.weft.cni;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How often something took how long, in 4 KB whatever was recorded. Buckets are an eighth of a
 * power of two wide, so that a quantile is at most 12.5 % too high. Thread-safe; recording
 * allocates nothing, takes no lock, and is O(1).
 */
public final class LatencyHistogram {
    private static final int BITS = 3;
    private static final int PER_POWER = 1 << BITS;
    private static final int BUCKETS = (Long.SIZE - BITS) * PER_POWER;

    private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);
    private final AtomicLong longest = new AtomicLong();

    /**
     * What was recorded, in nanoseconds.
     *
     * @param median and {@code p99}: no more than {@code longest}
     */
    public record Summary(long count, long median, long p99, long longest) {}

    /** Takes nanoseconds; a negative number is none. */
    public void record(long nanos) {
        long value = Math.max(0, nanos);
        counts.getAndIncrement(bucket(value));
        long before = longest.get();
        while (value > before && !longest.weakCompareAndSetVolatile(before, value)) {
            before = longest.get();
        }
    }

    /** {@return the bucket of a number that is not negative} */
    static int bucket(long value) {
        if (value < PER_POWER) {
            return (int) value;
        }
        int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(value);
        int eighth = (int) (value >>> (power - BITS)) & PER_POWER - 1;
        return (power - BITS + 1) * PER_POWER + eighth;
    }

    /** {@return the largest number of a bucket} */
    static long largest(int bucket) {
        if (bucket < PER_POWER) {
            return bucket;
        }
        int shift = bucket / PER_POWER - 1;
        return ((PER_POWER + bucket % PER_POWER + 1L) << shift) - 1;
    }

    /** {@return what was recorded so far; while others record, of some moment each} */
    public Summary summary() {
        long[] seen = new long[BUCKETS];
        long count = 0;
        for (int i = 0; i < BUCKETS; i++) {
            seen[i] = counts.get(i);
            count += seen[i];
        }
        long most = longest.get();
        return new Summary(
                count,
                Math.min(most, quantile(seen, (count + 1) / 2)),
                Math.min(most, quantile(seen, count - count / 100)),
                most);
    }

    /** {@return the value of that rank, from 1} */
    private static long quantile(long[] seen, long rank) {
        long below = 0;
        for (int i = 0; i < seen.length; i++) {
            below += seen[i];
            if (below >= rank) {
                return largest(i);
            }
        }
        return 0;
    }
}
