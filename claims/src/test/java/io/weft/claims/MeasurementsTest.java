package io.weft.claims;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.claims.Measurement.NotMeasured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MeasurementsTest {
    private static final Measurement MEASURED =
            new Measurement(
                    "pod-to-pod",
                    Instant.parse("2026-11-26T03:20:00Z"),
                    Map.of("kernel", "6.18"),
                    true,
                    "",
                    List.of(
                            new Figure(
                                    "veth.rtt",
                                    "bare veth",
                                    "round trip",
                                    "us",
                                    7.4,
                                    7.2,
                                    7.7,
                                    15)),
                    List.of(new NotMeasured("sriov.rtt", "no interface offers virtual functions")));

    @TempDir private Path directory;

    @Test
    void whatIsWrittenIsReadAgain() {
        Measurements.write(directory, MEASURED);
        Path file = Measurements.write(directory, MEASURED);

        assertThat(file).hasFileName("pod-to-pod.json");
        assertThat(Measurements.readAll(directory)).containsExactly(MEASURED);
        assertThat(directory).isDirectoryNotContaining("glob:**.part");
        assertThat(MEASURED.figure("veth.rtt")).isPresent();
        assertThat(MEASURED.figure("sriov.rtt")).isEmpty();
    }

    @Test
    void aDirectoryThatIsNotThereHoldsNothing() {
        assertThat(Measurements.readAll(directory.resolve("none"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"n\" : 15 | \"n\": \"15\" | n must be a number",
                "\"median\" : 7.4 | \"median\": 1e999 | median must be a finite number",
                "2026-11-26T03:20:00Z | yesterday | at must be a time as ISO 8601 has it",
                "\"conclusive\" : true | \"conclusive\": 1 | conclusive must be true or false",
                "\"figures\" : [ | \"figures\": 3, \"rest\": [ | figures must be a list",
                "{\"kernel\" : \"6.18\"} | 7 | machine must be an object",
                "\"experiment\" | \"experience\" | experiment must be a string",
            })
    void whatIsNoResultIsNamed(String from, String to, String message) throws IOException {
        String wrong = text().replace(from, to);
        assertThat(wrong).isNotEqualTo(text());
        Path file = Files.writeString(directory.resolve("x.json"), wrong);

        assertThatThrownBy(() -> Measurements.readAll(directory))
                .isInstanceOf(ClaimsException.class)
                .hasMessage(file + ": not a result: " + message);
    }

    private static String text() {
        return Measurements.text(MEASURED)
                .replaceAll("\\{\\s+\"kernel\" : \"6.18\"\\s+}", "{\"kernel\" : \"6.18\"}");
    }

    @Test
    void brokenJsonIsNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("x.json"), "{");
        assertThatThrownBy(() -> Measurements.read(file))
                .isInstanceOf(ClaimsException.class)
                .hasMessageStartingWith(file + ": not");
    }

    @Test
    void laterVersionsMayAddKeys() {
        String later = text().replace("\"why\" : \"\"", "\"why\" : \"\", \"colour\": \"red\"");
        assertThat(Measurements.parse("x", later)).isEqualTo(MEASURED);
    }

    @Test
    void theDirectoryFollowsXdg() {
        assertThat(Measurements.directory(Map.of("XDG_STATE_HOME", "/s"), "/home/u"))
                .isEqualTo(Path.of("/s/weft/lab"));
        assertThat(Measurements.directory(Map.of(), "/home/u"))
                .isEqualTo(Path.of("/home/u/.local/state/weft/lab"));
        assertThat(Measurements.directory(Map.of("XDG_STATE_HOME", "relative"), "/home/u"))
                .isEqualTo(Path.of("/home/u/.local/state/weft/lab"));
    }
}
