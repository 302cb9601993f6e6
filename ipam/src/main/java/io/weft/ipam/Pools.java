package io.weft.ipam;

import io.weft.ipam.PoolException.Problem;
import io.weft.model.Span;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The pools of one domain: no two of one name, no address in two. */
public record Pools(List<Pool> pools) {
    /** Most of them. */
    public static final int MOST = 1024;

    /**
     * @throws PoolException with all that is wrong
     */
    public Pools {
        pools = List.copyOf(pools);
        List<Problem> problems = new ArrayList<>();
        if (pools.size() > MOST) {
            problems.add(new Problem("pools", pools.size() + " of them; at most " + MOST));
        } else {
            check(pools, problems);
        }
        if (!problems.isEmpty()) {
            throw new PoolException(problems);
        }
    }

    public static Pools of(Pool... pools) {
        return new Pools(List.of(pools));
    }

    private static void check(List<Pool> pools, List<Problem> problems) {
        Map<String, Integer> numbers = new LinkedHashMap<>();
        for (int i = 0; i < pools.size(); i++) {
            String name = pools.get(i).name();
            Integer other = numbers.putIfAbsent(name, i);
            if (other != null) {
                problems.add(
                        new Problem(
                                "pools[" + i + "].name",
                                "'" + name + "' is the name of pools[" + other + "] already"));
            }
        }
        record Piece(int pool, int range, Span span) {}
        List<Piece> pieces = new ArrayList<>();
        for (int i = 0; i < pools.size(); i++) {
            List<Range> ranges = pools.get(i).ranges();
            for (int j = 0; j < ranges.size(); j++) {
                pieces.add(new Piece(i, j, ranges.get(j).span()));
            }
        }
        pieces.sort((a, b) -> a.span().compareTo(b.span()));
        for (int i = 1; i < pieces.size(); i++) {
            Piece one = pieces.get(i - 1);
            Piece two = pieces.get(i);
            if (one.pool() != two.pool() && one.span().overlaps(two.span())) {
                problems.add(
                        new Problem(
                                "pools[" + two.pool() + "].ranges[" + two.range() + "]",
                                two.span()
                                        + " overlaps "
                                        + one.span()
                                        + " of pool "
                                        + pools.get(one.pool()).name()));
            }
        }
    }

    /** {@return their names, for messages} */
    String names() {
        List<String> names = pools.stream().map(Pool::name).limit(10).toList();
        return String.join(", ", names) + (pools.size() > names.size() ? ", …" : "");
    }
}
