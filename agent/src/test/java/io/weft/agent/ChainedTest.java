package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.netlink.BpfFilter;
import io.weft.netlink.HardwareAddress;
import io.weft.netlink.Link;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Neighbour;
import io.weft.netlink.Netlink;
import io.weft.netlink.Traffic;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weft behind a plugin that makes the interface: policy is Weft's, the rest is not touched. */
@KernelTest
@Timeout(120)
@SuppressWarnings("NullAway.Init") // start()
class ChainedTest {
    private static final String ONLY_FROM_FRONT =
            """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: only-front}
            spec:
              podSelector: {matchLabels: {app: web}}
              ingress: [{from: [{podSelector: {matchLabels: {app: front}}}]}]
            """;

    private static final String PTP = "";
    private static final String BRIDGE =
            "\"bridge\": \"cni0\", \"isGateway\": true, \"hairpinMode\": true,";

    @TempDir private Path temporary;
    private TestAgent agent;
    private ReferencePlugin plugin;
    private final Map<String, Map<String, Object>> results = new HashMap<>();

    @AfterEach
    void end() {
        agent.close();
    }

    private void start(String type) {
        agent = TestAgent.start(temporary);
        assumeTrue(
                ReferencePlugin.isInstalled(type),
                "skipped: " + ReferencePlugin.DIRECTORY.resolve(type) + " is not installed");
        plugin =
                ReferencePlugin.of(
                        agent.host,
                        type,
                        type.equals("bridge") ? BRIDGE : PTP,
                        temporary.resolve("leases"));
    }

    /** What the first plugin of the chain does. */
    private Map<String, Object> make(String container) {
        Map<String, Object> result = plugin.call("ADD", container, agent.namespace(container));
        results.put(container, result);
        return result;
    }

    private String config(String container, String more) {
        Map<String, Object> prev = new LinkedHashMap<>(results.get(container));
        return TestAgent.config(", \"prevResult\": " + ReferencePlugin.text(prev) + more);
    }

    private TestAgent.Answer follow(String container) {
        return agent.call(
                "ADD",
                container,
                config(container, ", \"labels\": {\"app\": \"" + container + "\"}"));
    }

    /** {@return addresses: IPv4, IPv6} */
    private List<Ip> add(String container) {
        make(container);
        TestAgent.Answer answer = follow(container);
        assertThat(answer.exitCode()).as("ADD %s: %s", container, answer.json()).isZero();
        return answer.ips().stream().map(Ip::parse).toList();
    }

    private void delete(String container) {
        assertThat(agent.call("DEL", container, config(container, "")).exitCode()).isZero();
        plugin.call("DEL", container, agent.namespace(container));
    }

    /** {@return the node's end of a pair that another plugin made} */
    private Link hostEnd(String container) {
        try (NetNs namespace = NetNs.open(agent.namespace(container));
                Netlink inside = Netlink.open(namespace);
                Netlink host = Netlink.open(agent.host)) {
            return host.links().get(inside.links().require("eth0").peer()).orElseThrow();
        }
    }

    private List<String> filters(int ifindex) {
        try (Netlink host = Netlink.open(agent.host)) {
            return List.of(BpfFilter.Direction.values()).stream()
                    .flatMap(d -> host.traffic().filters(ifindex, d).stream())
                    .map(BpfFilter.Attached::name)
                    .toList();
        }
    }

    private boolean hasClsact(int ifindex) {
        try (Netlink host = Netlink.open(agent.host)) {
            return host.traffic().qdiscs(ifindex).stream()
                    .anyMatch(qdisc -> qdisc.parent() == Traffic.CLSACT);
        }
    }

    @ParameterizedTest
    @CsvSource({"ptp", "bridge"})
    void trafficPassesAsPolicySays(String type) {
        start(type);
        List<Ip> web = add("web");
        add("front");
        add("other");
        List<String> mixed = agent.add("mine", "\"app\": \"front\"").ips();
        assertThat(web).hasSize(2);
        assertThat(mixed).hasSize(2);
        try (Echo _ = agent.serve("web");
                Echo _ = agent.serve("mine")) {
            for (Ip ip : web) {
                assertThat(agent.reaches("front", ip)).as("front to %s", ip).isTrue();
                assertThat(agent.reaches("other", ip))
                        .as("other to %s, no policy yet", ip)
                        .isTrue();
                assertThat(agent.reaches("mine", ip)).as("Weft's own to %s", ip).isTrue();
                TestNode.until( // the bridge's own IPv6 address is tentative at first
                        "the node reaches " + ip, () -> TestAgent.connects(agent.host, ip));
            }
            for (String ip : mixed) {
                assertThat(agent.reaches("other", Ip.parse(ip)))
                        .as("to Weft's own %s", ip)
                        .isTrue();
            }
            agent.apply(ONLY_FROM_FRONT);
            for (Ip ip : web) {
                assertThat(agent.reaches("front", ip)).as("front to %s", ip).isTrue();
                assertThat(agent.reaches("mine", ip)).as("Weft's own to %s", ip).isTrue();
                assertThat(agent.reaches("other", ip)).as("other to %s", ip).isFalse();
                agent.awaitFromNode(ip);
            }
        }
    }

