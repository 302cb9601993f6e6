package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.netlink.Cidr;
import io.weft.netlink.Link;
import io.weft.netlink.LinkAddress;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Containers at a bridge that Weft makes, or finds. */
@KernelTest
@Timeout(120)
@SuppressWarnings("NullAway.Init") // start()
class BridgeTest {
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

    @AfterEach
    void end() {
        agent.close();
    }

    private void start() {
        agent =
                TestAgent.start(
                        temporary,
                        """
                        addressPools:
                        - name: default
                          ranges: [{subnet: 10.77.0.0/24}, {subnet: "fd77::/64"}]
                        - name: lan
                          ranges: [{subnet: 10.99.0.0/24}, {subnet: "fd99::/64"}]
                        - name: other
                          ranges: [{subnet: 10.98.0.0/24}]
                        """);
    }

    private static String config(String more) {
        return TestAgent.config(", \"interface\": \"bridge\", \"bridge\": \"lan0\"" + more);
    }

    private TestAgent.Answer tryAdd(String container, String more) {
        agent.namespace(container);
        String labels = ", \"labels\": {\"app\": \"" + container + "\"}";
        return agent.call("ADD", container, config(labels + more));
    }

    private TestAgent.Answer add(String container) {
        TestAgent.Answer answer = tryAdd(container, ", \"pool\": \"lan\"");
        assertThat(answer.exitCode()).as("ADD %s: %s", container, answer.json()).isZero();
        return answer;
    }

    private static List<Ip> ips(TestAgent.Answer answer) {
        return answer.ips().stream().map(Ip::parse).toList();
    }

    private Optional<Link> link(String name) {
        try (Netlink host = Netlink.open(agent.host)) {
            return host.links().get(name);
        }
    }

