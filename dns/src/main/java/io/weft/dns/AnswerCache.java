package io.weft.dns;

import java.util.LinkedHashMap;
import java.util.Optional;

/** Answers of upstreams, as long as they hold; those asked for least recently go first. */
final class AnswerCache {
    /**
     * @param flags that change the answer: {@link #flags}
     */
    record Key(WireName name, int type, int flags) {
        static int flags(QueryReader query) {
            return (query.flags & Wire.CD) | (query.dnssecOk ? 1 : 0);
        }

        boolean dnssecOk() {
            return (flags & 1) != 0;
        }
    }

    private final LinkedHashMap<Key, StoredAnswer> answers = new LinkedHashMap<>(64, 0.75f, true);
    private final long most;
    private long weight;

    /**
     * @param most bytes of memory, about
     */
    AnswerCache(long most) {
        this.most = most;
    }

    synchronized Optional<StoredAnswer> get(Key key, long now) {
        StoredAnswer answer = answers.get(key);
        if (answer == null) {
            return Optional.empty();
        }
        if (!answer.isFresh(now)) {
            answers.remove(key);
            weight -= answer.weight();
            return Optional.empty();
        }
        return Optional.of(answer);
    }

    synchronized void put(Key key, StoredAnswer answer) {
        StoredAnswer old = answers.put(key, answer);
        weight += answer.weight() - (old == null ? 0 : old.weight());
        var eldest = answers.entrySet().iterator();
        while (weight > most && eldest.hasNext()) {
            weight -= eldest.next().getValue().weight();
            eldest.remove();
        }
    }

    synchronized int size() {
        return answers.size();
    }
}
