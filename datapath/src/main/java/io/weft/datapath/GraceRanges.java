package io.weft.datapath;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Indexes of a map. What is retired may still be read by a program that looked a moment ago, so it
 * is given out again only after a grace period, which is waited for when there is too little else.
 */
final class GraceRanges {
    /** This part of all, retired, is worth a grace period. */
    private static final int WORTH = 8;

    private record Run(int first, int length) {}

    private final IndexRanges free;
    private final GracePeriod grace;
    private final List<Run> retired = new ArrayList<>();
    private int retiredIndexes;

    GraceRanges(int size, GracePeriod grace) {
        free = new IndexRanges(size);
        this.grace = grace;
    }

    int size() {
        return free.size();
    }

    /** {@return how many are in use, without what is retired} */
    int used() {
        return free.size() - free.free() - retiredIndexes;
    }

    /** {@return the first of {@code length} indexes; empty when no free run is that long} */
    OptionalInt take(int length) {
        OptionalInt first = free.take(length);
        if (first.isEmpty() && !retired.isEmpty()) {
            reclaim();
            first = free.take(length);
        }
        return first;
    }

    /** Takes a run that a process before left. */
    void take(int first, int length) {
        free.take(first, length);
    }

    /** Gives back what no program has seen. */
    void giveBack(int first, int length) {
        free.giveBack(first, length);
    }

    /** Gives back what programs may be reading. */
    void retire(int first, int length) {
        if (length > 0) {
            retired.add(new Run(first, length));
            retiredIndexes += length;
            if (retiredIndexes > free.size() / WORTH) {
                reclaim();
            }
        }
    }

    private void reclaim() {
        grace.await();
        retired.forEach(run -> free.giveBack(run.first, run.length));
        retired.clear();
        retiredIndexes = 0;
    }
}
