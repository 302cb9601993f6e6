package io.weft.agent;

import io.weft.compiler.Compilation;
import io.weft.compiler.Compiler;
import io.weft.model.Delta;
import io.weft.model.Ip;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Snapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a node would decide, without a node: pods and services get the addresses that {@code up}
 * would give.
 */
public final class OfflineNode {
    private OfflineNode() {}

    /**
     * {@return the manifests, each pod with addresses of the default pools in order, and services
     * that have no address with one}
     */
    public static Snapshot snapshot(List<Resource> resources) {
        return Snapshot.of(addressed(OfflineServices.completed(resources)));
    }

    /**
     * {@return the same, where every service has what a node with these pools gives it}
     *
     * @throws io.weft.model.ManifestException with every service that asks for an address or a node
     *     port that another has, or that no pool holds
     */
    public static Snapshot snapshot(List<Resource> resources, ServicePools pools) {
        return Snapshot.of(addressed(OfflineServices.addressed(resources, pools)));
    }

    /** {@return the snapshot, with cluster IPs for the services that have none} */
    public static Snapshot withServiceAddresses(Snapshot snapshot) {
        List<Resource> services = new ArrayList<>(snapshot.services().values());
        List<Resource> given = new ArrayList<>(OfflineServices.completed(services));
        given.removeAll(services);
        return snapshot.apply(Delta.put(given));
    }

    /** {@return what applying {@code wanted} would do where {@code base} is in force} */
    public static DryRun dryRun(List<Resource> base, List<Resource> wanted) {
        AddressPool pool = new AddressPool(NodeConfig.DEFAULT_POOL4, NodeConfig.DEFAULT_POOL6);
        Snapshot before =
                Snapshot.of(
                        OfflineServices.completed(base).stream()
                                .map(r -> addressed(r, pool))
                                .toList());
        Map<Ref, Node.Change> changes = new LinkedHashMap<>();
        List<Resource> put = new ArrayList<>();
        for (Resource resource : OfflineServices.completed(wanted, before)) {
            Optional<Resource> there = before.find(resource.ref());
            Resource next =
                    there.isPresent()
                                    && there.get() instanceof Pod old
                                    && resource instanceof Pod pod
                                    && pod.ips().isEmpty()
                            ? pod.withIps(old.ips())
                            : addressed(resource, pool);
            changes.put(
                    next.ref(),
                    there.isEmpty()
                            ? Node.Change.CREATED
                            : Meaning.same(there.get(), next)
                                    ? Node.Change.UNCHANGED
                                    : Node.Change.CONFIGURED);
            put.add(next);
        }
        Compilation compiled = Compiler.compile(before, nodeAddresses());
        return new DryRun(changes, compiled, compiled.next(Delta.put(put)));
    }

    private static List<Resource> addressed(List<Resource> resources) {
        AddressPool pool = new AddressPool(NodeConfig.DEFAULT_POOL4, NodeConfig.DEFAULT_POOL6);
        return resources.stream().map(r -> addressed(r, pool)).toList();
    }

    private static Resource addressed(Resource resource, AddressPool pool) {
        return resource instanceof Pod pod && pod.ips().isEmpty() && !pod.hostNetwork()
                ? pod.withIps(pool.take())
                : resource;
    }

    /** {@return the addresses that the node itself would have on the default pools} */
    public static Set<Ip> nodeAddresses() {
        return Set.copyOf(
                AddressPool.nodeAddresses(NodeConfig.DEFAULT_POOL4, NodeConfig.DEFAULT_POOL6));
    }

    /** {@return the compiled {@link #snapshot}} */
    public static Compilation compile(List<Resource> resources) {
        return Compiler.compile(snapshot(resources), nodeAddresses());
    }
}