    @Test
    void policyHoldsForFramesThatTheBridgeSwitches() {
        start("bridge");
        List<Ip> web = add("web");
        add("front");
        add("other");
        try (NetNs target = NetNs.open(agent.namespace("web"));
                Netlink netlink = Netlink.open(target)) {
            HardwareAddress mac = netlink.links().require("eth0").mac().orElseThrow();
            for (String from : List.of("front", "other")) {
                try (NetNs source = NetNs.open(agent.namespace(from));
                        Netlink inside = Netlink.open(source)) {
                    int link = inside.links().require("eth0").index();
                    web.forEach(ip ->
                            inside.neighbours()
                                    .replace(Neighbour.permanent(link, Wiring.address(ip), mac)));
                }
            }
        }
        try (Echo _ = agent.serve("web")) {
            web.forEach(ip -> assertThat(agent.reaches("other", ip)).as("to %s", ip).isTrue());
            agent.apply(ONLY_FROM_FRONT);
            for (Ip ip : web) {
                assertThat(agent.reaches("front", ip)).as("front to %s", ip).isTrue();
                assertThat(agent.reaches("other", ip)).as("other to %s", ip).isFalse();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"ptp", "bridge"})
    void theResultIsPassedOnAndDeleteLeavesTheInterface(String type) {
        start(type);
        Map<String, Object> before = make("web");
        TestAgent.Answer answer = follow("web");
        Map<String, Object> after = new LinkedHashMap<>(answer.json());
        after.put("cniVersion", before.get("cniVersion"));
        assertThat(after).isEqualTo(before);
        Link end = hostEnd("web");
        assertThat(filters(end.index())).hasSize(2);
        assertThat(agent.call("CHECK", "web", config("web", "")).exitCode()).isZero();

        assertThat(agent.call("DEL", "web", config("web", "")).exitCode()).isZero();
        assertThat(filters(end.index())).isEmpty();
        assertThat(hasClsact(end.index())).isFalse();
        assertThat(hostEnd("web")).isEqualTo(end);
        assertThat(agent.agent.node().datapath().workloads()).isEmpty();
        assertThat(agent.call("DEL", "web", config("web", "")).exitCode()).as("again").isZero();

        assertThat(follow("web").exitCode()).as("ADD once more").isZero();
        delete("web");
        assertThat(agent.agent.node().state().snapshot().pods()).isEmpty();
    }

    @Test
    void whatShapesTheInterfaceGoesWithDelete() {
        start("ptp");
        make("web");
        String shaped =
                ", \"runtimeConfig\": {\"bandwidth\": {\"ingressRate\": 8000000,"
                        + " \"ingressBurst\": 800000, \"egressRate\": 8000000,"
                        + " \"egressBurst\": 800000}}";
        assertThat(agent.call("ADD", "web", config("web", shaped)).exitCode()).isZero();
        int end = hostEnd("web").index();
        try (Netlink host = Netlink.open(agent.host)) {
            assertThat(kinds(host, end)).contains("tbf", "clsact");
            assertThat(agent.links()).hasSize(2);
            assertThat(agent.call("DEL", "web", config("web", "")).exitCode()).isZero();
            assertThat(kinds(host, end)).doesNotContain("tbf", "clsact");
            TestNode.until("the shaper goes", () -> agent.links().isEmpty());
        }
    }

    private static List<String> kinds(Netlink host, int link) {
        return host.traffic().qdiscs(link).stream().map(qdisc -> qdisc.kind()).toList();
    }

    @Test
    void checkFindsWhatIsMissing() {
        start("ptp");
        add("web");
        Link end = hostEnd("web");
        try (Netlink host = Netlink.open(agent.host)) {
            host.traffic().deleteClsact(end.index());
            TestAgent.Answer check = agent.call("CHECK", "web", config("web", ""));
            assertThat(check.code()).isEqualTo(102);
            assertThat(check.text())
                    .contains(end.name() + " has no program at its INGRESS")
                    .contains(end.name() + " has no program at its EGRESS");
            host.links().delete(end.index());
        }
        assertThat(agent.call("CHECK", "web", config("web", "")).text())
                .contains("interface " + end.name() + " of the node is gone");
        assertThat(agent.call("DEL", "web", config("web", "")).exitCode()).isZero();
        assertThat(agent.agent.node().datapath().workloads()).isEmpty();
    }

    @Test
    void theNextProcessTakesOver() {
        start("bridge");
        List<Ip> web = add("web");
        add("front");
        add("other");
        agent.apply(ONLY_FROM_FRONT);
        try (Echo _ = agent.serve("web")) {
            agent.agent.close();
            assertThat(agent.reaches("other", web.getFirst())).as("nobody serves").isFalse();
            agent.agent = Agent.start(agent.settings, "weft test");
            for (Ip ip : web) {
                assertThat(agent.reaches("front", ip)).isTrue();
                assertThat(agent.reaches("other", ip)).isFalse();
                agent.awaitFromNode(ip);
            }
        }
        for (String container : List.of("web", "front", "other")) {
            TestAgent.Answer check = agent.call("CHECK", container, config(container, ""));
            assertThat(check.exitCode()).as("%s", check.json()).isZero();
            delete(container);
        }
        assertThat(agent.agent.node().datapath().workloads()).isEmpty();
    }

    @Test
    void whatWentOrChangedWhileNobodyServedIsForgotten() {
        start("ptp");
        add("gone");
        add("stays");
        add("told");
        int told = hostEnd("told").index();
        agent.agent.close();
        plugin.call("DEL", "gone", agent.namespace("gone"));
        assertThat(agent.call("DEL", "told", config("told", "")).exitCode()).isZero();
        agent.agent = Agent.start(agent.settings, "weft test");
        TestNode.until("the tombstone is honoured", () -> filters(told).isEmpty());
        assertThat(agent.agent.node().state().endpoints().keySet())
                .extracting(ref -> ref.name())
                .containsExactly("stays");
        assertThat(agent.call("CHECK", "stays", config("stays", "")).exitCode()).isZero();
    }

    @Test
    void collectingGarbageAndRemovalTakeTheProgramsAway() {
        start("ptp");
        add("one");
        add("two");
        int one = hostEnd("one").index();
        int two = hostEnd("two").index();
        String valid =
                ", \"cni.dev/valid-attachments\": [{\"containerID\": \"two\", \"ifname\": \"eth0\"}]";
        assertThat(agent.call("GC", "two", TestAgent.config(valid)).exitCode()).isZero();
        assertThat(filters(one)).isEmpty();
        assertThat(filters(two)).hasSize(2);
        agent.agent.close();
        assertThat(Agent.remove(agent.settings, true)).isEqualTo(1);
        assertThat(filters(two)).isEmpty();
        assertThat(hasClsact(two)).isFalse();
        agent.agent = Agent.start(agent.settings, "weft test");
    }

    @Test
    void whatCannotBePolicedIsRefused() {
        start("ptp");
        make("web");
        assertThat(agent.call("ADD", "web", config("web", ", \"interface\": \"veth\"")).text())
                .contains("interface: must be absent behind another plugin");
        assertThat(
                        agent.call("ADD", "web", config("web", ", \"ipam\": {\"type\": \"weft\"}"))
                                .text())
                .contains("ipam: must be absent behind another plugin");
        results.put("empty", results.get("web"));
        agent.namespace("empty");
        assertThat(agent.call("ADD", "empty", config("empty", "")).text())
                .contains("prevResult: the container has no interface eth0");

        results.put("sub", results.get("web"));
        try (NetNs namespace = NetNs.open(agent.namespace("sub"));
                Netlink host = Netlink.open(agent.host)) {
            int parent =
                    host.links().create(new LinkSpec.Bridge(LinkSettings.named("br9"))).index();
            host.links()
                    .create(
                            new LinkSpec.Macvlan(
                                    LinkSettings.named("eth0").in(namespace),
                                    parent,
                                    LinkSpec.Macvlan.Mode.BRIDGE));
        }
        assertThat(agent.call("ADD", "sub", config("sub", "")).text())
                .contains("interface eth0 of the container is a macvlan: only a pair (veth)");

        agent.add("mine", "");
        results.put("mine", results.get("web"));
        assertThat(
                        agent.call(
                                        "ADD",
                                        "again",
                                        Map.of("CNI_NETNS", path("mine")),
                                        config("mine", ""))
                                .text())
                .contains("eth0 of the container is Weft's own");

        assertThat(follow("web").exitCode()).isZero();
        assertThat(
                        agent.call(
                                        "ADD",
                                        "twice",
                                        Map.of("CNI_NETNS", path("web")),
                                        config("web", ""))
                                .text())
                .contains("is under the policies of Pod default/web already");
        assertThat(filters(hostEnd("web").index())).hasSize(2);
        delete("web");
    }

    @Test
    void anInterfaceThatOnlyLooksLikeTheOtherEndIsNone() {
        start("ptp");
        make("web");
        results.put("far", results.get("web"));
        try (NetNs namespace = NetNs.open(agent.namespace("far"));
                NetNs elsewhere = NetNs.open(agent.namespace("elsewhere"));
                Netlink third = Netlink.open(elsewhere)) {
            third.links()
                    .create(
                            new LinkSpec.Veth(
                                    LinkSettings.named("end").index(hostEnd("web").index()),
                                    LinkSettings.named("eth0")
                                            .index(indexInside("web"))
                                            .in(namespace)));
        }
        assertThat(agent.call("ADD", "far", config("far", "")).text())
                .contains("the other end of interface eth0 of the container is not in the node's");
        delete("web");
    }

    private int indexInside(String container) {
        try (NetNs namespace = NetNs.open(agent.namespace(container));
                Netlink inside = Netlink.open(namespace)) {
            return inside.links().require("eth0").index();
        }
    }

    private String path(String container) {
        return agent.namespace(container).toString();
    }
}
