package io.weft.dns;

import static io.weft.dns.Objects.endpoint;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Delta;
import io.weft.model.EndpointSlice;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.MapDiff;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Service;
import io.weft.model.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A zone made step by step is the zone made of the last snapshot. */
class ZoneStepTest {
    private static final List<String> NAMESPACES = List.of("a", "b");
    private static final List<String> APPS = List.of("x", "y", "z");
    private static final ZoneSettings SETTINGS = ZoneSettings.DEFAULT;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void equalsAZoneFromNothing(long seed) {
        World world = new World(new Random(seed));
        Snapshot snapshot = Snapshot.EMPTY;
        ClusterZone zone = ClusterZone.of(SETTINGS, snapshot);
        for (int step = 0; step < 150; step++) {
            Delta delta = world.delta();
            snapshot = snapshot.apply(delta);
            zone = zone.next(snapshot, delta);
            assertThat(zone.describe())
                    .as("seed %d, step %d: %s", seed, step, delta)
                    .isEqualTo(ClusterZone.of(SETTINGS, snapshot).describe());
        }
        Delta all = Delta.between(snapshot, Snapshot.EMPTY);
        assertThat(zone.next(Snapshot.EMPTY, all).describe())
                .as("seed %d: nothing stays", seed)
                .isEqualTo(ClusterZone.of(SETTINGS, Snapshot.EMPTY).describe());
    }

    /** One service changes its own names, however many others there are. */
    @Test
    void aChangeTouchesOnlyItsNames() {
        Snapshot before =
                Snapshot.of(
                        IntStream.range(0, 3_000)
                                .mapToObj(i ->
                                        Objects.service(
                                                "a",
                                                "s" + i,
                                                Objects.ips("10.96." + i / 250 + "." + i % 250),
                                                Objects.port("http", 80)))
                                .toList());
        ClusterZone zone = ClusterZone.of(SETTINGS, before);
        Delta delta = Delta.put(List.of(Objects.service("a", "s7", Objects.ips("10.96.99.1"))));
        ClusterZone next = zone.next(before.apply(delta), delta);
        Set<String> changed = new TreeSet<>();
        MapDiff.between(
                zone.names(), next.names(), (name, was, is) -> changed.add(name.toString()));
        assertThat(changed)
                .containsExactly(
                        "1.99.96.10.in-addr.arpa.",
                        "7.0.96.10.in-addr.arpa.",
                        "_http._tcp.s7.a.svc.cluster.local.",
                        "_tcp.s7.a.svc.cluster.local.",
                        "s7.a.svc.cluster.local.");
    }

    private record World(Random random) {
        Delta delta() {
            List<Resource> put = new ArrayList<>();
            List<Ref> removed = new ArrayList<>();
            for (int i = random.nextInt(3); i >= 0; i--) {
                Resource resource = resource();
                if (random.nextInt(3) == 0) {
                    removed.add(resource.ref());
                } else {
                    put.add(resource);
                }
            }
            return new Delta(put, removed);
        }

        private <T> T pick(List<T> from) {
            return from.get(random.nextInt(from.size()));
        }

        private Resource resource() {
            String namespace = pick(NAMESPACES);
            return switch (random.nextInt(8)) {
                case 0 -> Objects.namespace(namespace);
                case 1, 2 -> service(namespace);
                case 3 -> slice(namespace);
                default -> pod(namespace);
            };
        }

        private Service service(String namespace) {
            String name = pick(APPS);
            return switch (random.nextInt(5)) {
                case 0 -> Objects.externalName(namespace, name, "example.com");
                case 1 ->
                        Objects.service(
                                namespace,
                                name,
                                Objects.ips("10.96.0." + random.nextInt(3)),
                                Objects.port("http", 80));
                case 2 ->
                        Objects.publishingNotReady(
                                Objects.headless(namespace, name, Objects.port("web", 80)));
                default ->
                        Objects.headless(
                                namespace,
                                name,
                                new Service.Port("web", io.weft.model.Protocol.TCP, 80, "web"));
            };
        }

        private EndpointSlice slice(String namespace) {
            List<EndpointSlice.Endpoint> endpoints = new ArrayList<>();
            for (int i = random.nextInt(3); i > 0; i--) {
                endpoints.add(
                        endpoint(
                                "10.2.0." + random.nextInt(4),
                                random.nextBoolean(),
                                random.nextBoolean() ? "h" + random.nextInt(2) : ""));
            }
            EndpointSlice slice =
                    Objects.slice(
                            namespace,
                            "s" + random.nextInt(2),
                            pick(APPS),
                            endpoints.toArray(EndpointSlice.Endpoint[]::new));
            return random.nextInt(6) > 0
                    ? slice
                    : new EndpointSlice(
                            new Ref(Kind.ENDPOINT_SLICE, namespace, slice.ref().name()),
                            java.util.Optional.empty(),
                            true,
                            slice.endpoints(),
                            slice.ports(),
                            slice.source());
        }

        private Pod pod(String namespace) {
            int number = random.nextInt(4);
            String app = pick(APPS);
            // addresses are shared now and then, as those of pods in the node's network are
            List<Ip> ips =
                    random.nextInt(8) == 0
                            ? List.of()
                            : Objects.ips("10.1.0." + random.nextInt(6), "fd00::" + number);
            Pod pod =
                    Objects.pod(namespace, "p" + number, app, "10.0.0.0")
                            .withIps(ips)
                            .withReady(random.nextInt(4) > 0);
            pod = random.nextBoolean() ? Objects.named(pod, "p" + number, pick(APPS)) : pod;
            return random.nextInt(6) == 0 ? Objects.terminating(pod) : pod;
        }
    }
}
