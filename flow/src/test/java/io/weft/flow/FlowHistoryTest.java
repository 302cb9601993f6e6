package io.weft.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.model.Entity;
import io.weft.model.Ip;
import io.weft.model.Labels;
import io.weft.model.Ref;
import io.weft.tables.EventType;
import io.weft.tables.Identities;
import io.weft.tables.Reason;
import java.io.BufferedReader;
import java.io.StringReader;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlowHistoryTest {
    private static final List<Flow> SEEN =
            List.of(
                    Shop.flow(Shop.opened()),
                    Shop.flow(Shop.closed()),
                    Shop.flow(Shop.ping()),
                    Shop.flow(Shop.deniedAtSource()),
                    Shop.flow(Shop.deniedAtSource()),
                    Shop.flow(Shop.deniedAtDestination()),
                    Shop.flow(Shop.spoofed()));

    private static List<String> text(FlowHistory history) {
        return history.flows().stream()
                .map(f ->
                        "%s -> %s %s %s x%d"
                                .formatted(
                                        f.source().name(),
                                        f.destination().name(),
                                        f.service(),
                                        f.passed() ? "passed" : "denied",
                                        f.count()))
                .toList();
    }

    private static FlowHistory read(String lines) {
        return FlowJsonReader.read(
                "flows.json", new BufferedReader(new StringReader(lines)), Optional.empty());
    }

    private static String json(List<Flow> flows) {
        FlowPrinter printer = FlowPrinter.json();
        return flows.stream().map(printer::print).collect(Collectors.joining("\n"));
    }

    @Test
    void eventsOfOneConnectionAreOneFlowAndSoIsAPacketThatIsTriedAgain() {
        assertThat(text(FlowHistory.of(SEEN)))
                .containsExactly(
                        "192.0.2.7 -> shop/api 8080/TCP denied x1",
                        "data/db -> shop/api 8080/TCP denied x1",
                        "shop/web -> shop/api 8080/TCP passed x1",
                        "shop/web -> shop/api 128/ICMPv6 passed x1");
    }

    @Test
    void theSamePortsOpenedAgainAreAnotherConnection() {
        FlowHistory history =
                FlowHistory.of(
                        List.of(
                                new Shop.Event().flow(),
                                new Shop.Event().at(Duration.ofSeconds(90)).flow(),
                                new Shop.Event().source("10.0.0.1", 43513, 256).flow()));

        assertThat(text(history)).containsExactly("shop/web -> shop/api 8080/TCP passed x3");
        assertThat(history.flows().getFirst().lastSeen())
                .isEqualTo(Shop.BOOT.plus(Duration.ofSeconds(90)));
        assertThat(history.since()).contains(Shop.BOOT.plus(Duration.ofMillis(567)));
        assertThat(history.connections()).isEqualTo(3);
    }

    @Test
    void aConnectionWhoseOpeningIsTooOldCountsByItsEnd() {
        assertThat(text(FlowHistory.of(List.of(Shop.flow(Shop.closed())))))
                .containsExactly("shop/web -> shop/api 8080/TCP passed x1");
    }

    @Test
    void theNodeIsAPartyOfItsOwn() {
        Flow probe =
                new Shop.Event()
                        .source("10.0.255.1", 40000, Identities.HOST)
                        .type(EventType.OPENED, Reason.FORWARDED)
                        .flow();

        assertThat(FlowHistory.of(List.of(probe)).flows())
                .extracting(RecordedFlow::source)
                .containsExactly(new FlowParty.OfEntity(Entity.HOST, Ip.parse("10.0.255.1")));
    }

    @Test
    void whatWasPrintedIsReadBackAsTheSame() {
        FlowHistory read = read(json(SEEN));

        assertThat(read).isEqualTo(FlowHistory.of(SEEN));
    }

    @Test
    void aProtocolWithoutPortsIsReadBackToo() {
        List<Flow> gre =
                List.of(
                        new Shop.Event()
                                .protocol(47, 0)
                                .source("10.0.0.1", 0, 256)
                                .destination("10.0.0.2", 0, 257)
                                .flow());

        assertThat(text(read(json(gre)))).containsExactly("shop/web -> shop/api IP-47 passed x1");
    }

    @Test
    void nothingOlderThanAskedForCounts() {
        FlowHistory read =
                FlowJsonReader.read(
                        "flows.json",
                        new BufferedReader(new StringReader(json(SEEN))),
                        Optional.of(Shop.BOOT.plus(Duration.ofSeconds(1))));

        assertThat(text(read))
                .containsExactly(
                        "192.0.2.7 -> shop/api 8080/TCP denied x1",
                        "shop/web -> shop/api 8080/TCP passed x1");
    }

    /** As Hubble's relay prints them, shortened. */
    private static final String HUBBLE =
            """
            {"flow":{"time":"2026-01-31T12:03:04.567Z","verdict":"FORWARDED","IP":{"source":"10.1.0.1","destination":"10.1.0.2","ipVersion":"IPv4"},"l4":{"TCP":{"source_port":43512,"destination_port":8080,"flags":{"SYN":true}}},"source":{"ID":12,"identity":4711,"namespace":"shop","labels":["k8s:app=web","k8s:io.cilium.k8s.policy.cluster=default","k8s:io.kubernetes.pod.namespace=shop"],"pod_name":"web-1"},"destination":{"identity":4712,"namespace":"shop","labels":["k8s:app=api"],"pod_name":"api-1"},"Type":"L3_L4","is_reply":false},"node_name":"n1","time":"2026-01-31T12:03:04.567Z"}
            {"flow":{"time":"2026-01-31T12:03:04.568Z","verdict":"FORWARDED","IP":{"source":"10.1.0.2","destination":"10.1.0.1"},"l4":{"TCP":{"source_port":8080,"destination_port":43512}},"source":{"pod_name":"api-1","namespace":"shop"},"destination":{"pod_name":"web-1","namespace":"shop"},"Type":"L3_L4","is_reply":true}}
            {"flow":{"time":"2026-01-31T12:03:05Z","verdict":"DROPPED","drop_reason_desc":"POLICY_DENIED","IP":{"source":"10.9.0.9","destination":"10.1.0.2"},"l4":{"UDP":{"source_port":1,"destination_port":53}},"source":{"identity":6,"labels":["reserved:remote-node"]},"destination":{"namespace":"shop","pod_name":"api-1"},"Type":"L3_L4"}}
            {"flow":{"time":"2026-01-31T12:03:05Z","verdict":"DROPPED","drop_reason_desc":"INVALID_SOURCE_IP","IP":{"source":"10.9.0.9","destination":"10.1.0.2"},"l4":{"UDP":{}},"source":{},"destination":{},"Type":"L3_L4"}}
            {"flow":{"time":"2026-01-31T12:03:06Z","verdict":"FORWARDED","IP":{"source":"10.1.0.1","destination":"203.0.113.7"},"l4":{"ICMPv4":{"type":8}},"source":{"namespace":"shop","pod_name":"web-1"},"destination":{"identity":2,"labels":["reserved:world"]},"Type":"L3_L4"}}
            {"flow":{"time":"2026-01-31T12:03:06Z","verdict":"FORWARDED","IP":{"source":"10.1.0.1","destination":"203.0.113.7"},"l4":{"TCP":{"destination_port":80}},"source":{},"destination":{},"Type":"L7"}}

            {"lost_events":{"source":"HUBBLE_RING_BUFFER","num_events_lost":"12"}}
            """;

    @Test
    void readsWhatHubbleWritesAndPassesOverRepliesAndWhatPolicyDidNotDecide() {
        FlowHistory history = read(HUBBLE);

        assertThat(text(history))
                .containsExactly(
                        "remote-node -> shop/api-1 53/UDP denied x1",
                        "shop/web-1 -> 203.0.113.7 8/ICMPv4 passed x1",
                        "shop/web-1 -> shop/api-1 8080/TCP passed x1");
        assertThat(history.lost()).isEqualTo(12);
        assertThat(history.since()).contains(Instant.parse("2026-01-31T12:03:04.567Z"));
        assertThat(history.flows().getLast().source())
                .isEqualTo(
                        new FlowParty.OfPod(
                                new NamedPod(
                                        Ref.pod("shop", "web-1"), Labels.of(Map.of("app", "web"))),
                                Ip.parse("10.1.0.1")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "no JSON | not a JSON object",
                "{} | verdict: missing: this is no flow of 'observe -o json'",
                "{\"verdict\":\"MAYBE\",\"IP\":{}} | verdict: unknown verdict 'MAYBE'",
                "{\"verdict\":\"FORWARDED\",\"IP\":{},\"l4\":{\"TCP\":{\"destination_port\":70000}}}"
                        + " | l4.TCP.destination_port: 70000 is no port",
                "{\"verdict\":\"FORWARDED\",\"IP\":{},\"l4\":{\"TPC\":{}}} | l4.TPC: unknown"
                        + " protocol",
                "{\"verdict\":\"FORWARDED\",\"IP\":{},\"l4\":{\"TCP\":{}},\"time\":\"noon\"}"
                        + " | time: 'noon' is no RFC 3339 time",
                "{\"verdict\":\"FORWARDED\",\"IP\":{\"source\":\"x\"},\"l4\":{\"TCP\":{}},"
                        + "\"time\":\"2026-01-31T12:00:00Z\"} | IP.source: 'x' is no address",
            })
    void namesTheLineAndTheFieldThatIsWrong(String line, String message) {
        assertThatThrownBy(() -> read("\n" + line))
                .isInstanceOf(FlowFileException.class)
                .hasMessage("flows.json:2: " + message);
    }
}
