package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.agent.ListeningPorts.Port;
import io.weft.model.Protocol;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import org.junit.jupiter.api.Test;

class ListeningPortsTest {
    private static final long SELF = ProcessHandle.current().pid();

    @Test
    void seesWhoListensInEitherFamily() throws IOException {
        InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
        try (ServerSocketChannel tcp4 =
                        ServerSocketChannel.open(StandardProtocolFamily.INET)
                                .bind(new InetSocketAddress(loopback, 0));
                ServerSocket tcp6 = new ServerSocket(0, 1, InetAddress.ofLiteral("::1"));
                DatagramChannel udp4 =
                        DatagramChannel.open(StandardProtocolFamily.INET)
                                .bind(new InetSocketAddress(loopback, 0));
                DatagramSocket udp6 = new DatagramSocket(0, InetAddress.ofLiteral("::1"))) {
            int tcp4Port = ((InetSocketAddress) tcp4.getLocalAddress()).getPort();
            int udp4Port = ((InetSocketAddress) udp4.getLocalAddress()).getPort();

            assertThat(ListeningPorts.of(SELF))
                    .contains(
                            new Port(Protocol.TCP, tcp4Port),
                            new Port(Protocol.TCP, tcp6.getLocalPort()),
                            new Port(Protocol.UDP, udp4Port),
                            new Port(Protocol.UDP, udp6.getLocalPort()))
                    .doesNotContain(new Port(Protocol.TCP, udp6.getLocalPort()));
        }
    }

    @Test
    void doesNotTakeAClientForAServer() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
            assertThat(ListeningPorts.of(SELF))
                    .contains(new Port(Protocol.TCP, server.getLocalPort()))
                    .doesNotContain(new Port(Protocol.TCP, client.getLocalPort()));
        }
    }

    @Test
    void seesNothingOfAProcessThatHasEnded() throws Exception {
        Process ended = new ProcessBuilder("/bin/true").start();
        ended.waitFor();

        assertThat(ListeningPorts.of(ended.pid())).isEmpty();
    }
}
