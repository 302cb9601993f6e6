package io.weft.agent;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Bandwidth;
import io.weft.model.Ip;
import io.weft.model.Labels;
import io.weft.model.ManifestReader;
import io.weft.model.Pod;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Source;
import io.weft.netlink.Link;
import io.weft.netlink.Netlink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pods that somebody else runs, in namespaces that somebody else made. */
@KernelTest
@Timeout(60)
class NodeGuestsTest {
    private static final int GROUP = 4711;
    private static final String ONLY_FROM_FRONT =
            """
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: only-front}
            spec:
              podSelector: {matchLabels: {app: web}}
              ingress: [{from: [{podSelector: {matchLabels: {app: front}}}]}]
            """;

    @TempDir private Path temporary;

    private final List<String> namespaces = new ArrayList<>();
    private NetNs host;
    private NodeConfig config;
    private TestNode node;

    @BeforeEach
    void start() {
        host = NetNs.createAnonymous();
        config = TestNode.config(temporary, host, "10.77.0.0/16").staying();
        node = TestNode.start(host, config);
    }

    @AfterEach
    void end() {
        node.node.close();
        namespaces.forEach(NetNs::delete);
        Leftovers.removePins(config.pinDirectory()); // a node that stays leaves them
        host.close();
    }

    private static Pod pod(String name, String app, int number) {
        return new Pod(
                Ref.pod("default", name),
                Labels.of(Map.of("app", app)),
                List.of(Ip.parse("10.77.9." + number), Ip.parse("fd77::9:" + number)),
                List.of(),
                List.of(),
                false,
                false,
                Source.NONE);
    }

    private Path namespace(String name) {
        String unique = "weft-t-" + config.instance() + "-" + name;
        if (!namespaces.contains(unique)) {
            NetNs.create(unique).close();
            namespaces.add(unique);
        }
        return NetNs.pathOf(unique);
    }

    private void join(String name, String app, int number) {
        join(pod(name, app, number), number);
    }

    private void join(Pod pod, int number) {
        Path path = namespace(pod.name());
        try (NetNs namespace = NetNs.open(path);
                Netlink inside = Netlink.open(namespace)) {
            node.node.change(
                    List.of(
                            new Node.Guest(
                                    pod,
                                    new VethPlace(
                                            namespace,
                                            path,
                                            "eth0",
                                            "weftg" + number,
                                            Optional.empty(),
                                            1400,
                                            GROUP,
                                            false,
                                            false,
                                            InnerNetwork.routed(
                                                    pod.ips(),
                                                    ip -> node.node.gateway(ip.isV4()),
                                                    List.of())),
                                    inside)),
                    List.of());
        }
    }

    private List<String> links() {
        try (Netlink netlink = Netlink.open(host)) {
            return netlink.links().list().stream()
                    .filter(link -> link.group() == GROUP)
                    .map(link -> link.name())
                    .toList();
        }
    }

    private boolean reaches(String from, String to) {
        try (NetNs target = NetNs.open(namespace(to));
                Echo _ = new Echo().tcp(target, 80)) {
            return node.probe(from, to, Protocol.TCP, 80) == Probe.Outcome.ANSWERED
                    && node.probe6(from, to, Protocol.TCP, 80) == Probe.Outcome.ANSWERED;
        }
    }

    @Test
    void aGuestIsUnderPolicyFromItsFirstPacketOn() {
        node.apply(ONLY_FROM_FRONT);
        join("web", "web", 1);
        join("front", "front", 2);
        join("other", "other", 3);
        assertThat(reaches("front", "web")).isTrue();
        assertThat(reaches("other", "web")).isFalse();
        assertThat(reaches("web", "other")).isTrue();
    }

    @Test
    void aManifestAddsLabelsToAGuestBeforeItComesAndWhileItLives() {
        node.apply(ONLY_FROM_FRONT + TestNode.pod("other", "app: front"));
        join("web", "web", 1);
        join("other", "other", 3);
        assertThat(reaches("other", "web")).isTrue();
        node.apply(TestNode.pod("other", "app: back"));
        assertThat(reaches("other", "web")).isFalse();
        node.apply(TestNode.pod("other", "app: front"));
        assertThat(reaches("other", "web")).isTrue();
        node.delete(Ref.pod("default", "other"));
        assertThat(reaches("other", "web")).as("it lives, as it came").isFalse();
        assertThat(node.node.state().snapshot().pods()).hasSize(2);
    }

    @Test
    void oneThatCannotComeLeavesNothingAndTheOthersAlone() {
        join("web", "web", 1);
        assertThatThrownBy(() -> join("web", "web", 1))
                .isInstanceOf(NodeException.class)
                .hasMessageContaining("has an interface eth0 already");
        assertThat(links()).containsExactly("weftg1");
        join("front", "front", 2);
        assertThat(reaches("front", "web")).isTrue();
    }

    @Test
    void whatGoesIsWithoutTrafficAtOnceAndItsLinkIsTheCallersToDelete() {
        join("web", "web", 1);
        join("front", "front", 2);
        Ip web = node.ip4("web");
        assertThat(node.node.change(List.of(), List.of(Ref.pod("default", "web"))))
                .containsExactly("weftg1");
        assertThat(node.node.state().endpoints()).hasSize(1);
        try (NetNs front = node.namespace("front")) {
            assertThat(
                            new Probe(node.node.feed().watch(), Duration.ofMillis(300))
                                    .run(front, node.ip4("front"), web, Protocol.TCP, 80)
                                    .outcome())
                    .isNotEqualTo(Probe.Outcome.ANSWERED);
        }
        try (Unplugger unplugger = new Unplugger(Netlink.open(host))) {
            unplugger.unplug(List.of("weftg1"));
            unplugger.await("weftg1");
            assertThat(links()).containsExactly("weftg2");
        }
    }

