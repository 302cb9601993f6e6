package io.weft.cli;

import io.weft.agent.DiffCall;
import io.weft.agent.NodeClient;
import io.weft.agent.OfflineNode;
import io.weft.flow.FlowHistory;
import io.weft.flow.FlowQuery;
import io.weft.model.ManifestReader;
import io.weft.model.Manifests;
import io.weft.model.Resource;
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
        name = "diff",
        mixinStandardHelpOptions = true,
        description = {
            "Shows what apply would do on a running node, which verdicts between its pods would",
            "change, and which flows of the last hour would have been cut or let through. Nothing",
            "is changed. Exit code 1: there is a difference, or it would not fit.",
            "",
            "With --base it needs no node: what is in force is read from there, and flows from",
            "--flows, as 'weft observe -o json' or 'hubble observe -o json' wrote them."
        },
        footer = {
            "",
            "Examples:",
            "  weft diff -f policy.yaml",
            "  weft diff -f policy.yaml --since 15m -o json",
            "  weft diff -f new/ --base old/ --flows flows.json"
        })
final class DiffCommand implements Callable<Integer> {
    @Mixin private NodeOption node = new NodeOption();
    @Mixin private OutputOption output = new OutputOption();

    @Option(
            names = {"-f", "--filename"},
            required = true,
            paramLabel = "FILE|DIR|-",
            description = "Manifests to compare; repeatable.")
    private List<String> files = List.of();

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description =
                    "Flows since then: a duration back from now, or an RFC 3339 time (default: 1h;"
                            + " of --flows: all).")
    private @Nullable String since;

    @Option(
            names = "--base",
            paramLabel = "FILE|DIR",
            description = "Offline: manifests that are in force; repeatable.")
    private List<Path> base = List.of();

    @Option(
            names = "--flows",
            paramLabel = "FILE|-",
            description = "Offline: recorded flows, a JSON object a line.")
    private @Nullable String flows;

    @Override
    public Integer call() {
        Map<String, Object> result = base.isEmpty() ? ask() : compare();
        if (output.json()) {
            Json.print(result);
        } else {
            print(result);
        }
        return differs(result) ? Exit.NO : Exit.DONE;
    }

    private Map<String, Object> ask() {
        if (flows != null) {
            throw new IllegalArgumentException(
                    "--flows needs --base: a running node has flows of its own");
        }
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("files", ManifestFiles.load(files));
        if (since != null) {
            parameters.put("since", since);
        }
        try (NodeClient client = node.connect()) {
            return client.call("Diff", parameters);
        }
    }

    private Map<String, Object> compare() {
        Optional<Instant> from =
                Optional.ofNullable(since).map(s -> FlowQuery.since(s, Instant.now()));
        List<Resource> before = new ManifestReader().offline().readAll(base);
        Map<String, String> texts = new LinkedHashMap<>();
        ManifestFiles.load(files)
                .forEach(file ->
                        texts.put(file.getOrDefault("name", ""), file.getOrDefault("text", "")));
        Manifests wanted = new ManifestReader().offline().parseTexts(texts);
        FlowHistory history = flows == null ? FlowHistory.EMPTY : FlowFiles.read(flows, from);
        return DiffCall.offline(wanted, OfflineNode.dryRun(before, wanted.resources()), history);
    }

    private static boolean differs(Map<String, Object> result) {
        Map<String, Object> replay = Replies.object(result, "flows");
        return Replies.objects(result, "changes").stream()
                        .anyMatch(c -> !"unchanged".equals(c.get("change")))
                || !Replies.objects(result, "verdicts").isEmpty()
                || !Replies.objects(replay, "cut").isEmpty()
                || !Replies.objects(replay, "allowed").isEmpty()
                || !Replies.texts(result, "refusals").isEmpty();
    }

    private static void print(Map<String, Object> result) {
        ApplyCommand.printWarnings(result);
        ApplyCommand.printChanges(result);
        for (Map<String, Object> v : Replies.objects(result, "verdicts")) {
            System.out.printf(
                    "%s -> %s %s/%s: %s, was %s: %s%n",
                    v.get("from"),
                    v.get("to"),
                    v.get("port"),
                    v.get("protocol"),
                    v.get("after"),
                    v.get("before"),
                    v.get("rule"));
        }
        Map<String, Object> replay = Replies.object(result, "flows");
        if (!replay.isEmpty()) {
            replayed(replay);
        }
        Replies.texts(result, "refusals")
                .forEach(text -> System.out.println("would not fit: " + text));
    }

    private static void replayed(Map<String, Object> replay) {
        List<Map<String, Object>> cut = Replies.objects(replay, "cut");
        List<Map<String, Object>> allowed = Replies.objects(replay, "allowed");
        System.out.printf(
                "%s%s judged again: %d would have been cut, %d would newly be allowed%n",
                flows(replay.get("judged")),
                replay.containsKey("since") ? " since " + replay.get("since") : "",
                count(cut),
                count(allowed));
        if (replay.get("unknown") instanceof Number unknown && unknown.longValue() > 0) {
            System.out.printf(
                    "%s more not judged: of pods that are gone or have no address%n", unknown);
        }
        cut.forEach(flow -> changed("cut", flow));
        allowed.forEach(flow -> changed("allowed", flow));
    }

    private static void changed(String what, Map<String, Object> flow) {
        System.out.printf(
                "  %s: %s -> %s %s, %s, last seen %s: %s%n",
                what,
                flow.get("from"),
                flow.get("to"),
                flow.get("service"),
                flows(flow.get("count")),
                flow.get("lastSeen"),
                flow.get("rule"));
    }

    private static String flows(@Nullable Object count) {
        return count + (String.valueOf(count).equals("1") ? " flow" : " flows");
    }

    private static long count(List<Map<String, Object>> flows) {
        return flows.stream()
                .mapToLong(flow -> flow.get("count") instanceof Number n ? n.longValue() : 0)
                .sum();
    }
}
