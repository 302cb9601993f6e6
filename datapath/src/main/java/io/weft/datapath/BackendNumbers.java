package io.weft.datapath;

import io.weft.tables.Backend;
import java.util.HashMap;
import java.util.Map;

/**
 * Numbers of backends in sets that have them ({@link SetRun#isNumbered}). A number is not given
 * again before 2^32 others were.
 */
final class BackendNumbers {
    private record Used(int number, int uses) {}

    private final Map<Backend, Used> used = new HashMap<>();
    private int next = 1;
    private long uses;

    /** {@return the number of a backend that one more set has} */
    int acquire(Backend backend) {
        Used now =
                used.merge(
                        backend.anywhere(),
                        new Used(next, 1),
                        (old, fresh) -> new Used(old.number, old.uses + 1));
        uses++;
        if (now.number == next) {
            next = next == -1 ? 1 : next + 1;
        }
        return now.number;
    }

    /** {@return the number of a backend that some set has, 0 of another} */
    int of(Backend backend) {
        Used now = used.get(backend.anywhere());
        return now == null ? 0 : now.number;
    }

    void release(Backend backend) {
        used.computeIfPresent(
                backend.anywhere(),
                (key, old) -> old.uses == 1 ? null : new Used(old.number, old.uses - 1));
        uses--;
    }

    /** {@return in how many sets backends have numbers, summed over them} */
    long uses() {
        return uses;
    }

    void clear() {
        used.clear();
        uses = 0;
    }
}
