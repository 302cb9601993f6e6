package io.weft.lab;

import io.weft.model.Delta;
import io.weft.model.EndpointSlice;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.LabelSelector;
import io.weft.model.Labels;
import io.weft.model.Namespace;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Service;
import io.weft.model.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Numbered services with one TCP port and 10 endpoints each, in 100 namespaces; slices say the
 * endpoints, as in a cluster. No address means anything but those of {@link #served}.
 */
final class ServiceWorld {
    static final int ENDPOINTS = 10;
    static final int PORT = 80;
    static final int TARGET_PORT = 8080;

    private static final int NAMESPACES = 100;
    private static final int FIRST_SERVICE = 0x0a60_0001; // 10.96.0.1
    private static final int FIRST_ENDPOINT = 0x0a80_0000; // 10.128.0.0

    private ServiceWorld() {}

    /** {@return the address of a service} */
    static Ip address(int service) {
        return Ip.v4(FIRST_SERVICE + service);
    }

    /** {@return the address of one of a service's endpoints} */
    static Ip endpoint(int service, int endpoint) {
        return Ip.v4(FIRST_ENDPOINT + service * ENDPOINTS + endpoint);
    }

    static List<Resource> namespaces() {
        return IntStream.range(0, NAMESPACES)
                .<Resource>mapToObj(n -> new Namespace("ns" + n, Labels.EMPTY, Source.NONE))
                .toList();
    }

    /** {@return the services from {@code first} to before {@code end}} */
    static List<Resource> services(int first, int end) {
        List<Resource> all = new ArrayList<>();
        for (int s = first; s < end; s++) {
            all.add(service(s));
            all.add(slice(s, 0));
        }
        return all;
    }

    /** {@return a service that comes, with its endpoints} */
    static Delta added(int service) {
        return Delta.put(services(service, service + 1));
    }

    static Delta removed(int service) {
        return new Delta(
                List.of(), List.of(ref(Kind.SERVICE, service), ref(Kind.ENDPOINT_SLICE, service)));
    }

    /**
     * {@return one of its endpoints has another address}
     *
     * @param shift which one, from 1; 0: the first one again
     */
    static Delta replaced(int service, int shift) {
        return Delta.put(List.of(slice(service, shift)));
    }

    /** {@return a service whose ten endpoints are ports of one pod, from {@link Peer#PORT} on} */
    static List<Resource> served(int service, Ip pod) {
        List<Resource> all = new ArrayList<>();
        all.add(service(service));
        for (int e = 0; e < ENDPOINTS; e++) {
            all.add(
                    new EndpointSlice(
                            new Ref(
                                    Kind.ENDPOINT_SLICE,
                                    "ns" + service % NAMESPACES,
                                    "svc%d-%d".formatted(service, e)),
                            Optional.of(ref(Kind.SERVICE, service)),
                            true,
                            List.of(endpoint(pod)),
                            List.of(port(Peer.PORT + e)),
                            Source.NONE));
        }
        return all;
    }

    private static Ref ref(Kind kind, int service) {
        return new Ref(kind, "ns" + service % NAMESPACES, "svc" + service);
    }

    private static Service service(int s) {
        return new Service(
                ref(Kind.SERVICE, s),
                Labels.EMPTY,
                Optional.of(LabelSelector.of(Map.of("app", "svc" + s))),
                false,
                List.of(address(s)),
                List.of(new Service.Port("http", Protocol.TCP, PORT, "http")),
                Source.NONE);
    }

    private static EndpointSlice slice(int s, int shift) {
        return new EndpointSlice(
                ref(Kind.ENDPOINT_SLICE, s),
                Optional.of(ref(Kind.SERVICE, s)),
                true,
                IntStream.range(0, ENDPOINTS)
                        .mapToObj(
                                e -> endpoint(endpoint(s, e).plus(e == 3 ? (long) shift << 20 : 0)))
                        .toList(),
                List.of(port(TARGET_PORT)),
                Source.NONE);
    }

    private static EndpointSlice.Port port(int number) {
        return new EndpointSlice.Port("http", Protocol.TCP, OptionalInt.of(number));
    }

    private static EndpointSlice.Endpoint endpoint(Ip ip) {
        return new EndpointSlice.Endpoint(
                ip,
                true,
                true,
                false,
                Optional.empty(),
                Optional.of("elsewhere"),
                Optional.empty(),
                List.of(),
                List.of(),
                Optional.empty());
    }
}
