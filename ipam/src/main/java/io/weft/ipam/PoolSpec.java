package io.weft.ipam;

import io.weft.ipam.PoolException.Problem;
import io.weft.model.Ip;
import io.weft.model.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A pool as a configuration says it, in the words of CNI's host-local plugin.
 *
 * @param exclude each an address, a block, or {@code first-last}
 */
public record PoolSpec(String name, List<RangeSpec> ranges, List<String> exclude) {
    /**
     * @param subnet {@code 10.0.0.0/24}
     * @param rangeStart the first address that may be given; empty: the subnet's
     * @param rangeEnd the last
     * @param gateway empty: the subnet's first
     */
    public record RangeSpec(
            String subnet,
            Optional<String> rangeStart,
            Optional<String> rangeEnd,
            Optional<String> gateway) {
        public static RangeSpec of(String subnet) {
            return new RangeSpec(subnet, Optional.empty(), Optional.empty(), Optional.empty());
        }
    }

    public PoolSpec {
        ranges = List.copyOf(ranges);
        exclude = List.copyOf(exclude);
    }

    /**
     * {@return the pool}
     *
     * @throws PoolException with all that is wrong
     */
    public Pool read() {
        List<Problem> problems = new ArrayList<>();
        Map<Integer, Range> read = new TreeMap<>();
        for (int i = 0; i < ranges.size(); i++) {
            int number = i;
            range("ranges[" + i + "]", ranges.get(i), problems)
                    .ifPresent(range -> read.put(number, range));
        }
        Map<Integer, Span> excluded = new TreeMap<>();
        for (int i = 0; i < exclude.size(); i++) {
            int number = i;
            Optional<Span> span = Span.tryParse(exclude.get(i));
            span.ifPresent(s -> excluded.put(number, s));
            if (span.isEmpty()) {
                problems.add(
                        new Problem(
                                "exclude[" + i + "]",
                                "'"
                                        + exclude.get(i)
                                        + "' must be an address (10.0.0.5), a block (10.0.0.0/28)"
                                        + " or a span (10.0.0.5-10.0.0.9)"));
            }
        }
        boolean readable = problems.isEmpty();
        problems.addAll(new PoolRules(name, read, readable ? excluded : Map.of()).check());
        if (!readable) {
            problems.removeIf(p -> p.key().equals("ranges") && p.text().startsWith("a pool needs"));
        }
        if (!problems.isEmpty()) {
            throw new PoolException(problems);
        }
        return new Pool(name, List.copyOf(read.values()), List.copyOf(excluded.values()));
    }

    private static Optional<Range> range(String key, RangeSpec spec, List<Problem> problems) {
        int before = problems.size();
        Optional<Prefix> subnet = Prefix.tryParse(spec.subnet());
        if (subnet.isEmpty()) {
            problems.add(
                    new Problem(
                            key + ".subnet",
                            "'" + spec.subnet() + "' must be a block: 10.0.0.0/24, fd00::/64"));
            return Optional.empty();
        }
        Prefix block = subnet.get();
        String address = spec.subnet().substring(0, spec.subnet().indexOf('/'));
        if (!Ip.parse(address).equals(block.ip())) {
            problems.add(
                    new Problem(
                            key + ".subnet",
                            spec.subnet() + " has host bits; the block is " + block));
        }
        Span whole = Span.of(block);
        Ip first = address(key + ".rangeStart", spec.rangeStart(), problems).orElse(whole.first());
        Ip last = address(key + ".rangeEnd", spec.rangeEnd(), problems).orElse(whole.last());
        Optional<Ip> gateway = address(key + ".gateway", spec.gateway(), problems);
        sameFamily(key + ".rangeStart", first, block, problems);
        sameFamily(key + ".rangeEnd", last, block, problems);
        if (problems.size() == before && first.compareTo(last) > 0) {
            problems.add(
                    new Problem(
                            key + ".rangeEnd", last + " must not be before rangeStart " + first));
        }
        if (problems.size() > before) {
            return Optional.empty();
        }
        return Optional.of(
                new Range(
                        block,
                        new Span(first, last),
                        gateway.isPresent() ? gateway : Range.defaultGateway(block)));
    }

    private static void sameFamily(String key, Ip ip, Prefix block, List<Problem> problems) {
        if (ip.isV4() != block.isV4()) {
            problems.add(new Problem(key, ip + " must be in " + block + ": " + Span.of(block)));
        }
    }

    private static Optional<Ip> address(String key, Optional<String> text, List<Problem> problems) {
        Optional<Ip> ip = text.flatMap(Ip::tryParse);
        if (text.isPresent() && ip.isEmpty()) {
            problems.add(
                    new Problem(key, "'" + text.get() + "' must be an address: 10.0.0.9, fd00::9"));
        }
        return ip;
    }
}
