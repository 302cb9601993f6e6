package io.weft.agent;

import io.weft.ipam.Claim;
import io.weft.ipam.Forecast;
import io.weft.ipam.Ipam;
import io.weft.ipam.Lease;
import io.weft.ipam.LeaseKey;
import io.weft.ipam.Usage;
import io.weft.model.Ip;
import io.weft.model.IpamClaim;
import io.weft.model.Ref;
import io.weft.model.Resource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the API of an agent does besides that of a node: it keeps, and it knows leases. */
final class AgentCalls {
    private final ManifestStore manifests;
    private final Ipam ipam;
    private final PoolWatch pools;
    private final Addressing addressing;
    private final ClaimKeeper claims;
    private final UnseenWorkloads unseen;
    private final CniCalls cni;

    AgentCalls(
            ManifestStore manifests,
            Ipam ipam,
            PoolWatch pools,
            Addressing addressing,
            ClaimKeeper claims,
            UnseenWorkloads unseen,
            CniCalls cni) {
        this.manifests = manifests;
        this.ipam = ipam;
        this.pools = pools;
        this.addressing = addressing;
        this.claims = claims;
        this.unseen = unseen;
        this.cni = cni;
    }

    UnseenWorkloads unseen() {
        return unseen;
    }

    /** Refuses what this agent cannot do, before anything changes. */
    void require(List<? extends Resource> resources) {
        addressing.requirePools(resources);
    }

    void applied(Map<String, String> texts, List<? extends Resource> resources) {
        manifests.applied(texts, resources);
        claims.settle();
    }

    void deleted(List<Ref> refs) {
        manifests.deleted(refs);
        claims.settle();
    }

    /** {@return what is kept for a claim; empty: no container of it has come yet} */
    Optional<Claim> kept(IpamClaim claim) {
        return ipam.findClaim(ClaimKeeper.key(claim));
    }

    /** {@return what {@code Status} says of CNI calls} */
    Map<String, Object> cni() {
        return cni.status();
    }

    /** Answers {@code Leases}: each address in use, and how full the pools are. */
    Map<String, Object> leases() {
        List<Map<String, Object>> items = new ArrayList<>();
        for (Lease lease : ipam.leases()) {
            Map<String, Object> item = new LinkedHashMap<>();
            item.put("addresses", lease.addresses().stream().map(Ip::toString).toList());
            item.put("pool", lease.pool());
            item.put("owner", lease.owner().toString());
            item.put("container", lease.key().containerId());
            item.put("interface", lease.key().ifname());
            item.put("network", lease.key().network());
            item.put("since", lease.since().toString());
            items.add(item);
        }
        List<Map<String, Object>> kept = new ArrayList<>();
        List<Claim> all = new ArrayList<>(ipam.claims());
        all.sort(Comparator.comparing(claim -> claim.key().toString()));
        for (Claim claim : all) {
            Map<String, Object> item = new LinkedHashMap<>();
            item.put("addresses", claim.addresses().stream().map(Ip::toString).toList());
            item.put("pool", claim.pool());
            item.put("keptFor", claim.key().toString());
            item.put("heldBy", claim.holders().stream().map(LeaseKey::toString).toList());
            kept.add(item);
        }
        List<Map<String, Object>> usage = new ArrayList<>();
        pools.look().forEach((now, forecast) -> usage.add(pool(now, forecast)));
        return Map.of("items", items, "pools", usage, "claims", kept);
    }

    private static Map<String, Object> pool(Usage usage, Forecast forecast) {
        Map<String, Object> pool = new LinkedHashMap<>();
        pool.put("pool", usage.pool());
        pool.put("family", usage.family().toString());
        pool.put("total", usage.total());
        pool.put("used", usage.used());
        pool.put("cooling", usage.cooling());
        pool.put("reserved", usage.reserved());
        pool.put("free", usage.free());
        Map<String, Object> trend = new LinkedHashMap<>();
        trend.put("text", forecast.toString());
        switch (forecast) {
            case Forecast.Unknown _ -> {}
            case Forecast.NotGrowing(Duration over) -> trend.put("overSeconds", over.toSeconds());
            case Forecast.Empty(Duration in, double perHour, Duration over) -> {
                trend.put("exhaustedInSeconds", in.toSeconds());
                trend.put("perHour", perHour);
                trend.put("overSeconds", over.toSeconds());
            }
        }
        pool.put("forecast", trend);
        return pool;
    }
}
