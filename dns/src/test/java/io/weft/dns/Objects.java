package io.weft.dns;

import io.weft.model.EndpointSlice;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.LabelSelector;
import io.weft.model.Labels;
import io.weft.model.Namespace;
import io.weft.model.Pod;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Service;
import io.weft.model.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Resources to test with. */
final class Objects {
    private Objects() {}

    static Namespace namespace(String name) {
        return new Namespace(name, Labels.EMPTY, Source.NONE);
    }

    static Ref serviceRef(String namespace, String name) {
        return new Ref(Kind.SERVICE, namespace, name);
    }

    static List<Ip> ips(String... ips) {
        return Stream.of(ips).map(Ip::parse).toList();
    }

    static Optional<LabelSelector> app(String name) {
        return Optional.of(LabelSelector.of(Map.of("app", name)));
    }

    static Service.Port port(String name, int number) {
        return new Service.Port(name, Protocol.TCP, number, Integer.toString(number));
    }

    /** A service with cluster IPs. */
    static Service service(String namespace, String name, List<Ip> ips, Service.Port... ports) {
        return new Service(
                serviceRef(namespace, name),
                Labels.EMPTY,
                app(name),
                false,
                ips,
                List.of(ports),
                Source.NONE);
    }

    /** A headless service of the pods labelled {@code app: <name>}. */
    static Service headless(String namespace, String name, Service.Port... ports) {
        return new Service(
                serviceRef(namespace, name),
                Labels.EMPTY,
                app(name),
                true,
                List.of(),
                List.of(ports),
                Source.NONE);
    }

    static Service publishingNotReady(Service service) {
        Service.Routing r = Service.Routing.DEFAULT;
        return service.withRouting(
                new Service.Routing(
                        r.affinity(),
                        r.internalLocal(),
                        r.externalLocal(),
                        r.healthCheckNodePort(),
                        r.distribution(),
                        true,
                        r.balancing(),
                        r.forwarding(),
                        r.terminateConnections()));
    }

    static Service externalName(String namespace, String name, String target) {
        Service.Addresses none = Service.Addresses.NONE;
        return new Service(
                serviceRef(namespace, name),
                Labels.EMPTY,
                Service.Type.EXTERNAL_NAME,
                Optional.empty(),
                false,
                new Service.Addresses(
                        List.of(),
                        List.of(),
                        none.familyPolicy(),
                        List.of(),
                        List.of(),
                        List.of(),
                        Optional.empty(),
                        List.of(),
                        target),
                List.of(),
                Service.Routing.DEFAULT,
                Source.NONE);
    }

    static Pod pod(String namespace, String name, String app, String... ips) {
        return new Pod(
                Ref.pod(namespace, name),
                Labels.of(Map.of("app", app)),
                ips(ips),
                List.of(new Pod.ContainerPort("web", Protocol.TCP, 8080)),
                List.of(),
                false,
                false,
                Source.NONE);
    }

    /** {@return as a StatefulSet's: named below a headless service} */
    static Pod named(Pod pod, String hostname, String subdomain) {
        Pod.Naming n = pod.naming();
        return withNaming(
                pod,
                new Pod.Naming(
                        hostname,
                        subdomain,
                        n.policy(),
                        n.nameservers(),
                        n.searches(),
                        n.options(),
                        n.serviceLinks()));
    }

    static Pod withNaming(Pod pod, Pod.Naming naming) {
        return new Pod(
                pod.ref(),
                pod.labels(),
                pod.ips(),
                pod.ports(),
                pod.containers(),
                pod.hostNetwork(),
                pod.finished(),
                pod.terminating(),
                pod.node(),
                pod.hostIps(),
                pod.audit(),
                pod.ready(),
                naming,
                pod.source());
    }

    static Pod terminating(Pod pod) {
        return new Pod(
                pod.ref(),
                pod.labels(),
                pod.ips(),
                pod.ports(),
                pod.containers(),
                pod.hostNetwork(),
                pod.finished(),
                true,
                pod.node(),
                pod.hostIps(),
                pod.audit(),
                pod.ready(),
                pod.naming(),
                pod.source());
    }

    static EndpointSlice.Endpoint endpoint(String ip, boolean ready, String hostname) {
        return new EndpointSlice.Endpoint(
                Ip.parse(ip),
                ready,
                ready,
                false,
                hostname.isEmpty() ? Optional.empty() : Optional.of(hostname),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                Optional.empty());
    }

    /** A slice of IPv4 endpoints with one port, {@code web} 8080. */
    static EndpointSlice slice(
            String namespace, String name, String service, EndpointSlice.Endpoint... endpoints) {
        return new EndpointSlice(
                new Ref(Kind.ENDPOINT_SLICE, namespace, name),
                Optional.of(serviceRef(namespace, service)),
                true,
                new ArrayList<>(List.of(endpoints)),
                List.of(new EndpointSlice.Port("web", Protocol.TCP, OptionalInt.of(8080))),
                Source.NONE);
    }
}
