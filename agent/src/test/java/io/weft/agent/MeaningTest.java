package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.ManifestReader;
import io.weft.model.Resource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MeaningTest {
    private static final Path ROOT =
            Path.of(System.getProperty("weft.root", "..")).toAbsolutePath();

    private static final String POLICY =
            """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: db}
            spec:
              podSelector: {matchLabels: {app: db}}
              ingress:
              - from: [{podSelector: {matchLabels: {app: web}}}, {ipBlock: {cidr: 10.0.0.0/8}}]
                ports: [{port: 5432}]
            """;

    private static Resource one(String file, String text) {
        return new ManifestReader().offline().read(file, text).getFirst();
    }

    @Test
    void anObjectThatMovedToAnotherLineOfAnotherFileIsTheSame() {
        Resource here = one("a.yaml", POLICY);
        Resource there = one("b.yaml", "# moved\n\n" + POLICY);

        assertThat(here).isNotEqualTo(there);
        assertThat(Meaning.same(here, there)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"db", "web", "10.0.0.0/8", "5432", "from", "[{port: 5432}]"})
    void everyOtherDifferenceCounts(String part) {
        String other =
                POLICY.replace("from: [{podSelector: {matchLabels: {app: web}}}, ", "from: [")
                        .replace("cidr: 10.0.0.0/8", "cidr: 10.0.0.0/9");
        String changed =
                switch (part) {
                    case "from" -> other;
                    case "10.0.0.0/8" -> POLICY.replace(part, "10.0.0.0/9");
                    case "[{port: 5432}]" -> POLICY.replace(part, "[{port: 5432}, {port: 80}]");
                    case "5432" -> POLICY.replace(part, "5433");
                    default -> POLICY.replace(part, "x" + part);
                };

        assertThat(Meaning.same(one("a.yaml", POLICY), one("a.yaml", changed))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"microservice-isolation", "shop", "monitor-all"})
    void holdsForEveryKindInTheExamples(String example) throws IOException {
        Map<String, String> here = new TreeMap<>();
        Map<String, String> there = new TreeMap<>();
        for (Path file : ManifestReader.files(List.of(ROOT.resolve("examples").resolve(example)))) {
            String text = Files.readString(file);
            here.put("here/" + file.getFileName(), text);
            there.put("there/" + file.getFileName(), "# moved\n" + text);
        }
        List<Resource> once = new ManifestReader().readTexts(here);
        List<Resource> again = new ManifestReader().readTexts(there);

        assertThat(again).hasSameSizeAs(once).isNotEmpty();
        for (int i = 0; i < once.size(); i++) {
            assertThat(once.get(i)).isNotEqualTo(again.get(i));
            assertThat(Meaning.same(once.get(i), again.get(i))).isTrue();
            for (int j = 0; j < i; j++) {
                assertThat(Meaning.same(once.get(i), again.get(j))).isFalse();
            }
        }
    }
}
