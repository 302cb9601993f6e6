package io.weft.compiler;

import io.weft.model.Ip;
import io.weft.model.Pod;
import io.weft.model.Pod.HostPort;
import io.weft.model.Service;
import io.weft.tables.Backend;
import io.weft.tables.BackendSet;
import io.weft.tables.BackendSet.Scope;
import io.weft.tables.BackendSet.WhenEmpty;
import io.weft.tables.Frontend;
import io.weft.tables.Frontend.Exposure;
import io.weft.tables.Frontend.Masquerade;
import io.weft.tables.FrontendKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Ports of the node that lead to a pod, as a service of that pod alone would: whoever connects from
 * elsewhere is seen with their own address.
 */
final class HostPorts {
    private static final Masquerade MASQUERADE = new Masquerade(false, true, false);

    private HostPorts() {}

    /** What the tables have of one port in one family. */
    private record Entry(FrontendKey key, BackendSet.Id set, Backend backend) {}

    private static List<Entry> entries(Pod pod) {
        if (pod.hostPorts().isEmpty() || !pod.counts()) {
            return List.of();
        }
        return pod.ips().stream()
                .flatMap(ip ->
                        pod.hostPorts().stream()
                                .filter(port -> port.isOf(ip.isV4()))
                                .map(port -> entry(pod, ip, port)))
                .toList();
    }

    private static Entry entry(Pod pod, Ip ip, HostPort port) {
        return new Entry(
                key(port, ip.isV4()),
                new BackendSet.Id(
                        pod.ref(),
                        Integer.toString(port.target()),
                        port.protocol(),
                        ip.isV4(),
                        Scope.LOCAL),
                new Backend(ip, port.target(), true));
    }

    /** {@return where a port is looked up} */
    static FrontendKey key(HostPort port, boolean v4) {
        return port.isEverywhere()
                ? FrontendKey.nodePort(v4, port.number(), port.protocol())
                : new FrontendKey(port.ip().orElseThrow(), port.number(), port.protocol());
    }

    /** {@return the frontends of a pod; none when it runs elsewhere} */
    static Map<FrontendKey, Frontend> frontends(Pod pod, Site site) {
        Map<FrontendKey, Frontend> frontends = new LinkedHashMap<>();
        if (site.isHere(pod)) {
            entries(pod)
                    .forEach(entry ->
                            frontends.put(
                                    entry.key,
                                    new Frontend(
                                            pod.ref(),
                                            entry.set.port(),
                                            Exposure.HOST_PORT,
                                            entry.set,
                                            entry.set,
                                            MASQUERADE,
                                            false,
                                            Optional.empty(),
                                            List.of(),
                                            false)));
        }
        return frontends;
    }

    /** {@return the sets that those name} */
    static Map<BackendSet.Id, BackendSet> sets(Pod pod, Site site) {
        Map<BackendSet.Id, BackendSet> sets = new LinkedHashMap<>();
        if (site.isHere(pod)) {
            entries(pod)
                    .forEach(entry ->
                            sets.put(
                                    entry.set,
                                    new BackendSet(
                                            entry.set,
                                            List.of(entry.backend),
                                            WhenEmpty.REJECT,
                                            Service.Balancing.RANDOM,
                                            false)));
        }
        return sets;
    }

    /** {@return under which one finds who else has the same number, at whatever address} */
    static FrontendKey number(HostPort port) {
        return FrontendKey.nodePort(true, port.number(), port.protocol());
    }
}
