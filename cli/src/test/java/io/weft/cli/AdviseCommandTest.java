package io.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.claims.Figure;
import io.weft.claims.Measurement;
import io.weft.claims.Measurements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AdviseCommandTest {
    @TempDir private Path directory;

    private static final Path EXAMPLES = Weft.ROOT.resolve("examples/advise");

    private Weft.Result advise(String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = "advise";
        all[1] = "--lab";
        all[2] = directory.resolve("lab").toString();
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        return Weft.run(all);
    }

    private static String example(String name) {
        return EXAMPLES.resolve(name + ".yaml").toString();
    }

    private String write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }

    static Stream<String> examples() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            return files
                    .map(f -> f.getFileName().toString().replace(".yaml", ""))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void whatIsReadyToApplyPassesTheCheck(String example) throws IOException {
        Weft.Result yaml =
                advise("-f", example(example), "-o", "yaml", "--apply-ready", "--lang", "en");
        assertThat(yaml.code()).as(yaml.err()).isEqualTo(Exit.DONE);
        assertThat(yaml.err()).isEmpty();

        Weft.Result check = Weft.run("check", write("network.yaml", yaml.out()));

        assertThat(check.code()).as(check.err() + yaml.out()).isEqualTo(Exit.DONE);
        assertThat(check.out()).startsWith("valid: ");
    }

    /** With the pods that the applications are, what is meant to pass passes, and nothing else. */
    @Test
    void whatIsReadyToApplyMeansWhatTheNeedSays() throws IOException {
        Weft.Result yaml =
                advise(
                        "-f",
                        example("scene-e-commerce"),
                        "-o",
                        "yaml",
                        "--apply-ready",
                        "--lang",
                        "zh");
        StringBuilder world = new StringBuilder(yaml.out());
        Map<String, String> pods =
                Map.of(
                        "web", "shop", "cart", "shop", "orders", "shop", "db", "data", "other",
                        "shop");
        pods.forEach((name, namespace) ->
                world.append(
                        """
                        ---
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: %1$s, namespace: %2$s, labels: {app: %1$s}}
                        spec: {containers: [{name: c, command: [sleep, "9"]}]}
                        """
                                .formatted(name, namespace)));
        String[][] expectations = {
            {"web", "cart", "8080", "allow"}, {"web", "orders", "8080", "allow"},
            {"cart", "orders", "8080", "allow"}, {"orders", "data/db", "5432", "allow"},
            {"web", "data/db", "5432", "deny"}, {"other", "cart", "8080", "deny"},
            {"cart", "web", "8080", "deny"}, {"web", "cart", "9090", "deny"},
            {"orders", "cart", "8080", "deny"},
        };
        for (String[] e : expectations) {
            String name = e[0] + "-" + e[1].replace('/', '-') + "-" + e[2];
            world.append(
                    """
                    ---
                    apiVersion: weft.io/v1alpha1
                    kind: Expectation
                    metadata: {name: %s, namespace: shop}
                    spec: {from: %s, to: %s, port: %s, verdict: %s}
                    """
                            .formatted(name, e[0], e[1], e[2], e[3]));
        }

        Weft.Result check = Weft.run("check", write("world.yaml", world.toString()));

        assertThat(check.out()).as(check.err()).contains("9 of 9 expectations hold");
        assertThat(check.code()).isEqualTo(Exit.DONE);
    }

    @Test
    void answersInTextAndJsonAndChinese() {
        Weft.Result text = advise("-f", example("scene-edge"), "--lang", "en", "--explain");
        assertThat(text.code()).isEqualTo(Exit.DONE);
        assertThat(text.out())
                .startsWith("Through the decision tree (12)\n")
                .contains("1. IPvlan at the edge")
                .contains("Weights (");
        assertThat(advise("-f", example("scene-edge"), "--lang", "zh").out())
                .startsWith("排名\n")
                .contains("边缘 IPvlan");

        Map<String, Object> json = advise("-f", example("scene-edge"), "-o", "json").json();
        assertThat(json)
                .containsOnlyKeys(
                        "candidates",
                        "excluded",
                        "nearest",
                        "weights",
                        "prices",
                        "currency",
                        "sensitivity",
                        "tree",
                        "hardware",
                        "evidence");
        assertThat(
                        ((Map<?, ?>)
                                        ((List<?>) json.getOrDefault("candidates", List.of()))
                                                .getFirst())
                                .get("id"))
                .isEqualTo("ipvlan-edge");
    }

    @Test
    void nothingThatFitsIsANo() throws IOException {
        String need = write("need.yaml", "latency: 0.5us\nhardware: {kvm: true}\n");
        Weft.Result text = advise("-f", need, "--lang", "en");
        assertThat(text.code()).isEqualTo(Exit.NO);
        assertThat(text.out()).startsWith("Nothing satisfies every constraint\n");

        Weft.Result yaml = advise("-f", need, "-o", "yaml", "--apply-ready", "--lang", "en");
        assertThat(yaml.code()).isEqualTo(Exit.NO);
        assertThat(yaml.out()).isEmpty();
        assertThat(yaml.err()).startsWith("Nothing satisfies every constraint\n");
    }

    @Test
    void wrongNeedsAreToldWithFileAndLine() throws IOException {
        String need = write("need.yaml", "nfv: false\nlatnecy: 5us\n");
        Weft.Result result = advise("-f", need);
        assertThat(result.code()).isEqualTo(Exit.BAD_INPUT);
        assertThat(result.err())
                .isEqualTo(
                        need
                                + ":2: need: latnecy: unknown field \"latnecy\"; did you mean"
                                + " \"latency\"?\n");
        assertThat(advise("-f", directory.resolve("none.yaml").toString()).err())
                .endsWith("none.yaml: no such file or directory\n");
    }

    @Test
    void resultsOfTheLabThatCannotBeReadAreNamed() throws IOException {
        Files.createDirectories(directory.resolve("lab"));
        write("lab/x.json", "{}");
        Weft.Result result = advise("-f", example("scene-edge"));
        assertThat(result.code()).isEqualTo(Exit.BAD_INPUT);
        assertThat(result.err()).startsWith("weft: ").contains("x.json: not a result: ");
    }

    @Test
    void figuresMeasuredOnThisMachineAreUsed() throws IOException {
        String kernel = Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();
        Measurements.write(
                directory.resolve("lab"),
                new Measurement(
                        "pod-to-pod",
                        Instant.parse("2026-11-26T03:20:00Z"),
                        Map.of("kernel", kernel),
                        true,
                        "",
                        List.of(
                                new Figure(
                                        "weft.rtt", "Weft", "round trip", "us", 21.5, 21, 22, 15)),
                        List.of()));
        String need = write("need.yaml", "team: kernel-experts\nworkloads: containers\n");

        assertThat(advise("-f", need, "--lang", "en").out())
                .contains(
                        "latency 21.5 us [21–22] (measured here: round trip of Weft, n = 15, 2026-11-26;")
                .contains("pod-to-pod, 2026-11-26T03:20:00Z: used");
    }

    @Test
    void theNeedCanBeSaved() throws IOException {
        Path saved = directory.resolve("saved.yaml");
        Weft.Result first =
                advise("-f", example("scene-e-commerce"), "-o", "json", "--save", saved.toString());
        assertThat(advise("-f", saved.toString(), "-o", "json").out()).isEqualTo(first.out());
        assertThat(Files.readString(saved)).startsWith("# A need for `weft advise -f`.");
    }
}
