package io.weft.lab;

import io.weft.agent.Endpoint;
import io.weft.agent.Node;
import io.weft.agent.NodeConfig;
import io.weft.kernel.NetNs;
import io.weft.model.ManifestReader;
import io.weft.model.Ref;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Two workloads of a real Weft node that lives in a namespace of its own: conntrack and policy in
 * both directions, as {@code weft up} would run them.
 */
final class WeftPath implements MeasuredPath {
    private static final String MANIFEST =
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: client, labels: {app: client}}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: server, labels: {app: server}}
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: server}
            spec:
              podSelector: {matchLabels: {app: server}}
              policyTypes: [Ingress, Egress]
              ingress:
              - from: [{podSelector: {matchLabels: {app: client}}}]
                ports: [{port: 5001}]
              egress: []
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: client}
            spec:
              podSelector: {matchLabels: {app: client}}
              policyTypes: [Ingress, Egress]
              ingress: []
              egress:
              - to: [{podSelector: {matchLabels: {app: server}}}]
                ports: [{port: 5001}]
            """;

    private final NetNs host;
    private final Node node;
    private final NetNs client;
    private final NetNs server;
    private final String address;

    private WeftPath(NetNs host, Node node, NetNs client, NetNs server, String address) {
        this.host = host;
        this.node = node;
        this.client = client;
        this.server = server;
        this.address = address;
    }

    static WeftPath create() {
        NetNs host = NetNs.createAnonymous();
        Node node = startNode(host);
        try {
            node.apply(new ManifestReader().offline().readTexts(Map.of("lab.yaml", MANIFEST)));
            Endpoint client = endpoint(node, "client");
            Endpoint server = endpoint(node, "server");
            return new WeftPath(
                    host,
                    node,
                    NetNs.open(client.namespace()),
                    NetNs.open(server.namespace()),
                    server.ips().getFirst().toString());
        } catch (RuntimeException e) {
            node.close();
            host.close();
            throw e;
        }
    }

    /** A node beside any other on the machine; always of one name, so that it clears up. */
    static Node startNode(NetNs host) {
        NodeConfig usual = NodeConfig.of("lab", List.of());
        return Node.start(
                new NodeConfig(
                        usual.instance(),
                        usual.runDirectory(),
                        usual.pinDirectory(),
                        usual.pool4(),
                        usual.pool6(),
                        Optional.of(host),
                        List.of()),
                "weft lab");
    }

    static Endpoint endpoint(Node node, String pod) {
        Endpoint endpoint = node.state().endpoints().get(Ref.pod("default", pod));
        if (endpoint == null) {
            throw new IllegalStateException(pod + " was not wired");
        }
        return endpoint;
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
    public NetNs server() {
        return server;
    }

    @Override
    public String address() {
        return address;
    }

    @Override
    public void close() {
        client.close();
        server.close();
        node.close();
        host.close();
    }
}
