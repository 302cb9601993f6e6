package io.weft.ipam;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A set of numbers from 0, whose next member is found in as many steps as the largest has 64-ary
 * digits. A bit of each level says whether the word below it has any; memory goes with the largest
 * member.
 */
final class SummaryBits {
    private final List<long[]> levels = new ArrayList<>(List.of(new long[1]));
    private int count;

    int count() {
        return count;
    }

    boolean contains(int n) {
        long[] words = levels.getFirst();
        return n >> 6 < words.length && (words[n >> 6] & 1L << n) != 0;
    }

    void add(int n) {
        if (contains(n)) {
            return;
        }
        while (n >= 1L << (6 * levels.size())) {
            levels.add(new long[] {levels.getLast()[0] != 0 ? 1 : 0});
        }
        count++;
        int at = n;
        for (int level = 0; level < levels.size(); level++) {
            long[] words = levels.get(level);
            if (at >> 6 >= words.length) {
                words = Arrays.copyOf(words, Math.max((at >> 6) + 1, words.length * 3 / 2));
                levels.set(level, words);
            }
            boolean had = words[at >> 6] != 0;
            words[at >> 6] |= 1L << at;
            if (had) {
                return;
            }
            at >>= 6;
        }
    }

    void remove(int n) {
        if (!contains(n)) {
            return;
        }
        count--;
        int at = n;
        for (long[] words : levels) {
            words[at >> 6] &= ~(1L << at);
            if (words[at >> 6] != 0) {
                return;
            }
            at >>= 6;
        }
    }

    /** {@return the first member that is not before {@code from}, or -1} */
    int next(int from) {
        int at = from;
        for (int level = 0; level < levels.size(); level++) {
            long[] words = levels.get(level);
            if (at >> 6 >= words.length) {
                return -1;
            }
            long word = words[at >> 6] & -1L << at;
            if (word != 0) {
                at = (at >> 6 << 6) + Long.numberOfTrailingZeros(word);
                while (level-- > 0) {
                    at = (at << 6) + Long.numberOfTrailingZeros(levels.get(level)[at]);
                }
                return at;
            }
            at = (at >> 6) + 1;
        }
        return -1;
    }

    /** {@return the first member from {@code from} on, or else from the beginning, or -1} */
    int nextAround(int from) {
        int next = next(from);
        return next >= 0 || from == 0 ? next : next(0);
    }
}
