package io.weft.lab;

import io.weft.agent.Endpoint;
import io.weft.agent.Node;
import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.LabelSelector;
import io.weft.model.NetworkPolicy;
import io.weft.model.Pod;
import io.weft.model.Prefix;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@link LastRule} on a real Weft node in a namespace of its own. */
final class WeftLastRule implements LastRule {
    private final Opened opened = new Opened();
    private final NetNs client;
    private final List<Server> servers = new ArrayList<>();

    private WeftLastRule(List<Integer> counts) {
        try {
            Node node = opened.add(WeftPath.startNode(opened.add(NetNs.createAnonymous())));
            List<Resource> resources = new ArrayList<>();
            resources.add(pod("client"));
            for (int count : counts) {
                resources.add(pod("server-" + count));
                for (int i = 0; i < count; i++) {
                    resources.add(policy(count, i));
                }
            }
            node.apply(resources);
            client = opened.add(NetNs.open(WeftPath.endpoint(node, "client").namespace()));
            for (int count : counts) {
                Endpoint server = WeftPath.endpoint(node, "server-" + count);
                servers.add(
                        new Server(
                                count,
                                opened.add(NetNs.open(server.namespace())),
                                server.ips().getFirst().toString()));
            }
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    static WeftLastRule create(List<Integer> counts) {
        return new WeftLastRule(counts);
    }

    private static Pod pod(String name) {
        return LabPods.pod(name, Map.of("name", name));
    }

    private static NetworkPolicy policy(int count, int i) {
        NetworkPolicy.Peer peer =
                i == count - 1
                        ? new NetworkPolicy.Peer.Pods(
                                Optional.empty(),
                                LabelSelector.of(Map.of("name", "client")),
                                Source.NONE)
                        : new NetworkPolicy.Peer.IpBlock(
                                new Prefix(Ip.v4(FIRST_PEER + 16 * i), 28), List.of(), Source.NONE);
        return new NetworkPolicy(
                new Ref(Kind.NETWORK_POLICY, "default", "policy-%d-%04d".formatted(count, i)),
                LabelSelector.of(Map.of("name", "server-" + count)),
                true,
                false,
                List.of(
                        new NetworkPolicy.Rule(
                                List.of(peer),
                                List.of(
                                        new NetworkPolicy.PortMatch.Range(
                                                Protocol.TCP, Peer.PORT, Peer.PORT, Source.NONE)),
                                Source.NONE)),
                List.of(),
                Source.NONE);
    }

    @Override
    public String name() {
        return "weft";
    }

    @Override
    public NetNs client() {
        return client;
    }

    @Override
    public List<Server> servers() {
        return servers;
    }

    @Override
    public void close() {
        opened.close();
    }
}
