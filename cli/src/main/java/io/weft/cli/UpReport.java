package io.weft.cli;

import io.weft.agent.Endpoint;
import io.weft.agent.NodeState;
import io.weft.agent.Reachability.Answer;
import io.weft.agent.Reachability.How;
import io.weft.agent.Reachability.Tested;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What {@code up} prints of a node: workloads, expectations, and who reaches whom. */
final class UpReport {
    private UpReport() {}

    static Map<String, Object> json(
            NodeState state, List<Tested> tested, Optional<List<Answer>> matrix, boolean ok) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("engine", "kernel");
        List<Map<String, Object>> workloads = new ArrayList<>();
        for (Endpoint endpoint : sorted(state)) {
            Map<String, Object> workload = new LinkedHashMap<>();
            workload.put("name", endpoint.pod().name());
            workload.put("namespace", endpoint.pod().namespace());
            workload.put("ips", endpoint.ips().stream().map(Object::toString).toList());
            workload.put("interface", endpoint.hostInterface());
            workloads.add(workload);
        }
        document.put("workloads", workloads);
        document.put("expectations", tested.stream().map(UpReport::json).toList());
        matrix.ifPresent(
                answers -> document.put("matrix", answers.stream().map(UpReport::json).toList()));
        document.put("ok", ok);
        return document;
    }

    private static Map<String, Object> json(Tested tested) {
        Map<String, Object> result = json(tested.answer());
        Map<String, Object> ordered = new LinkedHashMap<>();
        ordered.put("name", tested.expectation().ref().path());
        ordered.put("from", result.get("from"));
        ordered.put("to", result.get("to"));
        ordered.put("protocol", result.get("protocol"));
        ordered.put("port", result.get("port"));
        ordered.put("want", verdict(tested.expectation().allow()));
        ordered.put("got", result.get("got"));
        ordered.put("rule", result.get("rule"));
        ordered.put("how", result.get("how"));
        ordered.put("ok", tested.ok());
        return ordered;
    }

    private static Map<String, Object> json(Answer answer) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("from", answer.from());
        result.put("to", answer.to());
        result.put("protocol", answer.protocol().toString());
        result.put("port", answer.port());
        result.put("got", verdict(answer.allowed()));
        result.put("rule", answer.rule());
        result.put("how", answer.how() == How.TRAFFIC ? "traffic" : "tables");
        return result;
    }

    private static String verdict(boolean allowed) {
        return allowed ? "allow" : "deny";
    }

    static String text(NodeState state, List<Tested> tested, Optional<List<Answer>> matrix) {
        StringBuilder text = new StringBuilder("\n");
        Table workloads = new Table("WORKLOAD", "ADDRESSES", "INTERFACE");
        for (Endpoint endpoint : sorted(state)) {
            workloads.row(
                    endpoint.pod().path(),
                    endpoint.ips().stream().map(Object::toString).collect(Collectors.joining(" ")),
                    endpoint.hostInterface());
        }
        text.append(workloads).append('\n');
        if (!tested.isEmpty()) {
            text.append(expectations(tested)).append('\n');
        }
        matrix.ifPresent(answers -> text.append(matrix(answers)).append('\n'));
        return text.toString();
    }

    private static String expectations(List<Tested> tested) {
        Table table = new Table("", "FROM", "TO", "PORT", "WANT", "GOT", "BECAUSE");
        for (Tested t : tested) {
            table.row(
                    t.ok() ? "ok" : "FAILED",
                    t.answer().from(),
                    t.answer().to(),
                    t.answer().port() + "/" + t.answer().protocol(),
                    verdict(t.expectation().allow()),
                    verdict(t.answer().allowed()),
                    t.answer().rule()
                            + (t.answer().how() == How.TABLES ? " (from the tables)" : ""));
        }
        long good = tested.stream().filter(Tested::ok).count();
        return table + String.valueOf(good) + " of " + tested.size() + " expectations hold\n";
    }

    /** Who reaches whom: rows are sources, numbered columns destinations. */
    private static String matrix(List<Answer> answers) {
        Set<String> targets = new LinkedHashSet<>();
        Map<String, Map<String, String>> rows = new TreeMap<>();
        for (Answer answer : answers) {
            String target = answer.to() + " " + answer.port() + "/" + answer.protocol();
            targets.add(target);
            rows.computeIfAbsent(answer.from(), f -> new LinkedHashMap<>())
                    .put(target, answer.allowed() ? "yes" : "-");
        }
        List<String> columns = targets.stream().sorted().toList();
        List<String> header = new ArrayList<>(List.of("REACHES"));
        for (int i = 1; i <= columns.size(); i++) {
            header.add(Integer.toString(i));
        }
        Table table = new Table(header.toArray(String[]::new));
        rows.forEach((from, row) -> {
            List<Object> cells = new ArrayList<>(List.of(from));
            columns.forEach(c -> cells.add(row.getOrDefault(c, ".")));
            table.row(cells.toArray());
        });
        StringBuilder text = new StringBuilder(table.toString());
        for (int i = 0; i < columns.size(); i++) {
            text.append(String.format("%3d  %s%n", i + 1, columns.get(i)));
        }
        return text.toString();
    }

    private static List<Endpoint> sorted(NodeState state) {
        return state.endpoints().values().stream()
                .sorted(java.util.Comparator.comparing(Endpoint::pod))
                .toList();
    }
}
