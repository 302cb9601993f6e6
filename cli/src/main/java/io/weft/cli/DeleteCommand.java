package io.weft.cli;

import io.weft.agent.NodeClient;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "delete",
        mixinStandardHelpOptions = true,
        description = "Removes objects from a running node; the processes of a pod end with it.",
        footer = {
            "",
            "Examples:",
            "  weft delete networkpolicy microservice-isolation",
            "  weft delete -f policy.yaml"
        })
final class DeleteCommand implements Callable<Integer> {
    @Mixin private NodeOption node = new NodeOption();
    @Mixin private OutputOption output = new OutputOption();

    @Option(
            names = {"-f", "--filename"},
            paramLabel = "FILE|DIR|-",
            description = "Manifests whose objects to remove; repeatable.")
    private List<String> files = List.of();

    @Option(
            names = {"-n", "--namespace"},
            defaultValue = "default",
            description = "Namespace of the named objects (default: ${DEFAULT-VALUE}).")
    private String namespace = "default";

    @Parameters(paramLabel = "KIND NAME...", description = "Objects to remove, by kind and name.")
    private List<String> words = List.of();

    @Override
    public Integer call() {
        Map<String, Object> parameters = new HashMap<>();
        if (!files.isEmpty() && words.isEmpty()) {
            parameters.put("files", ManifestFiles.load(files));
        } else if (files.isEmpty() && words.size() >= 2) {
            parameters.put("kind", words.getFirst());
            parameters.put("namespace", namespace);
            parameters.put("names", words.subList(1, words.size()));
        } else {
            throw new IllegalArgumentException("give either -f FILE, or KIND and NAME");
        }
        Map<String, Object> result;
        try (NodeClient client = node.connect()) {
            result = client.call("Delete", parameters);
        }
        if (output.json()) {
            Json.print(result);
        } else {
            ApplyCommand.printChanges(result);
        }
        return Exit.DONE;
    }
}
