package io.weft.cli;

import io.weft.agent.NodeClient;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "diff",
        mixinStandardHelpOptions = true,
        description = {
            "Shows what apply would do on a running node, and which verdicts between its pods would",
            "change. Nothing is changed. Exit code 1: there is a difference."
        },
        footer = {"", "Example:", "  weft diff -f policy.yaml"})
final class DiffCommand implements Callable<Integer> {
    @Mixin private NodeOption node = new NodeOption();
    @Mixin private OutputOption output = new OutputOption();

    @Option(
            names = {"-f", "--filename"},
            required = true,
            paramLabel = "FILE|DIR|-",
            description = "Manifests to compare; repeatable.")
    private List<String> files = List.of();

    @Override
    public Integer call() {
        Map<String, Object> result;
        try (NodeClient client = node.connect()) {
            result = client.call("Diff", Map.of("files", ManifestFiles.load(files)));
        }
        boolean differs =
                Replies.objects(result, "changes").stream()
                        .anyMatch(c -> !"unchanged".equals(c.get("change")));
        if (output.json()) {
            Json.print(result);
        } else {
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
        }
        return differs ? Exit.NO : Exit.DONE;
    }
}
