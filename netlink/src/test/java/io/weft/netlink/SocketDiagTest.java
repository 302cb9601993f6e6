package io.weft.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.Errno;
import io.weft.kernel.Fd;
import io.weft.kernel.KernelException;
import io.weft.kernel.Linux;
import io.weft.kernel.testing.KernelTest;
import io.weft.netlink.SocketInfo.Protocol;
import io.weft.netlink.SocketInfo.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@KernelTest
class SocketDiagTest {
    private static final int BACKEND = 5353;
    private static final Address V4 = Address.parse("10.0.0.1");
    private static final Address V6 = Address.parse("fd00::1");
    private static final String MAPPED = "::ffff:10.0.0.1";

    private TestNet net;
    private TestSockets sockets;
    private SocketDiag diag;

    @BeforeEach
    void makeNamespace() {
        net = new TestNet();
        int lo = net.netlink.links().require("lo").index();
        net.netlink.links().setUp(lo);
        net.netlink
                .batch()
                .add(LinkAddress.of(lo, Cidr.parse("10.0.0.1/24")))
                .add(LinkAddress.of(lo, Cidr.parse("fd00::1/128")))
                .send();
        sockets = new TestSockets(net.namespace);
        diag = SocketDiag.open(net.namespace);
    }

    @AfterEach
    void deleteNamespace() {
        diag.close();
        sockets.close();
        net.close();
    }

    private static void assertEnded(Fd socket) {
        assertFails("ECONNABORTED", () -> TestSockets.receive(socket));
    }

