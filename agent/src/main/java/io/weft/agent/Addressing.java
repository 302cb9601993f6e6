package io.weft.agent;

import io.weft.cni.CniCode;
import io.weft.cni.CniException;
import io.weft.cni.CniRequest;
import io.weft.cni.CniResult;
import io.weft.cni.IpNet;
import io.weft.ipam.Claim;
import io.weft.ipam.ClaimKey;
import io.weft.ipam.Ipam;
import io.weft.ipam.IpamException;
import io.weft.ipam.Lease;
import io.weft.ipam.LeaseKey;
import io.weft.ipam.Owner;
import io.weft.ipam.PoolChooser;
import io.weft.ipam.Range;
import io.weft.ipam.Request;
import io.weft.ipam.Usage;
import io.weft.model.Ip;
import io.weft.model.Namespace;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Snapshot;
import io.weft.store.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Addresses for containers: CNI's words to those of the pools, and back. */
final class Addressing {
    private static final String POOL = "annotation weft.io/ip-pool of ";

    private final Ipam ipam;
    private final PoolChooser chooser;
    private final ClaimKeeper claims;
    private final Supplier<Snapshot> declared;

    /**
     * @param chooser of the pools of {@code ipam}
     * @param declared what manifests say of pods and namespaces now
     */
    Addressing(Ipam ipam, PoolChooser chooser, ClaimKeeper claims, Supplier<Snapshot> declared) {
        this.ipam = ipam;
        this.chooser = chooser;
        this.claims = claims;
        this.declared = declared;
    }

    /** {@return the pod's name as its runtime says it, else the container's} */
    static Ref pod(CniRequest request) {
        return Ref.pod(
                request.namespace(),
                request.environment()
                        .args()
                        .podName()
                        .orElseGet(() -> request.attachment().containerId()));
    }

    /** {@return pools, of which the first one with a free address gives it} */
    private List<String> pools(CniRequest request, Optional<Ref> pod, AskedRanges ranges) {
        Snapshot now = declared.get();
        List<PoolChooser.Asked> asked = new ArrayList<>();
        pod.map(now.pods()::get)
                .ifPresent(p ->
                        asked.add(new PoolChooser.Asked(POOL + p.ref(), p.addressing().pools())));
        Optional.ofNullable(now.namespaces().get(request.namespace()))
                .ifPresent(n -> asked.add(new PoolChooser.Asked(POOL + n.ref(), n.pools())));
        request.pool().ifPresent(pool -> asked.add(new PoolChooser.Asked("pool", List.of(pool))));
        if (!ranges.isEmpty() && asked.stream().allMatch(one -> one.pools().isEmpty())) {
            asked.add(new PoolChooser.Asked("ranges", ranges.poolsOf(chooser.pools())));
        }
        try {
            return chooser.choose(
                    asked, request.namespace(), now.namespaceLabels(request.namespace()));
        } catch (IpamException e) {
            throw refused(e);
        }
    }

    static LeaseKey key(CniRequest request) {
        return new LeaseKey(
                request.environment().containerId(),
                request.environment().ifname(),
                request.config().name());
    }

    /**
     * {@return likewise; the one alone that what keeps the addresses has them of, if it is there}
     */
    private List<String> pools(
            CniRequest request, Ref pod, Optional<ClaimKey> claim, AskedRanges ranges) {
        List<String> pools = pools(request, Optional.of(pod), ranges);
        return claim.flatMap(ipam::findClaim)
                .map(Claim::pool)
                .filter(pools::contains)
                .map(List::of)
                .orElse(pools);
    }

    private Lease acquire(CniRequest request, AskedRanges ranges, Batch batch) {
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
        Ref pod = pod(request);
        Optional<ClaimKeeper.Kept> kept = claims.of(request, pod);
        Optional<ClaimKey> claim = kept.map(ClaimKeeper.Kept::key);
        List<Ip> asked =
                kept.map(ClaimKeeper.Kept::ips)
                        .filter(ips -> !ips.isEmpty())
                        .orElseGet(() -> request.requestedIps().stream().map(IpNet::ip).toList());
        List<IpamException> refusals = new ArrayList<>();
        for (String pool : pools(request, pod, claim, ranges)) {
            try {
                Request wanted =
                        ranges.restrict(Request.of(key(request), owner, pool).exactly(asked));
                return ipam.acquire(claim.map(wanted::keptBy).orElse(wanted), batch);
            } catch (IpamException e) {
                if (!mayBeElsewhere(e)) {
                    throw refused(e);
                }
                refusals.add(e);
            } catch (IllegalArgumentException e) {
                throw new CniException(CniCode.BAD_CONFIG, "ips: " + e.getMessage());
            }
        }
        throw refused(refusals);
    }

