package io.weft.cli;

import io.weft.lab.Experiment;
import io.weft.lab.Lab;
import io.weft.lab.Report;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "lab",
        mixinStandardHelpOptions = true,
        description = "Measures on this machine: Weft beside what it replaces.",
        footer = {"", "Examples:", "  weft lab list", "  weft lab run pod-to-pod"})
final class LabCommand {
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists the experiments.",
            footer = {"", "Example:", "  weft lab list -o json"})
    int list(@Mixin OutputOption output) {
        if (output.json()) {
            Json.print(
                    Lab.EXPERIMENTS.stream()
                            .map(e -> Map.of("name", e.name(), "question", e.question()))
                            .toList());
        } else {
            Table table = new Table("EXPERIMENT", "QUESTION");
            Lab.EXPERIMENTS.forEach(e -> table.row(e.name(), e.question()));
            System.out.print(table);
        }
        return Exit.DONE;
    }

    @Command(
            name = "run",
            mixinStandardHelpOptions = true,
            description = "Runs experiments and prints their reports.",
            footer = {"", "Example:", "  weft lab run pod-to-pod"})
    int run(
            @Mixin OutputOption output,
            @Option(names = "--quick", description = "Fewer repetitions: not to be quoted.")
                    boolean quick,
            @Parameters(arity = "1..*", paramLabel = "NAME", description = "Experiments.")
                    List<String> names) {
        List<Experiment> chosen = new ArrayList<>();
        for (String name : names) {
            chosen.add(Lab.find(name));
        }
        Progress progress = new Progress();
        for (Experiment experiment : chosen) {
            Report report = experiment.run(quick, progress::say);
            if (output.json()) {
                Json.print(json(report));
            } else {
                print(report);
            }
        }
        return Exit.DONE;
    }

    private static Map<String, Object> json(Report report) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("experiment", report.experiment());
        document.put("machine", report.machine());
        document.put(
                "tables",
                report.tables().stream()
                        .map(t -> {
                            Map<String, Object> table = new LinkedHashMap<>();
                            table.put("title", t.title());
                            table.put("columns", t.columns());
                            table.put("rows", t.rows());
                            return table;
                        })
                        .toList());
        document.put(
                "bars",
                report.bars().stream()
                        .map(b -> {
                            Map<String, Object> bar = new LinkedHashMap<>();
                            bar.put("what", b.what());
                            bar.put("asked", b.asked());
                            bar.put("measured", b.measured());
                            bar.put("reached", b.reached());
                            return bar;
                        })
                        .toList());
        document.put("notes", report.notes());
        return document;
    }

    private static void print(Report report) {
        System.out.println(report.experiment());
        report.machine().forEach((k, v) -> System.out.println("  " + k + ": " + v));
        for (Report.Table table : report.tables()) {
            System.out.println();
            if (!table.title().isEmpty()) {
                System.out.println(table.title());
            }
            Table rows = new Table(table.columns().toArray(String[]::new));
            table.rows().forEach(r -> rows.row(r.toArray()));
            System.out.print(rows);
        }
        if (!report.bars().isEmpty()) {
            System.out.println();
            Table bars = new Table("BAR", "ASKED", "MEASURED", "");
            report.bars()
                    .forEach(b ->
                            bars.row(
                                    b.what(),
                                    b.asked(),
                                    b.measured(),
                                    b.reached() ? "reached" : "MISSED"));
            System.out.print(bars);
        }
        report.notes().forEach(n -> System.out.println("note: " + n));
    }
}
