package io.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "up",
                "check",
                "why",
                "apply",
                "diff",
                "get",
                "delete",
                "observe",
                "recommend",
                "status",
                "lab",
                "lab list",
                "lab run",
                "advise"
            })
    void showsAnExampleOfEachSubcommand(String command) {
        String[] words = (command + " --help").split(" ", -1);
        Weft.Result result = Weft.run(words);

        assertThat(result.code()).isEqualTo(Exit.DONE);
        assertThat(result.out()).contains("Example").contains("  weft " + command);
        assertThat(result.err()).isEmpty();
    }

    @Test
    void showsItsSubcommandsAndExitCodes() {
        assertThat(Weft.run("--help").out())
                .contains("Exit codes: 0 done; 1 the answer is no")
                .contains("observe");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "fly",
                "up examples --frobnicate",
                "up",
                "check --engine magic examples/shop",
                "check -o yaml examples/shop",
                "check",
                "why a b",
                "why a b --port 80/gre -f examples/shop",
                "get",
                "delete pod",
                "lab run teleport",
                "apply",
                "advise -f need.yaml -o yaml",
                "advise -f need.yaml --lang fr",
                "advise",
            })
    void refusesWrongUsage(String line) {
        Weft.Result result = Weft.run(line.split(" ", -1));

        assertThat(result.code()).isEqualTo(Exit.BAD_INPUT);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).startsWith("weft: ").doesNotContain("\tat ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "status",
                "get pods",
                "why a b --port 80",
                "observe",
                "recommend",
                "delete pod web",
                "apply -f " + "EXAMPLE",
                "diff -f " + "EXAMPLE",
            })
    void saysHowToStartANodeWhenNoneAnswers(String line) {
        String example = Weft.ROOT.resolve("examples/microservice-isolation").toString();
        Weft.Result result =
                Weft.run(
                        (line + " --instance t-nobody").replace("EXAMPLE", example).split(" ", -1));

        assertThat(result.code()).isEqualTo(Exit.UNREACHABLE);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .startsWith("weft: no running node answers on /run/weft/t-nobody/api.sock")
                .contains("start one with 'weft up DIR'");
    }

    @Test
    void listsTheExperimentsAsJson() {
        assertThat(Weft.run("lab", "list", "-o", "json").jsonList())
                .extracting(e -> String.valueOf(((java.util.Map<?, ?>) e).get("name")))
                .contains("pod-to-pod", "wire-one-pod");
    }
}
