package io.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.agent.Endpoint;
import io.weft.agent.Node;
import io.weft.agent.NodeApi;
import io.weft.agent.NodeConfig;
import io.weft.agent.OfflineNode;
import io.weft.compiler.Compilation;
import io.weft.compiler.Engine;
import io.weft.compiler.Oracle;
import io.weft.compiler.Query;
import io.weft.flow.Flow;
import io.weft.flow.FlowVerdict;
import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.ManifestReader;
import io.weft.model.Ref;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * From what really went on between pods to policies: {@code check} takes them, they allow just
 * that, and it goes on when they are applied.
 */
@KernelTest
@Timeout(60)
class RecommendLiveTest {
    private static final int PATIENCE = 20_000; // milliseconds
    private static final List<String> PODS =
            List.of("shop/web", "data/db", "data/cache", "shop/other", "shop/spare");
    private static final String NAMESPACES =
            """
            {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
            ---
            {apiVersion: v1, kind: Namespace, metadata: {name: data}}
            """;
    private static final Ref CLOSED = new Ref(Kind.NETWORK_POLICY, "shop", "closed");

    /** {@code protocol/port}; of ICMP the type. */
    private static final List<String> SERVICES =
            List.of("6/5432", "6/22", "17/11211", "17/5432", "1/8", "58/128", "1/13");

    private final String instance = "tr" + ProcessHandle.current().pid();
    private final Set<String> seen = new HashSet<>();
    @TempDir private Path temporary;

    @Test
    void whatWasSeenOfANodeIsAllowedAndNothingElse() throws Exception {
        String pods = NAMESPACES;
        for (String pod : PODS) {
            pods += pod(pod);
        }
        Path podsFile = Files.writeString(temporary.resolve("pods.yaml"), pods);
        try (NetNs host = NetNs.createAnonymous();
                Node node = Node.start(config(host), "weft test");
                NodeApi api = NodeApi.serve(node)) {
            assertThat(api).isNotNull();
            node.apply(new ManifestReader().readAll(List.of(podsFile)));
            sayWhatIsNotLetThrough(node);
            sayWhatIsNeeded(node);

            Weft.Result result = Weft.run("recommend", "--instance", instance);
            assertThat(result.code()).as(result.err()).isEqualTo(Exit.DONE);
            Path policies = Files.writeString(temporary.resolve("policies.yaml"), result.out());
            Weft.Result check = Weft.run("check", podsFile.toString(), policies.toString());
            assertThat(check.code()).as(check.err()).isEqualTo(Exit.DONE);
            assertThat(check.err()).isEmpty();
            Compilation offline =
                    OfflineNode.compile(new ManifestReader().readAll(List.of(podsFile, policies)));
            allowsWhatWasSeen(offline, offline);
            allowsWhatWasSeen(new Oracle(offline.snapshot(), OfflineNode.nodeAddresses()), offline);

            assertThat(Weft.run("apply", "-f", policies.toString(), "--instance", instance).code())
                    .isEqualTo(Exit.DONE);
            allowsWhatWasSeen(node.state().compilation(), node.state().compilation());
            sayWhatIsNeeded(node);
            deniedTcp(node, "shop/web", "data/db", 22);
        }
    }

    private static String pod(String path) {
        String name = path.substring(path.indexOf('/') + 1);
        return """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: %s, namespace: %s, labels: {app: %s}}
        spec: {containers: [{name: main, command: [sleep, "1000"]}]}
        """
                .formatted(name, path.substring(0, path.indexOf('/')), name);
    }

    /** A denied flow needs no policy. */
    private void sayWhatIsNotLetThrough(Node node) throws IOException {
        String closed =
                """
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: closed, namespace: shop}
                spec: {podSelector: {matchLabels: {app: other}}}
                """;
        node.apply(new ManifestReader().offline().readTexts(Map.of("closed.yaml", closed)));
        deniedTcp(node, "shop/web", "shop/other", 22);
        node.delete(List.of(CLOSED));
    }

    private void sayWhatIsNeeded(Node node) throws IOException {
        tcp(node, "shop/web", "data/db", 5432);
        udp(node, "data/db", "data/cache", 11211);
        ping(node, "shop/web", "data/db", true);
        ping(node, "shop/web", "data/db", false);
        ping(node, "data/cache", "shop/web", true); // of one family only
    }

    // ---- traffic

    private void tcp(Node node, String from, String to, int port) throws IOException {
        for (int i = 0; i < 2; i++) {
            Ip target = ips(node, to).get(i);
            try (NetNs client = namespace(node, from);
                    NetNs server = namespace(node, to);
                    ServerSocketChannel listening =
                            server.call(() ->
                                    ServerSocketChannel.open().bind(new InetSocketAddress(port)));
                    SocketChannel socket = client.call(SocketChannel::open)) {
                socket.socket().connect(address(target, port), PATIENCE);
                listening.accept().close();
            }
            await(node, from, flow -> flow.destination().ip().equals(target));
        }
        seen.add(from + " " + to + " 6/" + port);
    }

