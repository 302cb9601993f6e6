package io.weft.advisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.weft.advisor.Advice.Candidate;
import io.weft.advisor.Architecture.Quantity;
import io.weft.advisor.Evidence.Expected;
import io.weft.advisor.Evidence.Source;
import io.weft.claims.Claims;
import io.weft.claims.Figure;
import io.weft.claims.Measurement;
import io.weft.claims.Words;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class EvidenceTest {
    private static final Advisor ADVISOR = new Advisor(Claims.load());
    private static final Hardware HERE =
            new Hardware(
                    true,
                    Map.of(),
                    Optional.of("6.18"),
                    OptionalDouble.empty(),
                    OptionalInt.empty(),
                    List.of());
    private static final Measurement MEASURED = measurement("us", 21.5, true);

    private static Measurement measurement(String unit, double median, boolean conclusive) {
        return new Measurement(
                "pod-to-pod",
                Instant.parse("2026-11-26T03:20:00Z"),
                Map.of("kernel", "6.18"),
                conclusive,
                conclusive ? "" : "the machine was busy",
                List.of(
                        new Figure(
                                "weft.rtt",
                                "Weft",
                                "round trip",
                                unit,
                                median,
                                median * 0.9,
                                median * 1.1,
                                15)),
                List.of());
    }

    private static Advice advise(Hardware hardware, Measurement measurement, boolean here) {
        return ADVISOR.advise(Need.EMPTY, hardware, List.of(measurement), m -> here);
    }

    private static Expected latency(Advice advice, String id) {
        Candidate candidate =
                advice.candidates().stream()
                        .filter(c -> c.architecture().id().equals(id))
                        .findFirst()
                        .orElseThrow();
        return candidate.expected().stream()
                .filter(e -> e.quantity() == Quantity.LATENCY)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatWasMeasuredHereStandsForTheClaim() {
        Expected expected = latency(advise(HERE, MEASURED, true), "ebpf-cni");

        assertThat(expected.source()).isEqualTo(Source.MEASURED);
        assertThat(expected.ids()).containsExactly("weft.rtt");
        assertThat(expected.text()).isEqualTo("21.5 us [19.35–23.65]");
        assertThat(expected.how().en()).isEqualTo("round trip of Weft, n = 15, 2026-11-26");
    }

    @Test
    void itIsConvertedToTheUnitThatIsCompared() {
        Expected expected = latency(advise(HERE, measurement("ms", 0.02, true), true), "ebpf-cni");
        assertThat(expected.text()).startsWith("20 us ");
        assertThat(expected.middle()).isCloseTo(20, offset(1e-9));
    }

    /** A figure in a unit that nobody knows, or of another dimension, is none. */
    @Test
    void aFigureOfAnotherDimensionIsNotTaken() {
        for (String unit : List.of("Gbps", "ells")) {
            Advice advice = advise(HERE, measurement(unit, 20, true), true);
            assertThat(latency(advice, "ebpf-cni").source()).isEqualTo(Source.MODEL);
        }
    }

    @Test
    void aClaimStandsWhereNothingWasMeasured() {
        Expected expected = latency(advise(HERE, MEASURED, true), "calico-bgp");
        assertThat(expected.source()).isEqualTo(Source.CLAIM);
        assertThat(expected.ids()).containsExactly("9.2/bridge/latency");
        assertThat(expected.text()).isEqualTo("20–30 µs");
    }

    @Test
    void aModelShowsItsFormula() {
        Advice advice = ADVISOR.advise(Need.EMPTY, HERE, List.of(), m -> true);
        Expected expected = latency(advice, "sidecar-mesh");
        assertThat(expected.source()).isEqualTo(Source.MODEL);
        assertThat(expected.how()).isEqualTo(Words.same("20–30 µs + 1000–5000 us"));
        assertThat(expected.text()).isEqualTo("1020–5030 us");
        assertThat(latency(advice, "ebpf-cni").how().en()).isEqualTo("20–30 µs × (1 −60 %)");
    }

    @Test
    void resultsThatDoNotFitAreShownAndNotUsed() {
        Hardware declared = Hardware.unknown();
        record Case(Advice advice, String why) {}
        for (Case c :
                List.of(
                        new Case(advise(HERE, MEASURED, false), "measured on another machine"),
                        new Case(
                                advise(HERE, measurement("us", 20, false), true),
                                "not conclusive: the machine was busy"),
                        new Case(advise(declared, MEASURED, true), "the need declares hardware"))) {
            assertThat(latency(c.advice(), "ebpf-cni").source()).isEqualTo(Source.MODEL);
            assertThat(c.advice().evidence())
                    .singleElement()
                    .satisfies(w ->
                            assertThat(w.en())
                                    .startsWith("pod-to-pod, 2026-11-26T03:20:00Z: not used, ")
                                    .contains(c.why()));
        }
        assertThat(advise(HERE, MEASURED, true).evidence())
                .extracting(Words::en)
                .containsExactly("pod-to-pod, 2026-11-26T03:20:00Z: used");
    }
}
