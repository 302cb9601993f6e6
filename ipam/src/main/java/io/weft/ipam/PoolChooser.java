package io.weft.ipam;

import io.weft.ipam.IpamException.Code;
import io.weft.model.LabelSelector;
import io.weft.model.Labels;
import io.weft.model.Spelling;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Chooses the pools of a pod: those that the first asks for who asks for any, else all that select
 * its namespace, else the first one that selects none.
 *
 * @param namespaces whose pods a pool is for, by its name; a pool that is not in it is for all
 */
public record PoolChooser(Pools pools, Map<String, LabelSelector> namespaces) {
    /**
     * Who asks for pools.
     *
     * @param who for messages: {@code annotation weft.io/ip-pool of Pod shop/web}
     * @param pools the first one that has a free address counts; may be none
     */
    public record Asked(String who, List<String> pools) {
        public Asked {
            pools = List.copyOf(pools);
        }
    }

    public PoolChooser {
        namespaces = Map.copyOf(namespaces);
    }

    /**
     * {@return names of pools, of which the first one that has a free address is to give it}
     *
     * @param asked whoever comes first counts
     * @param labels of the pod's namespace
     * @throws IpamException {@code UNKNOWN_POOL}, {@code FORBIDDEN_POOL}: it is for other
     *     namespaces, or all are
     */
    public List<String> choose(List<Asked> asked, String namespace, Labels labels) {
        for (Asked one : asked) {
            if (!one.pools().isEmpty()) {
                one.pools().forEach(pool -> require(pool, one.who(), namespace, labels));
                return one.pools();
            }
        }
        List<String> selecting =
                names().filter(pool -> namespaces.containsKey(pool) && isFor(pool, labels))
                        .toList();
        if (!selecting.isEmpty()) {
            return selecting;
        }
        return names().filter(pool -> !namespaces.containsKey(pool))
                .findFirst()
                .map(List::of)
                .orElseThrow(() ->
                        new IpamException(
                                Code.FORBIDDEN_POOL,
                                "no pool is for pods of namespace "
                                        + namespace
                                        + ": each has a namespaceSelector, and none selects it;"
                                        + " add a pool without one"));
    }

    private Stream<String> names() {
        return pools.pools().stream().map(Pool::name);
    }

    private boolean isFor(String pool, Labels labels) {
        LabelSelector selector = namespaces.get(pool);
        return selector == null || selector.matches(labels);
    }

    private void require(String pool, String who, String namespace, Labels labels) {
        unknown(pool)
                .ifPresent(wrong -> {
                    throw new IpamException(Code.UNKNOWN_POOL, who + ": " + wrong);
                });
        if (!isFor(pool, labels)) {
            throw new IpamException(
                    Code.FORBIDDEN_POOL,
                    who
                            + ": pool \""
                            + pool
                            + "\" is for namespaces of "
                            + namespaces.get(pool)
                            + ", and "
                            + namespace
                            + " has the labels "
                            + labels);
        }
    }

    /** {@return what is wrong with the name of a pool that there is not} */
    public Optional<String> unknown(String pool) {
        List<String> all = names().toList();
        if (all.contains(pool)) {
            return Optional.empty();
        }
        return Optional.of(
                "there is no pool \""
                        + pool
                        + "\"; "
                        + Spelling.nearest(pool, all)
                                .map(near -> "did you mean \"" + near + "\"?")
                                .orElse("there are " + pools.names()));
    }
}
