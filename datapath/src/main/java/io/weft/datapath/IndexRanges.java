package io.weft.datapath;

import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Gives out runs of the indexes from 0 to {@code size} - 1: the smallest free run that is long
 * enough, the lowest of these. Neighbouring free runs become one. Not for use by several threads.
 */
final class IndexRanges {
    private record Run(int length, int first) implements Comparable<Run> {
        @Override
        public int compareTo(Run other) {
            int c = Integer.compare(length, other.length);
            return c != 0 ? c : Integer.compare(first, other.first);
        }
    }

    private final NavigableMap<Integer, Integer> lengths = new TreeMap<>(); // of free runs
    private final NavigableSet<Run> bySize = new TreeSet<>();
    private final int size;
    private int free;

    IndexRanges(int size) {
        this.size = size;
        add(0, size);
    }

    int size() {
        return size;
    }

    int free() {
        return free;
    }

    /** {@return the first of {@code length} indexes; empty when no free run is that long} */
    OptionalInt take(int length) {
        if (length == 0) {
            return OptionalInt.of(0);
        }
        Run run = bySize.ceiling(new Run(length, 0));
        if (run == null) {
            return OptionalInt.empty();
        }
        remove(run.first, run.length);
        if (run.length > length) {
            add(run.first + length, run.length - length);
        }
        return OptionalInt.of(run.first);
    }

    /** Takes a run that is in use already. */
    void take(int first, int length) {
        Map.Entry<Integer, Integer> around = lengths.floorEntry(first);
        if (length == 0) {
            return;
        }
        if (around == null || around.getKey() + around.getValue() < first + length) {
            throw new IllegalArgumentException(first + "+" + length + " is not free");
        }
        int before = around.getKey();
        int end = before + around.getValue();
        remove(before, end - before);
        if (first > before) {
            add(before, first - before);
        }
        if (end > first + length) {
            add(first + length, end - first - length);
        }
    }

    void giveBack(int first, int length) {
        if (length == 0) {
            return;
        }
        int start = first;
        int end = first + length;
        Map.Entry<Integer, Integer> below = lengths.floorEntry(first);
        if (below != null && below.getKey() + below.getValue() >= first) {
            if (below.getKey() + below.getValue() > first) {
                throw new IllegalArgumentException(first + "+" + length + " is free already");
            }
            start = below.getKey();
            remove(start, below.getValue());
        }
        Integer above = lengths.get(end);
        if (above != null) {
            remove(end, above);
            end += above;
        }
        add(start, end - start);
    }

    private void add(int first, int length) {
        lengths.put(first, length);
        bySize.add(new Run(length, first));
        free += length;
    }

    private void remove(int first, int length) {
        lengths.remove(first);
        bySize.remove(new Run(length, first));
        free -= length;
    }
}
