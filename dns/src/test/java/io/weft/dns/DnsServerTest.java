package io.weft.dns;

import static io.weft.dns.Objects.endpoint;
import static io.weft.dns.Objects.headless;
import static io.weft.dns.Objects.ips;
import static io.weft.dns.Objects.service;
import static io.weft.dns.Objects.slice;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Delta;
import io.weft.model.EndpointSlice;
import io.weft.model.Snapshot;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;

/** What a client sees on its socket. */
class DnsServerTest {
    /** So many addresses fill 64 KiB. */
    private static final int MANY = 4000;

    private static final Snapshot WORLD =
            Snapshot.of(
                    List.of(
                            service("shop", "web", ips("10.96.0.1")),
                            headless("shop", "many"),
                            slice(
                                    "shop",
                                    "many-1",
                                    "many",
                                    IntStream.range(0, MANY)
                                            .mapToObj(i ->
                                                    endpoint(
                                                            "10.9." + i / 256 + "." + i % 256,
                                                            true,
                                                            ""))
                                            .toArray(EndpointSlice.Endpoint[]::new))));
    private static final ClusterZone ZONE = ClusterZone.of(ZoneSettings.DEFAULT, WORLD);
    private static final String WEB = "web.shop.svc.cluster.local";
    private static final String LARGE = "many.shop.svc.cluster.local";

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = new TestServer(ZONE);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void answersOverUdpAndTcp() throws IOException {
        SimpleResolver tcp = server.resolver();
        tcp.setTCP(true);

        assertThat(Client.answer(server.ask(WEB, "A"))).isEqualTo("10.96.0.1");
        assertThat(Client.answer(tcp.send(Client.question(WEB, "A")))).isEqualTo("10.96.0.1");
    }

    @Test
    void aNewZoneAnswersAtOnce() throws IOException {
        try (TestServer own = new TestServer(ZONE)) {
            Delta delta = Delta.put(List.of(service("shop", "new", ips("10.96.0.7"))));
            own.server.publish(WORLD.apply(delta), delta);
            assertThat(Client.answer(own.ask("new.shop.svc.cluster.local", "A")))
                    .isEqualTo("10.96.0.7");
        }
    }

    /** The resolver asks over TCP when the answer over UDP was cut. */
    @Test
    void largeAnswersComeOverTcp() throws IOException {
        Message answer = server.ask(LARGE, "A");

        assertThat(Client.data(answer)).doesNotHaveDuplicates().hasSize(MANY);
        assertThat(answer.toWire(65_535).length).isGreaterThan(64_000);
    }

    @ParameterizedTest
    @CsvSource({"0, 512", "512, 512", "1000, 1000", "1232, 1232", "4096, 1232", "100, 512"})
    void cutsWhatIsLargerThanTheClientTakes(int payload, int most) throws IOException {
        Message question = Client.question(LARGE, "A");
        if (payload > 0) {
            question.addRecord(new OPTRecord(payload, 0, 0), Section.ADDITIONAL);
        }
        byte[] bytes = server.exchange(question.toWire());
        Message answer = new Message(bytes);

        assertThat(bytes).hasSizeBetween(most - 16, most); // one more address has no room
        assertThat(answer.getHeader().getFlag(Flags.TC)).isTrue();
        assertThat(Client.data(answer)).hasSizeGreaterThan(20);
        assertThat(answer.getOPT() != null).isEqualTo(payload > 0);
    }