    private static void assertFails(String errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        KernelException.class,
                        e -> assertThat(e.errno().symbol()).isEqualTo(errno));
    }

    private int endUdpTo(Address remote) {
        return diag.destroyConnectedTo(Protocol.UDP, remote, BACKEND);
    }

    @Test
    void describesASocket() throws IOException {
        Fd fd = sockets.sharedUdp("10.0.0.1", 7000);
        TestSockets.connect(fd, "10.0.0.1", BACKEND);
        List<SocketInfo> found = diag.list(Protocol.UDP, SocketFilter.ALL);
        assertThat(found).hasSize(1);
        SocketInfo it = found.getFirst();
        assertThat(it)
                .hasToString("udp socket 10.0.0.1:7000 to 10.0.0.1:5353 (ESTABLISHED)")
                .satisfies(s -> {
                    assertThat(s.v6()).isFalse();
                    assertThat(s.uid()).isZero();
                    assertThat(s.link()).isZero();
                    assertThat(s.cookie()).isPositive();
                });
        assertThat(Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd.number())))
                .hasToString("socket:[" + it.inode() + "]");
        assertThat(Linux.optionLong(fd, Linux.SOL_SOCKET, 57 /* SO_COOKIE */))
                .isEqualTo(it.cookie());
    }

    @Test
    void endsAConnectedUdpSocket() {
        Fd sends = sockets.udpTo("10.0.0.1", BACKEND);
        Fd receives = sockets.udpTo("10.0.0.1", BACKEND);
        assertThat(endUdpTo(V4)).isEqualTo(2);
        assertEnded(receives);
        assertThat(TestSockets.receive(receives)).isEqualTo(-Errno.EAGAIN); // told once
        assertFails("EDESTADDRREQ", () -> TestSockets.send(sends, "x"));
        assertEnded(sends);
        assertThat(endUdpTo(V4)).isZero();

        Fd backend = sockets.sharedUdp("10.0.0.1", BACKEND + 1);
        TestSockets.connect(sends, "10.0.0.1", BACKEND + 1);
        TestSockets.send(sends, "again");
        assertThat(TestSockets.receive(backend)).isEqualTo(5);
    }

    @Test
    void leavesOthersAlone() {
        sockets.sharedUdp("10.0.0.1", BACKEND); // the backend itself
        Fd otherPort = sockets.udpTo("10.0.0.1", BACKEND + 1);
        Fd otherAddress = sockets.udpTo("10.0.0.2", BACKEND);
        Fd otherFamily = sockets.udpTo("fd00::1", BACKEND);
        Fd unconnected = sockets.sharedUdp("10.0.0.1", 7000);
        Fd wildcard = sockets.sharedUdp("0.0.0.0", 7000);
        Fd mine = sockets.sharedUdp("10.0.0.1", 7000);
        TestSockets.connect(mine, "10.0.0.1", BACKEND);

        assertThat(endUdpTo(V4)).isEqualTo(1);
        assertEnded(mine);
        for (Fd fd : List.of(otherPort, otherAddress, otherFamily, unconnected, wildcard)) {
            assertThat(TestSockets.receive(fd)).isEqualTo(-Errno.EAGAIN);
        }
        try (SocketDiag elsewhere = SocketDiag.open()) {
            assertThat(elsewhere.destroyConnectedTo(Protocol.UDP, Address.parse("10.0.0.1"), 1))
                    .isZero();
        }
        assertThat(endUdpTo(V6)).isEqualTo(1);
        assertEnded(otherFamily);
    }

    /** Where sockets of either kind show up, and that an address in either form finds them. */
    @Test
    void findsIpv4InsideIpv6() {
        Fd plain = sockets.udpTo("10.0.0.1", BACKEND);
        Fd mapped = sockets.udpTo(MAPPED, BACKEND);
        SocketFilter filter = SocketFilter.connectedTo(Protocol.UDP, V4, BACKEND);
        assertThat(diag.listV4(Protocol.UDP, filter))
                .extracting(SocketInfo::remote)
                .containsExactly(V4);
        assertThat(diag.listV6(Protocol.UDP, filter))
                .extracting(SocketInfo::remote)
                .containsExactly(Address.parse(MAPPED));
        assertThat(diag.list(Protocol.UDP, filter)).hasSize(2);
        assertThat(endUdpTo(Address.parse(MAPPED))).isEqualTo(2);
        assertEnded(plain);
        assertEnded(mapped);
    }

    /** The kernel looks a UDP socket up by its two ends and finds one of these at a time. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void endsSocketsThatShareBothEnds(boolean lastConnectsFirst) {
        List<Fd> twins = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            twins.add(sockets.sharedUdp("10.0.0.1", 7000));
        }
        (lastConnectsFirst ? twins.reversed() : twins)
                .forEach(fd -> TestSockets.connect(fd, "10.0.0.1", BACKEND));
        assertThat(endUdpTo(V4)).isEqualTo(100);
        twins.forEach(SocketDiagTest::assertEnded);
    }

    @Test
    void endsAThousandInOneCall() {
        List<Fd> clients = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            clients.add(sockets.udpTo("10.0.0.1", BACKEND));
            clients.add(sockets.udpTo(MAPPED, BACKEND));
        }
        Fd other = sockets.udpTo("10.0.0.2", BACKEND);
        assertThat(endUdpTo(V4)).isEqualTo(1_000);
        clients.forEach(SocketDiagTest::assertEnded);
        assertThat(TestSockets.receive(other)).isEqualTo(-Errno.EAGAIN);
    }

    /** Same two ends, but another socket: the cookie saves it. */
    @Test
    void sparesASuccessor() {
        Fd first = sockets.sharedUdp("10.0.0.1", 7000);
        TestSockets.connect(first, "10.0.0.1", BACKEND);
        SocketFilter filter = SocketFilter.connectedTo(Protocol.UDP, V4, BACKEND);
        SocketInfo old = diag.list(Protocol.UDP, filter).getFirst();
        first.close();
        assertThat(diag.destroy(old)).isFalse();
        Fd second = sockets.sharedUdp("10.0.0.1", 7000);
        TestSockets.connect(second, "10.0.0.1", BACKEND);
        assertThat(diag.destroy(old)).isFalse();
        assertThat(TestSockets.receive(second)).isEqualTo(-Errno.EAGAIN);
        assertThat(diag.destroy(diag.list(Protocol.UDP, filter).getFirst())).isTrue();
        assertEnded(second);
    }

    @Test
    void listsByState() {
        sockets.udp(Linux.AF_INET); // not bound: no table has it
        sockets.sharedUdp("10.0.0.1", 7000);
        sockets.udpTo("fd00::1", BACKEND);
        assertThat(diag.list(Protocol.UDP, SocketFilter.ALL))
                .extracting(SocketInfo::state)
                .containsExactly(State.CLOSE, State.ESTABLISHED);
        assertThat(diag.list(Protocol.TCP, SocketFilter.ALL)).isEmpty();
    }

    @Test
    void findsNothingMissingHere() {
        Fd client = sockets.udpTo("10.0.0.1", BACKEND);
        assertThat(diag.missing(Protocol.UDP)).isEmpty();
        assertThat(diag.missing(Protocol.TCP)).isEmpty();
        assertThat(TestSockets.receive(client)).isEqualTo(-Errno.EAGAIN);
    }

    /** Says so when the kernel does not find one that is still there. */
    @Test
    void neverClaimsWhatIsNotSo() {
        sockets.udpTo("10.0.0.1", BACKEND);
        List<SocketInfo> there = diag.list(Protocol.UDP, SocketFilter.ALL);
        SocketDiag.requireGone(there, List.of(), 3);
        assertThatThrownBy(() -> SocketDiag.requireGone(there, there, 3))
                .isInstanceOf(NetlinkException.class)
                .hasMessageContaining("to 10.0.0.1:5353 (ESTABLISHED): EBUSY")
                .hasMessageContaining("3 were ended, 1 are hidden by others; try again");
    }

    /** The kernel's own refusals, got from protocols that it lists or ends less of. */
    @Test
    void saysWhatTheKernelLacks() {
        try (NetlinkSocket raw = NetlinkSocket.open(net.namespace, NetlinkSocket.Bus.SOCK_DIAG)) {
            MessageWriter mptcp = SocketMessages.destroyHeader(Family.V4, 6);
            for (int i = 0; i < 12; i++) {
                mptcp.u32(0);
            }
            mptcp.u32(Attr.INET_DIAG_REQ_PROTOCOL, 262);
            NetlinkException refused =
                    raw.exchange(List.of(mptcp.finish("destroy mptcp socket")))
                            .getFirst()
                            .failure()
                            .orElseThrow();
            assertThat(SocketDiag.explain(refused, Protocol.UDP))
                    .hasMessage(
                            "destroy mptcp socket: EOPNOTSUPP (Operation not supported); this"
                                    + " kernel cannot end sockets: it needs"
                                    + " CONFIG_INET_DIAG_DESTROY, and 4.9 or newer for udp");

            int none = 253; // RFC 3692: for experiments
            Request list =
                    SocketMessages.list(Family.V4, none, SocketFilter.ALL, "list udp sockets");
            assertThatThrownBy(() -> raw.dump(list, r -> SocketMessages.parse(r, Protocol.UDP)))
                    .isInstanceOfSatisfying(
                            NetlinkException.class,
                            e ->
                                    assertThat(SocketDiag.explain(e, Protocol.UDP))
                                            .hasMessage(
                                                    "list udp sockets: ENOENT (No such file or"
                                                            + " directory); this kernel cannot list"
                                                            + " them: it needs CONFIG_INET_DIAG and"
                                                            + " CONFIG_INET_UDP_DIAG (udp_diag)"));
        }
    }

    @Test
    void refusesNonsense() {
        assertThatThrownBy(() -> diag.destroyConnectedTo(Protocol.UDP, V4, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SocketFilter.connectedTo(Protocol.UDP, V4, 65_536))
                .isInstanceOf(IllegalArgumentException.class);
        diag.close();
        assertThatThrownBy(() -> diag.list(Protocol.UDP, SocketFilter.ALL))
                .hasMessageContaining("sock_diag socket is closed");
    }
}
