package io.weft.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.Ref;
import io.weft.model.Service;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pods find services by name, as processes do: with the C library, curl and the environment. */
@KernelTest
@Timeout(60)
class NodeNamesTest {
    private static final String SERVICES =
            """
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec:
              selector: {app: server}
              ipFamilyPolicy: PreferDualStack
              ports: [{name: http, port: 80, targetPort: 8080}]
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: alias}
            spec: {type: ExternalName, externalName: web.default.svc.cluster.local}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: each}
            spec: {clusterIP: None, selector: {app: server}, ports: [{port: 8080}]}
            """;

    @TempDir private Path temporary;

    /** A pod whose shell writes to a file, which is there in whole or not at all. */
    private String asking(String script) {
        return """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: asking}
        spec:
          containers:
          - name: asking
            command: [sh, -c, "(%s) > $OUT.part 2>&1; mv $OUT.part $OUT; sleep 1000"]
            env: [{name: OUT, value: "%s"}]
        """
                .formatted(script, output());
    }

    private Path output() {
        return temporary.resolve("output");
    }

    private String answer() throws IOException {
        TestNode.until("the pod has written", () -> Files.exists(output()));
        return Files.readString(output());
    }

    private static Ip clusterIp(TestNode node, boolean v4) {
        Service web =
                node.node
                        .state()
                        .snapshot()
                        .services()
                        .get(new Ref(Kind.SERVICE, "default", "web"));
        return Objects.requireNonNull(web).clusterIps().stream()
                .filter(ip -> ip.isV4() == v4)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theCLibraryFindsServicesByTheirShortNames() throws IOException {
        try (TestNode node = TestNode.start(temporary)) {
            node.apply(TestNode.pod("one", "app: server") + SERVICES);
            node.run(
                    asking(
                            "getent ahostsv4 web; getent ahostsv6 web.default; getent hosts each;"
                                    + " getent ahostsv4 alias; getent hosts nothing || echo none"));
            assertThat(answer())
                    .contains(clusterIp(node, true) + " ")
                    .contains("STREAM web")
                    .contains(clusterIp(node, false) + " ")
                    .contains(node.ip6("one") + " ")
                    .endsWith("none\n");
        }
    }

    @Test
    void curlFetchesFromAServiceByItsNameOverBothFamilies() throws IOException {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/curl")),
                "curl is missing: apt-get install curl");
        try (TestNode node = TestNode.start(temporary)) {
            node.apply(TestNode.pod("one", "app: server") + SERVICES);
            try (NetNs namespace = node.namespace("one")) {
                HttpServer server = namespace.call(() -> http(new InetSocketAddress(8080)));
                server.start();
                try {
                    node.run(
                            asking(
                                    "curl -4 -s -m 5 http://web/v4; curl -6 -s -m 5 http://web/v6;"
                                            + " curl -s -m 5 http://web:81/ || echo refused $?"));
                    assertThat(answer()).isEqualTo("got /v4\ngot /v6\nrefused 7\n");
                } finally {
                    server.stop(0);
                }
            }
        }
    }

    private static HttpServer http(InetSocketAddress at) throws IOException {
        HttpServer server = HttpServer.create(at, 0);
        server.createContext(
                "/",
                exchange -> {
                    byte[] body = ("got " + exchange.getRequestURI() + "\n").getBytes(UTF_8);
                    exchange.sendResponseHeaders(200, body.length);
                    try (exchange) {
                        exchange.getResponseBody().write(body);
                    }
                });
        return server;
    }

    @Test
    void aPodHasItsOwnResolvConfAndTheMachineKeepsIts() throws IOException {
        String machine = Files.readString(NodeNames.RESOLV_CONF);
        try (TestNode node = TestNode.start(temporary)) {
            node.run(asking("cat /etc/resolv.conf"));
            assertThat(answer())
                    .startsWith("search default.svc.cluster.local svc.cluster.local cluster.local")
                    .contains("\nnameserver 10.77.0.1\nnameserver fd77::1\n")
                    .endsWith("options ndots:5\n");
            assertThat(Files.readString(NodeNames.RESOLV_CONF)).isEqualTo(machine);
        }
        assertThat(temporary.resolve("run")).doesNotExist();
    }

    @Test
    void theEnvironmentTellsOfServices() throws IOException {
        try (TestNode node = TestNode.start(temporary)) {
            node.apply(SERVICES);
            node.run(asking("env"));
            assertThat(answer().lines())
                    .contains("WEB_SERVICE_HOST=" + clusterIp(node, true))
                    .contains("WEB_SERVICE_PORT=80", "WEB_SERVICE_PORT_HTTP=80")
                    .contains("WEB_PORT=tcp://" + clusterIp(node, true) + ":80")
                    .noneMatch(line -> line.startsWith("EACH_"));
        }
    }

    @Test
    void anAnswerFollowsAChangeAtOnce() throws IOException {
        try (TestNode node = TestNode.start(temporary)) {
            node.apply(TestNode.pod("one", "app: server") + SERVICES);
            node.apply(TestNode.pod("one", "app: retired"));
            node.apply(TestNode.pod("two", "app: server"));
            node.run(asking("getent ahostsv4 each"));
            assertThat(answer())
                    .contains(node.ip4("two") + " ")
                    .doesNotContain(node.ip4("one") + " ");
        }
    }

    @Test
    void whereAnotherServerHasThePortPodsUseTheMachinesResolvConf() throws IOException {
        try (NetNs host = NetNs.createAnonymous();
                DatagramChannel other = everywhere(host)) {
            assertThat(other.isOpen()).isTrue();
            try (NetNs same = NetNs.open(Path.of("/proc/self/fd", "" + host.fd().number()));
                    TestNode node =
                            TestNode.start(
                                    same, TestNode.config(temporary, same, "10.77.0.0/16"))) {
                node.run(asking("cat /etc/resolv.conf"));
                assertThat(answer()).doesNotContain("10.77.0.1").doesNotContain("cluster.local");
                assertThat(node.node.services().names().counts()).isEmpty();
            }
        }
    }

    private static DatagramChannel everywhere(NetNs host) {
        return host.call(() ->
                DatagramChannel.open(StandardProtocolFamily.INET)
                        .bind(new InetSocketAddress("0.0.0.0", 53)));
    }
}
