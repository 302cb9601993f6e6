package io.weft.advisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.claims.ClaimTable;
import io.weft.claims.Claims;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each leaf of the tree and each scene comes out first for its example; the tree agrees. */
class ExamplesTest {
    static final Path EXAMPLES =
            Path.of(System.getProperty("weft.root", "..")).resolve("examples/advise");
    private static final Claims CLAIMS = Claims.load();
    private static final Advisor ADVISOR = new Advisor(CLAIMS);

    static Advice advise(String example) {
        Need need = new NeedReader(CLAIMS).read(EXAMPLES.resolve(example + ".yaml"));
        return ADVISOR.advise(need, need.hardware().orElseThrow(), List.of(), m -> true);
    }

    private static Stream<String> rows(String table) {
        return CLAIMS.table(table).orElseThrow().rows().stream().map(ClaimTable.Row::id);
    }

    static Stream<String> leaves() {
        return rows("12");
    }

    static Stream<String> scenes() {
        return rows("10.1");
    }

    @ParameterizedTest
    @MethodSource("leaves")
    void aLeafComesOutForTheNeedThatFitsIt(String leaf) {
        Advice advice = advise("leaf-" + leaf);

        assertThat(advice.tree().leaf()).contains(leaf);
        assertThat(advice.first().orElseThrow().architecture().leaves())
                .as(ranking(advice))
                .contains(leaf);
    }

    @ParameterizedTest
    @MethodSource("scenes")
    void aSceneComesOutForTheNeedThatFitsIt(String scene) {
        Advice advice = advise("scene-" + scene);

        assertThat(advice.first().orElseThrow().architecture().scenes())
                .as(ranking(advice))
                .contains(scene);
    }

    /** Without the hint of the scene, it is the figures that decide. */
    @ParameterizedTest
    @ValueSource(strings = {"core-banking", "e-commerce", "ai-training", "5g-upf", "hpc"})
    void aSceneIsNamedByItsFiguresWhereTheyAreItsAlone(String scene) {
        Need need = new NeedReader(CLAIMS).read(EXAMPLES.resolve("scene-" + scene + ".yaml"));
        Need unnamed = Needs.withoutScene(need);
        Advice advice =
                ADVISOR.advise(unnamed, need.hardware().orElseThrow(), List.of(), m -> true);

        assertThat(advice.first().orElseThrow().architecture().scenes())
                .as(ranking(advice))
                .contains(scene);
    }

    @Test
    void everyArchitectureOfTheDocumentIsInTheCatalogue() {
        List<Architecture> all = ADVISOR.catalogue().architectures();
        assertThat(leaves())
                .allSatisfy(leaf -> assertThat(all).anyMatch(a -> a.leaves().contains(leaf)));
        assertThat(scenes())
                .allSatisfy(scene -> assertThat(all).anyMatch(a -> a.scenes().contains(scene)));
    }

    @Test
    void everyExampleHasAnAnswer() throws Exception {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            assertThat(files)
                    .hasSizeGreaterThanOrEqualTo(16)
                    .allSatisfy(f -> {
                        String name = f.getFileName().toString().replace(".yaml", "");
                        assertThat(advise(name).first()).isPresent();
                    });
        }
    }

    static String ranking(Advice advice) {
        StringBuilder text = new StringBuilder();
        advice.candidates()
                .forEach(c ->
                        text.append(c.architecture().id())
                                .append(' ')
                                .append(Numbers.fixed(c.total(), 4))
                                .append(' ')
                                .append(
                                        c.scores().stream()
                                                .map(s ->
                                                        s.criterion().key()
                                                                + "="
                                                                + Numbers.fixed(s.value(), 2)
                                                                + "*"
                                                                + s.weight())
                                                .toList())
                                .append('\n'));
        advice.excluded()
                .forEach(e ->
                        text.append(e.architecture().id())
                                .append(": ")
                                .append(e.by().stream().map(Exclusion::constraint).toList())
                                .append('\n'));
        return text.toString();
    }
}
