package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.netlink.Netlink;
import io.weft.netlink.Route;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Routes of containers: whose they are, and that ADD answers what is there. */
@KernelTest
@Timeout(120)
@SuppressWarnings("NullAway.Init") // start()
class InnerNetworkTest {
    private static final String BRIDGE = ", \"interface\": \"bridge\", \"bridge\": \"lan0\"";
    private static final Map<String, String> NET1 = Map.of("CNI_IFNAME", "net1");

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

    private TestAgent.Answer add(Map<String, String> variables, String more) {
        agent.namespace("web");
        TestAgent.Answer answer = agent.call("ADD", "web", variables, TestAgent.config(more));
        assertThat(answer.exitCode()).as("%s", answer.json()).isZero();
        return answer;
    }

    private TestAgent.Answer check(
            Map<String, String> variables, String more, TestAgent.Answer added) {
        return agent.call(
                "CHECK",
                "web",
                variables,
                TestAgent.config(more + ", \"prevResult\": " + ReferencePlugin.text(added.json())));
    }

    /**
     * {@return routes of the container with a gateway, IPv4 first, such as {@code via … dev eth0}}
     */
    private List<String> routes(int table) {
        try (NetNs namespace = NetNs.open(agent.namespace("web"));
                Netlink inside = Netlink.open(namespace)) {
            return inside.routes().list(table).stream()
                    .filter(route ->
                            route.nextHops().stream().anyMatch(h -> h.gateway().isPresent()))
                    .map(route ->
                            route.destination()
                                    + " over "
                                    + inside.links()
                                            .get(route.nextHops().getFirst().link())
                                            .orElseThrow()
                                            .name()
                                    + " mtu "
                                    + route.mtu()
                                    + " advmss "
                                    + route.advmss()
                                    + " metric "
                                    + route.metric())
                    .toList();
        }
    }

    private static String plain(String destination, String link) {
        int metric = destination.contains(":") ? 1024 : 0;
        return destination + " over " + link + " mtu 0 advmss 0 metric " + metric;
    }

    @Test
    void aSecondInterfaceLeavesTheRoutesOfTheFirst() {
        for (String kind : List.of("", BRIDGE)) {
            TestAgent.Answer first = add(Map.of(), "");
            TestAgent.Answer second = add(NET1, kind);
            assertThat(second.json()).doesNotContainKey("routes");
            List<String> defaults = List.of(plain("0.0.0.0/0", "eth0"), plain("::/0", "eth0"));
            assertThat(routes(Route.MAIN)).containsExactlyElementsOf(defaults);
            assertThat(check(Map.of(), "", first).text()).isEqualTo("null; null");
            assertThat(check(NET1, kind, second).text()).isEqualTo("null; null");
            assertThat(agent.call("DEL", "web", NET1, TestAgent.config("")).exitCode()).isZero();
            assertThat(routes(Route.MAIN)).containsExactlyElementsOf(defaults);
            assertThat(agent.call("DEL", "web", TestAgent.config("")).exitCode()).isZero();
            TestNode.until("the links go", () -> agent.links().isEmpty());
        }
    }

    @Test
    void routesThatAreSaidTakeTheDefaultRoutesPlaceAndLeadThroughTheNode() {
        TestAgent.Answer answer =
                add(
                        Map.of(),
                        """
                        , "ipam": {"type": "weft", "routes": [
                          {"dst": "192.0.2.7/24", "gw": "192.0.2.1", "mtu": 1400, "advmss": 1300, "priority": 50},
                          {"dst": "2001:db8::/32"}, {"dst": "198.51.100.0/24", "table": 77}]}
                        """);
        assertThat(String.valueOf(answer.json().get("routes")))
                .contains("gw=10.77.0.1", "mtu=1400", "advmss=1300", "priority=50", "table=77")
                .doesNotContain("gw=192.0.2.1", "0.0.0.0/0");
        assertThat(routes(Route.MAIN))
                .containsExactly(
                        "192.0.2.0/24 over eth0 mtu 1400 advmss 1300 metric 50",
                        plain("2001:db8::/32", "eth0"));
        assertThat(routes(77)).containsExactly(plain("198.51.100.0/24", "eth0"));
        assertThat(check(Map.of(), "", answer).exitCode()).isZero();
        try (NetNs namespace = NetNs.open(agent.namespace("web"));
                Netlink inside = Netlink.open(namespace)) {
            inside.routes().list(77).forEach(inside.routes()::delete);
        }
        assertThat(check(Map.of(), "", answer).text())
                .contains("the container has no route to 198.51.100.0/24 over eth0");
    }

    @Test
    void atABridgeTheyLeadWhereTheyAreSaidTo() {
        assumeTrue(ReferencePlugin.isInstalled("host-local"), "skipped: no host-local");
        String ipam =
                """
                , "ipam": {"type": "host-local", "dataDir": "%s", "subnet": "10.97.0.0/24",
                  "routes": [{"dst": "198.51.100.0/24", "gw": "10.97.0.9"}, {"dst": "0.0.0.0/0"}%s]}
                """;
        agent.namespace("web");
        String config = TestAgent.config(BRIDGE + ipam).replace("1.1.0", "1.0.0");
        Path leases = temporary.resolve("leases");
        TestAgent.Answer refused =
                agent.call("ADD", "web", config.formatted(leases, ", {\"dst\": \"::/0\"}"));
        assertThat(refused.code()).isEqualTo(7);
        assertThat(refused.text()).contains("routes: ::/0: the container has no address of IPv6");
        assertThat(routes(Route.MAIN)).isEmpty();

        TestAgent.Answer answer = agent.call("ADD", "web", config.formatted(leases, ""));
        assertThat(answer.exitCode()).as("%s", answer.json()).isZero();
        assertThat(String.valueOf(answer.json().get("routes")))
                .contains("dst=198.51.100.0/24", "gw=10.97.0.9", "dst=0.0.0.0/0", "gw=10.97.0.1");
        assertThat(routes(Route.MAIN))
                .containsExactlyInAnyOrder(
                        plain("198.51.100.0/24", "eth0"), plain("0.0.0.0/0", "eth0"));
    }

    @Test
    void aVirtualMachineIsToldOfThem() {
        TestAgent.Answer answer =
                add(
                        Map.of(),
                        ", \"interface\": \"tap\", \"ipam\": {\"type\": \"weft\", \"routes\":"
                                + " [{\"dst\": \"192.0.2.0/24\"}]}");
        assertThat(String.valueOf(answer.json().get("routes")))
                .contains("dst=192.0.2.0/24", "gw=10.77.0.1");
        assertThat(routes(Route.MAIN)).isEmpty();
    }

    @Test
    void wrongOnesAreRefusedByName() {
        agent.namespace("web");
        TestAgent.Answer refused =
                agent.call(
                        "ADD",
                        "web",
                        TestAgent.config(
                                ", \"ipam\": {\"type\": \"weft\", \"routes\": [{\"gw\": \"x\"}]}"));
        assertThat(refused.code()).isEqualTo(7);
        assertThat(refused.text())
                .contains("ipam.routes[0].dst: missing: must be a network like 10.0.0.0/24");
    }
}
