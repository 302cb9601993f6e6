package io.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/corner-cases.md names a test for each case; they exist. */
class CornerCasesTest {
    private static final Pattern NAMED = Pattern.compile("`(\\w+Test)#(\\w+)`");
    private static final int CASES = 22;

    @Test
    void eachCaseNamesTestsThatExist() throws IOException {
        List<String> rows =
                Files.readAllLines(Weft.ROOT.resolve("docs/corner-cases.md")).stream()
                        .filter(line -> line.matches("\\| \\d+ \\|.*"))
                        .toList();
        assertThat(rows).hasSize(CASES);
        for (int i = 1; i <= CASES; i++) {
            String row = rows.get(i - 1);
            assertThat(row).startsWith("| " + i + " |");
            List<MatchResult> tests = NAMED.matcher(row).results().toList();
            assertThat(tests).as(row).isNotEmpty();
            for (MatchResult test : tests) {
                assertThat(sources(test.group(1)))
                        .as(test.group())
                        .anyMatch(text -> text.contains("void " + test.group(2) + "("));
            }
        }
    }

    /** {@return the texts of the test classes of this name, in whatever module} */
    private static List<String> sources(String name) throws IOException {
        List<Path> modules;
        try (Stream<Path> directories = Files.list(Weft.ROOT)) {
            modules = directories.filter(d -> Files.isDirectory(d.resolve("src/test"))).toList();
        }
        List<String> texts = new ArrayList<>();
        for (Path module : modules) {
            Path file =
                    module.resolve("src/test/java/io/weft")
                            .resolve(module.getFileName())
                            .resolve(name + ".java");
            if (Files.exists(file)) {
                texts.add(Files.readString(file));
            }
        }
        return texts;
    }
}
