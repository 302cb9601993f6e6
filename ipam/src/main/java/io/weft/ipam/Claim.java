package io.weft.ipam;

import io.weft.model.Ip;
import java.util.List;
import java.util.Set;

/**
 * Addresses that are kept.
 *
 * @param holders the leases that use them now
 */
public record Claim(ClaimKey key, String pool, List<Ip> addresses, Set<LeaseKey> holders) {
    public Claim {
        addresses = List.copyOf(addresses);
        holders = Set.copyOf(holders);
    }
}
