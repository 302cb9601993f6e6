package io.weft.lab.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.claims.ClaimTable;
import io.weft.claims.Claims;
import io.weft.claims.Figure;
import io.weft.claims.Measurement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JudgeTest {
    private static final Claims CLAIMS = Claims.load();

    /** The document: container on a bridge, 20-30 us. */
    @ParameterizedTest
    @CsvSource({
        "25, CONFIRMED, within a factor of two of the claim",
        "11, CONFIRMED, within a factor of two of the claim",
        "59, CONFIRMED, within a factor of two of the claim",
        "9, CONTRADICTED, better than claimed by more than a factor of two",
        "61, CONTRADICTED, worse than claimed by more than a factor of two",
    })
    void aFigureOfItsOwnMayDifferByAFactorOfTwo(double us, Verdict verdict, String why) {
        Judgement j = judge("9.2", "bridge", "latency", result(figure("bridge.rtt", "us", us)));

        assertThat(j.verdict()).isEqualTo(verdict);
        assertThat(j.why().en()).isEqualTo(why);
    }

    /** The document: macvlan 40-50 Gbps, more is better. */
    @ParameterizedTest
    @CsvSource({"14, worse", "120, better"})
    void saysWhichWayItDiffers(double gbps, String way) {
        Judgement j =
                judge(
                        "9.2",
                        "macvlan",
                        "throughput",
                        result(figure("macvlan.goodput", "Gbps", gbps)));

        assertThat(j.verdict()).isEqualTo(Verdict.CONTRADICTED);
        assertThat(j.why().en()).startsWith(way + " than claimed");
    }

    /** The document: pod-to-pod latency -60 %. */
    @ParameterizedTest
    @CsvSource({
        "0.38, 0.36, 0.40, CONFIRMED, at least as large as claimed",
        "0.42, 0.41, 0.45, CONFIRMED, at least as large as claimed",
        "0.80, 0.78, 0.82, CONTRADICTED, 'a gain, smaller than claimed'",
        "1.10, 1.08, 1.12, CONTRADICTED, no gain",
        "0.46, 0.40, 0.60, NOT_MEASURABLE, the spread is wider than the distance from the claim",
    })
    void aGainMustBeAsLargeAsClaimed(
            double ratio, double low, double high, Verdict verdict, String why) {
        Judgement j =
                judge(
                        "9.4",
                        "pod-to-pod",
                        "change",
                        result(
                                new Figure(
                                        "weft.rtt/bridge-iptables.rtt",
                                        "",
                                        "",
                                        "x",
                                        ratio,
                                        low,
                                        high,
                                        11)));

        assertThat(j.verdict()).isEqualTo(verdict);
        assertThat(j.why().en()).isEqualTo(why);
    }

    /** The document: without a sidecar, throughput less than 1 % lower. */
    @ParameterizedTest
    @CsvSource({
        "0.99, 0.98, 1.01, CONFIRMED, in the claimed range",
        "0.90, 0.88, 0.92, CONTRADICTED, costs more than claimed",
        "1.20, 1.18, 1.22, CONTRADICTED, costs less than claimed",
    })
    void aCostMustBeInItsRange(double ratio, double low, double high, Verdict verdict, String why) {
        Judgement j =
                judge(
                        "5.3",
                        "cilium",
                        "throughput",
                        result(
                                new Figure(
                                        "weft.goodput/veth.goodput",
                                        "",
                                        "",
                                        "x",
                                        ratio,
                                        low,
                                        high,
                                        11)));

        assertThat(j.verdict()).isEqualTo(verdict);
        assertThat(j.why().en()).isEqualTo(why);
    }

    @Test
    void whatASidecarAddsIsTheDifferenceOfOneRun() {
        Judgement j =
                judge(
                        "5.3",
                        "istio",
                        "latency",
                        result(
                                figure("proxy.latency", "ms", 3.5),
                                figure("veth.latency", "ms", 0.5)));

        assertThat(j.verdict()).isEqualTo(Verdict.CONFIRMED);
        assertThat(j.measured()).hasValueSatisfying(m -> assertThat(m.median()).isEqualTo(3));
    }

    @Test
    void aRankIsTheOrderAmongThoseMeasured() {
        Measurement ordered =
                result(
                        figure("host.rtt", "us", 7),
                        figure("bridge.rtt", "us", 9),
                        figure("vxlan.rtt", "us", 12));
        Measurement swapped =
                result(
                        figure("host.rtt", "us", 7),
                        figure("bridge.rtt", "us", 12),
                        figure("vxlan.rtt", "us", 9));

        assertThat(judge("4.3", "bridge", "rank", ordered).verdict()).isEqualTo(Verdict.CONFIRMED);
        Judgement wrong = judge("4.3", "bridge", "rank", swapped);
        assertThat(wrong.verdict()).isEqualTo(Verdict.CONTRADICTED);
        assertThat(wrong.why().en()).isEqualTo("not in this order beside: overlay");
        assertThat(judge("4.3", "host", "rank", swapped).verdict()).isEqualTo(Verdict.CONFIRMED);
    }

    @Test
    void aResultThatIsNotConclusiveDecidesNothingAndIsShown() {
        Measurement busy =
                new Measurement(
                        "interfaces",
                        Instant.EPOCH,
                        Map.of(),
                        false,
                        "the machine was busy",
                        List.of(figure("bridge.rtt", "us", 25)),
                        List.of());
        Judgement j = judge("9.2", "bridge", "latency", busy);

        assertThat(j.verdict()).isEqualTo(Verdict.NOT_MEASURABLE);
        assertThat(j.why().en()).isEqualTo("the result is not conclusive: the machine was busy");
        assertThat(j.measured()).isPresent();
    }

    @Test
    void aConclusiveResultIsPreferredToANewerOneThatIsNot() {
        Measurement old = result(figure("bridge.rtt", "us", 25));
        Measurement busy =
                new Measurement(
                        "pod-to-pod",
                        Instant.EPOCH.plusSeconds(60),
                        Map.of(),
                        false,
                        "busy",
                        List.of(figure("bridge.rtt", "us", 99)),
                        List.of());

        assertThat(judge("9.2", "bridge", "latency", busy, old).verdict())
                .isEqualTo(Verdict.CONFIRMED);
    }

    @Test
    void saysWhyThereIsNoFigure() {
        Measurement without =
                new Measurement(
                        "interfaces",
                        Instant.EPOCH,
                        Map.of(),
                        true,
                        "",
                        List.of(),
                        List.of(new Measurement.NotMeasured("sriov", "no virtual functions")));

        assertThat(judge("6.5", "sriov", "latency", without).why().en())
                .isEqualTo("no virtual functions");
        assertThat(judge("6.5", "macvlan", "latency").why().en())
                .startsWith("not measured yet; 'weft lab run' one of: ")
                .contains("interfaces");
        assertThat(judge("8-hubble", "troubleshooting", "before").why().en())
                .isEqualTo("it is people's time");
    }

    @Test
    void unitsAreConverted() {
        Judgement j = judge("9.2", "bridge", "latency", result(figure("bridge.rtt", "ms", 0.025)));

        assertThat(j.verdict()).isEqualTo(Verdict.CONFIRMED);
        assertThat(j.measured())
                .hasValueSatisfying(m -> assertThat(m.median()).isBetween(24.9, 25.1));
    }

    private static Judgement judge(
            String table, String row, String column, Measurement... measurements) {
        ClaimTable found = CLAIMS.table(table).orElseThrow();
        return new Judge(CLAIMS, new Results(List.of(measurements)))
                .judge(found, found.row(row).orElseThrow().cell(column).orElseThrow());
    }

    private static Measurement result(Figure... figures) {
        return new Measurement(
                "interfaces", Instant.EPOCH, Map.of(), true, "", List.of(figures), List.of());
    }

    private static Figure figure(String id, String unit, double value) {
        return new Figure(id, "", "", unit, value, value * 0.95, value * 1.05, 11);
    }
}