    @Test
    void theNextProcessAdoptsGuestsWithTheirLivingConnections() throws IOException {
        node.apply(ONLY_FROM_FRONT);
        join("web", "web", 1);
        join("front", "front", 2);
        join("other", "other", 3);
        List<Adoption.Guest> guests = adoptable();
        List<Resource> manifests =
                new ManifestReader().offline().read("test.yaml", ONLY_FROM_FRONT);
        try (NetNs web = node.namespace("web");
                NetNs front = node.namespace("front");
                Echo _ = new Echo().tcp(web, 80);
                SocketChannel living =
                        front.call(() -> SocketChannel.open(Echo.address(node.ip4("web"), 80)))) {
            exchange(living);
            node.node.close();
            exchange(living);
            node = TestNode.start(host, config, new Adoption(manifests, guests));
            exchange(living);
        }
        assertThat(reaches("front", "web")).isTrue();
        assertThat(reaches("other", "web")).isFalse();
        join("late", "front", 4);
        assertThat(reaches("late", "web")).isTrue();
    }

    @Test
    void aGuestsBandwidthIsAdoptedWithIt() {
        join(pod("web", "web", 1).withBandwidth(Bandwidth.ofCni(10_000_000, 0, 20_000_000, 0)), 1);
        int link = node.endpoint("web").ifindex();
        List<Adoption.Guest> guests = adoptable();
        node.node.close();
        assertThat(names()).contains("weftq" + link);

        node = TestNode.start(host, config, new Adoption(List.of(), guests));
        assertThat(node.node.datapath().shaperOf(link)).contains("weftq" + link);
        node.apply(
                "{apiVersion: v1, kind: Pod, metadata: {name: web, annotations:"
                        + " {kubernetes.io/ingress-bandwidth: 40M}}}");
        assertThat(rate(link)).as("its manifest says otherwise").isEqualTo(5_000_000);
        node.delete(Ref.pod("default", "web"));
        assertThat(rate(link)).as("as it came").isEqualTo(1_250_000);

        assertThat(node.node.change(List.of(), List.of(Ref.pod("default", "web"))))
                .containsExactly("weftg1", "weftq" + link);
    }

    @Test
    void whatShapedAGuestThatIsGoneGoesWithTheNextProcess() {
        join(pod("web", "web", 1).withBandwidth(Bandwidth.ofCni(0, 0, 20_000_000, 0)), 1);
        join(pod("front", "web", 2).withBandwidth(Bandwidth.ofCni(0, 0, 20_000_000, 0)), 2);
        node.node.close();
        try (Netlink netlink = Netlink.open(host)) {
            netlink.links().delete("weftg2");
        }

        node = TestNode.start(host, config);
        assertThat(names()).noneMatch(name -> name.startsWith("weftq"));
    }

    private List<String> names() {
        try (Netlink netlink = Netlink.open(host)) {
            return netlink.links().list().stream().map(Link::name).toList();
        }
    }

    private long rate(int link) {
        try (Netlink netlink = Netlink.open(host)) {
            return netlink.traffic().qdiscs(link).stream()
                    .filter(q -> q.kind().equals("tbf"))
                    .findFirst()
                    .orElseThrow()
                    .rate();
        }
    }

    @Test
    void aGuestThatIsGoneWhenTheNextProcessStartsIsForgotten() {
        join("web", "web", 1);
        join("front", "front", 2);
        List<Adoption.Guest> guests =
                adoptable().stream().filter(g -> g.pod().name().equals("web")).toList();
        node.node.close();
        node = TestNode.start(host, config, new Adoption(List.of(), guests));
        assertThat(node.node.datapath().workloads()).hasSize(1);
        assertThat(node.node.state().endpoints()).hasSize(1);
    }

    @Test
    void aNodeOfItsOwnPodsDoesNotTakeTheInstanceOfAnAgent() {
        node.node.close();
        NodeConfig own = TestNode.config(config.instance(), temporary, host, "10.77.0.0/16");
        assertThatThrownBy(() -> Node.start(own, "weft up"))
                .isInstanceOf(NodeException.class)
                .hasMessageContaining("is an agent's");
        node = TestNode.start(host, config);
    }

    private List<Adoption.Guest> adoptable() {
        return node.node.state().endpoints().values().stream()
                .map(endpoint -> {
                    Pod pod =
                            Optional.ofNullable(
                                            node.node.state().snapshot().pods().get(endpoint.pod()))
                                    .orElseThrow();
                    try (NetNs inside = NetNs.open(endpoint.namespace())) {
                        return new Adoption.Guest(pod, endpoint, OptionalLong.of(inside.cookie()));
                    }
                })
                .toList();
    }

    private static void exchange(SocketChannel channel) throws IOException {
        channel.write(ByteBuffer.wrap("hello".getBytes(US_ASCII)));
        ByteBuffer answer = ByteBuffer.allocate(5);
        while (answer.hasRemaining() && channel.read(answer) >= 0) {
            // whole
        }
        assertThat(answer.hasRemaining()).isFalse();
    }
}
