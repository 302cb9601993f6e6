package io.weft.compiler;

import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** An immutable set of ids, ascending. */
final class IdSet {
    static final IdSet EMPTY = new IdSet(new int[0]);

    private final int[] ids;

    private IdSet(int[] ids) {
        this.ids = ids;
    }

    /**
     * @param ascending without repetition
     */
    static IdSet of(IntStream ascending) {
        int[] ids = ascending.toArray();
        return ids.length == 0 ? EMPTY : new IdSet(ids);
    }

    boolean isEmpty() {
        return ids.length == 0;
    }

    void forEach(IntConsumer action) {
        for (int id : ids) {
            action.accept(id);
        }
    }

    /** {@return the union; this set if it has all of {@code more}} */
    IdSet with(IdSet more) {
        int[] all = new int[ids.length + more.ids.length];
        int count = 0;
        int i = 0;
        int j = 0;
        while (i < ids.length || j < more.ids.length) {
            if (j == more.ids.length || (i < ids.length && ids[i] < more.ids[j])) {
                all[count++] = ids[i++];
            } else {
                if (i < ids.length && ids[i] == more.ids[j]) {
                    i++;
                }
                all[count++] = more.ids[j++];
            }
        }
        return count == ids.length ? this : new IdSet(Arrays.copyOf(all, count));
    }

    /** {@return the difference; this set if it has none of {@code less}} */
    IdSet without(IdSet less) {
        int[] left = new int[ids.length];
        int count = 0;
        int j = 0;
        for (int id : ids) {
            while (j < less.ids.length && less.ids[j] < id) {
                j++;
            }
            if (j == less.ids.length || less.ids[j] != id) {
                left[count++] = id;
            }
        }
        return count == ids.length ? this : new IdSet(Arrays.copyOf(left, count));
    }
}
