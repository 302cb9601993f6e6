package io.weft.ipam;

import io.weft.ipam.Space.Taken;
import io.weft.model.Ip;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A pool that this process alone gives addresses of, for as long as it lives: one of each family at
 * a time, in O(1). Those that were given back are given again only when no fresh ones are left, and
 * then the first of them. Not thread-safe.
 */
public final class TransientPool {
    private static final String NODE = "this";

    private final List<Space> spaces;
    private final Set<List<Ip>> inUse = new HashSet<>();
    private long returned; // orders the rests, which no clock ends

    public TransientPool(Pool pool) {
        spaces = pool.families().stream().map(f -> new Space(pool, f, (base, node) -> {})).toList();
    }

    /**
     * {@return an address of each family, IPv4 first}
     *
     * @throws IpamException {@code EXHAUSTED}: one family has none left, and nothing was taken
     */
    public List<Ip> take() {
        for (Space space : spaces) {
            if (!space.hasFree() && space.resting() == 0) {
                throw new IpamException(IpamException.Code.EXHAUSTED, space.usage().toString());
            }
        }
        List<Ip> ips = new ArrayList<>(spaces.size());
        for (Space space : spaces) {
            Taken taken = space.hasFree() ? space.take(NODE) : space.takeLongestRested();
            ips.add(taken.ip());
        }
        List<Ip> taken = List.copyOf(ips);
        inUse.add(taken);
        return taken;
    }

    /**
     * Gives back what {@link #take} returned.
     *
     * @throws IllegalArgumentException when it is not in use
     */
    public void giveBack(List<Ip> addresses) {
        if (!inUse.remove(addresses)) {
            throw new IllegalArgumentException(addresses + " is not in use");
        }
        long order = returned++;
        for (int i = 0; i < spaces.size(); i++) {
            spaces.get(i).rest(addresses.get(i), order);
        }
    }

    /** {@return how many are given, each of one address of each family} */
    public int inUse() {
        return inUse.size();
    }

    /** {@return how many can be given at once} */
    public long capacity() {
        return spaces.stream().mapToLong(space -> space.usage().total()).min().orElse(0);
    }
}
