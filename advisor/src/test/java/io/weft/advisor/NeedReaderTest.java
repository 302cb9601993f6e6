package io.weft.advisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.advisor.Hardware.Presence;
import io.weft.model.ManifestException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NeedReaderTest {
    @Test
    void anEmptyNeedIsTheDefault() {
        assertThat(Needs.of("")).isEqualTo(Need.EMPTY);
        assertThat(Needs.of("hardware: detect")).isEqualTo(Need.EMPTY);
    }

    @ParameterizedTest
    @CsvSource({
        "20us, 20",
        "0.5ms, 500",
        "0.5 ms, 500",
        "20µs, 20",
        "1500ns, 1.5",
    })
    void quantitiesCarryTheirUnit(String text, double micros) {
        assertThat(Needs.of("latency: " + text).performance().latency().getAsDouble())
                .isCloseTo(micros, org.assertj.core.data.Offset.offset(1e-9));
    }

    @Test
    void aMeshThatIsLimitedIsNeeded() {
        assertThat(Needs.of("mesh: {resourceLimited: true}").mesh().needed()).isTrue();
    }

    /** Common things may be there without being listed; special ones are not. */
    @Test
    void declaredHardwareIsWhatItLists() {
        Hardware h =
                Needs.of("hardware: {kvm: true, unknown: [dpu], kernel: '6.1'}")
                        .hardware()
                        .orElseThrow();
        assertThat(h.of(Capability.KVM)).isEqualTo(Presence.YES);
        assertThat(h.of(Capability.SRIOV)).isEqualTo(Presence.NO);
        assertThat(h.of(Capability.DPU)).isEqualTo(Presence.UNKNOWN);
        assertThat(h.of(Capability.IOMMU)).isEqualTo(Presence.UNKNOWN);
        assertThat(h.kernel()).contains("6.1");
        assertThat(h.detected()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "latnecy: 1us | need.yaml:1: need: latnecy: unknown field \"latnecy\"; did you mean \"latency\"?",
                "latency: 20 | latency: Invalid value: 20: must be a number above 0 and its unit, such as 20us or 0.5ms",
                "latency: 0us | must be a number above 0",
                "latency: 20Gbps | must be a number above 0 and its unit",
                "throughput: fast | must be a number above 0 and its unit, such as 40Gbps or 500Mbps",
                "team: kernel | Unsupported value: \"kernel\": supported values: \"kernel-experts\"",
                "instances: 0 | must be from 1 to 10000000",
                "nfv: perhaps | must be true or false",
                "scene: village | supported values: \"core-banking\"",
                "mesh: yes | must be a mapping of fields",
                "hardware: {kvn: true} | did you mean \"kvm\"?",
                "hardware: guess | supported values: \"detect\"",
                "hardware: {kernel: new} | must be a version",
                "hardware: {unknown: [cup]} | must list capabilities",
                "cost: {currency: EUR} | Required value: one CNY in EUR",
                "cost: {prices: {vm: {hardwear: 1}}} | did you mean \"hardware\"?",
                "weights: {latency: -1} | must be a number from 0 to 1000",
                "weights: {speed: 1} | unknown field \"weights.speed\"",
                "applications: [{name: web}] | applications[0].port: Required value: where it listens",
                "applications: [{name: Web, port: 1}] | must be lower case letters",
                "applications: [{name: a, port: 1, clients: [b]}] | must be names of applications in this list",
                "applications: [{name: a, port: 1}, {name: a, port: 2}] | is used twice",
            })
    void whatIsWrongIsNamedWithItsPlace(String need, String message) {
        assertThatThrownBy(() -> Needs.of(need))
                .isInstanceOf(ManifestException.class)
                .hasMessageStartingWith("need.yaml:1: need: ")
                .hasMessageContaining(message);
    }

    @Test
    void pricesAreInTheNeedsCurrency() {
        Need need =
                Needs.of(
                        """
                        cost: {currency: EUR, exchange: 0.125, prices: {vm: {licences: 5}, extra: {dpu: 40}}}
                        """);
        var prices = Cost.prices(io.weft.claims.Claims.load(), need.money());
        assertThat(prices).containsEntry("vm.hardware", 18.75).containsEntry("vm.licences", 5.0);
        assertThat(prices).containsEntry("extra.dpu", 40.0).hasSize(13);
    }
}
