package io.weft.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.weft.kernel.testing.KernelTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The reading side: whatever arrives, only values or {@link NetlinkException} come out. */
@KernelTest
class ReplyTest {
    private static final List<Function<Reply, Object>> PARSERS =
            List.of(
                    LinkMessages::parse,
                    Addresses::parse,
                    Routes::parse,
                    Neighbours::parse,
                    Neighbours::parseForwarding,
                    Rules::parse,
                    TrafficMessages::parseQdisc,
                    TrafficMessages::parseClass,
                    r -> TrafficMessages.parseFilter(r, BpfFilter.Direction.INGRESS),
                    r -> SocketMessages.parse(r, SocketInfo.Protocol.UDP),
                    r -> NetlinkException.of(LinkMessages.delete("x"), r));
    private static final int[] TYPES = {2, 3, 16, 20, 24, 28, 32, 36, 40, 44};

    /** Runs every parser over a datagram. {@return how many times one made sense of a message} */
    private static int parseAll(byte[] datagram) {
        int understood = 0;
        List<Reply> replies;
        try {
            replies = Reply.split(datagram);
        } catch (NetlinkException malformed) {
            return 0;
        }
        for (Reply reply : replies) {
            for (Function<Reply, Object> parser : PARSERS) {
                try {
                    understood += parser.apply(reply).equals(Optional.empty()) ? 0 : 1;
                } catch (NetlinkException malformed) {
                    assertThat(malformed).hasMessageContaining("EBADMSG");
                }
            }
        }
        return understood;
    }

    /** {@return real answers of this kernel: every kind of message that is parsed} */
    private static List<byte[]> realDatagrams() {
        try (TestNet net = new TestNet()) {
            int link = net.veth("v0", "v1").index();
            net.netlink
                    .batch()
                    .change(link, new LinkChange.Up(true), new LinkChange.Alias("fuzz"))
                    .addClsact(link)
                    .add(LinkAddress.of(link, Cidr.parse("10.0.0.1/24")))
                    .add(
                            Route.to(Cidr.parse("10.9.0.0/16"))
                                    .via(Address.parse("10.0.0.2"))
                                    .mtu(1400)
                                    .build())
                    .add(
                            Neighbour.permanent(
                                    link, Address.parse("10.0.0.2"), new HardwareAddress(42)))
                    .add(Rule.lookup4(9, 9).from(Cidr.parse("10.0.0.0/8")))
                    .send();
            net.netlink.traffic().setTbf(link, 1_000_000, 32_000, 64_000);
            List<byte[]> raw = new ArrayList<>();
            try (NetlinkSocket socket = net.namespace.call(() -> NetlinkSocket.open())) {
                for (Request request :
                        List.of(
                                LinkMessages.list(),
                                TrafficMessages.listQdiscs(link),
                                dump(22, 8),
                                dump(26, 12),
                                dump(30, 12),
                                dump(34, 12))) {
                    raw.addAll(socket.dump(request, reply -> Optional.of(reply.copy())));
                }
            }
            return raw;
        }
    }

    /** {@return answers of sock_diag: a socket of each family} */
    private static List<byte[]> realSockets() {
        try (TestNet net = new TestNet();
                TestSockets sockets = new TestSockets(net.namespace);
                NetlinkSocket diag =
                        NetlinkSocket.open(net.namespace, NetlinkSocket.Bus.SOCK_DIAG)) {
            sockets.sharedUdp("127.0.0.1", 7000);
            sockets.sharedUdp("::", 7001);
            List<byte[]> raw = new ArrayList<>();
            for (int family : new int[] {Family.V4, Family.V6}) {
                Request list =
                        SocketMessages.list(family, SocketInfo.Protocol.UDP, SocketFilter.ALL);
                raw.addAll(diag.dump(list, reply -> Optional.of(reply.copy())));
            }
            return raw;
        }
    }

    private static Request dump(int type, int header) {
        MessageWriter writer = new MessageWriter(type, Request.DUMP);
        for (int i = 0; i < header; i++) {
            writer.u8(0);
        }
        return writer.finish("dump " + type);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void survivesRandomBytes(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 5_000; i++) {
            byte[] datagram = new byte[16 + random.nextInt(200)];
            random.nextBytes(datagram);
            Bytes.put32(datagram, 0, datagram.length);
            Bytes.put16(datagram, 4, TYPES[random.nextInt(TYPES.length)]);
            int at = datagram.length; // so that some bytes get past the checks of lengths
            if (random.nextBoolean() && at > 48) {
                Bytes.put16(datagram, 32, 4 + random.nextInt(at - 32));
            }
            byte[] input = datagram;
            assertThat(catchThrowable(() -> parseAll(input))).as("seed %d", seed).isNull();
        }
    }

    @Test
    void survivesTruncatedAndDamagedAnswersOfTheKernel() {
        List<byte[]> real = realDatagrams();
        assertThat(real.size()).isGreaterThan(15);
        for (int type : new int[] {16, 20, 24, 28, 32, 36}) {
            assertThat(
                            real.stream()
                                    .filter(raw -> Bytes.u16(raw, 4) == type)
                                    .mapToInt(ReplyTest::parseAll))
                    .as("message type %d", type)
                    .anyMatch(understood -> understood > 0);
        }
        damage(real, 4);
    }

    @Test
    void survivesTruncatedAndDamagedSockets() {
        List<byte[]> real = realSockets();
        assertThat(real).hasSize(2);
        assertThat(real)
                .extracting(raw ->
                        SocketMessages.parse(Reply.split(raw).getFirst(), SocketInfo.Protocol.UDP)
                                .orElseThrow()
                                .toString())
                .containsExactly(
                        "udp socket 127.0.0.1:7000 to 0.0.0.0:0 (CLOSE)",
                        "udp socket [::]:7001 to [::]:0 (CLOSE)");
        damage(real, 5);
    }

    private static void damage(List<byte[]> real, long seed) {
        Random random = new Random(seed);
        for (byte[] raw : real) {
            for (int length = 0; length < raw.length; length++) {
                byte[] cut = Arrays.copyOf(raw, length);
                assertThat(parseAll(cut)).as("cut to %d", length).isZero();
                if (length >= MessageWriter.HEADER) {
                    Bytes.put32(cut, 0, length); // a message that ends early
                    parseAll(cut);
                }
                byte[] damaged = raw.clone();
                for (int i = 0; i < 4; i++) {
                    int at =
                            MessageWriter.HEADER
                                    + random.nextInt(raw.length - MessageWriter.HEADER);
                    damaged[at] = (byte) random.nextInt();
                }
                parseAll(damaged);
            }
        }
    }

    @Test
    void saysWhatIsWrong() {
        byte[] datagram = new byte[20];
        Bytes.put32(datagram, 0, 21);
        assertThatThrownBy(() -> Reply.split(datagram))
                .isInstanceOf(NetlinkException.class)
                .hasMessageContaining("malformed: message at 0 of length 21, 20 left");

        byte[] attribute = new byte[8];
        Bytes.put16(attribute, 0, 9);
        assertThatThrownBy(() -> Attributes.of(attribute, 0, 8))
                .hasMessageContaining("attribute at 0 of length 9, 8 left");

        Bytes.put16(attribute, 0, 6);
        Bytes.put16(attribute, 2, Attr.IFLA_MTU.type());
        assertThatThrownBy(() -> Attributes.of(attribute, 0, 8).u32(Attr.IFLA_MTU, 0))
                .hasMessageContaining("IFLA_MTU has 2 bytes, at least 4 expected");
    }
}
