package io.weft.ipam;

import io.weft.ipam.IpamException.Code;
import io.weft.ipam.PoolException.Problem;
import java.util.List;
import java.util.Map;

/**
 * Chooses a pod's pool: as the pod says, else as its namespace says, else the default.
 *
 * @param defaultPool one of {@code pools}
 */
public record PoolChooser(Pools pools, String defaultPool) {
    /** On a pod or a namespace: the name of a pool. */
    public static final String POOL = "weft.io/ip-pool";

    /** On a pod: {@code "true"} keeps its addresses for the next pod of its name. */
    public static final String STICKY = "weft.io/sticky-ip";

    /**
     * @throws IpamException {@code UNKNOWN_POOL}
     */
    public PoolChooser {
        require(pools, defaultPool, "the default");
    }

    /**
     * {@return the name of the pool}
     *
     * @param pod annotations of the pod
     * @param namespace annotations of its namespace
     * @throws IpamException {@code UNKNOWN_POOL}, naming the annotation
     */
    public String choose(Map<String, String> pod, Map<String, String> namespace) {
        String ofPod = pod.get(POOL);
        if (ofPod != null) {
            return require(pools, ofPod, "annotation " + POOL + " of the pod");
        }
        String ofNamespace = namespace.get(POOL);
        if (ofNamespace != null) {
            return require(pools, ofNamespace, "annotation " + POOL + " of the namespace");
        }
        return defaultPool;
    }

    /**
     * {@return whether the pod keeps its addresses}
     *
     * @throws PoolException when the annotation is neither {@code true} nor {@code false}
     */
    public static boolean sticky(Map<String, String> pod) {
        String text = pod.getOrDefault(STICKY, "false");
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default ->
                    throw new PoolException(
                            List.of(
                                    new Problem(
                                            "metadata.annotations." + STICKY,
                                            "'" + text + "' must be \"true\" or \"false\"")));
        };
    }

    private static String require(Pools pools, String name, String where) {
        if (pools.pools().stream().noneMatch(pool -> pool.name().equals(name))) {
            throw new IpamException(
                    Code.UNKNOWN_POOL,
                    where + ": there is no pool '" + name + "'; there are " + pools.names());
        }
        return name;
    }
}