    @Test
    void knowsNoLaterEdns() throws IOException {
        Message question = Client.question(WEB, "A");
        question.addRecord(new OPTRecord(1232, 0, 1), Section.ADDITIONAL);

        Message answer = new Message(server.exchange(question.toWire()));

        assertThat(answer.getRcode()).isEqualTo(Rcode.BADVERS);
        assertThat(answer.getOPT().getVersion()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "no question,           1234 0100 0000 0000 0000 0000,            1234 8101",
        "a name that is cut,    1234 0100 0001 0000 0000 0000 03 7765,    1234 8101",
        "a compressed question, 1234 0100 0001 0000 0000 0000 c00c 0001 0001, 1234 8101",
        "a label of 64 bytes,   1234 0100 0001 0000 0000 0000 40 00,      1234 8101",
        "an OPT that is cut, 1234 0100 0001 0000 0000 0001 00 0001 0001 00 0029, 1234 8101",
        "opcode UPDATE,         1234 2800 0001 0000 0000 0000 00 0006 0001, 1234 a804",
        "class CH,              1234 0100 0001 0000 0000 0000 00 0010 0003, 1234 8105",
        "a transfer,            1234 0100 0001 0000 0000 0000 00 00fc 0001, 1234 8105",
    })
    void saysNoToWhatIsNoQuestion(String what, String packet, String start) throws IOException {
        byte[] answer = server.exchange(HexFormat.of().parseHex(packet.replace(" ", "")));

        assertThat(HexFormat.of().formatHex(answer, 0, 4))
                .as(what)
                .isEqualTo(start.replace(" ", ""));
    }

    @Test
    void doesNotAnswerAnswers() {
        byte[] answer = Client.ask(ZONE, WEB, "A").toWire();
        int length =
                new Responder(new Counters(), Forwarder.none())
                        .respond(ZONE, answer, answer.length, new byte[512], 512, false);

        assertThat(length).isEqualTo(Responder.SILENCE);
    }

    @Test
    void questionsMayFollowOneAnotherOnAConnection() throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(server.address());
            for (int i = 0; i < 100; i++) {
                Message question = Client.question(WEB, "A");
                question.getHeader().setID(i);
                byte[] bytes = question.toWire();
                byte[] framed = new byte[2 + bytes.length];
                framed[1] = (byte) bytes.length;
                System.arraycopy(bytes, 0, framed, 2, bytes.length);
                socket.getOutputStream().write(framed);
            }
            DataInputStream in = new DataInputStream(socket.getInputStream());
            for (int i = 0; i < 100; i++) {
                byte[] bytes = new byte[in.readUnsignedShort()];
                in.readFully(bytes);
                Message answer = new Message(bytes);
                assertThat(answer.getHeader().getID()).isEqualTo(i);
                assertThat(Client.answer(answer)).isEqualTo("10.96.0.1");
            }
        }
    }

    @Test
    void closesConnectionsThatSayNothing() throws IOException {
        DnsServer.Limits limits = new DnsServer.Limits(1, 4, 1, Duration.ofMillis(20));
        try (TestServer own = new TestServer(ZONE, Forwarder.none(), limits);
                Socket silent = new Socket();
                Socket slow = new Socket()) {
            silent.connect(own.address());
            slow.connect(own.address());
            slow.getOutputStream().write(0); // half of a length
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
            assertThat(slow.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void closesConnectionsBeyondItsLimit() throws IOException {
        DnsServer.Limits limits = new DnsServer.Limits(1, 1, 1, Duration.ofMinutes(1));
        try (TestServer own = new TestServer(ZONE, Forwarder.none(), limits);
                Socket first = new Socket();
                Socket second = new Socket()) {
            first.connect(own.address());
            second.connect(own.address()); // taken in order
            assertThat(second.getInputStream().read()).isEqualTo(-1);
            assertThat(own.server.counts().connectionsRefused()).isEqualTo(1);
        }
    }

    @Test
    void countsWhatItAnswers() throws IOException {
        try (TestServer own = new TestServer(ZONE)) {
            own.ask(WEB, "A");
            own.ask("nope." + WEB, "A");
            own.ask("example.com", "A");
            own.exchange(new byte[12]);

            DnsCounts counts = own.server.counts();
            assertThat(counts.answers())
                    .containsOnlyKeys("NOERROR", "NXDOMAIN", "REFUSED", "FORMERR")
                    .allSatisfy((rcode, count) -> assertThat(count).isEqualTo(1));
            assertThat(counts.queries()).isEqualTo(4);
            assertThat(counts.malformed()).isEqualTo(1);
            assertThat(counts.dropped()).isZero();
            assertThat(counts.bugs()).isZero();
        }
    }
}
