package io.weft.lab;

import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.LabelSelector;
import io.weft.model.Labels;
import io.weft.model.Namespace;
import io.weft.model.NetworkPolicy;
import io.weft.model.NetworkPolicy.Peer;
import io.weft.model.NetworkPolicy.PortMatch;
import io.weft.model.Pod;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Made-up clusters of any size: applications of equal pods, and policies between applications. */
final class World {
    private static final int APPS_PER_NAMESPACE = 10;

    private World() {}

    /**
     * @param pods spread evenly over the applications, one application for each policy
     * @param addressed whether pods have addresses already
     */
    static List<Resource> of(int pods, int policies, boolean addressed) {
        List<Resource> world = new ArrayList<>();
        int namespaces = Math.max(1, policies / APPS_PER_NAMESPACE);
        for (int i = 0; i < namespaces; i++) {
            world.add(
                    new Namespace(
                            "ns-" + i, Labels.of(Map.of("team", "team-" + i % 7)), Source.NONE));
        }
        for (int i = 0; i < pods; i++) {
            world.add(pod(i, i % policies, namespaces, addressed));
        }
        for (int app = 0; app < policies; app++) {
            world.add(policy(app, namespaces, 8080));
        }
        return world;
    }

    static Pod pod(int i, int app, int namespaces, boolean addressed) {
        return new Pod(
                Ref.pod("ns-" + app % namespaces, "pod-" + i),
                Labels.of(
                        Map.of(
                                "app", "app-" + app,
                                "tier", i % 3 == 0 ? "front" : "back",
                                "pod-name", "pod-" + i)),
                addressed ? List.of(Ip.v4(0x0a00_0000 + i + 2)) : List.of(),
                List.of(new Pod.ContainerPort("http", Protocol.TCP, 8080)),
                List.of(),
                false,
                false,
                Source.NONE);
    }

    /** Lets the next two applications in, and a block of the world, on one port and one range. */
    static NetworkPolicy policy(int app, int namespaces, int port) {
        List<Peer> peers =
                List.of(
                        pods("app-" + (app + 1)),
                        new Peer.Pods(
                                Optional.of(LabelSelector.of(Map.of("team", "team-" + app % 7))),
                                LabelSelector.of(Map.of("tier", "front")),
                                Source.NONE),
                        new Peer.IpBlock(
                                new io.weft.model.Prefix(Ip.v4(0xc0a8_0000 + (app % 256 << 8)), 24),
                                List.of(),
                                Source.NONE));
        List<PortMatch> ports =
                List.of(
                        new PortMatch.Range(Protocol.TCP, port, port, Source.NONE),
                        new PortMatch.Range(Protocol.TCP, 9000, 9100, Source.NONE));
        return new NetworkPolicy(
                new Ref(Kind.NETWORK_POLICY, "ns-" + app % namespaces, "policy-" + app),
                LabelSelector.of(Map.of("app", "app-" + app)),
                true,
                false,
                List.of(new NetworkPolicy.Rule(peers, ports, Source.NONE)),
                List.of(),
                Source.NONE);
    }

    private static Peer pods(String app) {
        return new Peer.Pods(
                Optional.of(LabelSelector.EVERYTHING),
                LabelSelector.of(Map.of("app", app)),
                Source.NONE);
    }
}
