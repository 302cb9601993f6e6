package io.weft.datapath;

import io.weft.tables.Backend;
import java.util.Arrays;
import java.util.List;

/**
 * Maglev hashing (Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load Balancer",
 * NSDI 2016, section 3.4). Each backend has an order of its own of all places, and in turn each
 * takes the next place of its order that is free. So every backend has nearly the same number of
 * places, and when one goes, nearly only its places change hands.
 *
 * <p>The order depends on the backend's address and port alone: all nodes have the same table.
 */
final class Maglev {
    /**
     * A table has so many places, a prime, while there are at most so many backends: each backend
     * has 130 places or more, so that less than 2 % of all move that need not. There are few sizes,
     * as nearly everything moves when a backend more or less asks for another one.
     */
    private record Size(int places, int backends) {}

    private static final List<Size> SIZES =
            List.of(new Size(4093, 25), new Size(16381, 120), new Size(65521, Integer.MAX_VALUE));

    private static final int FREE = -1;

    private Maglev() {}

    /** {@return how many places the table of so many backends has} */
    static int size(int backends) {
        return SIZES.stream()
                .filter(size -> backends <= size.backends)
                .findFirst()
                .orElseThrow()
                .places;
    }

    /** {@return for each place, which of the backends has it} */
    static int[] table(List<Backend> backends) {
        int size = size(backends.size());
        int[] next = new int[backends.size()];
        int[] skip = new int[backends.size()];
        for (int i = 0; i < next.length; i++) {
            Backend backend = backends.get(i);
            next[i] = (int) Long.remainderUnsigned(hash(backend, 1), size);
            skip[i] = (int) Long.remainderUnsigned(hash(backend, 2), size - 1) + 1;
        }
        int[] table = new int[size];
        Arrays.fill(table, FREE);
        for (int taken = 0; ; ) {
            for (int i = 0; i < next.length; i++) {
                while (table[next[i]] != FREE) {
                    next[i] = (next[i] + skip[i]) % size;
                }
                table[next[i]] = i;
                if (++taken == size) {
                    return table;
                }
            }
        }
    }

    private static long hash(Backend backend, long seed) {
        long h = mix(backend.ip().high() ^ seed * 0x9e3779b97f4a7c15L);
        h = mix(h ^ backend.ip().low());
        return mix(h ^ backend.port());
    }

    /** The finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). */
    private static long mix(long z) {
        long x = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        x = (x ^ (x >>> 27)) * 0x94d049bb133111ebL;
        return x ^ (x >>> 31);
    }
}
