package io.weft.datapath;

/**
 * What one key of a versioned map goes through in a revision.
 *
 * @param before what a look-up of this key gives in the old tables; of a prefix, by the longest
 * @param after what it gives in the new ones
 * @param kind whether the key itself is in the old, the new, or both
 */
record Change<K, V>(K key, V before, V after, Kind kind) {
    enum Kind {
        ADDED,
        CHANGED,
        REMOVED
    }
}
