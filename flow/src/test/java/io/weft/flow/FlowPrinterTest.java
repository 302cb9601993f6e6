package io.weft.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import io.weft.flow.Shop.Event;
import io.weft.model.Kind;
import io.weft.model.Ref;
import io.weft.model.Source;
import io.weft.tables.Direction;
import io.weft.tables.EventType;
import io.weft.tables.Identities;
import io.weft.tables.Reason;
import io.weft.tables.Rule;
import io.weft.tables.Rules;
import java.io.IOException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FlowPrinterTest {
    private static Flow changedToDenied() {
        return new Event()
                .type(EventType.CHANGED, Reason.POLICY_INGRESS)
                .rules(Rules.NOT_ISOLATED, Shop.API_ISOLATED)
                .flow();
    }

    private static Flow audited() {
        return new Event()
                .type(EventType.AUDIT, Reason.POLICY_INGRESS)
                .rules(Rules.NOT_ISOLATED, Shop.API_ISOLATED)
                .flow();
    }

    private static Flow fromTheHost() {
        return new Event()
                .protocol(17, 0)
                .source("fd00::fe", 5353, Identities.HOST)
                .destination("fd00::1", 53, 256)
                .rules(Rules.NONE, Rules.NODE)
                .flow();
    }

    private static Flow arp() {
        return new Event()
                .type(EventType.DROPPED, Reason.NEIGHBOUR)
                .protocol(0, 0)
                .source("::", 0, 0)
                .destination("::", 0, 0)
                .rules(0, 0)
                .flow();
    }

    @Test
    void compactIsALineForEachFlowInColumnsThatGrow() {
        FlowPrinter printer = FlowPrinter.compact(ZoneOffset.UTC, false);

        String lines =
                Stream.of(
                                Shop.flow(Shop.opened()),
                                Shop.flow(Shop.deniedAtDestination()),
                                Shop.flow(Shop.deniedAtSource()),
                                Shop.flow(Shop.closed()),
                                Shop.flow(Shop.spoofed()),
                                Shop.flow(Shop.ping()),
                                changedToDenied(),
                                audited(),
                                fromTheHost(),
                                arp())
                        .map(printer::print)
                        .collect(Collectors.joining("\n"));

        assertThat(lines)
                .isEqualTo(
                        """
                        12:03:04.567 shop/web:43512 -> shop/api:8080 TCP FORWARDED by api-ingress ingress[0] (policies.yaml:12)
                        12:03:05.567 192.0.2.7:50001 (world) -> shop/api:8080 TCP DROPPED   policy-ingress (no ingress rule allows it: isolated by shop/api-ingress (policies.yaml:3))
                        12:03:04.567 data/db:50000           -> shop/api:8080 TCP DROPPED   policy-egress (no egress rule allows it: isolated by data/no-egress (db.yaml:1))
                        12:03:05.771 shop/web:43512          -> shop/api:8080 TCP FORWARDED closed after 1.204s, 12+10 packets, 1204+8412 bytes by api-ingress ingress[0] (policies.yaml:12)
                        12:03:04.567 10.0.0.3:43512          -> shop/api:8080 TCP DROPPED   spoofed at shop/web
                        12:03:04.567 shop/web                -> shop/api      ICMPv6 EchoRequest FORWARDED by api-ingress ingress[0] (policies.yaml:12)
                        12:03:04.567 shop/web:43512          -> shop/api:8080 TCP                DROPPED   changed policy-ingress (no ingress rule allows it: isolated by shop/api-ingress (policies.yaml:3))
                        12:03:04.567 shop/web:43512          -> shop/api:8080 TCP                AUDIT     policy-ingress (no ingress rule allows it: isolated by shop/api-ingress (policies.yaml:3))
                        12:03:04.567 [fd00::fe]:5353 (host)  -> shop/web:53   UDP                FORWARDED (a node and its own workloads always reach each other)
                        12:03:04.567 ?                       -> ?             non-IP             DROPPED   neighbour at shop/web\
                        """);
        assertThat(printer.lost(1)).isEqualTo("LOST 1 flow: the reader was too slow");
        assertThat(printer.lost(3)).isEqualTo("LOST 3 flows: the reader was too slow");
    }

    @Test
    void colourIsOnTheVerdictAloneAndKeepsTheColumns() {
        FlowPrinter printer = FlowPrinter.compact(ZoneId.of("Asia/Shanghai"), true);

        assertThat(printer.print(Shop.flow(Shop.opened())))
                .startsWith("20:03:04.567 shop/web:43512 -> shop/api:8080 TCP ")
                .contains(" \u001b[32mFORWARDED\u001b[0m by api-ingress");
        assertThat(printer.print(Shop.flow(Shop.deniedAtSource())))
                .contains(" \u001b[31mDROPPED\u001b[0m   policy-egress ");
    }

    @Test
    void aVeryLongNameDoesNotWidenTheColumnForEver() {
        FlowPrinter printer = FlowPrinter.compact(ZoneOffset.UTC, false);
        RecentNames names = Shop.names();
        names.put(Shop.pod(Ref.pod("shop", "w".repeat(200)), "w", "10.0.0.9"), Shop.BOOT);
        FlowDecoder decoder = new FlowDecoder(new FlowClock(Shop.BOOT), names);
        printer.print(decoder.flow(new Event().source("10.0.0.9", 1, 256).record()));

        assertThat(printer.print(decoder.flow(Shop.opened())))
                .startsWith("12:03:04.567 " + "shop/web:43512" + " ".repeat(26) + " -> ");
    }

    @Test
    void dictIsABlockWithEverything() {
        FlowPrinter printer = FlowPrinter.dict(ZoneOffset.ofHours(1));

        assertThat(printer.print(Shop.flow(Shop.deniedAtDestination())))
                .isEqualTo(
                        """
                          TIMESTAMP: 2026-01-31 13:03:05.567000+01:00
                             SOURCE: 192.0.2.7:50001 (world) identity 2
                        DESTINATION: shop/api:8080 (10.0.0.2:8080) app=api identity 257
                           PROTOCOL: TCP
                          DIRECTION: ingress
                           OBSERVER: shop/api
                               TYPE: denied
                            VERDICT: DROPPED
                             REASON: policy-ingress: An ingress rule at the destination denies it, or none allows it: 'weft why' names the rule.
                               RULE: no ingress rule allows it: isolated by shop/api-ingress (policies.yaml:3)
                            PACKETS: 1 + 0
                              BYTES: 60 + 0\
                        """);
        assertThat(printer.print(Shop.flow(Shop.closed())))
                .startsWith("------------\n  TIMESTAMP: ")
                .contains("\n   DURATION: 1.204s\n    PACKETS: 12 + 10\n      BYTES: 1204 + 8412");
        assertThat(printer.lost(7)).isEqualTo("------------\n       LOST: 7");
    }

    private static Map<String, Object> parsed(String json) throws IOException {
        assertThat(json).doesNotContain("\n");
        return JSON.std.mapFrom(json);
    }

    @Test
    void jsonHasHubblesFieldsAndTheRule() throws IOException {
        Map<String, Object> flow =
                parsed(FlowPrinter.json().print(Shop.flow(Shop.deniedAtDestination())));

        assertThat(flow)
                .isEqualTo(
                        JSON.std.mapFrom(
                                """
                                {
                                  "time": "2026-01-31T12:03:05.567Z",
                                  "verdict": "DROPPED",
                                  "drop_reason_desc": "POLICY_DENIED",
                                  "IP": {"source": "192.0.2.7", "destination": "10.0.0.2", "ipVersion": "IPv4"},
                                  "l4": {"TCP": {"source_port": 50001, "destination_port": 8080}},
                                  "source": {"identity": 2, "labels": ["reserved:world"]},
                                  "destination": {
                                    "identity": 257,
                                    "namespace": "shop",
                                    "labels": ["k8s:app=api"],
                                    "pod_name": "api"
                                  },
                                  "Type": "L3_L4",
                                  "traffic_direction": "INGRESS",
                                  "is_reply": false,
                                  "event_type": {"type": 5},
                                  "event": "denied",
                                  "reason": "policy-ingress",
                                  "rule": "no ingress rule allows it: isolated by shop/api-ingress (policies.yaml:3)",
                                  "rule_side": "ingress",
                                  "rule_source": "policies.yaml:3",
                                  "observer": "shop/api",
                                  "revision": 7,
                                  "packets": {"source": 1, "destination": 0},
                                  "bytes": {"source": 60, "destination": 0}
                                }
                                """));
    }

    @Test
    void jsonOfAClosedConnectionHasItsCounts() throws IOException {
        Map<String, Object> flow = parsed(FlowPrinter.json().print(Shop.flow(Shop.closed())));

        assertThat(flow)
                .containsEntry("verdict", "FORWARDED")
                .containsEntry("event", "closed")
                .containsEntry("duration_ns", 1_204_000_000)
                .containsEntry("packets", Map.of("source", 12, "destination", 10))
                .containsEntry("bytes", Map.of("source", 1204, "destination", 8412))
                .containsEntry("rule_source", "policies.yaml:12")
                .doesNotContainKey("drop_reason_desc");
    }

    @Test
    void jsonOfWhatAuditModeLetsPassIsNoDrop() throws IOException {
        assertThat(parsed(FlowPrinter.json().print(audited())))
                .containsEntry("verdict", "AUDIT")
                .containsEntry("event", "audit")
                .containsEntry("reason", "policy-ingress")
                .containsEntry("rule_source", "policies.yaml:3")
                .doesNotContainKey("drop_reason_desc");
    }

    @Test
    void jsonOfIcmpAndOfWhatIsNotIp() throws IOException {
        assertThat(parsed(FlowPrinter.json().print(Shop.flow(Shop.ping()))))
                .containsEntry("l4", Map.of("ICMPv6", Map.of("type", 128)))
                .containsEntry(
                        "IP",
                        Map.of("source", "fd00::1", "destination", "fd00::2", "ipVersion", "IPv6"));
        assertThat(parsed(FlowPrinter.json().print(arp())))
                .doesNotContainKeys("IP", "l4", "rule")
                .containsEntry("verdict", "DROPPED")
                .containsEntry("observer", "shop/web");
    }

    @Test
    void jsonEscapesWhatAFileNameMayHold() throws IOException {
        RecentNames names = Shop.names();
        String file = "a \"b\"\n\u001b[31m\\c é.yaml";
        names.rules(
                new Rules(
                        Map.of(
                                16,
                                new Rule.Isolated(
                                        Direction.INGRESS,
                                        List.of(new Ref(Kind.NETWORK_POLICY, "shop", "p")),
                                        List.of(new Source(file, 9))))),
                Shop.BOOT);
        Flow flow = new FlowDecoder(new FlowClock(Shop.BOOT), names).flow(Shop.opened());

        assertThat(parsed(FlowPrinter.json().print(flow)))
                .containsEntry("rule_source", file + ":9");
    }

    @Test
    void jsonOfLostFlows() throws IOException {
        assertThat(parsed(FlowPrinter.json().lost(12)))
                .isEqualTo(
                        Map.of(
                                "lost_events",
                                Map.of("source", "HUBBLE_RING_BUFFER", "num_events_lost", 12)));
    }

    @Test
    void everyReasonOfADropHasHubblesName() {
        for (Reason reason : Reason.values()) {
            Flow flow =
                    new Event()
                            .at(Duration.ZERO)
                            .type(EventType.DROPPED, reason)
                            .rules(0, 0)
                            .flow();
            if (reason == Reason.FORWARDED) {
                assertThat(FlowJson.object(flow)).doesNotContainKey("drop_reason_desc");
            } else {
                assertThat(FlowJson.object(flow).get("drop_reason_desc"))
                        .asString()
                        .matches("[A-Z0-9_]+");
            }
        }
    }
}
