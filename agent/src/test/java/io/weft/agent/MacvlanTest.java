package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.netlink.Cidr;
import io.weft.netlink.Link;
import io.weft.netlink.LinkAddress;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import io.weft.netlink.Route;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Containers with a MAC of their own on the node's link, and policies that would not hold there.
 */
@KernelTest
@Timeout(120)
@SuppressWarnings("NullAway.Init") // start()
class MacvlanTest {
    private static final String SELECTS_WEB =
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

    /** The node's {@code up0} leads to a router, 10.99.0.1. */
    @BeforeEach
    void start() {
        agent =
                TestAgent.start(
                        temporary,
                        """
                        addressPools:
                        - name: default
                          ranges: [{subnet: 10.77.0.0/24}, {subnet: "fd77::/64"}]
                        - name: lan
                          ranges: [{subnet: 10.99.0.0/24}, {subnet: "fd99::/64"}]
                        """);
        try (NetNs router = NetNs.open(agent.namespace("router"));
                Netlink host = Netlink.open(agent.host);
                Netlink there = Netlink.open(router)) {
            host.links()
                    .create(
                            new LinkSpec.Veth(
                                    LinkSettings.named("up0").up(true),
                                    LinkSettings.named("lan").in(router)));
            int link = there.links().require("lan").index();
            for (String address : List.of("10.99.0.1/24", "fd99::1/64")) {
                Cidr cidr = Cidr.parse(address);
                there.addresses()
                        .add(
                                cidr.address().isV6()
                                        ? LinkAddress.of(link, cidr, LinkAddress.Flag.NODAD)
                                        : LinkAddress.of(link, cidr));
            }
            there.links().setUp(link);
        }
    }

    @AfterEach
    void end() {
        agent.close();
    }

    private static String config(String more) {
        return TestAgent.config(
                ", \"interface\": \"macvlan\", \"master\": \"up0\", \"pool\": \"lan\"" + more);
    }

    private static String labels(String app) {
        return ", \"labels\": {\"app\": \"" + app + "\"}";
    }

    private TestAgent.Answer add(String container, String more) {
        agent.namespace(container);
        TestAgent.Answer answer = agent.call("ADD", container, config(labels(container) + more));
        assertThat(answer.exitCode()).as("ADD %s: %s", container, answer.json()).isZero();
        return answer;
    }

    private static List<Ip> ips(TestAgent.Answer answer) {
        return answer.ips().stream().map(Ip::parse).toList();
    }

    private Optional<Link> inside(String container, String name) {
        try (NetNs namespace = NetNs.open(agent.namespace(container));
                Netlink inside = Netlink.open(namespace)) {
            return inside.links().get(name);
        }
    }

    private Map<String, Object> status() {
        try (NodeClient client =
                NodeClient.connect(agent.settings.runDirectory().resolve("api.sock"))) {
            return client.call("Status", Map.of());
        }
    }

    @Test
    void containersAreOnTheLinkOfTheNode() {
        List<Ip> web = ips(add("web", ""));
        add("front", "");
        assertThat(web).containsExactly(Ip.parse("10.99.0.2"), Ip.parse("fd99::2"));
        try (Echo _ = agent.serve("web");
                Echo _ = agent.serve("router")) {
            for (Ip ip : web) {
                assertThat(agent.reaches("front", ip)).as("front to %s", ip).isTrue();
                assertThat(agent.reaches("router", ip)).as("router to %s", ip).isTrue();
            }
            for (String ip : List.of("10.99.0.1", "fd99::1")) {
                TestNode.until( // the router's link-local address is tentative at first
                        "front reaches " + ip, () -> agent.reaches("front", Ip.parse(ip)));
            }
        }
    }

    @Test
    void privateOnesDoNotReachEachOther() {
        List<Ip> web = ips(add("web", ", \"mode\": \"private\""));
        add("front", ", \"mode\": \"private\"");
        try (Echo _ = agent.serve("web")) {
            assertThat(agent.reaches("front", web.getFirst())).isFalse();
            assertThat(agent.reaches("router", web.getFirst())).isTrue();
        }
    }

