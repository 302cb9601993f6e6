package io.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.XZInputStream;

/** Every recorded flow of kube-proxy's own tests, as worlds that {@code check --world} reads. */
class KubeProxyWorldsTest {
    @TempDir private Path directory;

    private static Path recorded() {
        String named = System.getenv("WEFT_CONFORMANCE");
        Path folder = named != null ? Path.of(named) : Weft.ROOT.resolve("../shared/conformance");
        return folder.resolve("kubeproxy-nftables.jsonl.xz");
    }

    @ParameterizedTest
    @ValueSource(strings = {"compiled", "oracle"})
    void checkAnswersEveryRecordedFlow(String engine) throws IOException {
        assumeThat(recorded())
                .as("recorded flows; name their folder in WEFT_CONFORMANCE")
                .isRegularFile();
        int flows = 0;
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                new XZInputStream(Files.newInputStream(recorded())),
                                StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                flows += replay(JSON.std.mapFrom(line), engine);
            }
        }
        System.out.printf("check --world --engine %s: %d flows of kube-proxy%n", engine, flows);
        assertThat(flows).isGreaterThanOrEqualTo(207);
    }

    private int replay(Map<String, Object> scenario, String engine) throws IOException {
        List<Map<String, Object>> flows = maps(scenario.get("flows"));
        Path file =
                Files.writeString(
                        directory.resolve("world.json"),
                        JSON.std.asString(
                                Map.of(
                                        "objects", objects(scenario),
                                        "flows", flows.stream().map(f -> flow(f)).toList())));
        List<String> command =
                new ArrayList<>(List.of("check", "--world", file.toString(), "-o", "json"));
        command.addAll(List.of("--engine", engine));
        command.addAll(options(scenario));

        Weft.Result result = Weft.run(command.toArray(String[]::new));

        assertThat(result.code()).as("%s", result.err()).isEqualTo(Exit.DONE);
        List<Object> answers = result.jsonList();
        assertThat(answers).hasSameSizeAs(flows);
        for (int i = 0; i < flows.size(); i++) {
            Map<String, Object> flow = flows.get(i);
            assertThat(words(map(answers.get(i))))
                    .as("%s: %s: %s", scenario.get("test"), flow.get("name"), flow)
                    .isEqualTo(
                            flow.get("output")
                                    + (Boolean.TRUE.equals(flow.get("masq")) ? " masq" : ""));
        }
        return flows.size();
    }

    private static String words(Map<String, Object> answer) {
        String masquerade = Boolean.TRUE.equals(answer.get("masquerade")) ? " masq" : "";
        Object endpoints = answer.get("endpoints");
        boolean arrives = !(endpoints instanceof String);
        assertThat(answer)
                .containsEntry("egress", arrives)
                .containsEntry("ingress", arrives)
                .containsEntry("verdict", arrives ? "allow" : "deny");
        return endpoints == null
                ? ""
                : (endpoints instanceof List<?> list
                                ? String.join(", ", list.stream().map(String::valueOf).toList())
                                : endpoints)
                        + masquerade;
    }

    /**
     * Whether pod CIDRs were known, and whether all node addresses take node ports or the primary
     * ones alone, stands only in the name of the test.
     */
    private static List<String> options(Map<String, Object> scenario) {
        String test = String.valueOf(scenario.get("test"));
        List<String> options =
                new ArrayList<>(List.of("--node", String.valueOf(scenario.get("nodeName"))));
        if (!test.contains("no_LocalTrafficDetector")) {
            options.addAll(List.of("--cluster-cidr", "10.0.0.0/8,fd00:10::/64"));
        }
        if (!test.contains("multiple_nodeport-addresses")) {
            options.addAll(List.of("--nodeport-addresses", "primary"));
        }
        if (Boolean.TRUE.equals(scenario.get("masqueradeAll"))) {
            options.add("--masquerade-all");
        }
        return options;
    }

    private static List<Object> objects(Map<String, Object> scenario) {
        Map<String, Object> objects = new LinkedHashMap<>();
        for (Map<String, Object> event : maps(scenario.get("events"))) {
            boolean service = "service".equals(event.get("kind"));
            Map<String, Object> next =
                    map(event.get("new") != null ? event.get("new") : event.get("old"));
            String key = event.get("kind") + " " + map(next.get("metadata"));
            if (event.get("new") == null) {
                objects.remove(key);
                continue;
            }
            Map<String, Object> object = new LinkedHashMap<>(next);
            object.put("apiVersion", service ? "v1" : "discovery.k8s.io/v1");
            object.put("kind", service ? "Service" : "EndpointSlice");
            objects.put(key, object);
        }
        List<Object> all = new ArrayList<>(objects.values());
        all.add(
                Map.of(
                        "apiVersion",
                        "v1",
                        "kind",
                        "Node",
                        "metadata",
                        Map.of("name", String.valueOf(scenario.get("nodeName"))),
                        "status",
                        Map.of(
                                "addresses",
                                ((List<?>) Objects.requireNonNull(scenario.get("nodeIPs")))
                                        .stream()
                                                .map(ip ->
                                                        Map.of(
                                                                "type",
                                                                "InternalIP",
                                                                "address",
                                                                String.valueOf(ip)))
                                                .toList())));
        all.add(
                Map.of(
                        "apiVersion",
                        "networking.k8s.io/v1",
                        "kind",
                        "ServiceCIDR",
                        "metadata",
                        Map.of("name", "kubernetes"),
                        "spec",
                        Map.of("cidrs", List.of("172.30.0.0/16", "fd00:172:30::/112"))));
        return all;
    }

    private static Map<String, Object> flow(Map<String, Object> recorded) {
        String protocol = String.valueOf(recorded.get("protocol"));
        return Map.of(
                "from",
                Map.of("ip", String.valueOf(recorded.get("sourceIP"))),
                "to",
                Map.of("ip", String.valueOf(recorded.get("destIP"))),
                "protocol",
                protocol.isEmpty() ? "TCP" : protocol,
                "port",
                Objects.requireNonNull(recorded.get("destPort")));
    }

    private static List<Map<String, Object>> maps(@Nullable Object json) {
        return ((List<?>) Objects.requireNonNull(json))
                .stream().map(KubeProxyWorldsTest::map).toList();
    }

    @SuppressWarnings("unchecked") // JSON objects have string keys
    private static Map<String, Object> map(@Nullable Object json) {
        return (Map<String, Object>) Objects.requireNonNull(json);
    }
}
