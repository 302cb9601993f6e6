package io.weft.dns;

import static io.weft.dns.Objects.externalName;
import static io.weft.dns.Objects.ips;
import static io.weft.dns.Objects.service;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Snapshot;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;

/** Names outside the cluster, from upstreams that the test starts. */
class ForwarderTest {
    private static final ClusterZone ZONE =
            ClusterZone.of(
                    ZoneSettings.DEFAULT,
                    Snapshot.of(
                            List.of(
                                    service("shop", "web", ips("10.96.0.1")),
                                    externalName("shop", "mail", "mx.example.com"),
                                    externalName("shop", "gone", "nope.example.com"),
                                    externalName("shop", "site", "web.shop.svc.cluster.local"),
                                    externalName("shop", "ping", "pong.shop.svc.cluster.local"),
                                    externalName("shop", "pong", "ping.shop.svc.cluster.local"))));
    private static final String[] RECORDS = {
        "www.example.com. 300 A 192.0.2.1",
        "www.example.com. 200 A 192.0.2.2",
        "mx.example.com. 60 A 192.0.2.9",
    };

    private final TestServer.Clock clock = new TestServer.Clock();

    private TestServer server(FakeUpstream... upstreams) {
        return new TestServer(
                ZONE, TestServer.forwarder(clock, upstreams), DnsServer.Limits.DEFAULT);
    }

    private static List<Long> ttls(Message message, int section) {
        return message.getSection(section).stream().map(r -> r.getTTL()).sorted().toList();
    }

    @Test
    void cachedAnswersRunDownAndEnd() throws IOException {
        try (FakeUpstream upstream = FakeUpstream.of(RECORDS);
                TestServer server = server(upstream)) {
            Message first = server.ask("www.example.com", "A");
            clock.forward(150);
            Message cached = server.ask("WWW.example.com", "A");
            clock.forward(50); // the shorter of both ends now
            Message again = server.ask("www.example.com", "A");

            assertThat(Client.answer(first)).isEqualTo("192.0.2.1 | 192.0.2.2");
            assertThat(first.getHeader().getFlag(Flags.RA)).isTrue();
            assertThat(first.getHeader().getFlag(Flags.AA)).isFalse();
            assertThat(ttls(first, Section.ANSWER)).containsExactly(200L, 300L);
            assertThat(ttls(cached, Section.ANSWER)).containsExactly(50L, 150L);
            assertThat(cached.getQuestion().getName()).hasToString("WWW.example.com.");
            assertThat(ttls(again, Section.ANSWER)).containsExactly(200L, 300L);
            assertThat(upstream.asked()).hasSize(2);
            assertThat(server.server.counts().cacheHits()).isEqualTo(1);
            assertThat(server.server.counts().cacheMisses()).isEqualTo(2);
        }
    }

    @Test
    void negativeAnswersHoldAsLongAsTheirSoaSays() throws IOException {
        try (FakeUpstream upstream = FakeUpstream.of(RECORDS);
                TestServer server = server(upstream)) {
            for (String name : List.of("nope.example.com", "www.example.com")) {
                Message first = server.ask(name, "AAAA");
                clock.forward(20);
                Message cached = server.ask(name, "AAAA");
                clock.forward(10);
                server.ask(name, "AAAA");

                assertThat(ttls(first, Section.AUTHORITY)).containsExactly(30L); // its minimum
                assertThat(ttls(cached, Section.AUTHORITY)).containsExactly(10L);
                assertThat(cached.getRcode()).isEqualTo(first.getRcode());
            }
            assertThat(upstream.asked()).hasSize(4);
        }
    }

    @Test
    void asksOverTcpWhenTheAnswerWasCut() throws IOException {
        String[] many =
                IntStream.range(0, 3000)
                        .mapToObj(i -> "big.example.com. 60 A 10.0." + i / 256 + "." + i % 256)
                        .toArray(String[]::new);
        try (FakeUpstream upstream =
                        new FakeUpstream((question, tcp) -> {
                            if (tcp) {
                                return Optional.of(FakeUpstream.fromRecords(question, many));
                            }
                            Message cut = FakeUpstream.replyTo(question);
                            cut.getHeader().setFlag(Flags.TC);
                            return Optional.of(cut);
                        });
                TestServer server = server(upstream)) {
            Message answer = server.ask("big.example.com", "A"); // over TCP itself, in the end

            assertThat(Client.data(answer)).hasSize(3000);
            assertThat(upstream.asked())
                    .containsExactly("udp big.example.com. A", "tcp big.example.com. A");
        }
    }