    @Test
    void theResultSaysWhatWasMade() {
        TestAgent.Answer answer =
                add(
                        "web",
                        ", \"mtu\": 1400, \"dns\": {\"nameservers\": [\"192.0.2.53\"]},"
                                + " \"runtimeConfig\": {\"mac\": \"0a:58:0a:00:00:07\"}");
        assertThat(String.valueOf(answer.json().get("interfaces")))
                .contains("name=eth0", "mac=0a:58:0a:00:00:07", "mtu=1400")
                .contains("sandbox=" + agent.namespace("web"));
        assertThat(String.valueOf(answer.json().get("ips")))
                .contains("10.99.0.2/24", "gateway=10.99.0.1", "interface=0");
        assertThat(String.valueOf(answer.json().get("routes"))).contains("0.0.0.0/0", "::/0");
        assertThat(answer.json().get("dns"))
                .isEqualTo(Map.of("nameservers", List.of("192.0.2.53")));
        Link link = inside("web", "eth0").orElseThrow();
        assertThat(link.kind()).isEqualTo("macvlan");
        assertThat(link.mtu()).isEqualTo(1400);
        assertThat(agent.links()).isEmpty();
        assertThat(String.valueOf(status()))
                .contains("workload=default/web", "attached=macvlan", "notEnforced=[]");
    }

    @Test
    void aSecondInterfaceLeavesTheDefaultRoute() {
        agent.add("web", "");
        TestAgent.Answer answer =
                agent.call("ADD", "web", Map.of("CNI_IFNAME", "net1"), config(""));
        assertThat(answer.exitCode()).as("%s", answer.json()).isZero();
        assertThat(answer.json()).doesNotContainKey("routes");
        assertThat(agent.call("CHECK", "web", TestAgent.config("")).exitCode()).isZero();
        try (NetNs namespace = NetNs.open(agent.namespace("web"));
                Netlink inside = Netlink.open(namespace)) {
            int eth0 = inside.links().require("eth0").index();
            assertThat(inside.routes().list(Route.MAIN))
                    .filteredOn(route -> route.destination().length() == 0)
                    .hasSize(2)
                    .allMatch(
                            route -> route.nextHops().stream().allMatch(hop -> hop.link() == eth0));
        }
    }

    @Test
    void aContainerThatAPolicySelectsIsRefused() {
        agent.apply(SELECTS_WEB);
        agent.namespace("web");
        TestAgent.Answer refused = agent.call("ADD", "web", config(labels("web")));
        assertThat(refused.code()).isEqualTo(7);
        assertThat(refused.text())
                .contains("Pod default/web is selected by [NetworkPolicy default/only-front]")
                .contains("which would not hold");
        assertThat(inside("web", "eth0")).isEmpty();
        assertThat(agent.leases()).isEmpty();
        add("front", "");
    }

