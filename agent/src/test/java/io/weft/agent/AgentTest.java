package io.weft.agent;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.netlink.Netlink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Containers come and go by CNI, while the agent runs and while it does not. */
@KernelTest
@Timeout(120)
class AgentTest {
    private static final String ONLY_FROM_FRONT =
            """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: only-front}
            spec:
              podSelector: {matchLabels: {app: web}}
              ingress: [{from: [{podSelector: {matchLabels: {app: front}}}]}]
            """;

    @TempDir private Path temporary;
    private TestAgent agent;

    @BeforeEach
    void start() {
        agent = TestAgent.start(temporary);
    }

    @AfterEach
    void end() {
        agent.close();
    }

    private void apply(String manifest) {
        try (NodeClient client =
                NodeClient.connect(settings().runDirectory().resolve("api.sock"))) {
            client.call(
                    "Apply",
                    Map.of("files", List.of(Map.of("name", "test.yaml", "text", manifest))));
        }
    }

    private AgentSettings settings() {
        return agent.settings;
    }

    private boolean reaches(String from, Ip target) {
        try (NetNs namespace = NetNs.open(agent.namespace(from))) {
            return namespace.call(() -> {
                try (SocketChannel channel = SocketChannel.open()) {
                    channel.socket().connect(Echo.address(target, 80), 400);
                    return true;
                } catch (IOException e) {
                    return false;
                }
            });
        }
    }

    private Echo serve(String container) {
        try (NetNs namespace = NetNs.open(agent.namespace(container))) {
            return new Echo().tcp(namespace, 80);
        }
    }

    private static void exchange(SocketChannel channel) throws IOException {
        channel.write(ByteBuffer.wrap("hello".getBytes(US_ASCII)));
        ByteBuffer answer = ByteBuffer.allocate(5);
        while (answer.hasRemaining() && channel.read(answer) >= 0) {
            // whole
        }
        assertThat(answer.hasRemaining()).isFalse();
    }

    @Test
    void aContainerIsUnderPolicyWhenAddReturns() {
        apply(ONLY_FROM_FRONT);
        TestAgent.Answer web = agent.add("web", "\"app\": \"web\"");
        assertThat(web.ips()).hasSize(2);
        agent.add("front", "\"app\": \"front\"");
        agent.add("other", "\"app\": \"other\"");
        try (Echo _ = serve("web")) {
            for (String ip : web.ips()) {
                assertThat(reaches("front", Ip.parse(ip))).isTrue();
                assertThat(reaches("other", Ip.parse(ip))).isFalse();
            }
        }
    }

    @Test
    void aSecondAddIsRefusedAndTheFirstIsIntact() {
        agent.add("web", "");
        TestAgent.Answer again = agent.call("ADD", "web", TestAgent.config(""));
        assertThat(again.code()).isEqualTo(101);
        assertThat(again.text()).contains("web/eth0 is attached already, to network net");
        assertThat(agent.call("CHECK", "web", TestAgent.config("")).exitCode()).isZero();
    }

    @Test
    void deleteEndsTheLinkSoonAndTheLeaseAtOnceAndTwiceIsNoError() {
        String ip = agent.add("web", "").ips().getFirst();
        assertThat(agent.links()).hasSize(1);
        assertThat(agent.call("DEL", "web", TestAgent.config("")).exitCode()).isZero();
        TestNode.until("the link goes", () -> agent.links().isEmpty());
        assertThat(agent.call("DEL", "web", TestAgent.config("")).exitCode()).isZero();
        assertThat(agent.call("DEL", "web", "").exitCode()).as("without config").isZero();
        assertThat(agent.add("web", "").ips()).as("it cools down").doesNotContain(ip);
    }

    @Test
    void deleteNeedsNeitherNamespaceNorConfig() {
        agent.add("web", "");
        agent.endNamespace("web");
        assertThat(agent.call("DEL", "web", Map.of("CNI_NETNS", ""), "").exitCode()).isZero();
        TestNode.until("the link goes", () -> agent.links().isEmpty());
        TestNode.until(
                "nobody is left", () -> agent.agent.node().state().snapshot().pods().isEmpty());
    }

    @Test
    void checkFailsAfterEachThingThatIsMissing() {
        String added =
                TestAgent.config(
                        ", \"prevResult\": " + ReferencePlugin.text(agent.add("web", "").json()));
        assertThat(agent.call("CHECK", "web", added).exitCode()).isZero();
        try (NetNs namespace = NetNs.open(agent.namespace("web"));
                Netlink inside = Netlink.open(namespace)) {
            int index = inside.links().get("eth0").orElseThrow().index();
            inside.routes().list(254).stream()
                    .filter(r -> r.destination().length() == 0)
                    .forEach(route -> inside.routes().delete(route));
            assertThat(agent.call("CHECK", "web", added).text())
                    .contains("no default route of IPv4")
                    .contains("no default route of IPv6");
            inside.addresses().list(index).forEach(a -> inside.addresses().delete(a));
            assertThat(agent.call("CHECK", "web", added).text())
                    .contains("address 10.77.0.2 of eth0 is gone");
            inside.links().delete(index);
        }
        TestAgent.Answer gone = agent.call("CHECK", "web", added);
        assertThat(gone.code()).isEqualTo(102);
        assertThat(gone.text())
                .contains("interface eth0 of the container is gone")
                .contains("of the node is gone");
        agent.call("DEL", "web", TestAgent.config(""));
        assertThat(agent.call("CHECK", "web", TestAgent.config("")).code()).isEqualTo(3);
    }

