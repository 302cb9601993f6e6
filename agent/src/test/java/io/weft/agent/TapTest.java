package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.Fd;
import io.weft.kernel.KernelException;
import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import io.weft.model.Mac;
import io.weft.netlink.BpfFilter;
import io.weft.netlink.Link;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Virtual machines behind taps, whose frames go through the taps' descriptors. */
@KernelTest
@Timeout(120)
@SuppressWarnings("NullAway.Init") // start()
class TapTest {
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

    private static String config(String more) {
        return TestAgent.config(", \"interface\": \"tap\"" + more);
    }

    private TestAgent.Answer add(String container, String more) {
        agent.namespace(container);
        String labels = ", \"labels\": {\"app\": \"" + container + "\"}";
        TestAgent.Answer answer = agent.call("ADD", container, config(labels + more));
        assertThat(answer.exitCode()).as("ADD %s: %s", container, answer.json()).isZero();
        return answer;
    }

    private static List<Ip> ips(TestAgent.Answer answer) {
        return answer.ips().stream().map(Ip::parse).toList();
    }

    /** {@return the second interface of a result, which is the container's} */
    private static Map<String, Object> tap(TestAgent.Answer answer) {
        Map<String, Object> tap = new HashMap<>();
        if (answer.json().get("interfaces") instanceof List<?> interfaces
                && interfaces.get(1) instanceof Map<?, ?> second) {
            second.forEach((key, value) -> tap.put(String.valueOf(key), value));
        }
        return tap;
    }

    /**
     * A machine whose process is in the container's namespace; its guest is called {@code
     * NAME-guest}.
     */
    private TestMachine boot(String container, TestAgent.Answer answer, int flags) {
        try (NetNs outer = NetNs.open(agent.namespace(container));
                NetNs guest = NetNs.open(agent.namespace(container + "-guest"))) {
            return new TestMachine(
                    outer,
                    "eth0",
                    flags,
                    guest,
                    Mac.parse(String.valueOf(tap(answer).get("mac"))),
                    ips(answer),
                    List.of(agent.agent.node().gateway(true), agent.agent.node().gateway(false)));
        }
    }

    private Optional<Link> inside(String container, String name) {
        try (NetNs namespace = NetNs.open(agent.namespace(container));
                Netlink inside = Netlink.open(namespace)) {
            return inside.links().get(name);
        }
    }

    @Test
    void aMachineReachesOthersAndIsReachedAsPolicySays() {
        TestAgent.Answer web = add("web", "");
        TestAgent.Answer front = add("front", "");
        TestAgent.Answer other = add("other", "");
        List<Ip> pod = ips(agent.add("pod", "\"app\": \"front\""));
        try (TestMachine _ = boot("web", web, 0);
                TestMachine _ = boot("front", front, 0);
                TestMachine _ = boot("other", other, 0);
                Echo _ = agent.serve("web-guest");
                Echo _ = agent.serve("pod")) {
            for (Ip ip : ips(web)) {
                assertThat(agent.reaches("other-guest", ip)).as("%s, no policy yet", ip).isTrue();
            }
            agent.apply(ONLY_FROM_FRONT);
            for (Ip ip : ips(web)) {
                assertThat(agent.reaches("front-guest", ip)).as("front to %s", ip).isTrue();
                assertThat(agent.reaches("pod", ip)).as("a container to %s", ip).isTrue();
                assertThat(agent.reaches("other-guest", ip)).as("other to %s", ip).isFalse();
                assertThat(TestAgent.connects(agent.host, ip)).as("the node to %s", ip).isTrue();
            }
            for (Ip ip : pod) {
                assertThat(agent.reaches("web-guest", ip)).as("to the container %s", ip).isTrue();
            }
        }
    }

    @Test
    void theNextProcessTakesOver() {
        TestAgent.Answer web = add("web", "");
        agent.add("front", "\"app\": \"front\"");
        agent.add("other", "\"app\": \"other\"");
        agent.apply(ONLY_FROM_FRONT);
        try (TestMachine _ = boot("web", web, 0);
                Echo _ = agent.serve("web-guest")) {
            agent.restart();
            for (Ip ip : ips(web)) {
                assertThat(agent.reaches("front", ip)).as("front to %s", ip).isTrue();
                assertThat(agent.reaches("other", ip)).as("other to %s", ip).isFalse();
            }
        }
        assertThat(agent.call("CHECK", "web", config("")).exitCode()).isZero();
    }

    @Test
    void theResultNamesTheTapAndTheNamespaceHasNoAddress() {
        TestAgent.Answer answer =
                add("web", ", \"mtu\": 1400, \"runtimeConfig\": {\"mac\": \"0a:58:0a:00:00:07\"}");
        String pair = agent.links().getFirst();
        assertThat(tap(answer))
                .containsEntry("name", "eth0")
                .containsEntry("mac", "0a:58:0a:00:00:07")
                .containsEntry("mtu", 1400)
                .containsEntry("sandbox", agent.namespace("web").toString());
        assertThat(String.valueOf(answer.json().get("interfaces")))
                .containsSubsequence("name=" + pair, "name=eth0", "name=" + pair);
        Link tap = inside("web", "eth0").orElseThrow();
        assertThat(tap.kind()).isEqualTo("tun");
        assertThat(tap.mtu()).isEqualTo(1400);
        assertThat(tap.up()).isTrue();
        try (NetNs namespace = NetNs.open(agent.namespace("web"));
                Netlink inside = Netlink.open(namespace)) {
            assertThat(inside.addresses().list()).isEmpty();
        }
        assertThat(agent.call("CHECK", "web", config("")).exitCode()).isZero();
    }

