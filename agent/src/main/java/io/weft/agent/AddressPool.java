package io.weft.agent;

import io.weft.model.Ip;
import io.weft.model.Prefix;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.List;

/**
 * Hands out one IPv4 and one IPv6 address for each pod, in O(1). Both have the same offset in their
 * pool. An address that was given back is handed out again only when no fresh one is left, oldest
 * first. Not thread-safe: the node's thread owns it.
 */
final class AddressPool {
    private static final int NODE_OFFSET = 1;

    private final Prefix pool4;
    private final Prefix pool6;
    private final int capacity;
    private final BitSet used = new BitSet();
    private final ArrayDeque<Integer> returned = new ArrayDeque<>();
    private int fresh = NODE_OFFSET + 1;

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
        this.pool6 = pool6;
        // without network, node and broadcast address; at most what both families can number
        int bits = Math.min(32 - pool4.length(), 16);
        this.capacity = (1 << bits) - 3;
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
        int offset;
        if (fresh < NODE_OFFSET + 1 + capacity) {
            offset = fresh++;
        } else {
            Integer oldest = returned.poll();
            if (oldest == null) {
                throw new NodeException(
                        NodeException.Cause.MACHINE,
                        "address pool "
                                + pool4
                                + " is exhausted: all "
                                + capacity
                                + " addresses are in use; delete pods or choose a larger --pool4");
            }
            offset = oldest;
        }
        used.set(offset);
        return List.of(pool4.ip().plus(offset), pool6.ip().plus(offset));
    }

    /** Gives back what {@link #take} returned. */
    void giveBack(List<Ip> addresses) {
        int offset = (int) (addresses.getFirst().low() - pool4.ip().low());
        if (!used.get(offset)) {
            throw new IllegalArgumentException(addresses + " is not in use");
        }
        used.clear(offset);
        returned.add(offset);
    }

    int inUse() {
        return used.cardinality();
    }

    int capacity() {
        return capacity;
    }
}
