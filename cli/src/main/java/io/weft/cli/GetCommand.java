package io.weft.cli;

import io.weft.agent.NodeClient;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "get",
        mixinStandardHelpOptions = true,
        description = "Lists the objects of a running node.",
        footer = {
            "",
            "Examples:",
            "  weft get pods",
            "  weft get networkpolicy microservice-isolation -o json"
        })
final class GetCommand implements Callable<Integer> {
    @Mixin private NodeOption node = new NodeOption();
    @Mixin private OutputOption output = new OutputOption();

    @Option(
            names = {"-n", "--namespace"},
            description = "Only this namespace (default: all).")
    private @Nullable String namespace;

    @Parameters(
            index = "0",
            paramLabel = "KIND",
            description = "namespaces, pods, networkpolicies or expectations.")
    private String kind = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "One object.")
    private @Nullable String name;

    @Override
    public Integer call() {
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("kind", kind);
        if (namespace != null) {
            parameters.put("namespace", namespace);
        }
        if (name != null) {
            parameters.put("name", name);
        }
        Map<String, Object> result;
        try (NodeClient client = node.connect()) {
            result = client.call("Get", parameters);
        }
        if (output.json()) {
            Json.print(result);
            return Exit.DONE;
        }
        print(Replies.objects(result, "items"));
        return Exit.DONE;
    }

    /** Columns are the fields of the first item; all items are of one kind. */
    private static void print(List<Map<String, Object>> items) {
        if (items.isEmpty()) {
            System.err.println("none found");
            return;
        }
        List<String> fields =
                items.getFirst().keySet().stream().filter(f -> !f.equals("kind")).toList();
        Table table =
                new Table(
                        fields.stream()
                                .map(f -> f.toUpperCase(java.util.Locale.ROOT))
                                .toArray(String[]::new));
        for (Map<String, Object> item : items) {
            table.row(fields.stream().map(f -> cell(item.get(f))).toArray());
        }
        System.out.print(table);
    }

    private static String cell(@Nullable Object value) {
        return switch (value) {
            case null -> "-";
            case List<?> list ->
                    list.stream().map(String::valueOf).collect(Collectors.joining(","));
            case Map<?, ?> map ->
                    map.entrySet().stream()
                            .map(e -> e.getKey() + "=" + e.getValue())
                            .collect(Collectors.joining(","));
            default -> value.toString();
        };
    }
}
