package io.weft.ipam;

import io.weft.ipam.PoolException.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Addresses to give out.
 *
 * @param name a DNS subdomain, as annotations say it
 * @param ranges of one or both families, at most {@value #MAX_RANGES}
 * @param exclusions never given out, at most {@value #MAX_EXCLUSIONS}
 */
public record Pool(String name, List<Range> ranges, List<Span> exclusions) {
    public static final int MAX_RANGES = 64;
    public static final int MAX_EXCLUSIONS = 1024;

    /**
     * @throws PoolException with all that is wrong
     */
    public Pool {
        ranges = List.copyOf(ranges);
        exclusions = List.copyOf(exclusions);
        Map<Integer, Range> numbered = new TreeMap<>();
        for (int i = 0; i < ranges.size(); i++) {
            numbered.put(i, ranges.get(i));
        }
        Map<Integer, Span> excluded = new TreeMap<>();
        for (int i = 0; i < exclusions.size(); i++) {
            excluded.put(i, exclusions.get(i));
        }
        List<Problem> problems = new PoolRules(name, numbered, excluded).check();
        if (!problems.isEmpty()) {
            throw new PoolException(problems);
        }
    }

    /** {@return what can be given out, disjoint and in order} */
    List<Span> spans(Family family) {
        List<Span> spans = new ArrayList<>();
        List<Span> never = new ArrayList<>(exclusions);
        for (Range range : ranges) {
            if (range.span().family() == family) {
                spans.add(range.span());
                never.addAll(range.never());
            }
        }
        return Span.subtract(spans, never);
    }

    /** {@return the families of the ranges, IPv4 first} */
    public List<Family> families() {
        return ranges.stream().map(range -> range.span().family()).distinct().sorted().toList();
    }
}
