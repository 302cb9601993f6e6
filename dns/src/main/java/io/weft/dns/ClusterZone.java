package io.weft.dns;

import io.weft.model.Delta;
import io.weft.model.EndpointSlice;
import io.weft.model.Ip;
import io.weft.model.PersistentMap;
import io.weft.model.Ref;
import io.weft.model.Service;
import io.weft.model.Snapshot;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The names of one {@link Snapshot}, immutable: those of the Kubernetes DNS specification 1.1.0
 * below the cluster's domain, and the reverse names of its cluster IPs and headless endpoints.
 *
 * <p>{@link #next} costs what the delta touches, but a headless service is computed as a whole.
 * Names of pods are not stored: {@code 10-0-0-1.shop.pod.cluster.local} is computed when a pod of
 * this namespace has the address.
 */
public final class ClusterZone {
    /** A pod's address in its namespace. */
    record PodAddress(String namespace, Ip ip) {}

    private final ZoneSettings settings;
    private final Domain domain;
    private final int serial;
    private final Snapshot snapshot;
    private final PersistentMap<WireName, Owner> names;
    private final PersistentMap<PodAddress, Integer> pods;
    private final Index index;
    private final RrSet soa;

    ClusterZone(ZoneBuilder built) {
        settings = built.settings;
        domain = built.domain;
        serial = built.serial;
        snapshot = built.after;
        names = built.names;
        pods = built.pods;
        index = built.index;
        soa =
                new RrSet(
                        List.of(
                                Rr.soa(
                                        domain.server(),
                                        domain.apex().child("hostmaster"),
                                        serial,
                                        settings.negativeTtl())),
                        settings.negativeTtl());
    }

    /** The names that a zone has whatever is in it. */
    record Domain(WireName apex, WireName services, WireName pods, WireName server) {
        static Domain of(String domain) {
            WireName apex = WireName.parse(domain);
            return new Domain(
                    apex, apex.child("svc"), apex.child("pod"), apex.child("dns").child("ns"));
        }
    }

    /**
     * Who belongs to whom.
     *
     * @param slices of each service
     * @param headless services whose endpoints are the pods they select, by namespace
     */
    record Index(
            PersistentMap<Ref, PersistentMap<Ref, EndpointSlice>> slices,
            PersistentMap<String, PersistentMap<Ref, Service>> headless) {
        static final Index EMPTY = new Index(PersistentMap.empty(), PersistentMap.empty());
    }

    public static ClusterZone of(ZoneSettings settings, Snapshot snapshot) {
        return new ClusterZone(ZoneBuilder.of(settings, snapshot));
    }

    /**
     * {@return the zone of {@code after}}
     *
     * @param delta what made {@code after} of this zone's snapshot; it may name more
     */
    public ClusterZone next(Snapshot after, Delta delta) {
        return new ClusterZone(ZoneBuilder.next(this, after, delta));
    }

    public ZoneSettings settings() {
        return settings;
    }

    /** {@return how many zones came before it, from 1} */
    public int serial() {
        return serial;
    }

    Domain domain() {
        return domain;
    }

    Snapshot snapshot() {
        return snapshot;
    }

    Index index() {
        return index;
    }

    PersistentMap<WireName, Owner> names() {
        return names;
    }

    PersistentMap<PodAddress, Integer> pods() {
        return pods;
    }

    /** {@return the zone's start of authority; its owner must be corrected to the apex} */
    RrSet soa() {
        return soa;
    }

    /** {@return what is at {@code name}; null: nothing that this zone knows of} */
    @Nullable Owner find(WireName name) {
        Owner owner = names.get(name);
        return owner != null ? owner : findPod(name);
    }

    private @Nullable Owner findPod(WireName name) {
        if (pods.isEmpty()
                || name.labels() != domain.pods.labels() + 2
                || !name.isAtOrBelow(domain.pods)) {
            return null;
        }
        Optional<Ip> ip = undashed(name.firstLabel());
        return ip.isPresent() && pods.containsKey(new PodAddress(name.secondLabel(), ip.get()))
                ? Owner.of(Rr.address(ip.get()), settings.ttl())
                : null;
    }

    /** Reads {@link ServiceNames#dashed}. */
    private static Optional<Ip> undashed(String label) {
        boolean v4 = label.chars().filter(c -> c == '-').count() == 3 && !label.contains("--");
        return Ip.tryParse(label.replace('-', v4 ? '.' : ':'));
    }

    /** {@return whether only this zone may answer for {@code name}} */
    boolean isAuthorityFor(WireName name) {
        return name.isAtOrBelow(domain.apex);
    }

    /** {@return how many names have records or say that they exist} */
    public int size() {
        return names.size();
    }

    /** {@return every name and what is there, for people and tests} */
    Map<String, String> describe() {
        Map<String, String> all = new TreeMap<>();
        names.forEach((name, owner) -> all.put(name.toString(), owner.records().toString()));
        pods.forEach((pod, count) -> all.put("pod " + pod, count.toString()));
        return all;
    }
}
