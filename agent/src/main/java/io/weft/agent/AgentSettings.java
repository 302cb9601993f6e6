package io.weft.agent;

import io.weft.ipam.Pool;
import io.weft.ipam.PoolChooser;
import io.weft.ipam.PoolException;
import io.weft.ipam.Pools;
import io.weft.ipam.Range;
import io.weft.ipam.Settings;
import io.weft.kernel.NetNs;
import io.weft.model.AgentConfiguration;
import io.weft.model.LabelSelector;
import io.weft.model.Prefix;
import io.weft.model.Span;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where an agent keeps its things, and how it runs.
 *
 * @param root below it lie {@code run/weft/INSTANCE} and {@code var/lib/weft/INSTANCE}
 * @param host the namespace that plays the machine; empty: this process's own
 */
public record AgentSettings(
        String instance,
        Path root,
        Path pinDirectory,
        Optional<NetNs> host,
        AgentConfiguration configuration) {
    /** Name of the pool that there is when the configuration has none. */
    static final String DEFAULT_POOL = "default";

    /** {@return an agent at the usual places below {@code root}} */
    public static AgentSettings of(String instance, Path root, AgentConfiguration configuration) {
        return new AgentSettings(
                instance,
                root,
                Path.of("/sys/fs/bpf/weft", instance),
                Optional.empty(),
                configuration);
    }

    public Path runDirectory() {
        return root.resolve("run/weft").resolve(instance);
    }

    public Path stateDirectory() {
        return root.resolve("var/lib/weft").resolve(instance);
    }

    /** {@return where CNI calls come in} */
    public Path cniSocket() {
        return runDirectory().resolve("cni.sock");
    }

    /** {@return where the CNI client leaves word when no agent is there} */
    public Path tombstones() {
        return stateDirectory().resolve("tombstones");
    }

    NodeConfig node() {
        AgentConfiguration c = configuration;
        ServicePools unset = ServicePools.DEFAULT;
        ServicePools pools =
                new ServicePools(
                        c.serviceCidrs().isEmpty() ? unset.cluster4() : c.serviceCidrs().getFirst(),
                        c.serviceCidrs().isEmpty() ? unset.cluster6() : c.serviceCidrs().getLast(),
                        c.loadBalancerCidrs().isEmpty()
                                ? unset.loadBalancer4()
                                : c.loadBalancerCidrs().getFirst(),
                        c.loadBalancerCidrs().isEmpty()
                                ? unset.loadBalancer6()
                                : c.loadBalancerCidrs().getLast());
        return new NodeConfig(
                        instance,
                        runDirectory(),
                        pinDirectory,
                        c.podCidrs().getFirst(),
                        c.podCidrs().getLast(),
                        host,
                        List.of())
                .withServices(
                        new ServiceSettings(
                                pools,
                                c.clusterDomain().orElse(ServiceSettings.DEFAULT_CLUSTER_DOMAIN),
                                c.uplinks().stream().map(UplinkSetting::parse).toList(),
                                // what a network asks for; the stack forwards then
                                c.uplinks().isEmpty() ? Optional.empty() : Optional.of(List.of())))
                .withAuditForAll(c.audit())
                .staying();
    }

    /**
     * {@return how pools are chosen}
     *
     * @throws NodeException with all that is wrong with pools, by their keys
     */
    PoolChooser pools() {
        List<Pool> pools = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        Map<String, LabelSelector> namespaces = new LinkedHashMap<>();
        for (AgentConfiguration.AddressPool pool : configuration.addressPools()) {
            String key = "spec.addressPools[" + pools.size() + "]";
            try {
                pools.add(
                        new Pool(
                                pool.name(),
                                pool.ranges().stream().map(AgentSettings::range).toList(),
                                pool.excluded()));
            } catch (PoolException e) {
                e.problems().forEach(problem -> problems.add(key + "." + problem));
            }
            pool.namespaces().ifPresent(selector -> namespaces.put(pool.name(), selector));
        }
        if (configuration.addressPools().isEmpty()) {
            pools.add(
                    new Pool(
                            DEFAULT_POOL,
                            configuration.podCidrs().stream().map(Range::of).toList(),
                            List.of()));
        }
        try {
            if (problems.isEmpty()) {
                return new PoolChooser(new Pools(pools), namespaces);
            }
        } catch (PoolException e) {
            e.problems()
                    .forEach(problem ->
                            problems.add(
                                    problem.toString()
                                            .replaceFirst("^pools", "spec.addressPools")));
        }
        throw new NodeException(NodeException.Cause.INPUT, String.join("\n", problems));
    }

    private static Range range(AgentConfiguration.Range range) {
        Prefix subnet = range.subnet();
        Span whole = Span.of(subnet);
        return new Range(
                subnet,
                new Span(range.first().orElse(whole.first()), range.last().orElse(whole.last())),
                range.gateway().isPresent() ? range.gateway() : Range.defaultGateway(subnet));
    }

    Settings ipam() {
        Settings settings = Settings.of(instance);
        return configuration.coolDown().map(settings::withCooldown).orElse(settings);
    }
}
