package io.weft.compiler;

import io.weft.model.EndpointSlice;
import io.weft.model.Ip;
import io.weft.model.Pod;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Service;
import io.weft.model.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Where a client goes that knows a service by its name, as DNS would tell it. */
final class ServiceEnds {
    /** An address, and the port there. */
    record Spot(Ip ip, int port) {}

    private ServiceEnds() {}

    /**
     * {@return its cluster IPs; of a headless service, its ready pods}
     *
     * @param port a number, or the name of a port of the service
     * @throws QueryException when there is no such service or port, or it has no address
     */
    static List<Spot> of(Snapshot snapshot, Ref ref, Protocol protocol, String port) {
        Service service = snapshot.services().get(ref);
        if (service == null) {
            throw new QueryException("there is no " + ref);
        }
        if (service.type() == Service.Type.EXTERNAL_NAME) {
            throw new QueryException(
                    "%s is another name for %s, and no address"
                            .formatted(ref, service.addresses().externalName()));
        }
        OptionalInt number =
                port.matches("[0-9]{1,5}")
                        ? OptionalInt.of(Integer.parseInt(port))
                        : OptionalInt.empty();
        Optional<Service.Port> named =
                service.ports().stream()
                        .filter(p -> p.name().equals(port) && p.protocol() == protocol)
                        .findFirst();
        if (number.isEmpty() && named.isEmpty()) {
            throw new QueryException(
                    "%s has no %s port named '%s'; give a number".formatted(ref, protocol, port));
        }
        List<Spot> spots =
                service.headless()
                        ? headless(snapshot, service, named, number)
                        : service.clusterIps().stream()
                                .map(ip ->
                                        new Spot(
                                                ip,
                                                number.orElseGet(
                                                        () -> named.orElseThrow().number())))
                                .toList();
        if (spots.isEmpty()) {
            throw new QueryException(
                    ref
                            + (service.headless()
                                    ? " is headless, and no ready pod is behind it"
                                    : " has no address yet"));
        }
        return spots;
    }

    /** DNS knows no ports: a number is that of the pods. */
    private static List<Spot> headless(
            Snapshot snapshot, Service service, Optional<Service.Port> named, OptionalInt number) {
        List<Spot> spots = new ArrayList<>();
        boolean sliced = false;
        for (EndpointSlice slice : snapshot.endpointSlices().values()) {
            if (slice.service().filter(service.ref()::equals).isEmpty()) {
                continue;
            }
            sliced = true;
            OptionalInt port =
                    number.isPresent()
                            ? number
                            : slice.ports().stream()
                                    .filter(p ->
                                            named.isPresent()
                                                    && p.name().equals(named.get().name())
                                                    && p.protocol() == named.get().protocol())
                                    .map(EndpointSlice.Port::number)
                                    .findFirst()
                                    .orElse(OptionalInt.empty());
            for (EndpointSlice.Endpoint endpoint : slice.endpoints()) {
                if (endpoint.ready() && port.isPresent()) {
                    spots.add(new Spot(endpoint.ip(), port.getAsInt()));
                }
            }
        }
        if (!sliced) {
            for (Pod pod : snapshot.pods().values()) {
                OptionalInt port =
                        number.isPresent()
                                ? number
                                : Endpoints.targetPort(pod, named.orElseThrow());
                boolean ready =
                        service.routing().publishNotReady() || (pod.ready() && !pod.terminating());
                if (service.selects(pod) && !pod.finished() && ready && port.isPresent()) {
                    for (boolean v4 : new boolean[] {true, false}) {
                        Endpoints.address(pod, v4)
                                .ifPresent(ip -> spots.add(new Spot(ip, port.getAsInt())));
                    }
                }
            }
        }
        return spots.stream().distinct().toList();
    }
}
