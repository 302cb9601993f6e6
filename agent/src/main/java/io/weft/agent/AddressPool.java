package io.weft.agent;

import io.weft.ipam.IpamException;
import io.weft.ipam.Pool;
import io.weft.ipam.PoolException;
import io.weft.ipam.Range;
import io.weft.ipam.TransientPool;
import io.weft.model.Ip;
import io.weft.model.Prefix;
import io.weft.model.Span;
import java.util.List;
import java.util.Optional;

/**
 * The addresses of a node that runs its pods itself, and keeps none when it ends: one IPv4 and one
 * IPv6 address for each pod, with the same offset in their blocks. Not thread-safe: the node's
 * thread owns it.
 */
final class AddressPool {
    private static final int NODE_OFFSET = 1;

    private final Prefix pool4;
    private final TransientPool pool;

    /** Pools that are too small or of the wrong family are refused. */
    AddressPool(Prefix pool4, Prefix pool6) {
        if (!pool4.isV4() || pool4.length() > 29) {
            throw new IllegalArgumentException(
                    "IPv4 pool " + pool4 + ": an IPv4 block of /29 or larger is needed");
        }
        if (pool6.isV4() || pool6.length() > 112) {
            throw new IllegalArgumentException(
                    "IPv6 pool " + pool6 + ": an IPv6 block of /112 or larger is needed");
        }
        this.pool4 = pool4;
        int bits = Math.min(32 - pool4.length(), 16); // what both families can number
        try {
            pool =
                    new TransientPool(
                            new Pool(
                                    "pods",
                                    List.of(range(pool4, bits), range(pool6, bits)),
                                    List.of()));
        } catch (PoolException e) {
            throw new IllegalArgumentException(
                    "pools " + pool4 + " and " + pool6 + ": " + e.getMessage(), e);
        }
    }

    /** The first 2^{@code bits} addresses of a block, without the last one of these. */
    private static Range range(Prefix block, int bits) {
        return new Range(
                block,
                new Span(block.ip(), block.ip().plus((1L << bits) - 2)),
                Optional.of(block.ip().plus(NODE_OFFSET)));
    }

    /** {@return the node's own addresses: the pods' gateways} */
    static List<Ip> nodeAddresses(Prefix pool4, Prefix pool6) {
        return List.of(pool4.ip().plus(NODE_OFFSET), pool6.ip().plus(NODE_OFFSET));
    }

    /**
     * {@return an IPv4 and an IPv6 address}
     *
     * @throws NodeException when all are in use
     */
    List<Ip> take() {
        try {
            return pool.take();
        } catch (IpamException e) {
            throw new NodeException(
                    NodeException.Cause.MACHINE,
                    "address pool "
                            + pool4
                            + " is exhausted: all "
                            + pool.capacity()
                            + " addresses are in use; delete pods or choose a larger --pool4");
        }
    }

    /** Gives back what {@link #take} returned. */
    void giveBack(List<Ip> addresses) {
        pool.giveBack(addresses);
    }

    int inUse() {
        return pool.inUse();
    }

    long capacity() {
        return pool.capacity();
    }
}
