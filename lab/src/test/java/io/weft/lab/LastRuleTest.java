package io.weft.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

/** Both sides of the comparison enforce the same policies. */
@KernelTest
@Timeout(60)
class LastRuleTest {
    static final List<Arguments> NODES =
            List.of(node("weft", WeftLastRule::create), node("iptables", IptablesLastRule::create));

    private static Arguments node(String name, Function<List<Integer>, LastRule> make) {
        return Arguments.of(name, make);
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource("NODES")
    void theLastPolicyLetsTheClientIn(String name, Function<List<Integer>, LastRule> make)
            throws Exception {
        try (LastRule node = make.apply(List.of(0, 3))) {
            assertThat(node.name()).isEqualTo(name);
            for (LastRule.Server server : node.servers()) {
                connect(node.client(), server, Peer.PORT);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource("NODES")
    void otherPortsAreShutWherePoliciesSelect(String name, Function<List<Integer>, LastRule> make)
            throws Exception {
        try (LastRule node = make.apply(List.of(0, 3))) {
            connect(node.client(), node.servers().getFirst(), Peer.PORT + 1);
            assertThatThrownBy(
                            () -> connect(node.client(), node.servers().getLast(), Peer.PORT + 1))
                    .as(name)
                    .isInstanceOf(Exception.class);
        }
    }

    private static void connect(NetNs client, LastRule.Server server, int port) throws Exception {
        InetSocketAddress address = new InetSocketAddress(server.address(), port);
        try (ServerSocket listening = server.namespace().call(() -> listen(address))) {
            assertThat(listening.isBound()).isTrue();
            client.call(() -> {
                try (Socket socket = new Socket()) {
                    socket.connect(address, 2_000);
                    return socket.isConnected();
                }
            });
        }
    }

    private static ServerSocket listen(InetSocketAddress address) throws java.io.IOException {
        ServerSocket listening = new ServerSocket();
        listening.bind(address);
        return listening;
    }
}
