package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.netlink.Link;
import io.weft.netlink.Netlink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Interfaces that another plugin makes at Weft's call: policy is Weft's, and so is their end. */
@KernelTest
@Timeout(120)
@SuppressWarnings("NullAway.Init") // start()
class DelegateTest {
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
        for (String type : List.of("ptp", "bridge", "host-local", "macvlan")) {
            assumeTrue(ReferencePlugin.isInstalled(type), "skipped: no " + type);
        }
    }

    @AfterEach
    void end() {
        agent.close();
    }

    /** In a version that Debian's plugins speak. */
    private String config(String delegate, String more) {
        return TestAgent.config(
                        """
                        , "delegate": {%s, "ipam": {"type": "host-local", "dataDir": "%s",
                        "ranges": [[{"subnet": "10.88.1.0/24"}], [{"subnet": "fd88:1::/64"}]],
                        "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}}%s
                        """
                                .formatted(delegate, temporary.resolve("leases"), more))
                .replace("1.1.0", "1.0.0");
    }

    private String ptp() {
        return config("\"type\": \"ptp\"", "");
    }

    private List<Ip> add(String container, String delegate) {
        agent.namespace(container);
        String labels = ", \"labels\": {\"app\": \"" + container + "\"}";
        TestAgent.Answer answer = agent.call("ADD", container, config(delegate, labels));
        assertThat(answer.exitCode()).as("ADD %s: %s", container, answer.json()).isZero();
        return answer.ips().stream().map(Ip::parse).toList();
    }

    private Optional<Link> inside(String container) {
        try (NetNs namespace = NetNs.open(agent.namespace(container));
                Netlink inside = Netlink.open(namespace)) {
            return inside.links().get("eth0");
        }
    }

    /** {@return files of addresses that host-local holds} */
    private List<String> held() throws IOException {
        Path network = temporary.resolve("leases").resolve("net");
        if (!Files.exists(network)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(network)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches("[0-9a-f].*"))
                    .toList();
        }
    }

    private void isGone(String container) throws IOException {
        assertThat(inside(container)).isEmpty();
        assertThat(held()).isEmpty();
        assertThat(agent.agent.node().datapath().workloads()).isEmpty();
    }

    @Test
    void policyHoldsForWhatTheDelegateMade() {
        String bridge = "\"type\": \"bridge\", \"bridge\": \"cni0\", \"isGateway\": true";
        List<Ip> web = add("web", bridge);
        add("front", bridge);
        add("other", bridge);
        assertThat(web).hasSize(2);
        try (Echo _ = agent.serve("web")) {
            web.forEach(ip -> assertThat(agent.reaches("other", ip)).as("%s", ip).isTrue());
            agent.apply(ONLY_FROM_FRONT);
            for (Ip ip : web) {
                assertThat(agent.reaches("front", ip)).as("front to %s", ip).isTrue();
                assertThat(agent.reaches("other", ip)).as("other to %s", ip).isFalse();
            }
        }
    }

    @Test
    void checkAsksTheDelegateToo() {
        agent.namespace("web");
        TestAgent.Answer added = agent.call("ADD", "web", ptp());
        assertThat(added.exitCode()).as("%s", added.json()).isZero();
        String check =
                config(
                        "\"type\": \"ptp\"",
                        ", \"prevResult\": " + ReferencePlugin.text(added.json()));
        assertThat(agent.call("CHECK", "web", check).exitCode()).isZero();
        TestAgent.Answer without = agent.call("CHECK", "web", ptp());
        assertThat(without.exitCode()).isOne();
        assertThat(without.text()).contains("plugin 'ptp'").contains("prevResult");
    }

    @Test
    void deleteHasTheDelegateUndoItsPart() throws IOException {
        add("web", "\"type\": \"ptp\"");
        assertThat(held()).hasSize(2);
        assertThat(agent.call("DEL", "web", ptp()).exitCode()).isZero();
        isGone("web");
        assertThat(agent.call("DEL", "web", ptp()).exitCode()).as("again").isZero();

        add("web", "\"type\": \"ptp\"");
        assertThat(agent.call("DEL", "web", "").exitCode()).as("without config").isZero();
        isGone("web");

        add("web", "\"type\": \"ptp\"");
        agent.endNamespace("web");
        assertThat(agent.call("DEL", "web", Map.of("CNI_NETNS", ""), "").exitCode()).isZero();
        isGone("web");
    }

    @Test
    void collectingGarbageHasTheDelegateUndoItsPart() throws IOException {
        add("web", "\"type\": \"ptp\"");
        assertThat(agent.call("GC", "web", TestAgent.config("")).exitCode()).isZero();
        isGone("web");
    }

    @Test
    void anInterfaceThatCannotBePolicedIsTakenBack() throws IOException {
        try (Netlink host = Netlink.open(agent.host)) {
            host.links()
                    .create(
                            new io.weft.netlink.LinkSpec.Bridge(
                                    io.weft.netlink.LinkSettings.named("up0").up(true)));
        }
        agent.namespace("web");
        TestAgent.Answer refused =
                agent.call("ADD", "web", config("\"type\": \"macvlan\", \"master\": \"up0\"", ""));
        assertThat(refused.exitCode()).isOne();
        assertThat(refused.text()).contains("is a macvlan: only a pair (veth)");
        isGone("web");
    }

    @Test
    void whatADelegateCannotHaveIsRefusedBeforeItIsCalled() throws IOException {
        agent.namespace("web");
        assertThat(
                        agent.call("ADD", "web", config("\"type\": \"ptp\"", ", \"pool\": \"lan\""))
                                .text())
                .contains("pool: must be absent with a delegate");
        assertThat(agent.call("ADD", "web", config("\"type\": \"weft\"", "")).text())
                .contains("delegate.type: weft: must be another plugin");
        assertThat(agent.call("ADD", "web", config("\"type\": \"no-such\"", "")).text())
                .contains("plugin 'no-such': not in CNI_PATH");
        isGone("web");
    }
}
