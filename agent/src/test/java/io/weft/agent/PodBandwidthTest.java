package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Protocol;
import io.weft.netlink.Link;
import io.weft.netlink.Netlink;
import io.weft.netlink.Qdisc;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Annotations about bandwidth, of pods that the node runs. */
@KernelTest
@Timeout(60)
@SuppressWarnings({"try", "NullAway.Init"}) // servers serve; BeforeEach
class PodBandwidthTest {
    @TempDir private Path temporary;
    private TestNode node;
    private Netlink netlink;

    @BeforeEach
    void start() {
        node = TestNode.start(temporary);
        netlink = Netlink.open(node.host);
    }

    @AfterEach
    void stop() {
        netlink.close();
        node.close();
    }

    private static String pod(String name, String annotations) {
        return "\n---\n{apiVersion: v1, kind: Pod, metadata: {name: %s, annotations: {%s}}}\n"
                .formatted(name, annotations);
    }

    private Optional<Qdisc> bucket(String link) {
        return netlink.links()
                .get(link)
                .flatMap(l ->
                        netlink.traffic().qdiscs(l.index()).stream()
                                .filter(q -> q.kind().equals("tbf"))
                                .findFirst());
    }

    private Optional<Qdisc> ingress(String pod) {
        return bucket(node.endpoint(pod).hostInterface());
    }

    private Optional<Qdisc> egress(String pod) {
        return bucket("weftq" + node.endpoint(pod).ifindex());
    }

    private boolean reaches(String from, String to) {
        try (NetNs target = node.namespace(to);
                Echo _ = new Echo().tcp(target, 80)) {
            return node.probe(from, to, Protocol.TCP, 80) == Probe.Outcome.ANSWERED
                    && node.probe6(from, to, Protocol.TCP, 80) == Probe.Outcome.ANSWERED;
        }
    }

    @Test
    void holdFromTheStartChangeAtOnceAndLeaveNothing() {
        List<String> before = netlink.links().list().stream().map(Link::name).toList();
        node.apply(
                pod("web", "kubernetes.io/ingress-bandwidth: 10M")
                        + pod("db", "weft.io/bandwidth: 1G")
                        + pod("free", "a/b: c"));
        assertThat(ingress("web")).get().extracting(Qdisc::rate).isEqualTo(1_250_000L);
        assertThat(egress("web")).isEmpty();
        assertThat(ingress("db")).get().extracting(Qdisc::rate).isEqualTo(125_000_000L);
        assertThat(egress("db")).get().extracting(Qdisc::rate).isEqualTo(125_000_000L);
        assertThat(ingress("free")).isEmpty();
        assertThat(reaches("db", "web")).isTrue();
        assertThat(reaches("free", "db")).isTrue();
        assertThat(ingress("web")).get().satisfies(q -> assertThat(q.sent().bytes()).isPositive());

        node.apply(pod("web", "kubernetes.io/egress-bandwidth: 100k") + pod("db", ""));
        assertThat(ingress("web")).isEmpty();
        assertThat(egress("web")).get().extracting(Qdisc::rate).isEqualTo(12_500L);
        assertThat(ingress("db")).isEmpty();
        assertThat(egress("db")).isEmpty();
        assertThat(reaches("web", "db")).isTrue();

        node.delete(TestNode.ref("web"), TestNode.ref("db"), TestNode.ref("free"));
        assertThat(netlink.links().list()).extracting(Link::name).isEqualTo(before);
    }
}
