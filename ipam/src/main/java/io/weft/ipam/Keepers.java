package io.weft.ipam;

import io.weft.ipam.IpamException.Code;
import io.weft.model.Ip;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The claims, and who holds them. The caller holds the lock. */
final class Keepers {
    /** A claim. */
    static final class Keeper {
        final ClaimKey key;
        final String pool;
        List<Ip> addresses;
        final Set<LeaseKey> holders = new LinkedHashSet<>();

        /** A batch changes it that is not written yet. */
        boolean changing;

        Keeper(ClaimKey key, String pool, List<Ip> addresses) {
            this.key = key;
            this.pool = pool;
            this.addresses = addresses;
        }

        Optional<Ip> address(Family family) {
            return addresses.stream().filter(ip -> Family.of(ip) == family).findFirst();
        }

        /** {@return the next step, for messages} */
        String howToEnd() {
            return switch (key.kind()) {
                case POD -> "delete the pod's manifest first, or take the annotation off it";
                case IPAM_CLAIM -> "delete the IPAMClaim first";
            };
        }

        Claim claim() {
            return new Claim(key, pool, addresses, holders);
        }
    }

    final Map<ClaimKey, Keeper> byKey = new HashMap<>();

    /** {@return the claim; none: there is none yet} */
    Optional<Keeper> find(ClaimKey key) {
        Keeper keeper = byKey.get(key);
        if (keeper != null && keeper.changing) {
            throw new IpamException(
                    Code.CONFLICT, "the claim of " + key + " is being changed; try again");
        }
        return Optional.ofNullable(keeper);
    }

    /** Refuses what a claim does not allow. */
    static void require(Keeper keeper, Request request) {
        String claim = "the claim of " + keeper.key + " keeps " + keeper.addresses;
        if (!keeper.pool.equals(request.pool())) {
            throw new IpamException(
                    Code.CONFLICT,
                    claim
                            + " of pool "
                            + keeper.pool
                            + ", and pool "
                            + request.pool()
                            + " is asked for; "
                            + keeper.howToEnd());
        }
        if (!keeper.holders.isEmpty() && !request.shared()) {
            throw new IpamException(
                    Code.CONFLICT, claim + ", which " + keeper.holders.iterator().next() + " uses");
        }
        for (Ip ip : request.requested()) {
            if (keeper.address(Family.of(ip)).filter(kept -> !kept.equals(ip)).isPresent()) {
                throw new IpamException(
                        Code.CONFLICT,
                        claim + ", and " + ip + " is asked for; " + keeper.howToEnd());
            }
        }
    }

    boolean changing() {
        return byKey.values().stream().anyMatch(keeper -> keeper.changing);
    }

    /** Has a lease hold the claim. */
    void hold(Keeper keeper, LeaseKey holder, Addresses addresses) {
        if (keeper.holders.isEmpty()) {
            use(keeper, addresses);
        }
        keeper.holders.add(holder);
    }

    /** Counts the claim's addresses as in use. */
    void use(Keeper keeper, Addresses addresses) {
        keeper.addresses.forEach(ip -> addresses.space(keeper.pool, ip).ifPresent(Space::useKept));
    }

    /** Ends what {@link #hold} began. */
    void letGo(Keeper keeper, LeaseKey holder, Addresses addresses) {
        keeper.holders.remove(holder);
        if (keeper.holders.isEmpty()) {
            keeper.addresses.forEach(ip -> addresses.space(keeper.pool, ip).ifPresent(Space::keep));
        }
    }
}
