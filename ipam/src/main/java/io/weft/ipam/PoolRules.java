package io.weft.ipam;

import io.weft.ipam.PoolException.Problem;
import io.weft.model.Prefix;
import io.weft.model.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What a pool must be like. */
final class PoolRules {
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?");
    private static final List<Prefix> NEVER_HOSTS =
            List.of(
                    Prefix.parse("0.0.0.0/8"),
                    Prefix.parse("127.0.0.0/8"),
                    Prefix.parse("224.0.0.0/3"),
                    Prefix.parse("::/127"),
                    Prefix.parse("ff00::/8"));

    private final String name;
    private final List<Range> ranges;
    private final List<Span> exclusions;
    private final List<Problem> problems = new ArrayList<>();

    PoolRules(String name, List<Range> ranges, List<Span> exclusions) {
        this.name = name;
        this.ranges = ranges;
        this.exclusions = exclusions;
    }

    List<Problem> check() {
        if (!NAME.matcher(name).matches()) {
            problem(
                    "name",
                    "'"
                            + name
                            + "' must be lower case letters, digits, '-' and '.', at most 253, and"
                            + " begin and end with a letter or digit: pods-a");
        }
        atMost("ranges", ranges.size(), Pool.MAX_RANGES);
        atMost("exclude", exclusions.size(), Pool.MAX_EXCLUSIONS);
        if (!problems.isEmpty()) {
            return problems;
        }
        for (int i = 0; i < ranges.size(); i++) {
            range(i, ranges.get(i));
        }
        for (int i = 0; i < exclusions.size(); i++) {
            Span exclusion = exclusions.get(i);
            if (ranges.stream().noneMatch(range -> range.span().overlaps(exclusion))) {
                problem("exclude[" + i + "]", exclusion + " is in no range of the pool");
            }
        }
        if (problems.isEmpty() && ranges.isEmpty()) {
            problem("ranges", "a pool needs one at least: {\"subnet\": \"10.0.0.0/24\"}");
        }
        return problems;
    }

    private void range(int i, Range range) {
        String key = "ranges[" + i + "]";
        Prefix subnet = range.subnet();
        Span whole = Span.of(subnet);
        for (Prefix never : NEVER_HOSTS) {
            if (whole.overlaps(Span.of(never))) {
                problem(key + ".subnet", subnet + " has addresses of " + never + ", no host's");
            }
        }
        Span span = range.span();
        if (!whole.contains(span.first())) {
            problem(key + ".rangeStart", span.first() + " must be in " + subnet + ": " + whole);
        }
        if (!whole.contains(span.last())) {
            problem(key + ".rangeEnd", span.last() + " must be in " + subnet + ": " + whole);
        }
        range.gateway()
                .ifPresent(gateway -> {
                    boolean linkLocal =
                            Prefix.parse("fe80::/10").contains(gateway)
                                    || Prefix.parse("169.254.0.0/16").contains(gateway);
                    if (gateway.isV4() != subnet.isV4()
                            || (!whole.contains(gateway) && !linkLocal)) {
                        problem(
                                key + ".gateway",
                                gateway + " must be in " + subnet + ", or a link-local address");
                    }
                });
        for (int j = 0; j < i; j++) {
            Span other = ranges.get(j).span();
            if (other.overlaps(span)) {
                problem(key, span + " overlaps ranges[" + j + "]: " + other);
            }
        }
        List<Span> never = new ArrayList<>(exclusions);
        never.addAll(range.never());
        if (Span.subtract(List.of(span), never).isEmpty()) {
            problem(
                    key,
                    "nothing of "
                            + span
                            + " is left without network, broadcast, gateway and excluded"
                            + " addresses; choose a larger range");
        }
    }

    private void atMost(String key, int count, int most) {
        if (count > most) {
            problem(key, count + " of them; at most " + most);
        }
    }

    private void problem(String key, String text) {
        problems.add(new Problem(key, text));
    }
}
