package io.weft.tables;

import java.util.ArrayList;
import java.util.List;

/**
 * How specific the entries of a group may be, so that a look-up asks only for those. Bit n of each
 * stands for entries that leave the last n of the 24 bits of (protocol, port) open: 0 one port, 16
 * one protocol, 24 any. Bits for which there is no entry cost look-ups and are not wrong.
 *
 * @param ofIdentity of entries for identities
 * @param ofAny of entries for {@link Identities#ANY}
 */
public record Lengths(int ofIdentity, int ofAny) {
    /** Of a group without entries. */
    public static final Lengths NONE = new Lengths(0, 0);

    /** {@return the bit of entries like {@code key}} */
    public static int bit(MatchKey key) {
        return 1 << key.open();
    }

    /** {@return of all these entries} */
    public static Lengths of(Iterable<MatchKey> keys) {
        int ofIdentity = 0;
        int ofAny = 0;
        for (MatchKey key : keys) {
            if (key.identity() == Identities.ANY) {
                ofAny |= bit(key);
            } else {
                ofIdentity |= bit(key);
            }
        }
        return new Lengths(ofIdentity, ofAny);
    }

    public Lengths or(Lengths other) {
        return new Lengths(ofIdentity | other.ofIdentity, ofAny | other.ofAny);
    }

    /**
     * {@return the keys to look for, the most specific first}
     *
     * @param exact with all bits of protocol and port
     */
    public List<MatchKey> ladder(MatchKey exact) {
        List<MatchKey> keys = new ArrayList<>();
        int lengths = exact.identity() == Identities.ANY ? ofAny : ofIdentity;
        for (; lengths != 0; lengths &= lengths - 1) {
            keys.add(exact.shortened(MatchKey.ALL_BITS - Integer.numberOfTrailingZeros(lengths)));
        }
        return keys;
    }
}