    private List<String> addressesOf(String name) {
        try (Netlink host = Netlink.open(agent.host)) {
            return host.addresses().list(host.links().require(name).index()).stream()
                    .map(address -> address.address().toString())
                    .filter(address -> !address.startsWith("fe80"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void trafficPassesAsPolicySays() {
        start();
        List<Ip> web = ips(add("web"));
        add("front");
        add("other");
        List<Ip> routed = ips(agent.add("routed", "\"app\": \"front\""));
        assertThat(web).containsExactly(Ip.parse("10.99.0.2"), Ip.parse("fd99::2"));
        try (Echo _ = agent.serve("web");
                Echo _ = agent.serve("routed")) {
            for (Ip ip : web) {
                assertThat(agent.reaches("other", ip)).as("to %s, no policy yet", ip).isTrue();
            }
            agent.apply(ONLY_FROM_FRONT);
            for (Ip ip : web) {
                assertThat(agent.reaches("front", ip)).as("front to %s", ip).isTrue();
                assertThat(agent.reaches("routed", ip)).as("a routed pod to %s", ip).isTrue();
                assertThat(agent.reaches("other", ip)).as("other to %s", ip).isFalse();
                agent.awaitFromNode(ip);
            }
            for (Ip ip : routed) {
                assertThat(agent.reaches("web", ip)).as("to the routed %s", ip).isTrue();
            }
        }
    }

    @Test
    void aMachineAtTheBridgeIsOnTheLink() {
        start();
        List<Ip> web = ips(add("web"));
        add("other");
        try (NetNs machine = NetNs.open(agent.namespace("machine"));
                Netlink host = Netlink.open(agent.host);
                Netlink inside = Netlink.open(machine)) {
            Link port =
                    host.links()
                            .create(
                                    new LinkSpec.Veth(
                                            LinkSettings.named("port9"),
                                            LinkSettings.named("eth0").in(machine)));
            int link = inside.links().require("eth0").index();
            for (String address : List.of("10.99.0.200/24", "fd99::200/64")) {
                Cidr cidr = Cidr.parse(address);
                inside.addresses()
                        .add(
                                cidr.address().isV6()
                                        ? LinkAddress.of(link, cidr, LinkAddress.Flag.NODAD)
                                        : LinkAddress.of(link, cidr));
            }
            inside.links().setUp(link);
            host.links().setMaster(port.index(), link("lan0").orElseThrow().index());
            host.links().setUp(port.index());
            try (Echo _ = agent.serve("web");
                    Echo _ = agent.serve("machine")) {
                for (Ip ip : web) {
                    assertThat(TestAgent.connects(machine, ip)).as("it to %s", ip).isTrue();
                }
                for (String ip : List.of("10.99.0.200", "fd99::200")) {
                    assertThat(agent.reaches("other", Ip.parse(ip))).as("to %s", ip).isTrue();
                }
                agent.apply(ONLY_FROM_FRONT);
                for (Ip ip : web) {
                    assertThat(TestAgent.connects(machine, ip)).as("it to %s", ip).isFalse();
                }
            }
        }
    }

    @Test
    void theResultSaysWhatWasMade() {
        start();
        TestAgent.Answer answer = add("web");
        assertThat(String.valueOf(answer.json().get("interfaces")))
                .containsSubsequence("name=" + agent.links().getFirst(), "name=eth0", "name=lan0");
        assertThat(String.valueOf(answer.json().get("ips")))
                .contains("10.99.0.2/24", "gateway=10.99.0.1", "fd99::2/64", "gateway=fd99::1");
        assertThat(addressesOf("lan0")).containsExactly("10.99.0.1/24", "fd99::1/64");
        assertThat(agent.call("CHECK", "web", config("")).exitCode()).isZero();
    }

    @Test
    void checkFindsWhatIsMissing() {
        start();
        add("web");
        String port = agent.links().getFirst();
        try (Netlink host = Netlink.open(agent.host)) {
            Link bridge = host.links().require("lan0");
            host.addresses().list(bridge.index()).forEach(host.addresses()::delete);
            assertThat(agent.call("CHECK", "web", config("")).text())
                    .contains("bridge lan0 has no address in the subnet of 10.99.0.2")
                    .contains("bridge lan0 has no address in the subnet of fd99::2");
            host.links().setMaster(host.links().require(port).index(), 0);
            assertThat(agent.call("CHECK", "web", config("")).text())
                    .contains("interface " + port + " is no port of lan0");
        }
        add("next"); // gives the bridge its addresses again
        assertThat(addressesOf("lan0")).contains("10.99.0.1/24", "fd99::1/64");
    }

    @Test
    void deleteLeavesTheBridgeAndRemovalTakesItAway() {
        start();
        add("web");
        add("stays");
        Link bridge = link("lan0").orElseThrow();
        assertThat(agent.call("DEL", "web", config("")).exitCode()).isZero();
        TestNode.until("the port goes", () -> agent.links().size() == 1);
        assertThat(link("lan0").orElseThrow().mac()).isEqualTo(bridge.mac());
        agent.restart();
        assertThat(agent.call("CHECK", "stays", config("")).exitCode()).isZero();
        agent.agent.close();
        assertThat(Agent.remove(agent.settings, true)).isEqualTo(1);
        assertThat(link("lan0")).isEmpty();
        assertThat(agent.links()).isEmpty();
        agent.agent = Agent.start(agent.settings, "weft test");
    }

    @Test
    void theNextProcessTakesOver() {
        start();
        List<Ip> web = ips(add("web"));
        add("front");
        add("other");
        agent.apply(ONLY_FROM_FRONT);
        try (Echo _ = agent.serve("web")) {
            agent.restart();
            for (Ip ip : web) {
                assertThat(agent.reaches("front", ip)).isTrue();
                assertThat(agent.reaches("other", ip)).isFalse();
                agent.awaitFromNode(ip);
            }
        }
    }

    @Test
    void aForeignBridgeIsUsedAsItIsAndStays() {
        start();
        try (Netlink host = Netlink.open(agent.host)) {
            host.links().create(new LinkSpec.Bridge(LinkSettings.named("lan0").up(true)));
        }
        List<Ip> web = ips(add("web"));
        add("other");
        assertThat(addressesOf("lan0")).isEmpty();
        try (Echo _ = agent.serve("web")) {
            web.forEach(ip -> assertThat(agent.reaches("other", ip)).as("to %s", ip).isTrue());
        }
        assertThat(agent.call("CHECK", "web", config("")).exitCode()).isZero();
        agent.agent.close();
        Agent.remove(agent.settings, true);
        assertThat(link("lan0")).isPresent();
        agent.agent = Agent.start(agent.settings, "weft test");
    }

    @Test
    void whatIsInTheWayIsRefusedBeforeAnythingIsMade() {
        start();
        agent.namespace("web");
        assertThat(agent.call("ADD", "web", TestAgent.config(", \"interface\": \"bridge\"")).text())
                .contains("bridge: missing: interface bridge needs the name of the bridge");
        String lo = TestAgent.config(", \"interface\": \"bridge\", \"bridge\": \"lo\"");
        assertThat(agent.call("ADD", "web", lo).text()).contains("bridge: 1: lo is no bridge");
        add("first");
        String second =
                TestAgent.config(
                        ", \"interface\": \"bridge\", \"bridge\": \"lan1\", \"pool\": \"lan\"");
        TestAgent.Answer taken = agent.call("ADD", "web", second);
        assertThat(taken.code()).isEqualTo(7);
        assertThat(taken.text()).contains("lan1 would have gateway 10.99.0.1, which is at lan0");
        assertThat(link("lan1")).isEmpty();
        assertThat(agent.links()).hasSize(1);
        assertThat(tryAdd("web", ", \"pool\": \"other\"").exitCode()).as("another pool").isZero();
        assertThat(addressesOf("lan0"))
                .containsExactly("10.98.0.1/24", "10.99.0.1/24", "fd99::1/64");
    }

    /** In a version that Debian's host-local speaks. */
    private TestAgent.Answer addOld(String container, String more) {
        agent.namespace(container);
        return agent.call("ADD", container, config(more).replace("1.1.0", "1.0.0"));
    }

    @Test
    void addressesMayComeFromAnotherPlugin() {
        start();
        assumeTrue(ReferencePlugin.isInstalled("host-local"), "skipped: no host-local");
        String ipam =
                ", \"ipam\": {\"type\": \"host-local\", \"dataDir\": \"%s\", \"subnet\": \"10.97.0.0/24\"}"
                        .formatted(temporary.resolve("leases"));
        TestAgent.Answer web = addOld("web", ipam);
        assertThat(web.exitCode()).as("%s", web.json()).isZero();
        assertThat(addOld("other", ipam).exitCode()).isZero();
        assertThat(addressesOf("lan0")).containsExactly("10.97.0.1/24");
        try (Echo _ = agent.serve("web")) {
            assertThat(agent.reaches("other", ips(web).getFirst())).isTrue();
        }
    }
}
