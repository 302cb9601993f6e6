package io.weft.ipam;

import io.weft.model.Ip;
import io.weft.model.Span;
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
 * @param within the addresses must be in these; empty: anywhere in the pool
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
        String node,
        List<Span> within) {
    public Request {
        families = Set.copyOf(families);
        requested = List.copyOf(requested);
        within = List.copyOf(within);
        if (requested.size() > 2
                || requested.stream().map(Family::of).distinct().count() < requested.size()) {
            throw new IllegalArgumentException(
                    "requested " + requested + ": at most one address of each family");
        }
    }

    public static Request of(LeaseKey key, Owner owner, String pool) {
        return new Request(
                key,
                owner,
                pool,
                Set.of(),
                List.of(),
                Optional.empty(),
                false,
                false,
                "",
                List.of());
    }

    public Request only(Family family) {
        return new Request(
                key,
                owner,
                pool,
                EnumSet.of(family),
                requested,
                claim,
                shared,
                evenResting,
                node,
                within);
    }

    public Request exactly(List<Ip> addresses) {
        return new Request(
                key, owner, pool, families, addresses, claim, shared, evenResting, node, within);
    }

    public Request evenResting(boolean allowed) {
        return new Request(
                key, owner, pool, families, requested, claim, shared, allowed, node, within);
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
                node,
                within);
    }

    public Request shared(boolean allowed) {
        return new Request(
                key, owner, pool, families, requested, claim, allowed, evenResting, node, within);
    }

    public Request on(String blockOwner) {
        return new Request(
                key,
                owner,
                pool,
                families,
                requested,
                claim,
                shared,
                evenResting,
                blockOwner,
                within);
    }

    /** {@return the request for one address of each family that {@code spans} are of, in them} */
    public Request within(List<Span> spans) {
        Set<Family> all = EnumSet.noneOf(Family.class);
        spans.forEach(span -> all.add(Family.of(span.first())));
        return new Request(
                key, owner, pool, all, requested, claim, shared, evenResting, node, spans);
    }

    /** {@return the part of {@link #within} that is of a family} */
    List<Span> within(Family family) {
        return within.stream().filter(span -> Family.of(span.first()) == family).toList();
    }
}
