package io.weft.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * In what two maps differ. Versions of one map that share most of what they hold are compared in
 * the time that their difference takes, any others in the time that both take.
 *
 * <pre>
 *   MapDiff.between(before.pods(), after.pods(), (ref, old, pod) -&gt; …);
 * </pre>
 */
public final class MapDiff {
    private MapDiff() {}

    /** Is told of each key whose value is not the same object; it may be an equal one. */
    @FunctionalInterface
    public interface Visitor<K, V> {
        /**
         * @param before null: the key is new
         * @param after null: the key is gone
         */
        void differs(K key, @Nullable V before, @Nullable V after);
    }

    /** A map that knows what it shares with other versions of itself. */
    public interface Source<K, V> {
        /** {@return false, and nothing is told, when {@code before} is another kind of map} */
        boolean differences(Map<K, V> before, Visitor<? super K, ? super V> to);
    }

    /** Tells of each key once, in no particular order. */
    @SuppressWarnings({"unchecked", "ReferenceEquality"}) // a Source of K and V if after is a map
    // of them
    public static <K, V> void between(
            Map<K, V> before, Map<K, V> after, Visitor<? super K, ? super V> to) {
        if (before == after
                || (after instanceof Source<?, ?> source
                        && ((Source<K, V>) source).differences(before, to))) {
            return;
        }
        after.forEach((key, value) -> {
            V old = before.get(key);
            if (old != value) {
                to.differs(key, old, value);
            }
        });
        before.forEach((key, old) -> {
            if (!after.containsKey(key)) {
                to.differs(key, old, null);
            }
        });
    }
}
