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
            "  weft get services",
            "  weft get leases",
            "  weft get networkpolicy microservice-isolation -o json"
        })
final class GetCommand implements Callable<Integer> {
    private static final int SHOWN_BACKENDS = 3;

    @Mixin private NodeOption node = new NodeOption();
    @Mixin private OutputOption output = new OutputOption();

    @Option(
            names = {"-n", "--namespace"},
            description = "Only this namespace (default: all).")
    private @Nullable String namespace;

    @Parameters(
            index = "0",
            paramLabel = "KIND",
            description =
                    "namespaces, pods, services, endpointslices, networkpolicies or another kind;"
                            + " of an agent, leases.")
    private String kind = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "One object.")
    private @Nullable String name;

    @Override
    public Integer call() {
        if (kind.equals("leases")) {
            return leases();
        }
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
        List<Map<String, Object>> items = Replies.objects(result, "items");
        if (!items.isEmpty() && "Service".equals(items.getFirst().get("kind"))) {
            printServices(items);
        } else {
            print(items);
        }
        return Exit.DONE;
    }

    private int leases() {
        Map<String, Object> result;
        try (NodeClient client = node.connect()) {
            result = client.call("Leases", Map.of());
        }
        if (output.json()) {
            Json.print(result);
            return Exit.DONE;
        }
        print(Replies.objects(result, "items"));
        System.out.println();
        printPools(Replies.objects(result, "pools"));
        List<Map<String, Object>> claims = Replies.objects(result, "claims");
        if (!claims.isEmpty()) {
            System.out.println();
            print(claims);
        }
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

    private static void printPools(List<Map<String, Object>> pools) {
        Table table =
                new Table(
                        "POOL",
                        "FAMILY",
                        "TOTAL",
                        "USED",
                        "COOLING",
                        "RESERVED",
                        "FREE",
                        "FORECAST");
        for (Map<String, Object> pool : pools) {
            table.row(
                    pool.get("pool"),
                    pool.get("family"),
                    count(pool.get("total")),
                    pool.get("used"),
                    pool.get("cooling"),
                    pool.get("reserved"),
                    count(pool.get("free")),
                    Replies.object(pool, "forecast").get("text"));
        }
        System.out.print(table);
    }

    /** {@return the number; the largest one stands for that many or more} */
    private static @Nullable Object count(@Nullable Object number) {
        return number instanceof Long n && n == Long.MAX_VALUE ? ">= 2^63" : number;
    }

    /** A line for each frontend. */
    private static void printServices(List<Map<String, Object>> services) {
        Table table =
                new Table(
                        "SERVICE",
                        "TYPE",
                        "FRONTEND",
                        "FORWARDING",
                        "BACKENDS",
                        "STATE",
                        "CONNECTIONS");
        for (Map<String, Object> service : services) {
            Object name = Replies.path(service);
            Object type = cell(service.get("type"));
            Object state = cell(service.get("state"));
            List<Map<String, Object>> frontends = Replies.objects(service, "frontends");
            if (frontends.isEmpty()) {
                table.row(name, type, cell(service.get("externalName")), "-", "-", state, "-");
            }
            for (Map<String, Object> frontend : frontends) {
                table.row(
                        name,
                        type,
                        frontend.get("address"),
                        cell(frontend.get("forwarding")),
                        few(Replies.texts(frontend, "backends")),
                        state,
                        frontend.get("connections"));
                name = "";
                type = "";
                state = "";
            }
        }
        System.out.print(table);
    }

    private static String few(List<String> backends) {
        if (backends.isEmpty()) {
            return "none";
        }
        String first = backends.stream().limit(SHOWN_BACKENDS).collect(Collectors.joining(","));
        int more = backends.size() - SHOWN_BACKENDS;
        return more > 0 ? first + " and " + more + " more" : first;
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
