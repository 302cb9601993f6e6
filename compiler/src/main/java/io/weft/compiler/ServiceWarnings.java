package io.weft.compiler;

import io.weft.model.LabelSelector;
import io.weft.model.Pod;
import io.weft.model.Problem;
import io.weft.model.Ref;
import io.weft.model.Service;
import io.weft.tables.FrontendKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** {@link Warnings} of services. */
final class ServiceWarnings {
    private final State state;
    private final List<Problem> found = new ArrayList<>();

    private ServiceWarnings(State state) {
        this.state = state;
    }

    static List<Problem> of(State state) {
        ServiceWarnings warnings = new ServiceWarnings(state);
        state.snapshot.services().values().forEach(warnings::check);
        return warnings.found;
    }

    private void check(Service service) {
        if (service.type() == Service.Type.EXTERNAL_NAME) {
            return;
        }
        boolean sliced = state.services.slices.containsKey(service.ref());
        Optional<LabelSelector> selector = service.selector();
        if (!sliced && selector.isEmpty()) {
            add(
                    service,
                    "spec.selector",
                    "nobody is behind it: it has no selector, and no EndpointSlice names it");
        }
        if (!sliced && selector.isPresent()) {
            String namespace = service.ref().namespace();
            List<Pod> pods =
                    Step.podsOf(state.snapshot, namespace).values().stream()
                            .filter(pod -> !pod.finished() && service.selects(pod))
                            .toList();
            if (pods.isEmpty()) {
                add(
                        service,
                        "spec.selector",
                        "selects no pod: no pod of namespace %s matches %s"
                                .formatted(namespace, selector.get()));
            } else {
                targets(service, pods);
            }
        }
        taken(service);
    }

    private void targets(Service service, List<Pod> pods) {
        for (int i = 0; i < service.ports().size(); i++) {
            Service.Port port = service.ports().get(i);
            if (pods.stream().noneMatch(pod -> Endpoints.targetPort(pod, port).isPresent())) {
                add(
                        service,
                        "spec.ports[" + i + "].targetPort",
                        "no selected pod has a %s port named '%s'%s"
                                .formatted(port.protocol(), port.target(), names(pods)));
            }
        }
    }

    private static String names(List<Pod> pods) {
        TreeSet<String> names = new TreeSet<>();
        for (Pod pod : pods) {
            pod.ports().stream()
                    .filter(p -> !p.name().isEmpty())
                    .forEach(p -> names.add(p.name() + " (" + p.protocol() + ")"));
        }
        return names.isEmpty()
                ? ": none of their ports has a name"
                : "; there are " + String.join(", ", names);
    }

    /** Two services may ask for the same external IP and port; one of them gets nothing there. */
    private void taken(Service service) {
        for (FrontendKey key : ServiceFrontends.of(service, state.services.site, false).keySet()) {
            Optional<Ref> first = state.services.frontendClaims.first(key);
            if (first.isPresent() && !first.get().equals(service.ref())) {
                add(
                        service,
                        "spec",
                        "%s leads to %s, which also asks for it and is the first by name"
                                .formatted(key, first.get()));
            }
        }
    }

    private void add(Service service, String field, String reason) {
        found.add(new Problem(service.source(), service.ref().toString(), field, reason));
    }
}
