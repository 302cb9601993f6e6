package io.weft.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

/** All that is compared leads to the same ports of the same pod. */
@KernelTest
@Timeout(120)
class ServiceNodeTest {
    private static final int SERVICES = 5;
    private static final int CONNECTIONS = 400; // none of ten is left out, but once in 10^17 times

    static final List<Arguments> NODES =
            List.of(
                    node("weft", WeftServiceNode::create),
                    node("iptables", () -> KubeProxyNode.create(new IptablesServices())),
                    node("nftables", () -> KubeProxyNode.create(new NftablesServices())));

    private static Arguments node(String name, Supplier<ServiceNode> make) {
        return Arguments.of(name, make);
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource("NODES")
    void theLastServiceLeadsToEachPortOfThePod(String name, Supplier<ServiceNode> make)
            throws Exception {
        List<ServerSocket> listening = new ArrayList<>();
        try (ServiceNode node = make.get()) {
            assertThat(node.name()).isEqualTo(name);
            node.load(SERVICES);
            for (int i = 0; i < ServiceWorld.ENDPOINTS; i++) {
                int port = Peer.PORT + i;
                listening.add(node.server().call(() -> new ServerSocket(port, CONNECTIONS)));
            }
            assertThat(node.add(SERVICES)).isPositive();
            connect(node.client());
            assertThat(reached(listening)).hasSize(ServiceWorld.ENDPOINTS);
        } finally {
            for (ServerSocket socket : listening) {
                socket.close();
            }
        }
    }

    private static void connect(NetNs client) {
        InetSocketAddress service =
                new InetSocketAddress(
                        ServiceWorld.address(SERVICES - 1).toString(), ServiceWorld.PORT);
        for (int i = 0; i < CONNECTIONS; i++) {
            int connected =
                    client.call(() -> {
                        try (Socket socket = new Socket()) {
                            socket.connect(service, 5_000);
                            return socket.getPort();
                        }
                    });
            assertThat(connected).isEqualTo(ServiceWorld.PORT);
        }
    }

    /** {@return the ports where somebody came} */
    private static Set<Integer> reached(List<ServerSocket> listening) throws Exception {
        Set<Integer> reached = new HashSet<>();
        for (ServerSocket socket : listening) {
            socket.setSoTimeout(5_000);
            try (Socket one = socket.accept()) {
                reached.add(one.getLocalPort());
            }
        }
        return reached;
    }
}
