package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.kernel.testing.KernelTest;
import io.weft.netlink.Cidr;
import io.weft.netlink.LinkAddress;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Containers in the node's own namespace. */
@KernelTest
@Timeout(120)
@SuppressWarnings("NullAway.Init") // each test
class HostInterfaceTest {
    @TempDir private Path temporary;
    private TestAgent agent;

    @AfterEach
    void end() {
        agent.close();
    }

    private static String config(String more) {
        return TestAgent.config(", \"interface\": \"host\"" + more);
    }

    @Test
    void theResultListsTheNodesInterfacesAndNothingIsMade() {
        agent = TestAgent.start(temporary);
        try (Netlink host = Netlink.open(agent.host)) {
            int link =
                    host.links()
                            .create(new LinkSpec.Bridge(LinkSettings.named("up0").up(true)))
                            .index();
            host.addresses().add(LinkAddress.of(link, Cidr.parse("192.0.2.9/24")));
        }
        agent.namespace("web");
        TestAgent.Answer answer = agent.call("ADD", "web", config(""));
        assertThat(answer.exitCode()).as("%s", answer.json()).isZero();
        assertThat(answer.ips()).containsExactly("192.0.2.9");
        assertThat(String.valueOf(answer.json().get("interfaces"))).contains("name=up0");
        assertThat(agent.links()).isEmpty();
        assertThat(agent.leases()).isEmpty();
        assertThat(agent.agent.node().state().endpoints()).isEmpty();
        assertThat(agent.call("CHECK", "web", config("")).exitCode()).isZero();
        agent.restart();
        assertThat(agent.call("CHECK", "web", config("")).exitCode()).isZero();
        assertThat(agent.call("ADD", "web", config("")).code()).as("again").isEqualTo(101);
        assertThat(agent.call("DEL", "web", config("")).exitCode()).isZero();
        assertThat(agent.call("CHECK", "web", config("")).code()).isEqualTo(3);
        assertThat(agent.call("DEL", "web", config("")).exitCode()).isZero();
    }

    @Test
    void whatTheNodesNamespaceCannotHaveIsRefused() {
        agent = TestAgent.start(temporary);
        agent.namespace("web");
        assertThat(agent.call("ADD", "web", config(", \"mtu\": 1400")).text())
                .contains("mtu: must be absent with interface host");
        String ports =
                ", \"runtimeConfig\": {\"portMappings\": [{\"hostPort\": 80, \"containerPort\": 80,"
                        + " \"protocol\": \"tcp\"}]}";
        assertThat(agent.call("ADD", "web", config(ports)).text())
                .contains("portMappings and bandwidth must be absent with interface host");
    }
}
