package io.weft.lab;

import io.weft.model.Delta;
import io.weft.model.Ip;
import io.weft.model.Labels;
import io.weft.model.Namespace;
import io.weft.model.Pod;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Clusters of any size, as large ones are: namespaces of some 100 pods in ten applications, ten
 * namespaces to a team, three namespaces that all others use, and {@link ScalePolicies}.
 *
 * @param pods spread evenly over the namespaces
 * @param policies of all kinds
 */
record ScaleWorld(int pods, int policies) {
    private static final int PODS_PER_NAMESPACE = 100;
    static final int APPS = 10;
    static final int NAMESPACES_PER_TEAM = 10;

    /** Namespace → application that all others use, a pod each. */
    private static final SortedMap<String, String> SHARED =
            new TreeMap<>(
                    Map.of("gateway", "gateway", "kube-system", "dns", "monitoring", "prometheus"));

    /** What may change by itself. */
    enum Change {
        POD_LABEL("a pod's label"),
        NAMESPACE_LABEL("a namespace's label"),
        POLICY("a policy"),
        POD_ADDED("a pod added");

        final String text;

        Change(String text) {
            this.text = text;
        }
    }

    /** A change, and what takes it back. */
    record Step(Delta there, Delta back) {}

    int namespaces() {
        return Math.max(1, pods / PODS_PER_NAMESPACE);
    }

    List<Resource> resources() {
        List<Resource> all = new ArrayList<>();
        SHARED.forEach((namespace, app) -> {
            all.add(new Namespace(namespace, labels("team", "platform"), Source.NONE));
            all.add(shared(namespace, app));
        });
        for (int n = 0; n < namespaces(); n++) {
            all.add(namespace(n, n / NAMESPACES_PER_TEAM));
        }
        for (int i = 0; i < applicationPods(); i++) {
            all.add(pod(i, app(i)));
        }
        for (int p = 0; p < policies; p++) {
            all.add(policy(p, 8080));
        }
        return all;
    }

    /** {@return the {@code i}-th change of its kind to {@link #resources}} */
    Step step(Change change, int i) {
        int spread = spread(i);
        return switch (change) {
            case POD_LABEL -> {
                int app = app(spread);
                yield new Step(put(pod(spread, (app + 1) % APPS)), put(pod(spread, app)));
            }
            case NAMESPACE_LABEL -> {
                int n = spread % namespaces();
                int team = n / NAMESPACES_PER_TEAM;
                yield new Step(put(namespace(n, team + 1)), put(namespace(n, team)));
            }
            case POLICY -> {
                int p = (int) ((long) i * 7919 % policies);
                yield new Step(put(policy(p, 8081)), put(policy(p, 8080)));
            }
            case POD_ADDED -> {
                Pod pod = pod(pods + i, app(i));
                yield new Step(put(pod), new Delta(List.of(), List.of(pod.ref())));
            }
        };
    }

    /** {@return the pods in an order in which neighbours have nothing in common} */
    Pod scattered(int i) {
        return pod(spread(i), app(spread(i)));
    }

    private int spread(int i) {
        return (int) ((long) i * 7919 % applicationPods());
    }

    private Resource policy(int p, int port) {
        return new ScalePolicies(namespaces()).policy(p, port);
    }

    private static Delta put(Resource resource) {
        return Delta.put(List.of(resource));
    }

    // ---- pods

    private int applicationPods() {
        return pods - SHARED.size();
    }

    private static Pod shared(String namespace, String app) {
        int number = SHARED.headMap(namespace).size();
        return pod(
                Ref.pod(namespace, app),
                labels("app", app),
                Ip.v4(0x0a00_0000 + 0xff_ff00 + number));
    }

    private int app(int pod) {
        return pod / namespaces() % APPS;
    }

    Pod pod(int i, int app) {
        return pod(
                Ref.pod("ns-" + i % namespaces(), "pod-" + i),
                Labels.of(
                        Map.of(
                                "app", "app-" + app,
                                "tier", app < 3 ? "front" : "back",
                                "version", "v" + i / namespaces() / APPS % 2,
                                "pod-template-hash", "hash-" + i % 997)),
                Ip.v4(0x0a00_0000 + i + 2));
    }

    private static Pod pod(Ref ref, Labels labels, Ip ip) {
        return new Pod(
                ref,
                labels,
                List.of(ip),
                List.of(new Pod.ContainerPort("http", Protocol.TCP, 8080)),
                List.of(),
                false,
                false,
                Source.NONE);
    }

    private static Namespace namespace(int n, int team) {
        return new Namespace("ns-" + n, labels("team", "team-" + team), Source.NONE);
    }

    private static Labels labels(String key, String value) {
        return Labels.of(Map.of(key, value));
    }
}
