package io.weft.tables;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The policy that one or more pods share in one direction.
 *
 * @param id unique among the groups of a {@link Tables}, both directions together
 * @param defaultRule decides when no entry matches
 * @param entries unmodifiable
 */
public record Group(int id, Direction direction, int defaultRule, Map<MatchKey, Verdict> entries) {
    /** Pods that no policy isolates; it has no entries and allows everything. */
    public static final int OPEN = 0;

    private static final int[] LENGTHS = {
        24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 0
    };

    /**
     * {@return the entry that the kernel would find for {@code key}, or null} An entry equal to
     * {@code key} counts.
     */
    public @Nullable Verdict longestMatch(MatchKey key) {
        for (int bits : LENGTHS) {
            if (bits <= key.bits()) {
                Verdict verdict = entries.get(key.shortened(bits));
                if (verdict != null) {
                    return verdict;
                }
            }
        }
        return null;
    }
}
