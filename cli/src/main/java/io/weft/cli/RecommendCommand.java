package io.weft.cli;

import io.weft.agent.NodeClient;
import io.weft.agent.Recommendation;
import io.weft.flow.FlowHistory;
import io.weft.flow.FlowQuery;
import io.weft.model.ManifestReader;
import io.weft.model.Snapshot;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "recommend",
        mixinStandardHelpOptions = true,
        description = {
            "Writes the least-privilege policies that the flows seen to pass need, and no others: for",
            "each workload one that closes it in both directions but for them. Flows are those of a",
            "running node, or with --from those that 'weft observe -o json' or 'hubble observe -o",
            "json' wrote; offline, the pods' labels come from -f, or from the flows themselves."
        },
        footer = {
            "",
            "Examples:",
            "  weft recommend > policies.yaml",
            "  weft recommend --from flows.json -f examples/shop --namespace shop",
            "  weft observe -o json | weft recommend --from -"
        })
final class RecommendCommand implements Callable<Integer> {
    /** How it is printed. */
    enum Manifest {
        YAML,
        JSON
    }

    @Mixin private NodeOption node = new NodeOption();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "yaml",
            description = "yaml or json, a v1 List (default: ${DEFAULT-VALUE}).")
    private Manifest format = Manifest.YAML;

    @Option(
            names = "--from",
            paramLabel = "FILE|-",
            description = "Recorded flows, a JSON object a line, instead of a running node.")
    private @Nullable String from;

    @Option(
            names = {"-f", "--filename"},
            paramLabel = "FILE|DIR",
            description = "With --from: manifests of the pods; repeatable.")
    private List<Path> files = List.of();

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAME",
            description = "Only policies of this namespace (default: all).")
    private @Nullable String namespace;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description =
                    "Only flows since then: a duration back from now, or an RFC 3339 time (default:"
                            + " all).")
    private @Nullable String since;

    @Override
    public Integer call() {
        if (from == null && !files.isEmpty()) {
            throw new IllegalArgumentException(
                    "-f needs --from: a running node knows its pods' labels");
        }
        Map<String, Object> result = from == null ? ask() : workOut(from);
        List<Map<String, Object>> policies = Replies.objects(result, "policies");
        if (format == Manifest.JSON) {
            Replies.texts(result, "notes").forEach(note -> System.err.println("weft: " + note));
            Map<String, Object> list = new LinkedHashMap<>();
            list.put("apiVersion", "v1");
            list.put("kind", "List");
            list.put("items", policies.stream().map(p -> Replies.object(p, "document")).toList());
            Json.print(list);
        } else {
            System.out.print(Yaml.comments(Replies.texts(result, "notes")));
            for (Map<String, Object> policy : policies) {
                System.out.println("---");
                System.out.print(Yaml.comments(Replies.texts(policy, "comments")));
                System.out.print(Yaml.text(Replies.object(policy, "document")));
            }
        }
        if (policies.isEmpty()) {
            System.err.println("weft: no flow between pods was seen to pass: nothing to recommend");
            return Exit.NO;
        }
        return Exit.DONE;
    }

    private Map<String, Object> ask() {
        Map<String, Object> parameters = new LinkedHashMap<>();
        if (namespace != null) {
            parameters.put("namespace", namespace);
        }
        if (since != null) {
            parameters.put("since", since);
        }
        try (NodeClient client = node.connect()) {
            return client.call("Recommend", parameters);
        }
    }

    private Map<String, Object> workOut(String path) {
        FlowHistory history =
                FlowFiles.read(
                        path,
                        Optional.ofNullable(since).map(s -> FlowQuery.since(s, Instant.now())));
        Snapshot snapshot =
                files.isEmpty()
                        ? Snapshot.EMPTY
                        : Snapshot.of(new ManifestReader().offline().readAll(files));
        return Recommendation.of(history, snapshot, Optional.ofNullable(namespace)).json();
    }
}