    @Test
    void aPolicyThatSelectsALivingOneIsRefused() {
        add("web", "");
        assertThatThrownBy(() -> agent.apply(SELECTS_WEB))
                .hasMessageContaining("[NetworkPolicy default/only-front] would select")
                .hasMessageContaining("Pod default/web, a macvlan");
        assertThat(agent.agent.node().state().snapshot().countOfPolicies()).isZero();
        agent.apply(SELECTS_WEB.replace("app: web", "app: other"));
        String renamed =
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: web, labels: {app: other}}
                """;
        assertThatThrownBy(() -> agent.apply(renamed)).hasMessageContaining("would select");
        assertThat(agent.call("DEL", "web", config("")).exitCode()).isZero();
        agent.apply(SELECTS_WEB);
    }

    @Test
    void deleteTakesItAwayAndTheNextProcessKnowsIt() {
        add("web", "");
        agent.restart();
        assertThat(agent.call("CHECK", "web", config("")).exitCode()).isZero();
        assertThatThrownBy(() -> agent.apply(SELECTS_WEB)).hasMessageContaining("a macvlan");
        assertThat(agent.call("DEL", "web", Map.of("CNI_NETNS", ""), "").exitCode()).isZero();
        assertThat(inside("web", "eth0")).isEmpty();
        assertThat(agent.leases()).isEmpty();
        assertThat(agent.call("CHECK", "web", config("")).code()).isEqualTo(3);

        add("web", "");
        assertThat(agent.call("GC", "web", config("")).exitCode()).isZero();
        assertThat(inside("web", "eth0")).isEmpty();
        add("gone", "");
        add("stays", "");
        agent.agent.close();
        agent.endNamespace("gone");
        agent.agent = Agent.start(agent.settings, "weft test");
        assertThat(agent.leases()).hasSize(1);
        agent.agent.close();
        assertThat(Agent.remove(agent.settings, true)).isEqualTo(1);
        assertThat(inside("stays", "eth0")).isEmpty();
        agent.agent = Agent.start(agent.settings, "weft test");
    }

    @Test
    void checkFindsWhatIsMissing() {
        String added = ", \"prevResult\": " + ReferencePlugin.text(add("web", "").json());
        assertThat(agent.call("CHECK", "web", config(added)).exitCode()).isZero();
        try (NetNs namespace = NetNs.open(agent.namespace("web"));
                Netlink inside = Netlink.open(namespace)) {
            int link = inside.links().require("eth0").index();
            inside.routes().list(Route.MAIN).stream()
                    .filter(route -> route.destination().length() == 0)
                    .forEach(inside.routes()::delete);
            assertThat(agent.call("CHECK", "web", config(added)).text())
                    .contains("no default route of IPv4 over eth0")
                    .contains("no default route of IPv6 over eth0");
            inside.addresses().list(link).forEach(inside.addresses()::delete);
            assertThat(agent.call("CHECK", "web", config("")).text())
                    .contains("address 10.99.0.2 of eth0 is gone");
            inside.links().delete(link);
        }
        TestAgent.Answer gone = agent.call("CHECK", "web", config(""));
        assertThat(gone.code()).isEqualTo(102);
        assertThat(gone.text()).contains("interface eth0 of the container is gone");
    }

    @Test
    void whatCannotBeIsRefusedBeforeAnythingIsMade() {
        agent.namespace("web");
        String master = ", \"interface\": \"macvlan\", \"master\": ";
        assertThat(agent.call("ADD", "web", TestAgent.config(master + "\"no0\"")).text())
                .contains("master: the node has no interface no0: must be one of [up0]");
        assertThat(agent.call("ADD", "web", TestAgent.config(master + "\"lo\"")).text())
                .contains("master: 1: lo leads nowhere");
        assertThat(agent.call("ADD", "web", config(", \"mtu\": 9000")).text())
                .contains("mtu: 9000: must be at most that of up0, 1500");
        assertThat(agent.call("ADD", "web", config(", \"mode\": \"bridged\"")).text())
                .contains("mode: 'bridged': must be one of bridge, private, vepa, passthru");
        String shaped = ", \"runtimeConfig\": {\"bandwidth\": {\"ingressRate\": 8000}}";
        assertThat(agent.call("ADD", "web", config(shaped)).text())
                .contains("portMappings and bandwidth must be absent with interface macvlan");
        try (Netlink host = Netlink.open(agent.host)) {
            Link bridge = host.links().create(new LinkSpec.Bridge(LinkSettings.named("br9")));
            host.links().setMaster(host.links().require("up0").index(), bridge.index());
            assertThat(agent.call("ADD", "web", config("")).text())
                    .contains("up0 (veth) is a port of")
                    .contains("br9 (bridge): name that one");
            host.links().delete(bridge.index());
        }
        try (NetNs namespace = NetNs.open(agent.namespace("web"));
                Netlink inside = Netlink.open(namespace)) {
            inside.links().create(new LinkSpec.Bridge(LinkSettings.named("eth0")));
            assertThat(agent.call("ADD", "web", config("")).text())
                    .contains("has an interface eth0 already");
        }
        assertThat(agent.leases()).isEmpty();
    }
}
