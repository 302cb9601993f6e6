package io.weft.compiler;

import io.weft.model.Delta;
import io.weft.model.EndpointSlice;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.LabelSelector;
import io.weft.model.Labels;
import io.weft.model.Pod;
import io.weft.model.Prefix;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Service;
import io.weft.model.ServiceCidr;
import io.weft.model.Snapshot;
import io.weft.model.Source;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Prints how long compiling services takes: {@code MeasureServices [services] [pods]}. Ten
 * endpoints each, in 100 namespaces; with {@code pods} they are pods, else slices say them.
 */
final class MeasureServices {
    private static final int ENDPOINTS = 10;
    private static final int NAMESPACES = 100;
    private static final int ROUNDS = 500;

    private MeasureServices() {}

    public static void main(String[] arguments) {
        int services = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10_000;
        boolean pods = arguments.length > 1 && arguments[1].equals("pods");
        List<Resource> all = new ArrayList<>();
        all.add(new ServiceCidr("kubernetes", List.of(Prefix.parse("172.16.0.0/12")), Source.NONE));
        for (int s = 0; s < services; s++) {
            all.add(service(s));
            if (pods) {
                for (int e = 0; e < ENDPOINTS; e++) {
                    all.add(pod(s, e, s * ENDPOINTS + e));
                }
            } else {
                all.add(slice(s, 0));
            }
        }
        Snapshot snapshot = Snapshot.of(all);
        Compilation compiled = Compiler.compile(Snapshot.EMPTY, Set.of());
        for (int i = 0; i < 5; i++) {
            long cpu = cpu();
            long start = System.nanoTime();
            compiled = Compiler.compile(snapshot, Set.of());
            System.out.printf(
                    "%d services x %d %s, from nothing: %.0f ms, %.0f ms CPU of all threads%n",
                    services,
                    ENDPOINTS,
                    pods ? "pods" : "endpoints",
                    (System.nanoTime() - start) / 1e6,
                    (cpu() - cpu) / 1e6);
        }
        System.out.printf(
                "%d frontends, %d sets%n",
                compiled.tables().services().frontends().size(),
                compiled.tables().services().sets().size());
        steps("a service added", compiled, i -> Delta.put(List.of(service(services + i))));
        if (pods) {
            steps(
                    "a pod replaced",
                    compiled,
                    i -> {
                        int s = i * 37 % services;
                        return Delta.put(List.of(pod(s, 3, services * ENDPOINTS + i)));
                    });
        } else {
            steps(
                    "an endpoint replaced",
                    compiled,
                    i -> Delta.put(List.of(slice(i * 37 % services, 1 + i))));
        }
    }

    /** {@return nanoseconds} */
    private static long cpu() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean bean
                ? bean.getProcessCpuTime()
                : 0;
    }

    private static void steps(String what, Compilation from, IntFunction<Delta> delta) {
        long[] nanos = new long[ROUNDS];
        for (int warmUp = 0; warmUp < 3; warmUp++) {
            Compilation compiled = from;
            for (int i = 0; i < ROUNDS; i++) {
                Delta step = delta.apply(i);
                long start = System.nanoTime();
                compiled = compiled.next(step);
                nanos[i] = System.nanoTime() - start;
            }
        }
        Arrays.sort(nanos);
        System.out.printf(
                "one step, %s: median %.3f ms, 99%% %.3f ms, most %.3f ms%n",
                what,
                nanos[ROUNDS / 2] / 1e6,
                nanos[ROUNDS * 99 / 100] / 1e6,
                nanos[ROUNDS - 1] / 1e6);
    }

    private static Ref ref(Kind kind, int s) {
        return new Ref(kind, "ns" + s % NAMESPACES, "svc" + s);
    }

    private static Service service(int s) {
        return new Service(
                ref(Kind.SERVICE, s),
                Labels.EMPTY,
                Optional.of(LabelSelector.of(Map.of("app", "svc" + s))),
                false,
                List.of(Ip.v4(0xac100000 + s + 1)),
                List.of(new Service.Port("http", Protocol.TCP, 80, "http")),
                Source.NONE);
    }

    private static EndpointSlice slice(int s, int shift) {
        return new EndpointSlice(
                ref(Kind.ENDPOINT_SLICE, s),
                Optional.of(ref(Kind.SERVICE, s)),
                true,
                IntStream.range(0, ENDPOINTS)
                        .mapToObj(e ->
                                new EndpointSlice.Endpoint(
                                        Ip.v4(
                                                0x0a000000
                                                        + s * ENDPOINTS
                                                        + e
                                                        + (e == 3 ? shift << 20 : 0)),
                                        true,
                                        true,
                                        false,
                                        Optional.empty(),
                                        Optional.of("node" + e % 3),
                                        Optional.empty(),
                                        List.of(),
                                        List.of(),
                                        Optional.empty()))
                        .toList(),
                List.of(new EndpointSlice.Port("http", Protocol.TCP, OptionalInt.of(8080))),
                Source.NONE);
    }

    private static Pod pod(int s, int e, int address) {
        return new Pod(
                Ref.pod("ns" + s % NAMESPACES, "svc" + s + "-" + e),
                Labels.of(Map.of("app", "svc" + s, "pod-template-hash", "h" + s)),
                List.of(Ip.v4(0x0a000000 + address)),
                List.of(new Pod.ContainerPort("http", Protocol.TCP, 8080)),
                List.of(),
                false,
                false,
                Source.NONE);
    }
}
