package io.weft.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.flow.Shop.Event;
import io.weft.tables.EventType;
import io.weft.tables.Identities;
import io.weft.tables.Reason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FlowQueryTest {
    private static final Instant NOW = Instant.parse("2026-01-31T13:00:00Z");

    private static final Map<String, Flow> FLOWS = new LinkedHashMap<>();

    static {
        FLOWS.put("opened", Shop.flow(Shop.opened()));
        FLOWS.put("egress", Shop.flow(Shop.deniedAtSource()));
        FLOWS.put("ingress", Shop.flow(Shop.deniedAtDestination()));
        FLOWS.put("closed", Shop.flow(Shop.closed()));
        FLOWS.put("spoofed", Shop.flow(Shop.spoofed()));
        FLOWS.put("ping", Shop.flow(Shop.ping()));
        FLOWS.put(
                "dns",
                new Event()
                        .protocol(17, 0)
                        .destination("10.0.0.254", 53, Identities.HOST)
                        .rules(Shop.WEB_EGRESS, 0)
                        .flow());
        FLOWS.put(
                "arp",
                new Event()
                        .type(EventType.DROPPED, Reason.NEIGHBOUR)
                        .protocol(0, 0)
                        .source("::", 0, 0)
                        .destination("::", 0, 0)
                        .rules(0, 0)
                        .slot(1)
                        .flow());
    }

    private static FlowQuery parse(String words) {
        return FlowQuery.parse(List.of(words.split(" ", -1)), NOW);
    }

    /** Each row: the flags, and the names of the flows above that pass. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --pod shop/web              | opened closed spoofed ping dns
                    --pod api                   | opened egress ingress closed spoofed ping arp
                    --pod shop/                 | opened egress ingress closed spoofed ping dns arp
                    --pod we --pod db           | opened egress closed spoofed ping dns
                    --from-pod shop/w           | opened closed ping dns
                    --from-pod data/web         |
                    --to-pod api                | opened egress ingress closed spoofed ping
                    --namespace data            | egress
                    --from-namespace shop       | opened closed ping dns
                    --to-namespace shop         | opened egress ingress closed spoofed ping
                    --ip 10.0.0.3               | egress spoofed
                    --ip 10.0.0.0/31            | opened closed dns
                    --from-ip 192.0.2.0/24      | ingress
                    --to-ip fd00::2             | ping
                    --ip ::/0                   | ping
                    --port 8080                 | opened egress ingress closed spoofed
                    --port 77                   |
                    --from-port 50000,50001     | egress ingress
                    --to-port=53                | dns
                    --protocol tcp              | opened egress ingress closed spoofed
                    --protocol UDP              | dns
                    --protocol icmp             | ping
                    --protocol icmpv6           | ping
                    --protocol icmpv4           |
                    --protocol ip-17            | dns
                    --protocol ip-0             |
                    --verdict DROPPED           | egress ingress spoofed arp
                    --verdict forwarded         | opened closed ping dns
                    --type denied               | egress ingress
                    --type closed,dropped       | closed spoofed arp
                    --label app=db              | egress
                    --from-label app=web        | opened closed ping dns
                    --to-label app!=web         | opened egress ingress closed spoofed ping
                    --not --pod web             | egress ingress arp
                    --not --type opened --not --verdict dropped | closed
                    --verdict dropped --not --from-pod db --to-port 8080 | ingress spoofed
                    --last 2                    | dns arp
                    --first 1                   | opened
                    --verdict dropped --last 1  | arp
                    --since 2026-01-31T12:03:05Z | ingress closed
                    --since 2026-01-31T13:03:05+01:00 | ingress closed
                    --since 56m55s              | ingress closed
                    --since 0.95h               | opened egress ingress closed spoofed ping dns arp
                    --since 1ms                 |
                    """)
    void filters(String flags, String passing) {
        FlowQuery query = parse(flags);

        List<Flow> selected = query.select(new ArrayList<>(FLOWS.values()));

        List<String> names =
                FLOWS.entrySet().stream()
                        .filter(named -> selected.contains(named.getValue()))
                        .map(Map.Entry::getKey)
                        .toList();
        assertThat(String.join(" ", names)).isEqualTo(passing == null ? "" : passing);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --colour red          | --colour: is no filter of flows; see --help
                    web                   | web: is no filter of flows; see --help
                    --pod                 | --pod: needs a value: [NAMESPACE/]NAME
                    --pod --ip            | --pod: needs a value: [NAMESPACE/]NAME
                    --pod=                | --pod: needs a value: [NAMESPACE/]NAME
                    --pod /web            | --pod: '/web' is not [NAMESPACE/]NAME, such as shop/web
                    --from-pod a/b/c      | --from-pod: 'a/b/c' is not [NAMESPACE/]NAME, such as shop/web
                    --ip 10.0.0           | --ip: '10.0.0' is neither an address nor a CIDR block, such as 10.0.0.1 or 10.0.0.0/8
                    --to-ip 10.0.0.0/33   | --to-ip: '10.0.0.0/33' is neither an address nor a CIDR block, such as 10.0.0.1 or 10.0.0.0/8
                    --port 65536          | --port: '65536' is not a port, 0 to 65535
                    --to-port http        | --to-port: 'http' is not a port, 0 to 65535
                    --to-port 80,,443     | --to-port: '80,,443' has an empty alternative
                    --protocol quic       | --protocol: 'quic' is none of tcp, udp, sctp, icmp (both), icmpv4, icmpv6 or ip-NUMBER
                    --verdict ERROR       | --verdict: 'ERROR' is none of forwarded, dropped, audit
                    --type l7             | --type: 'l7' is none of opened, denied, changed, closed, dropped, audit
                    --label a=b,=c        | --label: cannot read '=c' in the label selector 'a=b,=c'
                    --last 0              | --last: '0' is not a number from 1 to 999999999
                    --first many          | --first: 'many' is not a number from 1 to 999999999
                    --first 1 --last 1    | --first: cannot go with --last; give one of them
                    --since yesterday     | --since: 'yesterday' is neither a duration such as 5m or 1h30m, nor an RFC 3339 time such as 2026-01-31T12:00:00Z
                    --since 5m3           | --since: '5m3' is neither a duration such as 5m or 1h30m, nor an RFC 3339 time such as 2026-01-31T12:00:00Z
                    --not                 | --not: needs a filter after it
                    --not --last 3        | --not: needs a filter after it, which --last is not
                    --not --not --pod web | --not: stands twice in a row
                    --not=x --pod web     | --not: takes no value
                    """)
    void mistakesNameTheFlagAndWhatWouldBeRight(String flags, String message) {
        assertThatThrownBy(() -> parse(flags))
                .isInstanceOf(FlowFilterException.class)
                .hasMessage(message);
    }

    @Test
    void aFilterWritesItselfAsItWasGiven() {
        assertThat(parse("--pod web --last 3 --not --to-port=53,54").filter())
                .hasToString("--pod web --not --to-port 53 --not --to-port 54");
        assertThat(FlowFilter.ALL.toString()).isEmpty();
        assertThat(FlowFilter.ALL.matches(Shop.flow(Shop.opened()))).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    app=web                    | app=web
                    app==web                   | app=web
                    app=                       | app=
                    app != db                  | app notin (db)
                    app in (web, api)          | app in (api,web)
                    env notin (prod)           | env notin (prod)
                    tier                       | tier
                    ! gone                     | !gone
                    tier,app=web,!gone         | app=web,!gone,tier
                    example.com/part=a_b-c.d   | example.com/part=a_b-c.d
                    """)
    void selectorsAreReadAsKubectlWritesThem(String text, String canonical) {
        assertThat(SelectorText.parse(text)).hasToString(canonical);
        assertThat(SelectorText.parse(canonical)).isEqualTo(SelectorText.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "=web",
                "app=web,",
                "app in web",
                "app in (a,b",
                "a b",
                "a=-x",
                "a in (-)"
            })
    void textThatIsNoSelectorIsRefused(String text) {
        assertThatThrownBy(() -> SelectorText.parse(text))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
