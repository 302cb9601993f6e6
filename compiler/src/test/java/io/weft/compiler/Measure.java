package io.weft.compiler;

import io.weft.model.Delta;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.LabelSelector;
import io.weft.model.Labels;
import io.weft.model.Namespace;
import io.weft.model.NetworkPolicy;
import io.weft.model.NetworkPolicy.Peer;
import io.weft.model.NetworkPolicy.PortMatch;
import io.weft.model.Pod;
import io.weft.model.Prefix;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Snapshot;
import io.weft.model.Source;
import io.weft.tables.Tables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * Prints how long compiling takes: {@code Measure [pods] [policies]}. 100 namespaces; ten
 * applications with two versions each; policies allow applications of their own and of other
 * namespaces, ranges, named ports and blocks.
 */
final class Measure {
    private static final int NAMESPACES = 100;
    private static final int ROUNDS = 200;

    private Measure() {}

    public static void main(String[] arguments) {
        int pods = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10_000;
        int policies = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_000;
        Snapshot snapshot = snapshot(pods, policies);
        long start = System.nanoTime();
        Compilation compiled = Compiler.compile(snapshot, Set.of());
        System.out.printf(
                "%d pods, %d policies, from nothing, cold JVM: %.0f ms%n",
                pods, policies, since(start) / 1e6);
        for (int i = 0; i < 5; i++) {
            start = System.nanoTime();
            compiled = Compiler.compile(snapshot, Set.of());
            System.out.printf("  again: %.0f ms%n", since(start) / 1e6);
        }
        Tables tables = compiled.tables();
        System.out.printf(
                "%d pod addresses, %d blocks, %d groups, %d entries, %d rules%n",
                tables.podIdentities().size(),
                tables.blockIdentities().size(),
                tables.groups().size(),
                tables.groups().values().stream().mapToLong(g -> g.entries().size()).sum(),
                tables.rules().byId().size());
        List<Ref> refs = List.copyOf(snapshot.pods().keySet());
        steps(
                "label to one that others have",
                compiled,
                i -> label(snapshot, refs.get(i * 37 % pods), "app", "app" + (i + 3) % 10));
        steps(
                "label to one that nobody has",
                compiled,
                i -> label(snapshot, refs.get(i * 37 % pods), "app", "new" + i));
        steps("policy changed", compiled, i -> Delta.put(List.of(policy(i % policies, 7))));
        steps(
                "policy with a new label key",
                compiled,
                i -> Delta.put(List.of(withNewKey(policy(i % policies, 0)))));
        steps(
                "namespace label changed",
                compiled,
                i ->
                        Delta.put(
                                List.of(
                                        new Namespace(
                                                "ns" + i % NAMESPACES,
                                                Labels.of(Map.of("team", "team" + (i + 1) % 7)),
                                                Source.NONE))));
    }

    private static long since(long start) {
        return System.nanoTime() - start;
    }

    private static void steps(String what, Compilation from, IntFunction<Delta> delta) {
        long[] nanos = new long[ROUNDS];
        for (int warmUp = 0; warmUp < 2; warmUp++) {
            Compilation compiled = from;
            for (int i = 0; i < ROUNDS; i++) {
                Delta step = delta.apply(i);
                long start = System.nanoTime();
                compiled = compiled.next(step);
                nanos[i] = since(start);
            }
        }
        Arrays.sort(nanos);
        System.out.printf(
                "one step, %s: median %.2f ms, 99%% %.2f ms, most %.2f ms%n",
                what,
                nanos[ROUNDS / 2] / 1e6,
                nanos[ROUNDS * 99 / 100] / 1e6,
                nanos[ROUNDS - 1] / 1e6);
    }

    private static Delta label(Snapshot snapshot, Ref ref, String key, String value) {
        Pod pod = snapshot.pods().get(ref);
        if (pod == null) {
            throw new AssertionError(ref);
        }
        return Delta.put(List.of(pod.withLabels(pod.labels().with(key, value))));
    }

