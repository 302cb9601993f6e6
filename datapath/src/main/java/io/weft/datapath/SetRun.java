package io.weft.datapath;

import io.weft.model.Protocol;
import io.weft.model.Service.Balancing;
import io.weft.tables.Backend;
import io.weft.tables.BackendSet;
import io.weft.tables.BackendValue;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.ToIntFunction;

/** The backends of a set, as they lie behind each other in {@code weft_backends}. */
final class SetRun {
    private SetRun() {}

    static boolean isMaglev(BackendSet set) {
        return set.balancing() == Balancing.MAGLEV;
    }

    /**
     * {@return whether its backends have numbers, by which a client is held to one that is still
     * there: by affinity, or because a connection of its protocol has no end that is seen}
     */
    static boolean isNumbered(BackendSet set) {
        return set.sticky() || set.id().protocol() != Protocol.TCP;
    }

    /** {@return how many places it takes} */
    static int length(BackendSet set) {
        int backends = set.backends().size();
        return backends > 0 && isMaglev(set) ? Maglev.size(backends) : backends;
    }

    /**
     * Writes all of them.
     *
     * @param to where the first goes
     * @param ids of backends
     */
    static void write(BackendSet set, MemorySegment to, ToIntFunction<Backend> ids) {
        List<Backend> backends = set.backends();
        if (isMaglev(set) && !backends.isEmpty()) {
            writeMaglev(backends, to, ids);
            return;
        }
        long at = 0;
        for (Backend backend : backends) {
            value(backend, ids).write(to, at);
            at += BackendValue.SIZE;
        }
    }

    private static void writeMaglev(
            List<Backend> backends, MemorySegment to, ToIntFunction<Backend> ids) {
        List<BackendValue> values = backends.stream().map(b -> value(b, ids)).toList();
        long at = 0;
        for (int i : Maglev.table(backends)) {
            values.get(i).write(to, at);
            at += BackendValue.SIZE;
        }
    }

    private static BackendValue value(Backend backend, ToIntFunction<Backend> ids) {
        return new BackendValue(backend.ip(), backend.port(), ids.applyAsInt(backend));
    }
}
