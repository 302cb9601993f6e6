package io.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code weft diff --base}: a change judged over recorded flows, without a node. */
class DiffCommandTest {
    private static final String BASE =
            """
            {apiVersion: v1, kind: Pod, metadata: {name: web, labels: {app: web}}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: job, labels: {app: job}}}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: db, labels: {app: db}}
            spec: {containers: [{name: pg, ports: [{containerPort: 5432}]}]}
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: db}
            spec:
              podSelector: {matchLabels: {app: db}}
              ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]
            """;
    private static final String FLOW =
            "{\"time\":\"2026-01-31T12:0%d:00Z\",\"verdict\":\"%s\",\"drop_reason_desc\":\"POLICY_DENIED\","
                    + "\"IP\":{\"source\":\"10.77.0.2\",\"destination\":\"10.77.0.9\"},"
                    + "\"l4\":{\"TCP\":{\"source_port\":%d,\"destination_port\":%d}},"
                    + "\"source\":{\"namespace\":\"default\",\"pod_name\":\"%s\"},"
                    + "\"destination\":{\"namespace\":\"default\",\"pod_name\":\"%s\"}}\n";

    @TempDir private Path directory;
    private String base;
    private String flows;

    private String write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }

    @BeforeEach
    void record() throws IOException {
        base = write("base.yaml", BASE);
        flows =
                write(
                        "flows.json",
                        FLOW.formatted(1, "FORWARDED", 40001, 5432, "web", "db")
                                + FLOW.formatted(2, "FORWARDED", 40002, 5432, "web", "db")
                                + FLOW.formatted(3, "FORWARDED", 40003, 9187, "web", "db")
                                + FLOW.formatted(4, "DROPPED", 40004, 5432, "job", "db")
                                + FLOW.formatted(5, "FORWARDED", 40005, 80, "web", "gone"));
    }

    private Weft.Result diff(String manifest, String... more) throws IOException {
        String file = write("new.yaml", manifest);
        return Weft.run(
                java.util.stream.Stream.concat(
                                java.util.stream.Stream.of(
                                        "diff", "-f", file, "--base", base, "--flows", flows),
                                java.util.Arrays.stream(more))
                        .toArray(String[]::new));
    }

    private static String policy() {
        return BASE.substring(BASE.lastIndexOf("---") + 4);
    }

    @Test
    void countsTheFlowsThatAChangeWouldHaveCutAndNamesWhatWouldCutThem() throws IOException {
        Weft.Result result = diff(policy().replace("app: web", "app: job"));

        assertThat(result.code()).as(result.err()).isEqualTo(Exit.NO);
        assertThat(result.out())
                .isEqualTo(
                        """
                        networkpolicy default/db configured
                        default/job -> default/db 5432/TCP: allow, was deny: default/db ingress[0] from[0] podSelector app=job, every port (DIR/new.yaml:6)
                        default/web -> default/db 5432/TCP: deny, was allow: no ingress rule allows it: isolated by default/db (DIR/new.yaml:1)
                        4 flows since 2026-01-31T12:01:00Z judged again: 3 would have been cut, 1 would newly be allowed
                        1 more not judged: of pods that are gone or have no address
                          cut: default/web -> default/db 5432/TCP, 2 flows, last seen 2026-01-31T12:02:00Z: no ingress rule allows it: isolated by default/db (DIR/new.yaml:1)
                          cut: default/web -> default/db 9187/TCP, 1 flow, last seen 2026-01-31T12:03:00Z: no ingress rule allows it: isolated by default/db (DIR/new.yaml:1)
                          allowed: default/job -> default/db 5432/TCP, 1 flow, last seen 2026-01-31T12:04:00Z: default/db ingress[0] from[0] podSelector app=job, every port (DIR/new.yaml:6)
                        """
                                .replace("DIR", directory.toString()));
    }

    @Test
    void findsWhatNoDeclaredPortShows() throws IOException {
        Map<String, Object> document =
                diff(policy().replaceFirst("from:", "ports: [{port: 5432}], from:"), "-o", "json")
                        .json();

        assertThat((List<?>) document.get("verdicts")).isEmpty();
        Map<?, ?> replay = (Map<?, ?>) Objects.requireNonNull(document.get("flows"));
        assertThat(replay.get("judged")).isEqualTo(4);
        assertThat(replay.get("unknown")).isEqualTo(1);
        assertThat((List<?>) replay.get("cut"))
                .singleElement()
                .satisfies(cut ->
                        assertThat((Map<?, ?>) cut)
                                .extracting(
                                        c -> c.get("from"),
                                        c -> c.get("to"),
                                        c -> c.get("service"),
                                        c -> c.get("count"))
                                .containsExactly("default/web", "default/db", "9187/TCP", 1));
    }

    @Test
    void theSameObjectInAnotherFileIsNoDifference() throws IOException {
        Weft.Result result = diff("# moved\n\n" + policy());

        assertThat(result.code()).isEqualTo(Exit.DONE);
        assertThat(result.out())
                .contains("networkpolicy default/db unchanged")
                .contains("0 would have been cut, 0 would newly be allowed");
    }

    @Test
    void onlyFlowsSinceThenCount() throws IOException {
        assertThat(diff(policy(), "--since", "2026-01-31T12:04:00Z").out())
                .contains("1 flow since 2026-01-31T12:04:00Z judged again");
        assertThat(diff(policy(), "--since", "noon").err())
                .startsWith("weft: --since: 'noon' is neither a duration");
    }

    @Test
    void namesTheLineThatIsNoFlow() throws IOException {
        flows = write("broken.json", "{\"verdict\": \"FORWARDED\"}\n{\n");
        Weft.Result result = diff(policy());

        assertThat(result.code()).isEqualTo(Exit.BAD_INPUT);
        assertThat(result.err()).isEqualTo("weft: " + flows + ":2: not a JSON object\n");
        flows = directory + "/none.json";
        assertThat(diff(policy()).err()).isEqualTo("weft: " + flows + ": no such file\n");
        assertThat(Weft.run("diff", "-f", base, "--flows", flows).err())
                .isEqualTo("weft: --flows needs --base: a running node has flows of its own\n");
    }
}