    @Test
    void deleteTakesTheTapAwayAndTheNamespaceIsFreeAgain() {
        TestAgent.Answer web = add("web", "");
        try (TestMachine _ = boot("web", web, 0)) { // also while it is open
            assertThat(agent.call("DEL", "web", config("")).exitCode()).isZero();
            assertThat(inside("web", "eth0")).isEmpty();
        }
        add("web", "");
        assertThat(agent.call("DEL", "web", Map.of("CNI_NETNS", ""), "").exitCode())
                .as("without config and namespace")
                .isZero();
        assertThat(inside("web", "eth0")).isEmpty();
        add("web", "");
        assertThat(agent.call("GC", "web", config("")).exitCode()).isZero();
        assertThat(inside("web", "eth0")).isEmpty();
        TestNode.until("the links go", () -> agent.links().isEmpty());
        add("web", "");
        agent.agent.close();
        Agent.remove(agent.settings, true);
        assertThat(inside("web", "eth0")).isEmpty();
        agent.agent = Agent.start(agent.settings, "weft test");
    }

    @Test
    void aTapThatIsSomebodyElsesStays() {
        add("web", "");
        try (NetNs namespace = NetNs.open(agent.namespace("web"));
                Netlink inside = Netlink.open(namespace)) {
            inside.links().delete("eth0");
            inside.links().create(new LinkSpec.Tap(LinkSettings.named("eth0"), false, false));
        }
        assertThat(agent.call("DEL", "web", config("")).exitCode()).isZero();
        assertThat(inside("web", "eth0")).isPresent();
        TestAgent.Answer again = agent.call("ADD", "web", config(""));
        assertThat(again.code()).isEqualTo(7);
        assertThat(again.text()).contains("has an interface eth0 already");
        assertThat(agent.leases()).isEmpty();
    }

    @Test
    void aFailedAddLeavesNothing() {
        agent.namespace("web");
        TestAgent.Answer tooLarge = agent.call("ADD", "web", config(", \"mtu\": 65535"));
        assertThat(tooLarge.exitCode()).isOne(); // more than a tap can have, and a pair can
        assertThat(tooLarge.text()).contains("mtu");
        assertThat(inside("web", "eth0")).isEmpty();
        assertThat(agent.links()).isEmpty();
        assertThat(agent.leases()).isEmpty();
    }

    @Test
    void checkFindsWhatIsMissing() {
        add("web", "");
        String pair = agent.links().getFirst();
        try (NetNs namespace = NetNs.open(agent.namespace("web"));
                Netlink inside = Netlink.open(namespace)) {
            int end = inside.links().require(pair).index();
            inside.traffic().detach(end, BpfFilter.Direction.INGRESS, 1, 1);
            assertThat(agent.call("CHECK", "web", config("")).text())
                    .contains(pair + " of the container has no program that joins it");
            inside.links().setDown(end);
            assertThat(agent.call("CHECK", "web", config("")).text())
                    .contains("the end of the pair beside eth0 is gone or down");
            inside.links().delete("eth0");
            assertThat(agent.call("CHECK", "web", config("")).text())
                    .contains("interface eth0 of the container is gone");
        }
    }

    @Test
    void severalInterfacesOfOneContainerAreJoinedEachToItsOwn() {
        agent.add("web", "");
        for (String name : List.of("net1", "net2", "net3")) {
            TestAgent.Answer answer =
                    agent.call("ADD", "web", Map.of("CNI_IFNAME", name), config(""));
            assertThat(answer.exitCode()).as("%s", answer.json()).isZero();
        }
        for (String name : List.of("net1", "net2", "net3")) {
            assertThat(
                            agent.call("CHECK", "web", Map.of("CNI_IFNAME", name), config(""))
                                    .exitCode())
                    .isZero();
        }
    }

    @Test
    void aTapMayHaveSeveralQueues() {
        TestAgent.Answer web = add("web", ", \"multiQueue\": true");
        agent.add("front", "");
        try (NetNs namespace = NetNs.open(agent.namespace("web"))) {
            assertThatThrownBy(() -> TestMachine.open(namespace, "eth0", 0).close())
                    .isInstanceOf(KernelException.class);
            try (Fd one = TestMachine.open(namespace, "eth0", TestMachine.multiQueue());
                    Fd two = TestMachine.open(namespace, "eth0", TestMachine.multiQueue())) {
                assertThat(one.number()).isNotEqualTo(two.number());
            }
        }
        try (TestMachine _ = boot("web", web, TestMachine.multiQueue());
                Echo _ = agent.serve("web-guest")) {
            ips(web).forEach(ip -> assertThat(agent.reaches("front", ip)).isTrue());
        }
    }

    @Test
    void wrongKeysAreRefused() {
        agent.namespace("web");
        TestAgent.Answer answer =
                agent.call(
                        "ADD", "web", config(", \"owner\": -1, \"selinuxContext\": \"a:b:c:d\""));
        assertThat(answer.code()).isEqualTo(7);
        assertThat(answer.text())
                .contains("owner: -1: must be a whole number from 0 to 4294967294")
                .contains("selinuxContext: must be absent");
    }
}
