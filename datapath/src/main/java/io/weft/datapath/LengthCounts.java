package io.weft.datapath;

import io.weft.tables.Identities;
import io.weft.tables.Lengths;
import io.weft.tables.MatchKey;

/** How many entries of one group there are of each length. */
final class LengthCounts {
    private final int[] ofIdentity;
    private final int[] ofAny;

    private LengthCounts(int[] ofIdentity, int[] ofAny) {
        this.ofIdentity = ofIdentity;
        this.ofAny = ofAny;
    }

    LengthCounts() {
        this(new int[MatchKey.ALL_BITS + 1], new int[MatchKey.ALL_BITS + 1]);
    }

    LengthCounts copy() {
        return new LengthCounts(ofIdentity.clone(), ofAny.clone());
    }

    /** Takes note of an entry that comes or goes. */
    void count(MatchKey key, Change.Kind kind) {
        int by =
                switch (kind) {
                    case ADDED -> 1;
                    case CHANGED -> 0;
                    case REMOVED -> -1;
                };
        (key.identity() == Identities.ANY ? ofAny : ofIdentity)[key.open()] += by;
    }

    Lengths lengths() {
        return new Lengths(bits(ofIdentity), bits(ofAny));
    }

    private static int bits(int[] counts) {
        int bits = 0;
        for (int open = 0; open < counts.length; open++) {
            bits |= counts[open] > 0 ? 1 << open : 0;
        }
        return bits;
    }
}
