package io.weft.advisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.claims.Claims;
import io.weft.claims.Language;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class QuestionsTest {
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    private Optional<Need> ask(String answers, Language language) throws IOException {
        return new Questions(
                        new BufferedReader(new StringReader(answers)),
                        new PrintStream(said, true, StandardCharsets.UTF_8),
                        new NeedReader(Claims.load()),
                        language)
                .ask();
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    @Test
    void emptyAnswersAreTheDefault() throws IOException {
        assertThat(ask("\n".repeat(17), Language.EN)).contains(Need.EMPTY);
        assertThat(said())
                .startsWith("Does a regulator ask")
                .contains("[none | regulated] (none): ");
    }

    @Test
    void theStartOfAWordIsEnough() throws IOException {
        String answers = "reg\nk\n20us\n\ny\n50\n\n\nkern\nvirt\n12\n3\nn\n\ny\n\n9000\n";
        assertThat(ask(answers, Language.EN))
                .contains(
                        Needs.of(
                                """
                                regulation: regulated
                                isolation: kernel
                                latency: 20us
                                nfv: true
                                instances: 50
                                team: kernel-experts
                                workloads: virtual-machines
                                existing: {virtualMachines: 12, containers: 3}
                                networks: {storage: true}
                                cost: {budget: 9000}
                                """));
    }

    @Test
    void aWrongAnswerIsExplainedAndAskedAgain() throws IOException {
        Optional<Need> need = ask("perhaps\n\n\n20\n20us\n" + "\n".repeat(20), Language.EN);
        assertThat(need.orElseThrow().performance().latency()).hasValue(20);
        assertThat(said())
                .contains("  Unsupported value: \"perhaps\"")
                .contains("  Invalid value: 20: must be a number above 0 and its unit")
                .containsPattern("(?s)Latency, at most.*Latency, at most");
    }

    @Test
    void theEndOfInputDecidesNothing() throws IOException {
        assertThat(ask("regulated\n", Language.ZH)).isEmpty();
        assertThat(said()).startsWith("监管是否要求").endsWith("\n");
    }
}
