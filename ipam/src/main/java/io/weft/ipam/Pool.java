package io.weft.ipam;

import io.weft.ipam.PoolException.Problem;
import io.weft.model.Span;
import java.util.ArrayList;
import java.util.List;

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
        List<Problem> problems = new PoolRules(name, ranges, exclusions).check();
        if (!problems.isEmpty()) {
            throw new PoolException(problems);
        }
    }

    /** {@return what can be given out, disjoint and in order} */
    List<Span> spans(Family family) {
        List<Span> spans = new ArrayList<>();
        List<Span> never = new ArrayList<>(exclusions);
        for (Range range : ranges) {
            if (Family.of(range.span().first()) == family) {
                spans.add(range.span());
                never.addAll(range.never());
            }
        }
        return Span.subtract(spans, never);
    }

    /** {@return the families of the ranges, IPv4 first} */
    public List<Family> families() {
        return ranges.stream()
                .map(range -> Family.of(range.span().first()))
                .distinct()
                .sorted()
                .toList();
    }
}
