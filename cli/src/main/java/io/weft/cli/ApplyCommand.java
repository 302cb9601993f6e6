package io.weft.cli;

import io.weft.agent.NodeClient;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "apply",
        mixinStandardHelpOptions = true,
        description = {
            "Adds or replaces objects on a running node: all of them, or none when one is wrong.",
            "When it returns, the policy is in force, on living connections too."
        },
        footer = {"", "Example:", "  weft apply -f policy.yaml"})
final class ApplyCommand implements Callable<Integer> {
    @Mixin private NodeOption node = new NodeOption();
    @Mixin private OutputOption output = new OutputOption();

    @Option(
            names = {"-f", "--filename"},
            required = true,
            paramLabel = "FILE|DIR|-",
            description = "Manifests to apply; repeatable.")
    private List<String> files = List.of();

    @Override
    public Integer call() {
        Map<String, Object> result;
        try (NodeClient client = node.connect()) {
            result = client.call("Apply", Map.of("files", ManifestFiles.load(files)));
        }
        if (output.json()) {
            Json.print(result);
            return Exit.DONE;
        }
        printWarnings(result);
        printChanges(result);
        if (result.get("micros") instanceof Number micros) {
            System.err.printf(Locale.ROOT, "in force after %.1f ms%n", micros.doubleValue() / 1000);
        }
        return Exit.DONE;
    }

    /** On the error stream, a line each. */
    static void printWarnings(Map<String, Object> result) {
        Replies.texts(result, "warnings").forEach(text -> System.err.println("warning: " + text));
    }

    /** Prints {@code networkpolicy shop/web configured}, a line each. */
    static void printChanges(Map<String, Object> result) {
        for (Map<String, Object> change : Replies.objects(result, "changes")) {
            System.out.println(
                    String.valueOf(change.get("kind")).toLowerCase(Locale.ROOT)
                            + " "
                            + Replies.path(change)
                            + " "
                            + change.get("change"));
        }
    }
}
