package io.weft.dns;

import static io.weft.dns.Objects.headless;
import static io.weft.dns.Objects.ips;
import static io.weft.dns.Objects.port;
import static io.weft.dns.Objects.service;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Pod;
import io.weft.model.Protocol;
import io.weft.model.Service;
import io.weft.model.Snapshot;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServiceEnvironmentTest {
    private static final Snapshot BEFORE =
            Snapshot.of(
                    List.of(
                            service(
                                    "shop",
                                    "redis-main",
                                    ips("10.96.0.11", "fd00::11"),
                                    port("db-port", 6379),
                                    new Service.Port("", Protocol.UDP, 53, "53")),
                            service("shop", "six", ips("fd00::6"), port("", 80)),
                            headless("shop", "headless", port("", 80)),
                            service("shop", "unborn", List.of(), port("", 80)),
                            service("other", "hidden", ips("10.96.0.12"), port("", 80)),
                            service("default", "other", ips("10.96.0.13"), port("", 80)),
                            service(
                                    "default",
                                    "kubernetes",
                                    ips("10.96.0.1"),
                                    port("https", 443))));
    private static final Map<String, String> KUBERNETES =
            Map.of(
                    "KUBERNETES_SERVICE_HOST", "10.96.0.1",
                    "KUBERNETES_SERVICE_PORT", "443",
                    "KUBERNETES_SERVICE_PORT_HTTPS", "443",
                    "KUBERNETES_PORT", "tcp://10.96.0.1:443",
                    "KUBERNETES_PORT_443_TCP", "tcp://10.96.0.1:443",
                    "KUBERNETES_PORT_443_TCP_PROTO", "tcp",
                    "KUBERNETES_PORT_443_TCP_PORT", "443",
                    "KUBERNETES_PORT_443_TCP_ADDR", "10.96.0.1");

    private static Pod pod(boolean serviceLinks) {
        return Objects.withNaming(
                Objects.pod("shop", "web", "web", "10.0.0.1"),
                new Pod.Naming(
                        "",
                        "",
                        Pod.DnsPolicy.CLUSTER_FIRST,
                        List.of(),
                        List.of(),
                        List.of(),
                        serviceLinks));
    }

    @Test
    void namesTheServicesOfItsNamespace() {
        assertThat(ServiceEnvironment.of(pod(true), BEFORE))
                .containsAllEntriesOf(KUBERNETES)
                .containsEntry("REDIS_MAIN_SERVICE_HOST", "10.96.0.11")
                .containsEntry("REDIS_MAIN_SERVICE_PORT", "6379")
                .containsEntry("REDIS_MAIN_SERVICE_PORT_DB_PORT", "6379")
                .containsEntry("REDIS_MAIN_PORT", "tcp://10.96.0.11:6379")
                .containsEntry("REDIS_MAIN_PORT_6379_TCP", "tcp://10.96.0.11:6379")
                .containsEntry("REDIS_MAIN_PORT_6379_TCP_PROTO", "tcp")
                .containsEntry("REDIS_MAIN_PORT_6379_TCP_PORT", "6379")
                .containsEntry("REDIS_MAIN_PORT_6379_TCP_ADDR", "10.96.0.11")
                .containsEntry("REDIS_MAIN_PORT_53_UDP", "udp://10.96.0.11:53")
                .containsEntry("SIX_PORT", "tcp://[fd00::6]:80")
                .containsEntry("SIX_SERVICE_HOST", "fd00::6")
                .doesNotContainKeys(
                        "HEADLESS_SERVICE_HOST",
                        "UNBORN_SERVICE_HOST",
                        "HIDDEN_SERVICE_HOST",
                        "OTHER_SERVICE_HOST");
    }

    @Test
    void withoutLinksOnlyTheApi() {
        assertThat(ServiceEnvironment.of(pod(false), BEFORE)).isEqualTo(KUBERNETES);
    }
}
