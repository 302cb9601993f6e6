package io.weft.claims;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimsTest {
    private static final Claims CLAIMS = Claims.load();

    private static Stream<Claim> all() {
        return CLAIMS.tables().stream()
                .flatMap(t -> t.rows().stream())
                .flatMap(r -> r.cells().stream());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4.3", "5.3", "6.5", "7.3", "8", "9.1", "9.2", "9.3", "9.4", "10.1", "10.2", "10.3",
                "12", "13", "13.2"
            })
    void everyTableOfTheDocumentIsThere(String chapter) {
        assertThat(CLAIMS.chapter(chapter)).isNotEmpty();
    }

    @Test
    void timelineAndForecastsHaveSources() {
        assertThat(CLAIMS.timeline())
                .extracting(Milestone::year)
                .containsExactly(2003, 2015, 2019, 2021, 2023, 2025);
        assertThat(CLAIMS.forecasts())
                .hasSize(10)
                .allSatisfy(f -> {
                    assertThat(f.asOf()).matches("20[0-9]{2}-[01][0-9]");
                    assertThat(f.references()).isNotEmpty();
                });
        assertThat(CLAIMS.forecast("cni-2").orElseThrow().maturity()).isEqualTo(Maturity.IDEA);
    }

    /** The document's figures, spelt out once more. */
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "5.3/istio/latency, 2, 5, ms",
                "5.3/linkerd/memory, 10, 20, MB",
                "5.3/cilium/cpu, -, 1, %",
                "6.5/sriov/latency, -, 5, us",
                "6.5/ipvlan/throughput, 40, 50, Gbps",
                "7.3/connections/with, 1000000, -, connections",
                "7.3/cycles/without, 2000, 3000, cycles/packet",
                "8-hooks/xdp/figure, 24, 24, Mpps",
                "8-verdict/iptables/latency, 50, 100, us",
                "8-verdict/change/cycles, -83, -83, %",
                "9.1/start/container, 0.5, 2, s",
                "9.2/vm-bridge/throughput, 8, 10, Gbps",
                "9.2/dpu/scale, 500, -, pods/host",
                "9.4/dns/change, -50, -50, %",
                "9.4-service/latency/ebpf, 0.8, 0.8, ms",
                "10.1/ai-training/throughput, 800, 800, Gbps",
                "10.2/staff/vm, 300, 300, CNY/month",
                "13.2/iops/after, 200000, 200000, IOPS",
            })
    void figuresAreTheDocuments(String id, String low, String high, String unit) {
        Claim.Amount figure = CLAIMS.claim(id).orElseThrow().figure().orElseThrow();

        assertThat(figure.range()).isEqualTo(new Range(number(low), number(high)));
        assertThat(figure.unit()).hasToString(unit);
    }

    private static OptionalDouble number(String text) {
        return text == null ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(text));
    }

    @Test
    void costsAddUpToTheDocumentsTotal() {
        ClaimTable table = CLAIMS.table("10.2").orElseThrow();
        for (String column : List.of("vm", "container")) {
            double sum =
                    table.rows().stream()
                            .filter(r -> !r.id().equals("total"))
                            .mapToDouble(r -> cost(r, column))
                            .sum();
            assertThat(sum).isEqualTo(cost(table.row("total").orElseThrow(), column));
        }
    }

    private static double cost(ClaimTable.Row row, String column) {
        return row.cell(column).orElseThrow().figure().orElseThrow().range().middle();
    }

    @Test
    void chineseTextsAreChineseWhereEnglishIsWords() {
        assertThat(CLAIMS.tables())
                .allSatisfy(t -> assertThat(t.title().zh()).matches(".*\\p{IsHan}.*|SR-IOV"));
        assertThat(CLAIMS.forecasts())
                .allSatisfy(f -> assertThat(f.today().zh()).matches("(?s).*\\p{IsHan}.*"));
    }

    @Test
    void metricsOfClaimsAreKnown() {
        assertThat(all().flatMap(c -> c.metric().stream()))
                .isNotEmpty()
                .allSatisfy(id -> assertThat(CLAIMS.metric(id)).isPresent());
        assertThat(CLAIMS.metric("service.connect.50000"))
                .contains(
                        new Metric(
                                "service.connect.50000",
                                new Words(
                                        "services with Weft: time of connect() (50000)",
                                        "Weft 的服务：connect() 时间 (50000)"),
                                Unit.MICROSECOND,
                                true));
        assertThat(CLAIMS.metric("macvlan.goodput").orElseThrow().lowerIsBetter()).isFalse();
        assertThat(CLAIMS.metric("macvlan.beauty")).isEmpty();
        assertThat(CLAIMS.metric("macvlan")).isEmpty();
    }

    @Test
    void unitsConvertWithinTheirDimension() {
        assertThat(Unit.MILLISECOND.convert(1.5, Unit.MICROSECOND)).isEqualTo(1500.0);
        assertThat(Unit.MINUTE.convert(2, Unit.SECOND)).isEqualTo(120.0);
        assertThatThrownBy(() -> Unit.GBPS.convert(1, Unit.SECOND)).hasMessage("Gbps is not s");
    }

    private static final String METRICS =
            """
            subjects: {veth: veth}
            quantities: {rtt: {title: round trip, unit: us}}
            """;

    private static String table(String cell) {
        return METRICS
                + """
                tables:
                  - id: t
                    chapter: t
                    title: T
                    columns: [{id: c, title: C}]
                    rows:
                      - {id: r, title: R, cells: {c: {%s}}}
                """
                        .formatted(cell);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text: x, colour: red | t.yaml: t: r: cells: c: unknown key colour",
                "text: x, low: 1, unit: ell | no such unit: ell",
                "text: x, low: 1 | has no unit",
                "text: x, unit: us | has a unit and no figure",
                "text: x, low: 2, high: 1, unit: us | low 2.0 exceeds high 1.0",
                "text: x, low: 1, unit: us, metric: bike.rtt | no such metric: bike.rtt",
                "text: x, metric: veth.rtt | has a metric and no figure",
                "text: x, low: 1, unit: Gbps, metric: veth.rtt | is in Gbps, its metric in us",
                "text: x, low: 1, unit: us, is: change, metric: veth.rtt | is in us, its metric in us",
                "low: 1, unit: us | has no text",
                "text: x, text: y | found duplicate key text",
            })
    void wrongDataIsRefused(String cell, String message) {
        assertThatThrownBy(() -> ClaimsReader.read(Map.of("t.yaml", table(cell))))
                .isInstanceOf(ClaimsException.class)
                .hasMessageStartingWith("t.yaml: ")
                .hasMessageContaining(message);
    }

    @Test
    void anIdIsUsedOnce() {
        String twice =
                table("text: x")
                        .replace(
                                "rows:", "rows:\n      - {id: r, title: R, cells: {c: {text: y}}}");
        assertThatThrownBy(() -> ClaimsReader.read(Map.of("t.yaml", twice)))
                .hasMessageContaining("id used twice: t/r/c");
    }

    @Test
    void languageFollowsTheLocale() {
        assertThat(Language.of("zh_CN.UTF-8")).isEqualTo(Language.ZH);
        assertThat(Language.of("C.UTF-8")).isEqualTo(Language.EN);
        assertThat(Language.of("")).isEqualTo(Language.EN);
    }
}