    @Test
    void asksTheNextWhenOneFails() throws IOException {
        try (FakeUpstream broken =
                        new FakeUpstream((question, tcp) -> {
                            Message answer = FakeUpstream.replyTo(question);
                            answer.getHeader().setRcode(Rcode.SERVFAIL);
                            return Optional.of(answer);
                        });
                FakeUpstream good = FakeUpstream.of(RECORDS);
                TestServer server = server(broken, good)) {
            assertThat(Client.answer(server.ask("www.example.com", "A"))).contains("192.0.2.1");
            assertThat(Client.answer(server.ask("mx.example.com", "A"))).contains("192.0.2.9");
            assertThat(broken.asked()).hasSize(1); // and last from then on
            assertThat(server.server.counts().upstreamFailures()).isEqualTo(1);

            good.goAway();
            assertThat(Client.answer(server.ask("other.example.com", "A"))).isEqualTo("SERVFAIL");
        }
    }

    @Test
    void believesOnlyTheAnswerToItsQuestion() throws IOException {
        try (FakeUpstream upstream =
                        new FakeUpstream((question, tcp) -> {
                            Message answer = FakeUpstream.fromRecords(question, RECORDS);
                            answer.getHeader().setID(question.getHeader().getID() ^ 1);
                            return Optional.of(answer);
                        });
                TestServer server =
                        new TestServer(
                                ZONE,
                                new Forwarder(
                                        new Forwarder.Settings(
                                                List.of(upstream.address()),
                                                Duration.ofMillis(50),
                                                2,
                                                1000),
                                        Set.of(),
                                        clock),
                                DnsServer.Limits.DEFAULT)) {
            assertThat(Client.answer(server.ask("www.example.com", "A"))).isEqualTo("SERVFAIL");
            assertThat(server.server.counts().upstreamFailures()).isEqualTo(2);
        }
    }

