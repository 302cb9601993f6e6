package io.weft.ipam;

import io.weft.model.Ip;
import io.weft.model.Span;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What an IPAM must do, said with sets. It does not choose addresses: it says which may be chosen,
 * and follows what was.
 */
final class NaiveIpam {
    private final Map<String, Set<Ip>> pools = new LinkedHashMap<>();
    private final Duration cooldown;
    private final FakeTime time;
    final Map<LeaseKey, Lease> leases = new HashMap<>();
    final Map<ClaimKey, Kept> claims = new HashMap<>();
    private final Map<Ip, Long> resting = new HashMap<>();

    record Kept(String pool, Set<Ip> ips) {}

    NaiveIpam(Pools pools, Duration cooldown, FakeTime time) {
        this.cooldown = cooldown;
        this.time = time;
        for (Pool pool : pools.pools()) {
            Set<Ip> all = new TreeSet<>();
            for (Range range : pool.ranges()) {
                Ip last = range.span().last();
                for (Ip ip = range.span().first(); ip.compareTo(last) <= 0; ip = ip.plus(1)) {
                    all.add(ip);
                }
                all.remove(range.subnet().ip());
                if (range.subnet().isV4()) {
                    all.remove(Span.of(range.subnet()).last());
                }
                range.gateway().ifPresent(all::remove);
            }
            pool.exclusions().forEach(e -> all.removeIf(e::contains));
            this.pools.put(pool.name(), all);
        }
    }

    Set<Ip> all(String pool, Family family) {
        Set<Ip> some = new TreeSet<>(pools.get(pool));
        some.removeIf(ip -> Family.of(ip) != family);
        return some;
    }

    Set<Ip> used() {
        Set<Ip> used = new HashSet<>();
        leases.values().forEach(lease -> used.addAll(lease.addresses()));
        for (Kept kept : claims.values()) {
            if (leases.values().stream().anyMatch(l -> kept.ips.containsAll(l.addresses()))) {
                used.addAll(kept.ips);
            }
        }
        return used;
    }

    Set<Ip> kept() {
        Set<Ip> kept = new HashSet<>();
        claims.values().forEach(claim -> kept.addAll(claim.ips));
        kept.removeAll(used());
        return kept;
    }

    Set<Ip> resting() {
        resting.values().removeIf(until -> until <= time.nanos);
        return resting.keySet();
    }

    Set<Ip> free(String pool, Family family) {
        Set<Ip> free = all(pool, family);
        free.removeAll(used());
        free.removeAll(kept());
        free.removeAll(resting());
        return free;
    }

    List<Family> families(String pool) {
        List<Family> families = new ArrayList<>();
        for (Family family : Family.values()) {
            if (!all(pool, family).isEmpty()) {
                families.add(family);
            }
        }
        return families;
    }

    /** {@return what must be wrong with a request; nothing: it must be granted} */
    Optional<IpamException.Code> wrong(Request request) {
        if (leases.containsKey(request.key())) {
            return Optional.of(IpamException.Code.DUPLICATE);
        }
        Kept kept = request.claim().map(claims::get).orElse(null);
        if (kept != null) {
            boolean held = used().containsAll(kept.ips);
            return held || !kept.pool.equals(request.pool())
                    ? Optional.of(IpamException.Code.CONFLICT)
                    : Optional.empty();
        }
        for (Family family : families(request.pool())) {
            Optional<Ip> exact =
                    request.requested().stream().filter(i -> Family.of(i) == family).findFirst();
            if (exact.isPresent()) {
                if (!all(request.pool(), family).contains(exact.get())) {
                    return Optional.of(IpamException.Code.OUTSIDE_POOL);
                }
                if (!free(request.pool(), family).contains(exact.get())) {
                    return Optional.of(IpamException.Code.CONFLICT);
                }
            } else if (free(request.pool(), family).isEmpty()) {
                return Optional.of(IpamException.Code.EXHAUSTED);
            }
        }
        return Optional.empty();
    }

    /** {@return whether these addresses are a right answer} */
    boolean mayGive(Request request, List<Ip> ips) {
        Kept kept = request.claim().map(claims::get).orElse(null);
        if (kept != null) {
            return new TreeSet<>(ips).equals(new TreeSet<>(kept.ips));
        }
        List<Family> families = families(request.pool());
        return ips.stream().map(Family::of).toList().equals(families)
                && ips.containsAll(request.requested())
                && ips.stream().allMatch(ip -> free(request.pool(), Family.of(ip)).contains(ip));
    }

    void given(Lease lease) {
        lease.claim()
                .ifPresent(claim ->
                        claims.putIfAbsent(
                                claim, new Kept(lease.pool(), Set.copyOf(lease.addresses()))));
        leases.put(lease.key(), lease);
    }

    void release(LeaseKey key) {
        Lease lease = leases.remove(key);
        if (lease != null && lease.claim().isEmpty()) {
            lease.addresses().forEach(ip -> resting.put(ip, time.nanos + cooldown.toNanos()));
        }
    }

    void deleteClaim(ClaimKey key) {
        Kept kept = claims.remove(key);
        if (kept == null) {
            return;
        }
        boolean held = false;
        for (Map.Entry<LeaseKey, Lease> entry : leases.entrySet()) {
            if (entry.getValue().claim().filter(key::equals).isPresent()) {
                entry.setValue(entry.getValue().withoutClaim());
                held = true;
            }
        }
        if (!held) {
            kept.ips.forEach(ip -> resting.put(ip, time.nanos + cooldown.toNanos()));
        }
    }

    List<Usage> usage() {
        List<Usage> list = new ArrayList<>();
        for (String pool : pools.keySet()) {
            for (Family family : families(pool)) {
                Set<Ip> all = all(pool, family);
                list.add(
                        new Usage(
                                pool,
                                family,
                                all.size(),
                                count(used(), all),
                                count(resting(), all),
                                count(kept(), all),
                                free(pool, family).size()));
            }
        }
        return list;
    }

    private static long count(Set<Ip> some, Set<Ip> all) {
        return some.stream().filter(all::contains).count();
    }

    List<Lease> list() {
        Map<String, Lease> byText = new TreeMap<>();
        leases.forEach((key, lease) -> byText.put(key.containerId(), lease));
        return List.copyOf(byText.values());
    }
}