    /** {@return whether another pool of the same pod may have what this one has not} */
    private static boolean mayBeElsewhere(IpamException e) {
        return switch (e.code()) {
            case EXHAUSTED, OUTSIDE_POOL -> true;
            case CONFLICT, UNKNOWN_POOL, FORBIDDEN_POOL, DUPLICATE -> false;
        };
    }

    /**
     * A lease.
     *
     * @param addresses of it, each with its subnet's length and gateway
     */
    record Given(Lease lease, List<CniResult.Address> addresses) {}

    /** {@return addresses, one of each family of their pool, which are taken with {@code batch}} */
    Given give(CniRequest request, Batch batch) {
        AskedRanges ranges = AskedRanges.of(request);
        Lease lease = acquire(request, ranges, batch);
        List<CniResult.Address> addresses = new ArrayList<>();
        for (Ip ip : lease.addresses()) {
            addresses.add(ranges.inSubnet(ip, range(lease.pool(), ip)));
        }
        return new Given(lease, addresses);
    }

    private Range range(String pool, Ip ip) {
        return chooser.pools().pools().stream()
                .filter(p -> p.name().equals(pool))
                .flatMap(p -> p.ranges().stream())
                .filter(r -> r.subnet().contains(ip))
                .findFirst()
                .orElseThrow();
    }

    private static int code(IpamException e) {
        return switch (e.code()) {
            case EXHAUSTED, CONFLICT -> CniCode.NO_ADDRESS;
            case OUTSIDE_POOL, UNKNOWN_POOL, FORBIDDEN_POOL -> CniCode.BAD_CONFIG;
            case DUPLICATE -> CniCode.EXISTS;
        };
    }

    private static CniException refused(IpamException e) {
        return new CniException(code(e), String.valueOf(e.getMessage()));
    }

    /** None of the pools has it. */
    private static CniException refused(List<IpamException> each) {
        int code =
                each.stream()
                        .mapToInt(Addressing::code)
                        .filter(c -> c == CniCode.NO_ADDRESS)
                        .findFirst()
                        .orElse(CniCode.BAD_CONFIG);
        return new CniException(
                code, each.stream().map(Throwable::getMessage).collect(Collectors.joining("; ")));
    }

    /** Gives them back with {@code batch}. {@return the lease; nothing: there is none} */
    Optional<Lease> release(LeaseKey key, Batch batch) {
        return ipam.release(key, batch);
    }

    /** To be called when the batch of a lease that came or went is written. */
    void settle(Lease lease) {
        claims.settle(lease);
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

    /** Fails with code 50 when those that nobody says more of would get no address. */
    void status(CniRequest request) {
        List<String> pools = pools(request, Optional.empty(), AskedRanges.of(request));
        List<Usage> usage = ipam.usage().stream().filter(u -> pools.contains(u.pool())).toList();
        boolean room =
                pools.stream()
                        .anyMatch(pool ->
                                usage.stream()
                                        .filter(u -> u.pool().equals(pool))
                                        .noneMatch(u -> u.free() == 0));
        if (!room) {
            throw new CniException(
                    CniCode.UNAVAILABLE,
                    usage.stream().map(Usage::toString).collect(Collectors.joining("; ")),
                    "delete containers, wait for those that cool down, or enlarge the pool");
        }
    }

    /**
     * Refuses objects that name pools that there are not.
     *
     * @throws NodeException with file and line
     */
    void requirePools(List<? extends Resource> resources) {
        for (Resource resource : resources) {
            List<String> pools =
                    switch (resource) {
                        case Pod pod -> pod.addressing().pools();
                        case Namespace namespace -> namespace.pools();
                        default -> List.of();
                    };
            pools.stream()
                    .flatMap(pool -> chooser.unknown(pool).stream())
                    .findFirst()
                    .ifPresent(wrong -> {
                        throw new NodeException(
                                NodeException.Cause.INPUT,
                                resource.source()
                                        + ": "
                                        + resource.ref()
                                        + ": metadata.annotations.weft.io/ip-pool: "
                                        + wrong);
                    });
        }
    }
}
