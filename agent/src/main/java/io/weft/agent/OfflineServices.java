package io.weft.agent;

import io.weft.model.ManifestException;
import io.weft.model.Problem;
import io.weft.model.Resource;
import io.weft.model.Service;
import io.weft.model.Snapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Gives services the addresses that a node would, without a node. */
final class OfflineServices {
    private OfflineServices() {}

    /**
     * {@return the same, each service with its addresses}
     *
     * @throws ManifestException with every service that may not have what it asks for
     */
    static List<Resource> addressed(List<Resource> resources, ServicePools pools) {
        List<Problem> problems = new ArrayList<>();
        List<Resource> all =
                addressed(
                        resources,
                        Snapshot.EMPTY,
                        ServiceAddressing.of(pools),
                        service -> true,
                        problems);
        if (!problems.isEmpty()) {
            throw new ManifestException(problems);
        }
        return all;
    }

    /**
     * {@return the same, with addresses for services that have none; those that another cluster
     * gave are kept}
     */
    static List<Resource> completed(List<Resource> resources) {
        return completed(resources, Snapshot.EMPTY);
    }

    /**
     * {@return likewise}
     *
     * @param before what is in force, and keeps its addresses
     */
    static List<Resource> completed(List<Resource> resources, Snapshot before) {
        ServiceAddressing addressing = ServiceAddressing.of(ServicePools.DEFAULT);
        for (Service service : before.services().values()) {
            try {
                addressing = addressing.give(service, Optional.empty()).after();
            } catch (NodeException elsewhere) {
                // outside these pools, so nothing of them is taken
            }
        }
        return addressed(
                resources,
                before,
                addressing,
                service -> service.clusterIps().isEmpty(),
                new ArrayList<>());
    }

    private static List<Resource> addressed(
            List<Resource> resources,
            Snapshot before,
            ServiceAddressing taken,
            Predicate<Service> which,
            List<Problem> problems) {
        ServiceAddressing addressing = taken;
        Map<Resource, Service> given = new LinkedHashMap<>();
        for (Resource resource : ChangePlan.askingFirst(resources)) {
            if (resource instanceof Service service && which.test(service)) {
                try {
                    ServiceAddressing.Given next =
                            addressing.give(
                                    service,
                                    Optional.ofNullable(before.services().get(service.ref())));
                    addressing = next.after();
                    given.put(service, next.service());
                } catch (NodeException e) {
                    problems.add(problem(service, e));
                }
            }
        }
        List<Resource> all = new ArrayList<>(resources);
        all.replaceAll(r -> r instanceof Service service ? given.getOrDefault(r, service) : r);
        return all;
    }

    private static Problem problem(Service service, NodeException e) {
        String place = service.source() + ": ";
        String message = String.valueOf(e.getMessage());
        return new Problem(
                service.source(),
                "",
                "",
                message.startsWith(place) ? message.substring(place.length()) : message);
    }
}
