package io.weft.ipam;

import io.weft.model.Ip;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is asked for. {@link #of} asks for one address of each family that the pool has.
 *
 * @param families empty: all of the pool's
 * @param requested exactly these, one of each family at most
 * @param claim keeps the addresses when the lease ends, and gives those it keeps
 * @param shared whether another lease may hold the claim's addresses too, as while a VM migrates
 * @param evenResting whether a requested address may be one that still rests
 * @param node whose blocks to take from; empty: the settings' node
 */
public record Request(
        LeaseKey key,
        Owner owner,
        String pool,
        Set<Family> families,
        List<Ip> requested,
        Optional<ClaimKey> claim,
        boolean shared,
        boolean evenResting,
        String node) {
    public Request {
        families = Set.copyOf(families);
        requested = List.copyOf(requested);
        if (requested.size() > 2
                || requested.stream().map(Family::of).distinct().count() < requested.size()) {
            throw new IllegalArgumentException(
                    "requested " + requested + ": at most one address of each family");
        }
    }

    public static Request of(LeaseKey key, Owner owner, String pool) {
        return new Request(
                key, owner, pool, Set.of(), List.of(), Optional.empty(), false, false, "");
    }

    public Request only(Family family) {
        return new Request(
                key, owner, pool, EnumSet.of(family), requested, claim, shared, evenResting, node);
    }

    public Request exactly(List<Ip> addresses) {
        return new Request(key, owner, pool, families, addresses, claim, shared, evenResting, node);
    }

    public Request evenResting(boolean allowed) {
        return new Request(key, owner, pool, families, requested, claim, shared, allowed, node);
    }

    public Request keptBy(ClaimKey keeper) {
        return new Request(
                key,
                owner,
                pool,
                families,
                requested,
                Optional.of(keeper),
                shared,
                evenResting,
                node);
    }

    public Request shared(boolean allowed) {
        return new Request(
                key, owner, pool, families, requested, claim, allowed, evenResting, node);
    }

    public Request on(String blockOwner) {
        return new Request(
                key, owner, pool, families, requested, claim, shared, evenResting, blockOwner);
    }
}
