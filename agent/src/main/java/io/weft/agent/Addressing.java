package io.weft.agent;

import io.weft.cni.CniCode;
import io.weft.cni.CniException;
import io.weft.cni.CniRequest;
import io.weft.cni.CniResult;
import io.weft.cni.IpNet;
import io.weft.ipam.Ipam;
import io.weft.ipam.IpamException;
import io.weft.ipam.Lease;
import io.weft.ipam.LeaseKey;
import io.weft.ipam.Owner;
import io.weft.ipam.Pools;
import io.weft.ipam.Range;
import io.weft.ipam.Request;
import io.weft.ipam.Usage;
import io.weft.model.Ip;
import io.weft.store.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Addresses for containers: CNI's words to those of the pools, and back. */
final class Addressing {
    private final Ipam ipam;
    private final Pools pools;

    /**
     * @param pools of {@code ipam}; the first one is the default
     */
    Addressing(Ipam ipam, Pools pools) {
        this.ipam = ipam;
        this.pools = pools;
    }

    private String pool(CniRequest request, AskedRanges ranges) {
        return request.pool()
                .orElseGet(() ->
                        (ranges.isEmpty() ? pools.pools().getFirst() : ranges.poolOf(pools))
                                .name());
    }

    static LeaseKey key(CniRequest request) {
        return new LeaseKey(
                request.environment().containerId(),
                request.environment().ifname(),
                request.config().name());
    }

    private List<Ip> acquire(CniRequest request, String pool, AskedRanges ranges, Batch batch) {
        Owner owner =
                request.environment()
                        .args()
                        .podName()
                        .map(name ->
                                Owner.pod(
                                        request.environment().args().podUid().orElse(""),
                                        request.namespace(),
                                        name))
                        .orElseGet(() ->
                                new Owner(
                                        Owner.Kind.CONTAINER,
                                        "",
                                        "",
                                        request.environment().containerId()));
        Request wanted = ranges.restrict(Request.of(key(request), owner, pool));
        List<Ip> asked = request.requestedIps().stream().map(IpNet::ip).toList();
        if (!asked.isEmpty()) {
            wanted = wanted.exactly(asked);
        }
        try {
            return ipam.acquire(wanted, batch).addresses();
        } catch (IpamException e) {
            throw refused(e);
        } catch (IllegalArgumentException e) {
            throw new CniException(CniCode.BAD_CONFIG, "ips: " + e.getMessage());
        }
    }

    /** {@return what an IPAM plugin answers, for addresses taken with {@code batch}} */
    CniResult result(CniRequest request, Batch batch) {
        return CniResult.ofIpam(inSubnets(request, batch), List.of(), CniResult.Dns.EMPTY);
    }

    /**
     * {@return addresses, one of each family of the pool, which are taken with {@code batch}; each
     * with its subnet's length and gateway}
     */
    List<CniResult.Address> inSubnets(CniRequest request, Batch batch) {
        AskedRanges ranges = AskedRanges.of(request);
        String pool = pool(request, ranges);
        List<CniResult.Address> addresses = new ArrayList<>();
        for (Ip ip : acquire(request, pool, ranges, batch)) {
            addresses.add(ranges.inSubnet(ip, range(pool, ip)));
        }
        return addresses;
    }

    private Range range(String pool, Ip ip) {
        return pools.pools().stream()
                .filter(p -> p.name().equals(pool))
                .flatMap(p -> p.ranges().stream())
                .filter(r -> r.subnet().contains(ip))
                .findFirst()
                .orElseThrow();
    }

    private static CniException refused(IpamException e) {
        int code =
                switch (e.code()) {
                    case EXHAUSTED, CONFLICT -> CniCode.NO_ADDRESS;
                    case OUTSIDE_POOL, UNKNOWN_POOL -> CniCode.BAD_CONFIG;
                    case DUPLICATE -> CniCode.EXISTS;
                };
        return new CniException(code, String.valueOf(e.getMessage()));
    }

    /** Gives them back with {@code batch}; no lease is no error. */
    void release(LeaseKey key, Batch batch) {
        ipam.release(key, batch);
    }

    /** {@return what is wrong with the lease} */
    Optional<String> check(LeaseKey key, List<Ip> ips) {
        Optional<Lease> lease = ipam.find(key);
        if (lease.isEmpty()) {
            return Optional.of("it has no lease of " + ips);
        }
        return lease.get().addresses().equals(ips)
                ? Optional.empty()
                : Optional.of("its lease is of " + lease.get().addresses() + ", not " + ips);
    }

    /** Fails with code 50 when no address is left. */
    void status(CniRequest request) {
        String pool = pool(request, AskedRanges.of(request));
        List<Usage> usage = ipam.usage().stream().filter(u -> u.pool().equals(pool)).toList();
        if (usage.isEmpty()) {
            throw new CniException(CniCode.BAD_CONFIG, "pool: there is no pool \"" + pool + "\"");
        }
        if (usage.stream().anyMatch(u -> u.free() == 0)) {
            throw new CniException(
                    CniCode.UNAVAILABLE,
                    usage.stream().map(Usage::toString).collect(Collectors.joining("; ")),
                    "delete containers, wait for those that cool down, or enlarge the pool");
        }
    }
}
