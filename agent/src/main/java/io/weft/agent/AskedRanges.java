package io.weft.agent;

import io.weft.cni.CniCode;
import io.weft.cni.CniException;
import io.weft.cni.CniRequest;
import io.weft.cni.CniResult;
import io.weft.cni.IpNet;
import io.weft.cni.RuntimeConfig.IpRange;
import io.weft.ipam.Pool;
import io.weft.ipam.Pools;
import io.weft.ipam.Range;
import io.weft.ipam.Request;
import io.weft.model.Ip;
import io.weft.model.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The ranges that addresses must be in, in host-local's form: a set for each address, of which one
 * range gives it. They choose among what the agent's pools have, and add nothing to it.
 *
 * @param ranges of all sets
 */
record AskedRanges(List<IpRange> ranges) {
    /**
     * Reads the capability {@code ipRanges} and {@code ipam.ranges}; of each family the runtime's.
     *
     * @throws CniException when there is more than one set of a family
     */
    static AskedRanges of(CniRequest request) {
        List<IpRange> runtime =
                flat("runtimeConfig.ipRanges", request.config().runtime().ipRanges());
        List<IpRange> all = new ArrayList<>(runtime);
        flat("ipam.ranges", request.config().ipam().ranges()).stream()
                .filter(range -> runtime.stream().noneMatch(other -> isV4(other) == isV4(range)))
                .forEach(all::add);
        return new AskedRanges(List.copyOf(all));
    }

    private static List<IpRange> flat(String key, List<List<IpRange>> sets) {
        List<IpRange> flat = new ArrayList<>();
        for (int i = 0; i < sets.size(); i++) {
            List<IpRange> set = sets.get(i);
            String where = key + "[" + i + "]: ";
            if (set.isEmpty()) {
                throw refused(where + "empty: must have a range");
            }
            boolean v4 = isV4(set.getFirst());
            if (set.stream().anyMatch(range -> isV4(range) != v4)) {
                throw refused(where + "ranges of both families: must be a set for each");
            }
            if (flat.stream().anyMatch(range -> isV4(range) == v4)) {
                throw refused(
                        where
                                + "a second set of IPv"
                                + (v4 ? 4 : 6)
                                + ": an interface has one address of each family");
            }
            flat.addAll(set);
        }
        return flat;
    }

    private static boolean isV4(IpRange range) {
        return range.subnet().ip().isV4();
    }

    private static CniException refused(String why) {
        return new CniException(CniCode.BAD_CONFIG, why);
    }

    boolean isEmpty() {
        return ranges.isEmpty();
    }

    /**
     * {@return names of the pools that have addresses of each set}
     *
     * @throws CniException when there is none, with what the pools have
     */
    List<String> poolsOf(Pools pools) {
        List<String> having =
                pools.pools().stream()
                        .filter(pool ->
                                ranges.stream()
                                        .map(AskedRanges::isV4)
                                        .distinct()
                                        .allMatch(v4 -> has(pool, v4)))
                        .map(Pool::name)
                        .toList();
        if (having.isEmpty()) {
            throw refused(
                    "ranges: no pool has addresses of "
                            + ranges.stream().map(AskedRanges::text).toList()
                            + ": there are "
                            + pools.pools().stream().map(AskedRanges::text).toList());
        }
        return having;
    }

    private boolean has(Pool pool, boolean v4) {
        return ranges.stream()
                .filter(range -> isV4(range) == v4)
                .flatMap(range -> range(range).given().stream())
                .anyMatch(span -> pool.ranges().stream().anyMatch(r -> r.span().overlaps(span)));
    }

    private static String text(IpRange range) {
        return range.subnet().prefix()
                + (range.start().isEmpty() && range.end().isEmpty()
                        ? ""
                        : " (" + range(range).span() + ")");
    }

    private static String text(Pool pool) {
        return pool.name() + " with " + pool.ranges().stream().map(Range::span).toList();
    }

    private static Range range(IpRange range) {
        Span whole = Span.of(range.subnet().prefix());
        return new Range(
                range.subnet().prefix(),
                new Span(range.start().orElse(whole.first()), range.end().orElse(whole.last())),
                range.gateway());
    }

    /** {@return the request, for addresses in the ranges} */
    Request restrict(Request request) {
        return ranges.isEmpty()
                ? request
                : request.within(
                        ranges.stream().flatMap(range -> range(range).given().stream()).toList());
    }

    /**
     * {@return an address with the length and gateway of the range that it is of, else of the
     * pool's; a gateway that a range does not say is the pool's, when that is in the subnet}
     */
    CniResult.Address inSubnet(Ip ip, Range pool) {
        Optional<IpRange> asked =
                ranges.stream()
                        .filter(range ->
                                range(range).given().stream().anyMatch(span -> span.contains(ip)))
                        .findFirst();
        int length = asked.map(range -> range.subnet().length()).orElse(pool.subnet().length());
        Optional<Ip> gateway =
                asked.isEmpty()
                        ? pool.gateway()
                        : asked.flatMap(IpRange::gateway)
                                .or(() ->
                                        pool.gateway()
                                                .filter(asked.get().subnet().prefix()::contains));
        return new CniResult.Address(new IpNet(ip, length), gateway, OptionalInt.empty());
    }
}
