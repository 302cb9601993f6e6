package io.weft.ipam;

import io.weft.model.Ip;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Addresses in use.
 *
 * @param addresses one of each family at most, IPv4 first
 * @param claim that keeps them afterwards
 * @param since by the wall clock
 */
public record Lease(
        LeaseKey key,
        Owner owner,
        String pool,
        List<Ip> addresses,
        Optional<ClaimKey> claim,
        Instant since) {
    public Lease {
        addresses = List.copyOf(addresses);
    }

    Lease withoutClaim() {
        return new Lease(key, owner, pool, addresses, Optional.empty(), since);
    }
}