    private static Snapshot snapshot(int pods, int policies) {
        List<Resource> all = new ArrayList<>();
        for (int n = 0; n < NAMESPACES; n++) {
            all.add(
                    new Namespace(
                            "ns" + n, Labels.of(Map.of("team", "team" + n % 7)), Source.NONE));
        }
        for (int p = 0; p < pods; p++) {
            all.add(
                    new Pod(
                            Ref.pod("ns" + p % NAMESPACES, "pod" + p),
                            Labels.of(
                                    Map.of(
                                            "app", "app" + p / NAMESPACES % 10,
                                            "version", "v" + p / NAMESPACES / 10 % 2,
                                            "pod-template-hash", "h" + p)),
                            List.of(Ip.v4(0x0a000000 + p + 1), new Ip(0xfd00L << 48, p + 1)),
                            List.of(
                                    new Pod.ContainerPort(
                                            "http", Protocol.TCP, 8080 + p / NAMESPACES % 10),
                                    new Pod.ContainerPort("dns", Protocol.UDP, 53)),
                            List.of(),
                            false,
                            false,
                            Source.NONE));
        }
        for (int k = 0; k < policies; k++) {
            all.add(policy(k, 0));
        }
        return Snapshot.of(all);
    }

    private static NetworkPolicy policy(int k, int shift) {
        String namespace = "ns" + k % NAMESPACES;
        int app = k / NAMESPACES % 10;
        Peer own = new Peer.Pods(Optional.empty(), app(app + 1 + shift), Source.NONE);
        Peer other =
                new Peer.Pods(
                        Optional.of(LabelSelector.of(Map.of("team", "team" + k % 7))),
                        app(app + 2 + shift),
                        Source.NONE);
        Peer all =
                new Peer.Pods(
                        Optional.of(LabelSelector.EVERYTHING),
                        LabelSelector.of(Map.of("version", "v1")),
                        Source.NONE);
        Peer block =
                new Peer.IpBlock(
                        new Prefix(Ip.v4(0xcb007100 + (k % 50) * 4), 24 + k % 7),
                        List.of(),
                        Source.NONE);
        PortMatch range = new PortMatch.Range(Protocol.TCP, 8000, 8999, Source.NONE);
        PortMatch http = new PortMatch.Named(Protocol.TCP, "http", Source.NONE);
        PortMatch dns = new PortMatch.Range(Protocol.UDP, 53, 53, Source.NONE);
        return new NetworkPolicy(
                new Ref(Kind.NETWORK_POLICY, namespace, "policy" + k),
                app(app),
                true,
                k % 2 == 0,
                List.of(
                        new NetworkPolicy.Rule(
                                k % 10 == 0 ? List.of(own, all) : List.of(own, other),
                                List.of(http, range),
                                Source.NONE)),
                List.of(
                        new NetworkPolicy.Rule(List.of(), List.of(dns), Source.NONE),
                        new NetworkPolicy.Rule(List.of(own, block), List.of(http), Source.NONE)),
                new Source("policies.yaml", k * 20 + 1));
    }

    private static NetworkPolicy withNewKey(NetworkPolicy policy) {
        List<NetworkPolicy.Rule> ingress = new ArrayList<>(policy.ingress());
        ingress.add(
                new NetworkPolicy.Rule(
                        List.of(
                                new Peer.Pods(
                                        Optional.empty(),
                                        LabelSelector.of(Map.of("rare-" + policy.ref(), "x")),
                                        Source.NONE)),
                        List.of(),
                        Source.NONE));
        return new NetworkPolicy(
                policy.ref(),
                policy.podSelector(),
                policy.isolatesIngress(),
                policy.isolatesEgress(),
                ingress,
                policy.egress(),
                policy.source());
    }

    private static LabelSelector app(int app) {
        return LabelSelector.of(Map.of("app", "app" + app % 10));
    }
}
