package io.weft.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.model.Bandwidth.Limit;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BandwidthTest {
    private static String pod(String annotations) {
        return "{apiVersion: v1, kind: Pod, metadata: {name: web, annotations:\n {"
                + annotations
                + "}}}";
    }

    private static Bandwidth read(String annotations) {
        Pod pod = (Pod) new ManifestReader().offline().read("f.yaml", pod(annotations)).getFirst();
        return pod.withIps(List.of()).withReady(false).bandwidth();
    }

    private static List<String> problems(String annotations) {
        return Case.problems(new ManifestReader().offline(), pod(annotations));
    }

    @Test
    void annotationsOfAPod() {
        assertThat(read("a/b: c")).isEqualTo(Bandwidth.UNLIMITED);
        assertThat(read("kubernetes.io/ingress-bandwidth: 10M"))
                .isEqualTo(new Bandwidth(Optional.of(Limit.of(10_000_000)), Optional.empty()));
        assertThat(read("kubernetes.io/egress-bandwidth: 100k"))
                .isEqualTo(new Bandwidth(Optional.empty(), Optional.of(Limit.of(100_000))));
        assertThat(read("weft.io/bandwidth: 1G"))
                .as("both ways")
                .isEqualTo(
                        new Bandwidth(
                                Optional.of(Limit.of(1_000_000_000)),
                                Optional.of(Limit.of(1_000_000_000))));
        assertThat(read("weft.io/bandwidth: 1G, kubernetes.io/egress-bandwidth: 1M"))
                .as("the one that says more wins")
                .isEqualTo(
                        new Bandwidth(
                                Optional.of(Limit.of(1_000_000_000)),
                                Optional.of(Limit.of(1_000_000))));
    }

    @ParameterizedTest
    @CsvSource({
        "1G, 1000000000",
        "1Gi, 1073741824",
        "1.5M, 1500000",
        "100k, 100000",
        "1e6, 1000000",
        "1E6, 1000000",
        "2E, 2000000000000000000",
        "+5, 5",
        "'.5k', 500",
        "1500m, 2",
        "1n, 1",
        "-3, -3",
        "99999999E, 9223372036854775807",
    })
    void quantities(String text, long value) {
        assertThat(Quantity.tryParse(text)).contains(value);
    }

    @ParameterizedTest
    @CsvSource({"1K", "''", "G", "1 G", "1GB", "1Gi1", "0x10", "1e", "1.5.2", "٣"})
    void notQuantities(String text) {
        assertThat(Quantity.tryParse(text)).isEmpty();
    }

    @Test
    void whatCannotBeHeldIsRefused() {
        assertThat(problems("kubernetes.io/ingress-bandwidth: 999m"))
                .containsExactly(
                        "f.yaml:2: Pod default/web: metadata.annotations.kubernetes.io/ingress-bandwidth: Invalid"
                                + " value: \"999m\": resource is unreasonably small (< 1kbit)");
        assertThat(problems("kubernetes.io/egress-bandwidth: 2P"))
                .containsExactly(
                        "f.yaml:2: Pod default/web: metadata.annotations.kubernetes.io/egress-bandwidth: Invalid"
                                + " value: \"2P\": resource is unreasonably large (> 1Pbit)");
        assertThat(problems("weft.io/bandwidth: fast"))
                .containsExactly(
                        "f.yaml:2: Pod default/web: metadata.annotations.weft.io/bandwidth: Invalid value:"
                                + " \"fast\": quantities must match the regular expression"
                                + " '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$', for example"
                                + " 10M or 1.5Gi");
        assertThat(problems("weft.io/bandwidth: 5"))
                .singleElement()
                .asString()
                .contains("must be a string; quote it: \"5\"");
    }

    @Test
    void asCniAsks() {
        assertThat(Bandwidth.ofCni(0, 0, 0, 0).isUnlimited()).isTrue();
        assertThat(Bandwidth.ofCni(1_000_000, 80_000, 0, 0).ingress())
                .contains(new Limit(1_000_000, 80_000));
        assertThat(Bandwidth.ofCni(0, 0, 1_000_000, 4_294_967_295L).egress())
                .as("containerd's word for no burst of its own")
                .contains(Limit.of(1_000_000));
        assertThatThrownBy(() -> Bandwidth.ofCni(0, 1, 0, 0))
                .hasMessage("ingressBurst 1: if burst is set, ingressRate must also be set");
        assertThatThrownBy(() -> Bandwidth.ofCni(0, 0, 10, 0))
                .hasMessage(
                        "egressRate 10, egressBurst 0: resource is unreasonably small (< 1kbit)");
        assertThatThrownBy(() -> Bandwidth.ofCni(0, 0, 1_000, 1_000_000))
                .hasMessageContaining(
                        "takes more than 274 s at 1000 bit/s; must be at most 274000");
        assertThatThrownBy(() -> Bandwidth.ofCni(1_000, -1, 0, 0))
                .hasMessageContaining("burst -1: must be greater than or equal to 0 bits");
    }
}
