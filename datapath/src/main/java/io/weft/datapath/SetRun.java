package io.weft.datapath;

import io.weft.model.Service.Balancing;
import io.weft.tables.Backend;
import io.weft.tables.BackendSet;
import io.weft.tables.BackendValue;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/** The backends of a set, as they lie behind each other in {@code weft_backends}. */
final class SetRun {
    private SetRun() {}

    static boolean isMaglev(BackendSet set) {
        return set.balancing() == Balancing.MAGLEV;
    }

    /** {@return how many places it takes} */
    static int length(BackendSet set) {
        int backends = set.backends().size();
        return backends > 0 && isMaglev(set) ? Maglev.size(backends) : backends;
    }

    /**
     * Writes all of them.
     *
     * @param offset of the first, in bytes
     * @param ids of backends
     */
    static void write(BackendSet set, MemorySegment to, long offset, ToIntFunction<Backend> ids) {
        List<BackendValue> values = new ArrayList<>(set.backends().size());
        for (Backend backend : set.backends()) {
            values.add(new BackendValue(backend.ip(), backend.port(), ids.applyAsInt(backend)));
        }
        long at = offset;
        if (isMaglev(set) && !values.isEmpty()) {
            for (int i : Maglev.table(set.backends())) {
                values.get(i).write(to, at);
                at += BackendValue.SIZE;
            }
        } else {
            for (BackendValue value : values) {
                value.write(to, at);
                at += BackendValue.SIZE;
            }
        }
    }
}