    @Test
    void collectingGarbageLeavesWhatIsValid() {
        agent.add("one", "");
        agent.add("two", "");
        agent.add("three", "");
        String valid =
                ", \"cni.dev/valid-attachments\": [{\"containerID\": \"two\", \"ifname\": \"eth0\"}]";
        assertThat(agent.call("GC", "two", TestAgent.config(valid)).exitCode()).isZero();
        TestNode.until("the links go", () -> agent.links().size() == 1);
        assertThat(agent.call("CHECK", "two", TestAgent.config("")).exitCode()).isZero();
        assertThat(agent.call("CHECK", "one", TestAgent.config("")).exitCode()).isEqualTo(1);
    }

    @Test
    void anExhaustedPoolSaysSoWithNumbersInStatusAndAdd() {
        try (TestAgent small =
                TestAgent.start(
                        temporary,
                        """
                        addressPools:
                        - {name: small, ranges: [{subnet: 10.90.0.0/30, gateway: 10.90.0.1}]}
                        """)) {
            assertThat(small.call("STATUS", "x", TestAgent.config("")).exitCode()).isZero();
            assertThat(small.add("one", "").ips()).containsExactly("10.90.0.2");
            small.namespace("two");
            TestAgent.Answer full = small.call("ADD", "two", TestAgent.config(""));
            assertThat(full.exitCode()).isEqualTo(1);
            assertThat(full.text()).contains("small");
            TestAgent.Answer status = small.call("STATUS", "x", TestAgent.config(""));
            assertThat(status.code()).isEqualTo(50);
            assertThat(status.text()).contains("1 used").contains("0 free of 1");
            assertThat(small.links()).hasSize(1);
        }
    }

    @Test
    void theNextProcessTakesOverWithPolicyManifestsAndConnections() throws IOException {
        apply(ONLY_FROM_FRONT);
        Ip web = Ip.parse(agent.add("web", "\"app\": \"web\"").ips().getFirst());
        agent.add("front", "\"app\": \"front\"");
        agent.add("other", "\"app\": \"other\"");
        try (Echo _ = serve("web");
                NetNs front = NetNs.open(agent.namespace("front"));
                SocketChannel living =
                        front.call(() -> SocketChannel.open(Echo.address(web, 80)))) {
            exchange(living);
            agent.agent.close();
            exchange(living);
            assertThat(reaches("other", web)).as("nobody serves, policy holds").isFalse();
            agent.agent = Agent.start(settings(), "weft test");
            exchange(living);
            assertThat(reaches("front", web)).isTrue();
            assertThat(reaches("other", web)).isFalse();
        }
        for (String container : List.of("web", "front", "other")) {
            TestAgent.Answer check = agent.call("CHECK", container, TestAgent.config(""));
            assertThat(check.exitCode()).as(container + ": " + check.json()).isZero();
            assertThat(agent.call("DEL", container, TestAgent.config("")).exitCode()).isZero();
        }
        TestNode.until("the links go", () -> agent.links().isEmpty());
    }

    @Test
    void whatWentWhileNobodyServedIsGivenBack() {
        agent.add("gone", "");
        agent.add("told", "");
        agent.add("stays", "");
        agent.agent.close();
        agent.endNamespace("gone");
        assertThat(agent.call("DEL", "told", TestAgent.config("")).exitCode())
                .as("a tombstone")
                .isZero();
        assertThat(agent.call("ADD", "told", TestAgent.config("")).code()).isEqualTo(11);
        TestNode.until("the kernel ends the link", () -> agent.links().size() == 2);
        agent.agent = Agent.start(settings(), "weft test");
        TestNode.until(
                "only one is left", () -> agent.agent.node().state().snapshot().pods().size() == 1);
        TestNode.until("the links go", () -> agent.links().size() == 1);
        assertThat(agent.call("CHECK", "stays", TestAgent.config("")).exitCode()).isZero();
    }

    @Test
    void statusSaysHowLongCallsAndTheirStepsTook() {
        agent.add("web", "");
        agent.call("CHECK", "web", TestAgent.config(""));
        agent.call("DEL", "web", TestAgent.config(""));
        Map<?, ?> status = (Map<?, ?>) agent.api("Status", Map.of()).get("status");
        Map<?, ?> cni = (Map<?, ?>) Objects.requireNonNull(status).get("cni");
        assertThat(Objects.requireNonNull(cni).get("answered")).isEqualTo(3);
        Map<Object, Map<?, ?>> steps = new HashMap<>();
        for (Object step : (List<?>) Objects.requireNonNull(cni.get("steps"))) {
            steps.put(((Map<?, ?>) step).get("step"), (Map<?, ?>) step);
        }
        assertThat(steps)
                .containsOnlyKeys("wait", "plan", "lease", "wire", "sync", "ADD", "CHECK", "DEL");
        assertThat(number(steps, "ADD", "longestMicros"))
                .isGreaterThanOrEqualTo(number(steps, "wire", "longestMicros"))
                .isPositive();
        assertThat(number(steps, "wait", "count")).isEqualTo(3);
        assertThat(number(steps, "sync", "count")).as("ADD and DEL").isEqualTo(2);
    }

    private static long number(Map<Object, Map<?, ?>> steps, String step, String key) {
        Map<?, ?> found = Objects.requireNonNull(steps.get(step));
        return ((Number) Objects.requireNonNull(found.get(key))).longValue();
    }
}
