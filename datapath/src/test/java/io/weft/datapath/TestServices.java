package io.weft.datapath;

import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.PersistentMap;
import io.weft.model.Prefix;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Service.Balancing;
import io.weft.tables.Backend;
import io.weft.tables.BackendSet;
import io.weft.tables.Frontend;
import io.weft.tables.FrontendKey;
import io.weft.tables.ServiceTable;
import io.weft.tables.ServiceTable.Cluster;
import io.weft.tables.Vantage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Builds a {@link ServiceTable}, one service after the other. */
final class TestServices {
    private PersistentMap<FrontendKey, Frontend> frontends = PersistentMap.empty();
    private PersistentMap<BackendSet.Id, BackendSet> sets = PersistentMap.empty();

    private Balancing balancing = Balancing.RANDOM;
    private Optional<Duration> affinity = Optional.empty();
    private List<Prefix> ranges = List.of();
    private Frontend.Exposure exposure = Frontend.Exposure.CLUSTER_IP;
    private BackendSet.WhenEmpty whenEmpty = BackendSet.WhenEmpty.REJECT;
    private Frontend.Masquerade masquerade = Frontend.Masquerade.NONE;
    private PersistentMap<Ip, Ref> clusterIps = PersistentMap.empty();
    private List<Ip> nodeAddresses = List.of();
    private List<Ip> ownAddresses = List.of();
    private List<Prefix> podCidrs = List.of();
    private List<Prefix> toDirectly = List.of();
    private boolean direct;
    private List<Prefix> nodes = List.of();
    private Predicate<Ip> local = ip -> true;
    private List<Prefix> reserved = List.of();

    /** The services that follow choose by Maglev. */
    TestServices maglev() {
        balancing = Balancing.MAGLEV;
        return this;
    }

    TestServices affinity(Duration timeout) {
        affinity = Optional.of(timeout);
        return this;
    }

    TestServices onlyFrom(String... cidrs) {
        ranges = Stream.of(cidrs).map(Prefix::parse).toList();
        return this;
    }

    TestServices exposed(Frontend.Exposure as) {
        exposure = as;
        return this;
    }

    TestServices droppedWhenEmpty() {
        whenEmpty = BackendSet.WhenEmpty.DROP;
        return this;
    }

    TestServices masquerade(Frontend.Masquerade whom) {
        masquerade = whom;
        return this;
    }

    /** Node ports answer there. */
    TestServices nodeAddresses(String... ips) {
        nodeAddresses = Stream.of(ips).map(Ip::parse).toList();
        return this;
    }

    /** The node's own, which take the place of clients'. */
    TestServices ownAddresses(String... ips) {
        ownAddresses = Stream.of(ips).map(Ip::parse).toList();
        return this;
    }

    TestServices podCidrs(String... cidrs) {
        podCidrs = Stream.of(cidrs).map(Prefix::parse).toList();
        return this;
    }

    /** There, pods that masquerade go with their own addresses. */
    TestServices direct(String... cidrs) {
        toDirectly = Stream.of(cidrs).map(Prefix::parse).toList();
        return this;
    }

    /** The services that follow have the node of a backend answer clients outside itself. */
    TestServices answeredDirectly(boolean whether) {
        direct = whether;
        masquerade = whether ? new Frontend.Masquerade(true, true, false) : Frontend.Masquerade.ALL;
        return this;
    }

    /** The nodes of the cluster. */
    TestServices nodes(List<Ip> ips) {
        nodes = ips.stream().map(Prefix::of).toList();
        return this;
    }

    /** Of the backends of services that follow, those of this node. */
    TestServices local(Predicate<Ip> which) {
        local = which;
        return this;
    }

    TestServices reserved(String... cidrs) {
        reserved = Stream.of(cidrs).map(Prefix::parse).toList();
        return this;
    }

    /**
     * Adds a service.
     *
     * @param frontend {@code 10.96.0.1:80}, {@code [fd00::1]:80}
     * @param backends likewise
     */
    TestServices service(String name, Protocol protocol, String frontend, String... backends) {
        FrontendKey key = key(protocol, frontend);
        Ref ref = new Ref(Kind.SERVICE, "default", name);
        BackendSet.Id id =
                new BackendSet.Id(ref, "", protocol, key.ip().isV4(), BackendSet.Scope.CLUSTER);
        List<Backend> all = Stream.of(backends).map(TestServices::backend).sorted().toList();
        sets =
                sets.with(
                        id,
                        new BackendSet(
                                id,
                                all,
                                whenEmpty,
                                balancing,
                                affinity.isPresent(),
                                direct
                                        ? all.stream().filter(b -> local.test(b.ip())).toList()
                                        : List.of()));
        if (exposure == Frontend.Exposure.CLUSTER_IP) {
            clusterIps = clusterIps.with(key.ip(), ref);
        }
        frontends =
                frontends.with(
                        key,
                        new Frontend(
                                ref,
                                "",
                                exposure,
                                id,
                                id,
                                masquerade,
                                direct,
                                affinity,
                                ranges,
                                false));
        return this;
    }

    ServiceTable build() {
        return new ServiceTable(
                frontends,
                sets,
                clusterIps,
                reserved,
                new Vantage(ownAddresses, nodeAddresses, podCidrs, toDirectly),
                new Cluster(nodes, List.of()));
    }

    static FrontendKey key(Protocol protocol, String text) {
        Backend parts = backend(text);
        return new FrontendKey(parts.ip(), parts.port(), protocol);
    }

    static Backend backend(String text) {
        int colon = text.lastIndexOf(':');
        String ip = text.substring(0, colon).replaceAll("[\\[\\]]", "");
        return new Backend(Ip.parse(ip), Integer.parseInt(text.substring(colon + 1)), true);
    }
}
