package io.weft.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.kernel.testing.KernelTest;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

/** Each path that is measured carries the traffic that it is measured by. */
@KernelTest
@Timeout(60)
class MeasuredPathTest {
    static final List<Arguments> PATHS =
            List.of(
                    path("bare veth", Topology::bareVeth),
                    path("weft", WeftPath::create),
                    path("bridge", Topology::bridge),
                    path("routed + iptables", Topology::routedWithIptables),
                    path("bridge + docker-like iptables", Topology::bridgeWithDockerRules),
                    path("host network", InterfaceKinds::host),
                    path("macvlan", InterfaceKinds::macvlan),
                    path("VXLAN over veth", InterfaceKinds::vxlan),
                    path("tap, user-space switch", InterfaceKinds::tap));

    private static Arguments path(String name, Supplier<MeasuredPath> make) {
        return Arguments.of(name, make);
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource("PATHS")
    void carriesRoundTripsConnectionsAndBulk(String name, Supplier<MeasuredPath> make) {
        try (MeasuredPath path = make.get();
                PeerProcess server = PeerProcess.start(path.server(), List.of("server", "0"));
                PeerProcess client =
                        PeerProcess.start(path.client(), List.of("client", "0", path.address()))) {
            assertThat(server).isNotNull();
            assertThat(path.name()).isEqualTo(name);

            assertThat(figures(client.ask("rr 20"))).hasSize(3).allMatch(n -> n > 0);
            assertThat(figures(client.ask("connect 5"))).hasSize(3).allMatch(n -> n > 0);
            assertThat(figures(client.ask("goodput 1000000"))).hasSize(1).allMatch(n -> n > 0);
        }
    }

    private static List<Long> figures(String reply) {
        return List.of(reply.split(" ", -1)).stream().map(Long::parseLong).toList();
    }
}
