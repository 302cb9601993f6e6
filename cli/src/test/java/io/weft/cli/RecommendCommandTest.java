package io.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecommendCommandTest {
    private static final String PODS =
            """
            {apiVersion: v1, kind: Pod, metadata: {name: web, labels: {app: web}}, spec: {containers: [{name: c, command: [sleep, "9"]}]}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: db, labels: {app: db}}, spec: {containers: [{name: c, command: [sleep, "9"]}]}}
            ---
            apiVersion: weft.io/v1alpha1
            kind: Expectation
            metadata: {name: seen}
            spec: {from: web, to: db, port: 5432, verdict: allow}
            ---
            apiVersion: weft.io/v1alpha1
            kind: Expectation
            metadata: {name: not-seen}
            spec: {from: web, to: db, port: 5433, verdict: deny}
            """;
    private static final String FLOW =
            "{\"time\":\"2026-01-31T12:01:00Z\",\"verdict\":\"FORWARDED\","
                    + "\"IP\":{\"source\":\"10.77.0.2\",\"destination\":\"10.77.0.3\"},"
                    + "\"l4\":{\"TCP\":{\"source_port\":1,\"destination_port\":5432}},"
                    + "\"source\":{\"namespace\":\"default\",\"pod_name\":\"web\"},"
                    + "\"destination\":{\"namespace\":\"default\",\"pod_name\":\"db\"}}\n";

    @TempDir private Path directory;

    private String write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }

    @Test
    void whatItWritesIsAcceptedByCheckAndHolds() throws IOException {
        String pods = write("pods.yaml", PODS);
        String flows = write("flows.json", FLOW);

        for (String format : new String[] {"yaml", "json"}) {
            Weft.Result result = Weft.run("recommend", "--from", flows, "-f", pods, "-o", format);
            assertThat(result.code()).as(result.err()).isEqualTo(Exit.DONE);
            String policies = write("policies." + format, result.out());

            Weft.Result check = Weft.run("check", pods, policies);
            assertThat(check.code()).as(check.err() + check.out()).isEqualTo(Exit.DONE);
            assertThat(check.err()).isEmpty();
            assertThat(check.out()).contains("2 policies; 2 of 2 expectations hold");
        }
    }

    @Test
    void hasNothingToSayWithoutFlowsThatPassed() throws IOException {
        String flows = write("flows.json", FLOW.replace("FORWARDED", "ERROR"));

        Weft.Result result = Weft.run("recommend", "--from", flows);

        assertThat(result.code()).isEqualTo(Exit.NO);
        assertThat(result.err()).contains("nothing to recommend");
        assertThat(Weft.run("recommend", "-f", flows).code()).isEqualTo(Exit.BAD_INPUT);
    }
}