    @Test
    void theSameQuestionIsAskedOnceAtATime() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (FakeUpstream upstream =
                new FakeUpstream((question, tcp) -> {
                    asked.countDown();
                    await(go);
                    return Optional.of(FakeUpstream.fromRecords(question, RECORDS));
                })) {
            Forwarder forwarder = TestServer.forwarder(clock, upstream);
            AnswerCache.Key key = new AnswerCache.Key(WireName.parse("www.example.com"), Wire.A, 0);
            List<CompletableFuture<StoredAnswer>> answers = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                answers.add(
                        CompletableFuture.supplyAsync(
                                () -> forwarder.resolve(key), r -> Thread.ofVirtual().start(r)));
            }
            asked.await();
            while (forwarder.counters().cacheMisses.sum() < 5) {
                Thread.onSpinWait();
            }
            go.countDown();
            for (CompletableFuture<StoredAnswer> answer : answers) {
                assertThat(answer.get().rcode()).isZero();
            }
            assertThat(upstream.asked()).hasSize(1);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void moreThanItsLimitOfRecursionsFails() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch asked = new CountDownLatch(1);
        DnsServer.Limits limits = new DnsServer.Limits(1, 4, 4, Duration.ofMinutes(1));
        try (FakeUpstream upstream =
                        new FakeUpstream((question, tcp) -> {
                            asked.countDown();
                            await(go);
                            return Optional.of(FakeUpstream.fromRecords(question, RECORDS));
                        });
                TestServer server =
                        new TestServer(ZONE, TestServer.forwarder(clock, upstream), limits)) {
            CompletableFuture<Message> first =
                    server.resolver()
                            .sendAsync(Client.question("www.example.com", "A"))
                            .toCompletableFuture();
            asked.await();

            assertThat(Client.answer(server.ask("mx.example.com", "A"))).isEqualTo("SERVFAIL");
            assertThat(server.server.counts().recursionsRefused()).isEqualTo(1);
            assertThat(Client.answer(server.ask("web.shop.svc.cluster.local", "A")))
                    .isEqualTo("10.96.0.1"); // the zone does not wait

            go.countDown();
            assertThat(Client.answer(first.get())).contains("192.0.2.1");
        }
    }

    @Test
    void followsExternalNames() throws IOException {
        try (FakeUpstream upstream = FakeUpstream.of(RECORDS);
                TestServer server = server(upstream)) {
            assertThat(Client.data(server.ask("mail.shop.svc.cluster.local", "A")))
                    .containsExactly("mx.example.com.", "192.0.2.9");
            assertThat(Client.data(server.ask("site.shop.svc.cluster.local", "A")))
                    .containsExactly("web.shop.svc.cluster.local.", "10.96.0.1");
            Message gone = server.ask("gone.shop.svc.cluster.local", "A");
            assertThat(gone.getRcode()).isEqualTo(Rcode.NXDOMAIN);
            assertThat(Client.data(gone)).containsExactly("nope.example.com.");
            assertThat(gone.getSection(Section.AUTHORITY)).hasSize(1);
            assertThat(server.ask("ping.shop.svc.cluster.local", "A").getRcode())
                    .isEqualTo(Rcode.SERVFAIL);
        }
    }

    @Test
    void theCacheForgetsBeforeItGrowsTooLarge() {
        AnswerCache cache = new AnswerCache(10_000);
        for (int i = 0; i < 1000; i++) {
            WireName name = WireName.parse("n" + i + ".example.com");
            byte[] packet =
                    StoredAnswer.failure(name, Wire.A, 0, 0, new ExtendedError(0, "")).packet(0);
            cache.put(new AnswerCache.Key(name, Wire.A, 0), new StoredAnswer(packet, 0, 0, 60));
        }
        assertThat(cache.size()).isBetween(10, 25);
        assertThat(cache.get(key("n0.example.com"), 0)).isEmpty();
        assertThat(cache.get(key("n999.example.com"), 59_999)).isPresent();
        assertThat(cache.get(key("n999.example.com"), 60_000)).isEmpty();
    }

    private static AnswerCache.Key key(String name) {
        return new AnswerCache.Key(WireName.parse(name), Wire.A, 0);
    }

    @Test
    void saysWhichUpstreamFailedAndHow() throws IOException {
        try (FakeUpstream silent = new FakeUpstream((question, tcp) -> Optional.empty());
                FakeUpstream broken =
                        new FakeUpstream((question, tcp) -> {
                            Message answer = FakeUpstream.replyTo(question);
                            answer.getHeader().setRcode(Rcode.REFUSED);
                            return Optional.of(answer);
                        });
                TestServer server =
                        new TestServer(
                                ZONE,
                                forwarder(
                                        Duration.ofMillis(50), silent.address(), broken.address()),
                                DnsServer.Limits.DEFAULT)) {
            for (String name : List.of("www.example.com", "mail.shop.svc.cluster.local")) {
                Message answer = server.askWithEdns(name, "A");
                assertThat(answer.getRcode()).isEqualTo(Rcode.REFUSED);
                assertThat(Client.errors(answer))
                        .singleElement()
                        .asString()
                        .startsWith("22: ")
                        .contains("127.0.0.1 port " + silent.address().getPort() + ": ")
                        .endsWith("127.0.0.1 port " + broken.address().getPort() + ": REFUSED");
            }
        }
    }

    /** RFC 9520 */
    @Test
    void failuresAreRememberedForASecond() throws IOException {
        try (FakeUpstream upstream =
                        new FakeUpstream((question, tcp) -> {
                            Message answer = FakeUpstream.replyTo(question);
                            answer.getHeader().setRcode(Rcode.SERVFAIL);
                            return Optional.of(answer);
                        });
                TestServer server = server(upstream)) {
            server.ask("www.example.com", "A");
            Message cached = server.askWithEdns("www.example.com", "A");
            assertThat(upstream.asked()).hasSize(1);
            assertThat(cached.getRcode()).isEqualTo(Rcode.SERVFAIL);
            clock.forward(1);
            server.ask("www.example.com", "A");
            assertThat(upstream.asked()).hasSize(2);
        }
    }

    @Test
    void asksWithoutEdnsWhoDoesNotKnowIt() throws IOException {
        try (FakeUpstream upstream =
                        new FakeUpstream((question, tcp) -> {
                            if (question.getOPT() == null) {
                                return Optional.of(FakeUpstream.fromRecords(question, RECORDS));
                            }
                            Message answer = FakeUpstream.replyTo(question);
                            answer.getHeader().setRcode(Rcode.FORMERR);
                            return Optional.of(answer);
                        });
                TestServer server = server(upstream)) {
            assertThat(Client.answer(server.ask("mx.example.com", "A"))).isEqualTo("192.0.2.9");
            assertThat(upstream.asked()).hasSize(2);
        }
    }

    private Forwarder forwarder(Duration timeout, InetSocketAddress... upstreams) {
        return new Forwarder(
                new Forwarder.Settings(List.of(upstreams), timeout, 1, 1 << 20), Set.of(), clock);
    }

    @Test
    void doesNotAskItself() throws IOException {
        try (FakeUpstream upstream = FakeUpstream.of(RECORDS)) {
            InetSocketAddress own = new InetSocketAddress("127.0.0.9", 53);
            Forwarder.Settings settings =
                    new Forwarder.Settings(
                            List.of(own, upstream.address()), Duration.ofSeconds(20), 1, 1000);
            Forwarder forwarder = new Forwarder(settings, Set.of(own), clock);
            assertThat(forwarder.warnings()).singleElement().asString().contains("127.0.0.9");
            assertThat(forwarder.resolve(key("mx.example.com")).rcode()).isZero();
            assertThat(upstream.asked()).hasSize(1);
        }
    }

    @Test
    void refusesAllWhenItWouldAskOnlyItself() throws IOException {
        InetSocketAddress own = new InetSocketAddress("127.0.0.9", 53);
        Forwarder circular =
                new Forwarder(
                        new Forwarder.Settings(List.of(own), Duration.ofSeconds(1), 1, 1000),
                        Set.of(own),
                        clock);
        try (TestServer server = new TestServer(ZONE, circular, DnsServer.Limits.DEFAULT);
                TestServer without = new TestServer(ZONE)) {
            Message answer = server.askWithEdns("www.example.com", "A");
            assertThat(answer.getRcode()).isEqualTo(Rcode.REFUSED);
            assertThat(Client.errors(answer))
                    .containsExactly(
                            "20: the name is not of this cluster, and the host's resolv.conf names"
                                    + " only this server itself: 127.0.0.9");
            assertThat(circular.warnings()).hasSize(2);
            assertThat(Client.errors(without.askWithEdns("www.example.com", "A")))
                    .singleElement()
                    .asString()
                    .contains("names no name server");
        }
    }

    /** Two servers that ask each other: the first timeout ends it. */
    @Test
    void aCircleOfServersEnds() throws IOException {
        Sockets first = Sockets.open();
        Sockets second = Sockets.open();
        Duration timeout = Duration.ofMillis(50);
        try (DnsServer one =
                        new DnsServer(
                                ZONE,
                                forwarder(timeout, second.address()),
                                DnsServer.Limits.DEFAULT);
                DnsServer two =
                        new DnsServer(
                                ZONE,
                                forwarder(timeout, first.address()),
                                DnsServer.Limits.DEFAULT)) {
            one.serve(first.udp());
            one.serve(first.tcp());
            two.serve(second.udp());
            two.serve(second.tcp());
            SimpleResolver resolver = new SimpleResolver(first.address());
            resolver.setTimeout(Duration.ofSeconds(20));

            Message answer = resolver.send(Client.question("www.example.com", "A"));

            assertThat(answer.getRcode()).isEqualTo(Rcode.SERVFAIL);
            assertThat(one.counts().queries()).isLessThan(5);
        }
    }
}
