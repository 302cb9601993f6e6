package io.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.agent.NodeConfig;
import io.weft.kernel.testing.KernelTest;
import io.weft.lab.Lab;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@KernelTest
@Timeout(90)
class LabCommandTest {
    @TempDir private Path temporary;

    @Test
    void listsWhatEachExperimentAnswers() {
        Weft.Result result = Weft.run("lab", "list", "-o", "json");

        assertThat(result.code()).isZero();
        assertThat(result.out())
                .contains("\"name\":\"interfaces\"")
                .contains("\"tables\":[\"4.3\"")
                .contains("\"missing\":");
    }

    @Test
    void asksForANameAndKnowsThem() {
        assertThat(Weft.run("lab", "run").code()).isEqualTo(Exit.BAD_INPUT);
        assertThat(Weft.run("lab", "run").err()).contains("'weft lab list'");
        assertThat(Weft.run("lab", "run", "teleport").err()).contains("no experiment 'teleport'");
    }

    @Test
    void aRunIsKeptAndReported() throws Exception {
        Path results = temporary.resolve("results");
        Weft.Result run =
                Weft.run("lab", "run", "sensitivity", "--quick", "--results", results.toString());

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("NOT CONCLUSIVE: a quick run").contains("sensitivity.json");
        assertThat(run.err()).contains("repetition 1 of 9");

        Path page = temporary.resolve("lab.html");
        Weft.Result report =
                Weft.run(
                        "lab",
                        "report",
                        "--results",
                        results.toString(),
                        "--lang",
                        "zh",
                        "--out",
                        page.toString());
        assertThat(report.code()).isZero();
        assertThat(Files.readString(page)).contains("sensitivity").contains("Weft 实验报告");
    }

    /** Killed in the middle, by the signal that a service manager sends. */
    @Test
    void whatWasMadeIsTakenBackWhenASignalComes() throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Main.class.getName(),
                                "lab",
                                "run",
                                "policy-change",
                                "--results",
                                temporary.toString())
                        .redirectErrorStream(true)
                        .start();
        StringBuilder said = new StringBuilder();
        try (BufferedReader reader = process.inputReader()) {
            String line = reader.readLine();
            while (line != null) {
                said.append(line).append('\n');
                if (line.contains("change one policy")) {
                    assertThat(lab()).as("a node is there").isNotEmpty();
                    process.toHandle().destroy();
                }
                line = reader.readLine();
            }
        } finally {
            process.destroyForcibly();
        }

        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(said.toString()).contains("weft: ended; nothing is left behind");
        assertThat(lab()).isEmpty();
        assertThat(temporary.resolve("policy-change.json")).doesNotExist();
    }

    @Test
    void theBarSaysHowFarAndHowLongStill() {
        LabProgress progress =
                new LabProgress(List.of(Lab.find("dns"), Lab.find("interfaces")), true, true);
        progress.next();

        assertThat(progress.line("repetition 3 of 4", Optional.of(0.5), 10))
                .isEqualTo(
                        "[######------------------] 1/2 dns: repetition 3 of 4, about 30 s left");
        assertThat(progress.line("set up", Optional.empty(), 5)).endsWith("about 40 s left");
    }

    /** {@return what a node of the lab keeps on the machine} */
    private static List<Path> lab() throws Exception {
        NodeConfig config = NodeConfig.of("lab", List.of());
        List<Path> places = List.of(config.pinDirectory(), Path.of("/run/netns"));
        List<Path> found = new java.util.ArrayList<>();
        for (Path place : places) {
            if (Files.isDirectory(place)) {
                try (Stream<Path> entries = Files.list(place)) {
                    entries.filter(e ->
                                    !place.endsWith("netns")
                                            || e.getFileName().toString().startsWith("weft.lab"))
                            .forEach(found::add);
                }
            }
        }
        return found;
    }
}
