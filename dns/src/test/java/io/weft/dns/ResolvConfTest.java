package io.weft.dns;

import static io.weft.dns.Objects.ips;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Ip;
import io.weft.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResolvConfTest {
    private static final HostResolvers HOST =
            HostResolvers.parse(
                    """
                    # of the node
                    nameserver 192.0.2.53
                    nameserver fe80::1%eth0
                    search old.example.com
                    search example.com cluster.local
                    options timeout:3 attempts:99 edns0
                    """);
    private static final List<Ip> DNS = ips("10.96.0.10");

    private static Pod pod(Pod.DnsPolicy policy, List<Ip> dns, List<String> searches, String... o) {
        return Objects.withNaming(
                Objects.pod("shop", "web", "web", "10.0.0.1"),
                new Pod.Naming("", "", policy, dns, searches, List.of(o), true));
    }

    private static ResolvConf of(Pod pod) {
        return ResolvConf.of(pod, "cluster.local", DNS, HOST);
    }

    @Test
    void readsTheHosts() {
        assertThat(HOST)
                .isEqualTo(
                        new HostResolvers(
                                ips("192.0.2.53", "fe80::1"),
                                List.of("example.com", "cluster.local"),
                                List.of("timeout:3", "attempts:99", "edns0"),
                                Duration.ofSeconds(3),
                                5));
        assertThat(HostResolvers.parse("").timeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(HostResolvers.parse("nameserver\nnameserver x\noptions timeout:x\n"))
                .isEqualTo(HostResolvers.parse("options timeout:x"));
    }

    @Test
    void clusterFirst() {
        assertThat(of(pod(Pod.DnsPolicy.CLUSTER_FIRST, List.of(), List.of())))
                .hasToString(
                        """
                        search shop.svc.cluster.local svc.cluster.local cluster.local example.com
                        nameserver 10.96.0.10
                        options ndots:5
                        """);
    }

    @Test
    void clusterFirstWithMore() {
        assertThat(
                        of(
                                pod(
                                        Pod.DnsPolicy.CLUSTER_FIRST,
                                        ips("10.96.0.10", "192.0.2.1"),
                                        List.of("corp.example"),
                                        "ndots:2",
                                        "edns0")))
                .hasToString(
                        """
                        search shop.svc.cluster.local svc.cluster.local cluster.local example.com corp.example
                        nameserver 10.96.0.10
                        nameserver 192.0.2.1
                        options ndots:2 edns0
                        """);
    }

    @Test
    void asTheNode() {
        assertThat(of(pod(Pod.DnsPolicy.DEFAULT, List.of(), List.of())))
                .hasToString(
                        """
                        search example.com cluster.local
                        nameserver 192.0.2.53
                        nameserver fe80::1
                        options timeout:3 attempts:99 edns0
                        """);
    }

    @Test
    void readsWhatIsBehindTheStub(@TempDir Path dir) throws IOException {
        Path file = Files.writeString(dir.resolve("resolv.conf"), "nameserver 127.0.0.53\n");
        Path behind = dir.resolve("behind");
        assertThat(HostResolvers.read(file, behind).nameservers()).isEqualTo(ips("127.0.0.53"));
        Files.writeString(behind, "nameserver 192.0.2.1\n");
        assertThat(HostResolvers.read(file, behind).nameservers()).isEqualTo(ips("192.0.2.1"));
        Files.writeString(file, "nameserver 192.0.2.2\n");
        assertThat(HostResolvers.read(file, behind).nameservers()).isEqualTo(ips("192.0.2.2"));
        assertThat(HostResolvers.read(dir.resolve("none"), behind).nameservers()).isEmpty();
    }

    @Test
    void aPodCannotReachTheNodesLoopback() {
        HostResolvers stub = HostResolvers.parse("nameserver 127.0.0.53\nnameserver ::1\n");
        Pod pod = pod(Pod.DnsPolicy.DEFAULT, List.of(), List.of());
        ResolvConf conf = ResolvConf.of(pod, "cluster.local", DNS, stub);
        assertThat(conf.nameservers()).isEqualTo(DNS);
        assertThat(conf.warnings()).singleElement().asString().contains("the cluster's instead");
        assertThat(ResolvConf.of(pod, "cluster.local", List.of(), stub).nameservers()).isEmpty();
    }

    @Test
    void onlyWhatThePodSays() {
        assertThat(of(pod(Pod.DnsPolicy.NONE, ips("192.0.2.7"), List.of())))
                .hasToString("nameserver 192.0.2.7\n");
    }

    @Test
    void asTheNodeWhenTheClusterHasNone() {
        ResolvConf conf =
                ResolvConf.of(
                        pod(Pod.DnsPolicy.CLUSTER_FIRST, List.of(), List.of()),
                        "cluster.local",
                        List.of(),
                        HOST);

        assertThat(conf.nameservers()).isEqualTo(HOST.nameservers());
        assertThat(conf.warnings()).singleElement().asString().contains("node's resolv.conf");
    }

    @Test
    void saysWhatDoesNotFit() {
        List<String> searches = IntStream.range(0, 40).mapToObj(i -> "d" + i + ".example").toList();
        ResolvConf many =
                of(
                        pod(
                                Pod.DnsPolicy.NONE,
                                ips("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"),
                                searches));
        assertThat(many.nameservers()).isEqualTo(ips("192.0.2.1", "192.0.2.2", "192.0.2.3"));
        assertThat(many.searches()).isEqualTo(searches.subList(0, 32));
        assertThat(many.warnings()).hasSize(2);

        List<String> large =
                IntStream.range(0, 12)
                        .mapToObj(i -> (i + "x".repeat(200)).substring(0, 199))
                        .toList();
        ResolvConf cut = of(pod(Pod.DnsPolicy.NONE, List.of(), large));
        assertThat(cut.searches()).hasSize(10); // 1999 characters; one more has 2199
        assertThat(cut.warnings()).hasSize(1);
    }
}
