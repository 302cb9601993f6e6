package io.weft.compiler;

import io.weft.model.Delta;
import io.weft.model.Kind;
import io.weft.model.Pod;
import io.weft.model.Pod.HostPort;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Service;
import io.weft.model.Snapshot;
import io.weft.tables.FrontendKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Two that want one port of this node.
 *
 * @param claimant who came last
 * @param port {@code 8080/tcp}
 * @param holder who has it, or came with the claimant
 */
public record HostPortConflict(Resource claimant, String port, Resource holder) {
    /** {@return the first that a change would bring} */
    public static Optional<HostPortConflict> in(Compilation now, Delta change) {
        return new Finder(now, change).find();
    }

    @Override
    public String toString() {
        return "%s: %s: port %s of the node is taken by %s (%s)"
                .formatted(claimant.source(), claimant.ref(), port, holder.ref(), holder.source());
    }

    private static final class Finder {
        private final ServiceState state;
        private final Snapshot before;
        private final Map<Ref, Resource> put = new LinkedHashMap<>();
        private final Set<Ref> removed;

        Finder(Compilation now, Delta change) {
            state = now.state().services;
            before = now.snapshot();
            change.put().forEach(resource -> put.put(resource.ref(), resource));
            removed = Set.copyOf(change.removed());
        }

        Optional<HostPortConflict> find() {
            return put.values().stream().flatMap(this::conflicts).findFirst();
        }

        private Stream<HostPortConflict> conflicts(Resource resource) {
            return switch (resource) {
                case Pod pod when hasPorts(pod) ->
                        pod.hostPorts().stream().flatMap(port -> conflicts(pod, port));
                case Service service -> ports(service).flatMap(port -> pods(service, port));
                default -> Stream.empty();
            };
        }

        private boolean hasPorts(Pod pod) {
            return !pod.hostPorts().isEmpty() && pod.counts() && state.site.isHere(pod);
        }

        /** Node ports, as pods would have them. */
        private static Stream<HostPort> ports(Service service) {
            return service.ports().stream()
                    .filter(port -> port.nodePort().isPresent())
                    .map(port ->
                            new HostPort(
                                    Optional.empty(),
                                    port.nodePort().getAsInt(),
                                    port.protocol(),
                                    port.number()));
        }

        private Stream<HostPortConflict> conflicts(Pod pod, HostPort port) {
            FrontendKey v4 = FrontendKey.nodePort(true, port.number(), port.protocol());
            FrontendKey v6 = FrontendKey.nodePort(false, port.number(), port.protocol());
            Stream<HostPortConflict> services =
                    Stream.of(v4, v6)
                            .flatMap(key -> state.frontendClaims.of(key).stream())
                            .filter(ref -> ref.kind() == Kind.SERVICE)
                            .flatMap(ref -> as(Service.class, ref).stream())
                            .filter(service -> ports(service).anyMatch(port::collidesWith))
                            .map(service -> new HostPortConflict(pod, port.toString(), service));
            return Stream.concat(pods(pod, port), services);
        }

        /** Pods, there or coming, that have the port. */
        private Stream<HostPortConflict> pods(Resource claimant, HostPort port) {
            List<Ref> there = state.hostPortClaims.of(HostPorts.number(port));
            Stream<Ref> coming =
                    put.keySet().stream()
                            .filter(ref -> ref.kind() == Kind.POD && !there.contains(ref));
            return Stream.concat(there.stream(), coming)
                    .filter(ref -> !ref.equals(claimant.ref()))
                    .flatMap(ref -> as(Pod.class, ref).stream())
                    .filter(pod ->
                            hasPorts(pod) && pod.hostPorts().stream().anyMatch(port::collidesWith))
                    .map(pod -> new HostPortConflict(claimant, port.toString(), pod));
        }

        /** {@return an object as it is after the change} */
        private <T extends Resource> Optional<T> as(Class<T> type, Ref ref) {
            return Optional.ofNullable(put.get(ref))
                    .or(() -> removed.contains(ref) ? Optional.empty() : before.find(ref))
                    .filter(type::isInstance)
                    .map(type::cast);
        }
    }
}
