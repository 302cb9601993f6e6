package io.weft.model;

import io.weft.model.Expectation.Party;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds names of objects that nobody declares. */
final class References {
    private References() {}

    static void check(List<Resource> resources, Report report) {
        Set<String> namespaces = new HashSet<>(Set.of("default"));
        Set<String> pods = new HashSet<>();
        Set<String> services = new HashSet<>();
        for (Resource resource : resources) {
            switch (resource) {
                case Namespace n -> namespaces.add(n.name());
                case Pod p -> pods.add(p.ref().path());
                case Node ignored -> {}
                case ServiceCidr ignored -> {}
                case Service s -> services.add(s.ref().path());
                case EndpointSlice ignored -> {}
                case NetworkPolicy ignored -> {}
                case ClusterNetworkPolicy ignored -> {}
                case CiliumNetworkPolicy ignored -> {}
                case IpamClaim ignored -> {}
                case Expectation ignored -> {}
            }
        }
        for (Resource resource : resources) {
            Ref ref = resource.ref();
            if (ref.kind().namespaced() && !namespaces.contains(ref.namespace())) {
                missing(
                        resource,
                        "metadata.namespace",
                        ref.namespace(),
                        namespaces,
                        "declare it with kind: Namespace",
                        report);
            }
            if (resource instanceof Expectation e) {
                party(e, "spec.from", e.from(), pods, services, report);
                party(e, "spec.to", e.to(), pods, services, report);
            }
        }
    }

    private static void party(
            Expectation e,
            String field,
            Party party,
            Set<String> pods,
            Set<String> services,
            Report report) {
        if (party instanceof Party.OfPod(Ref pod) && !pods.contains(pod.path())) {
            missing(e, field, pod.path(), pods, "no such pod is declared", report);
        }
        if (party instanceof Party.OfService(Ref service) && !services.contains(service.path())) {
            missing(e, field, service.path(), services, "no such service is declared", report);
        }
    }

    private static void missing(
            Resource resource,
            String field,
            String name,
            Set<String> known,
            String next,
            Report report) {
        Optional<String> nearest = Spelling.nearest(name, known.stream().sorted().toList());
        report.add(
                new Problem(
                        resource.source(),
                        resource.ref().toString(),
                        field,
                        "Not found: \""
                                + name
                                + "\": "
                                + next
                                + nearest.map(n -> "; did you mean \"" + n + "\"?").orElse("")));
    }
}
