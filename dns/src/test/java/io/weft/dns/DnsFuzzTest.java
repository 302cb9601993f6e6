package io.weft.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Snapshot;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Section;

/** Any bytes are answered with DNS, or not at all; and the server goes on. */
class DnsFuzzTest {
    private static final ClusterZone ZONE =
            ClusterZone.of(
                    ZoneSettings.DEFAULT,
                    Snapshot.of(
                            List.of(
                                    Objects.service(
                                            "shop",
                                            "web",
                                            Objects.ips("10.96.0.1"),
                                            Objects.port("http", 80)),
                                    Objects.externalName(
                                            "shop", "mail", "web.shop.svc.cluster.local"),
                                    Objects.pod("shop", "p", "p", "10.1.0.1"))));

    /** The responder alone asks nobody. */
    private static final Forwarder UNREACHED =
            new Forwarder(
                    Forwarder.Settings.of(HostResolvers.parse("nameserver 127.0.0.1")),
                    java.util.Set.of(),
                    java.time.InstantSource.system());

    private static final List<String> NAMES =
            List.of(
                    "web.shop.svc.cluster.local",
                    "mail.shop.svc.cluster.local",
                    "_http._tcp.web.shop.svc.cluster.local",
                    "10-1-0-1.shop.pod.cluster.local",
                    "1.0.96.10.in-addr.arpa",
                    "nope.cluster.local");
    private static final List<String> TYPES =
            List.of("A", "AAAA", "SRV", "PTR", "ANY", "SOA", "AXFR", "TXT");

    private static byte[] packet(Random random) {
        Message question =
                Client.question(
                        NAMES.get(random.nextInt(NAMES.size())),
                        TYPES.get(random.nextInt(TYPES.size())));
        if (random.nextBoolean()) {
            question.addRecord(
                    new OPTRecord(random.nextInt(1 << 16), 0, random.nextInt(2)),
                    Section.ADDITIONAL);
        }
        byte[] bytes = question.toWire();
        for (int i = random.nextInt(5); i > 0; i--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
                default -> bytes = Arrays.copyOf(bytes, bytes.length + random.nextInt(40));
            }
        }
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void everyPacketIsAnsweredWithDnsOrNot(long seed) {
        Random random = new Random(seed);
        Counters counters = new Counters();
        Forwarder forwarder = random.nextBoolean() ? Forwarder.none() : UNREACHED;
        Responder responder = new Responder(counters, forwarder);
        Recursor recursor = new Recursor(Forwarder.none(), counters);
        byte[] out = new byte[DnsServer.TCP_MOST];
        for (int i = 0; i < 50_000; i++) {
            byte[] packet = packet(random);
            String what = "seed " + seed + ": " + HexFormat.of().formatHex(packet);
            try {
                int length = responder.respond(ZONE, packet, packet.length, out, 1232, false);
                assertThat(length).as(what).isBetween(Responder.RECURSE, 1232);
                byte[] answer = Arrays.copyOf(out, Math.max(0, length));
                if (length == Responder.RECURSE) {
                    answer = recursor.answer(ZONE, packet, responder.limit(1232, false));
                    assertThat(answer).as(what).hasSizeBetween(Wire.HEADER, 1232);
                }
                if (answer.length > 0) {
                    Message message = new Message(answer);
                    assertThat(message.getHeader().getID()).as(what).isEqualTo(Wire.u16(packet, 0));
                }
            } catch (IOException | RuntimeException e) {
                throw new AssertionError(what, e);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {5})
    void theServerGoesOn(long seed) throws IOException {
        Random random = new Random(seed);
        try (TestServer server = new TestServer(ZONE);
                java.net.DatagramSocket socket = new java.net.DatagramSocket()) {
            for (int i = 0; i < 5_000; i++) {
                byte[] packet = packet(random);
                socket.send(new java.net.DatagramPacket(packet, packet.length, server.address()));
                if (i % 50 == 0) {
                    try (java.net.Socket tcp = new java.net.Socket()) {
                        tcp.connect(server.address());
                        tcp.getOutputStream().write(packet);
                    }
                    assertThat(Client.answer(server.ask(NAMES.getFirst(), "A")))
                            .as("seed %d, after packet %d", seed, i)
                            .isEqualTo("10.96.0.1");
                }
            }
            assertThat(server.server.counts().bugs()).as("seed %d", seed).isZero();
            assertThat(server.server.counts().malformed()).isPositive();
        }
    }

    /** What an upstream sends is foreign, too: headers, names, lengths, over UDP and TCP. */
    @ParameterizedTest
    @ValueSource(longs = {6, 7})
    void answersOfUpstreamsMayBeAnything(long seed) throws IOException {
        Random random = new Random(seed);
        try (FakeUpstream upstream =
                        FakeUpstream.raw((question, tcp) -> {
                            Message answer =
                                    FakeUpstream.fromRecords(
                                            question,
                                            "www.example.com. 60 A 192.0.2.1",
                                            "www.example.com. 60 TXT \"text\"",
                                            "www.example.com. 60 SRV 1 2 3 www.example.com.");
                            if (!tcp && random.nextInt(10) == 0) {
                                answer.getHeader().setFlag(org.xbill.DNS.Flags.TC);
                            }
                            return mutate(answer.toWire(), random);
                        });
                TestServer server =
                        new TestServer(
                                ZONE,
                                new Forwarder(
                                        new Forwarder.Settings(
                                                List.of(upstream.address()),
                                                java.time.Duration.ofMillis(10),
                                                1,
                                                0),
                                        java.util.Set.of(),
                                        java.time.InstantSource.system()),
                                DnsServer.Limits.DEFAULT)) {
            for (int i = 0; i < 400; i++) {
                String type = List.of("A", "TXT", "SRV", "AAAA").get(random.nextInt(4));
                Message answer = server.ask("www.example.com", type);
                assertThat(answer.getQuestion().getName())
                        .as("seed %d, answer %d", seed, i)
                        .hasToString("www.example.com.");
            }
            assertThat(server.server.counts().bugs()).as("seed %d", seed).isZero();
        }
    }

    private static byte[] mutate(byte[] packet, Random random) {
        byte[] bytes = packet;
        for (int i = random.nextInt(4); i > 0; i--) {
            int at = 2 + random.nextInt(Math.max(1, bytes.length - 2)); // the id stays
            switch (random.nextInt(8)) {
                case 0 -> bytes = Arrays.copyOf(bytes, at);
                case 1 -> bytes = Arrays.copyOf(bytes, bytes.length + random.nextInt(600));
                default -> {
                    if (at < bytes.length) {
                        bytes[at] = (byte) random.nextInt(256);
                    }
                }
            }
        }
        return bytes;
    }
}
