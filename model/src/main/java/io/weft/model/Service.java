package io.weft.model;

import java.util.List;
import java.util.Optional;

/**
 * A v1 Service, as far as policies look at it: which pods are behind it.
 *
 * @param selector the pods of its own namespace that are behind it; empty: endpoints are made by
 *     someone else, and none are known here
 * @param headless {@code clusterIP: None}: names its pods, and has no address of its own
 * @param clusterIps at most one of each family; none when headless, or not yet given
 */
public record Service(
        Ref ref,
        Labels labels,
        Optional<LabelSelector> selector,
        boolean headless,
        List<Ip> clusterIps,
        List<Port> ports,
        Source source)
        implements Resource {

    /**
     * @param name empty when the port has none
     * @param number of the service itself, 1–65535
     * @param target of the pods: a number as text, or the name of a port of each pod
     */
    public record Port(String name, Protocol protocol, int number, String target) {}

    public Service {
        clusterIps = List.copyOf(clusterIps);
        ports = List.copyOf(ports);
    }

    /** {@return whether {@code pod} is behind it} */
    public boolean selects(Pod pod) {
        return selector.isPresent()
                && pod.namespace().equals(ref.namespace())
                && selector.get().matches(pod.labels());
    }
}