    private void udp(Node node, String from, String to, int port) throws IOException {
        for (int i = 0; i < 2; i++) {
            Ip target = ips(node, to).get(i);
            try (NetNs client = namespace(node, from);
                    NetNs server = namespace(node, to);
                    DatagramChannel receiver =
                            server.call(() ->
                                    DatagramChannel.open().bind(new InetSocketAddress(port)));
                    DatagramChannel socket = client.call(() -> DatagramChannel.open())) {
                socket.connect(address(target, port)).write(ByteBuffer.wrap(new byte[] {1}));
                receiver.socket().setSoTimeout(PATIENCE);
                receiver.socket().receive(new DatagramPacket(new byte[8], 8));
            }
            await(node, from, flow -> flow.destination().ip().equals(target));
        }
        seen.add(from + " " + to + " 17/" + port);
    }

    /** By ICMP echo: the JVM runs as root. */
    private void ping(Node node, String from, String to, boolean v4) {
        Ip target = ips(node, to).get(v4 ? 0 : 1);
        try (NetNs client = namespace(node, from)) {
            assertThat(
                            client.<Boolean>call(() ->
                                    InetAddress.ofLiteral(target.toString()).isReachable(PATIENCE)))
                    .as("%s answers %s", to, from)
                    .isTrue();
        }
        await(
                node,
                from,
                flow -> flow.protocol() == (v4 ? 1 : 58) && flow.destination().ip().equals(target));
        seen.add(from + " " + to + (v4 ? " 1/8" : " 58/128"));
    }

    private static void deniedTcp(Node node, String from, String to, int port) throws IOException {
        Ip target = ips(node, to).getFirst();
        try (NetNs client = namespace(node, from);
                SocketChannel socket = client.call(SocketChannel::open)) {
            socket.configureBlocking(false);
            socket.connect(address(target, port));
            await(
                    node,
                    from,
                    flow ->
                            flow.verdict() == FlowVerdict.DROPPED
                                    && flow.destination().ip().equals(target)
                                    && flow.destination().port() == port);
            assertThat(socket.finishConnect()).isFalse();
        }
    }

    private static void await(Node node, String from, Predicate<Flow> wanted) {
        long deadline = System.nanoTime() + Duration.ofMillis(PATIENCE).toNanos();
        while (node.flows().newest(1000).stream()
                .noneMatch(flow -> flow.source().name().equals(from) && wanted.test(flow))) {
            assertThat(System.nanoTime()).as("a flow of %s", from).isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }

    // ---- verdicts

    private void allowsWhatWasSeen(Engine engine, Compilation world) {
        Set<String> isolated = Set.of("shop/web", "data/db", "data/cache");
        for (String from : PODS) {
            for (String to : PODS) {
                for (String service : SERVICES) {
                    int protocol = Integer.parseInt(service.substring(0, service.indexOf('/')));
                    int port = Integer.parseInt(service.substring(service.indexOf('/') + 1));
                    boolean free =
                            from.equals(to) || (!isolated.contains(from) && !isolated.contains(to));
                    for (Query query : queries(world, from, to, protocol, port)) {
                        assertThat(engine.decide(query).allowed())
                                .as("%s -> %s: %s", from, to, query)
                                .isEqualTo(free || seen.contains(from + " " + to + " " + service));
                    }
                }
            }
        }
    }

    /** In every family that the protocol has. */
    private static List<Query> queries(
            Compilation world, String from, String to, int protocol, int port) {
        List<Ip> sources = ips(world, from);
        List<Ip> targets = ips(world, to);
        return List.of(0, 1).stream()
                .filter(i -> protocol != (i == 0 ? 58 : 1))
                .map(i -> new Query(sources.get(i), targets.get(i), protocol, port))
                .toList();
    }

    // ---- pods

    private static Ref ref(String path) {
        int slash = path.indexOf('/');
        return Ref.pod(path.substring(0, slash), path.substring(slash + 1));
    }

    private static List<Ip> ips(Compilation world, String pod) {
        return Objects.requireNonNull(world.snapshot().pods().get(ref(pod))).ips();
    }

    private static List<Ip> ips(Node node, String pod) {
        return ips(node.state().compilation(), pod);
    }

    private static NetNs namespace(Node node, String pod) {
        Endpoint endpoint = Objects.requireNonNull(node.state().endpoints().get(ref(pod)));
        return NetNs.open(endpoint.namespace());
    }

    private static InetSocketAddress address(Ip ip, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(ip.toString()), port);
    }

    private NodeConfig config(NetNs host) {
        NodeConfig usual = NodeConfig.of(instance, List.of("/bin/false"));
        return new NodeConfig(
                instance,
                usual.runDirectory(),
                usual.pinDirectory(),
                usual.pool4(),
                usual.pool6(),
                Optional.of(host),
                usual.launcher());
    }
}
