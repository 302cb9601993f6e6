package io.weft.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.testing.KernelTest;
import io.weft.netlink.SocketInfo.Protocol;
import io.weft.netlink.SocketInfo.State;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients as a JVM makes them: AF_INET6 sockets, whatever they talk to. */
@KernelTest
@Timeout(60)
class SocketDiagClientsTest {
    private static final String ABORTED = "Software caused connection abort";
    private TestNet net;
    private SocketDiag diag;

    @BeforeEach
    void makeNamespace() {
        net = new TestNet();
        net.netlink.links().setUp(net.netlink.links().require("lo").index());
        diag = SocketDiag.open(net.namespace);
    }

    @AfterEach
    void deleteNamespace() {
        diag.close();
        net.close();
    }

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    private DatagramChannel udpTo(String address, int port) {
        return net.namespace.call(() -> DatagramChannel.open().connect(at(address, port)));
    }

    @Test
    void endsADatagramChannel() throws IOException {
        try (DatagramChannel one = udpTo("127.0.0.1", 5353);
                DatagramChannel v6 = udpTo("::1", 5353)) {
            SocketFilter any =
                    SocketFilter.connectedTo(Protocol.UDP, Address.parse("127.0.0.1"), 5353);
            assertThat(diag.listV4(Protocol.UDP, any)).isEmpty();
            assertThat(diag.listV6(Protocol.UDP, any))
                    .extracting(SocketInfo::remote)
                    .containsExactly(Address.parse("::ffff:127.0.0.1"));

            assertThat(diag.destroyConnectedTo(Protocol.UDP, Address.parse("127.0.0.1"), 5353))
                    .isEqualTo(1);
            assertThatThrownBy(() -> one.write(ByteBuffer.allocate(1)))
                    .isInstanceOf(IOException.class)
                    .hasMessage("Destination address required");
            assertThatThrownBy(() -> one.read(ByteBuffer.allocate(1)))
                    .hasMessageContaining(ABORTED);
            assertThat(diag.destroyConnectedTo(Protocol.UDP, Address.parse("::1"), 5353))
                    .isEqualTo(1);
            assertThatThrownBy(() -> v6.read(ByteBuffer.allocate(1))).hasMessageContaining(ABORTED);
        }
    }

    /** Whether it waits already or not yet. */
    @Test
    void wakesADatagramSocketThatWaits() throws Exception {
        try (DatagramSocket client = net.namespace.call(() -> new DatagramSocket());
                ExecutorService thread = Executors.newSingleThreadExecutor()) {
            client.connect(at("127.0.0.1", 5353));
            Future<?> waiting =
                    thread.submit(() -> {
                        client.receive(new DatagramPacket(new byte[1], 1));
                        return "something";
                    });
            assertThat(diag.destroyConnectedTo(Protocol.UDP, Address.parse("127.0.0.1"), 5353))
                    .isEqualTo(1);
            assertThatThrownBy(waiting::get).hasMessageContaining(ABORTED);
        }
    }

    @Test
    void endsTcpOnBothSides() throws IOException {
        try (ServerSocketChannel server = listen("127.0.0.1");
                ServerSocketChannel other = listen("127.0.0.1");
                SocketChannel client = connect(server);
                SocketChannel accepted = server.accept();
                SocketChannel stays = connect(other);
                SocketChannel staysAccepted = other.accept()) {
            Address remote = Address.parse("127.0.0.1");
            int port = server.socket().getLocalPort();
            assertThat(
                            diag.list(
                                    Protocol.TCP,
                                    SocketFilter.connectedTo(Protocol.TCP, remote, port)))
                    .extracting(SocketInfo::localPort)
                    .containsExactly(client.socket().getLocalPort());

            assertThat(diag.destroyConnectedTo(Protocol.TCP, remote, port)).isEqualTo(1);
            assertThatThrownBy(() -> client.read(ByteBuffer.allocate(1)))
                    .hasMessageContaining(ABORTED);
            assertThatThrownBy(() -> accepted.read(ByteBuffer.allocate(1)))
                    .hasMessageContaining("Connection reset");
            assertThat(diag.destroyConnectedTo(Protocol.TCP, remote, port)).isZero();

            stays.write(ByteBuffer.wrap(new byte[] {7}));
            ByteBuffer got = ByteBuffer.allocate(1);
            assertThat(staysAccepted.read(got)).isEqualTo(1);
            assertThat(got.get(0)).isEqualTo((byte) 7);
            assertThat(diag.list(Protocol.TCP, SocketFilter.ALL))
                    .filteredOn(s -> s.state() == State.LISTEN)
                    .hasSize(2);
        }
    }

    @Test
    void endsTcpOverIpv6() throws IOException {
        try (ServerSocketChannel server = listen("::1");
                SocketChannel client = connect(server);
                SocketChannel accepted = server.accept()) {
            int port = server.socket().getLocalPort();
            assertThat(diag.destroyConnectedTo(Protocol.TCP, Address.parse("::1"), port))
                    .isEqualTo(1);
            assertThatThrownBy(() -> client.read(ByteBuffer.allocate(1)))
                    .hasMessageContaining(ABORTED);
            assertThatThrownBy(() -> accepted.read(ByteBuffer.allocate(1)))
                    .hasMessageContaining("Connection reset");
        }
    }

    private ServerSocketChannel listen(String address) {
        return net.namespace.call(() -> ServerSocketChannel.open().bind(at(address, 0)));
    }

    private SocketChannel connect(ServerSocketChannel server) {
        return net.namespace.call(() -> SocketChannel.open(server.getLocalAddress()));
    }
}
