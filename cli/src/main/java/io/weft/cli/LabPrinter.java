package io.weft.cli;

import io.weft.claims.Measurement;
import io.weft.claims.Measurements;
import io.weft.lab.Comparison;
import io.weft.lab.LabRun;
import io.weft.lab.Report;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What an experiment found, as text or as a document. */
final class LabPrinter {
    private LabPrinter() {}

    static void print(LabRun.Result result) {
        Measurement measurement = result.measurement();
        System.out.println(measurement.experiment());
        measurement.machine().forEach((k, v) -> System.out.println("  " + k + ": " + v));
        result.report().ifPresent(LabPrinter::print);
        measurement
                .notMeasured()
                .forEach(n -> System.out.println("not measured: " + n.id() + ": " + n.why()));
        System.out.println(
                measurement.conclusive() ? "conclusive" : "NOT CONCLUSIVE: " + measurement.why());
    }

    private static void print(Report report) {
        for (Report.Table table : report.tables()) {
            System.out.println();
            if (!table.title().isEmpty()) {
                System.out.println(table.title());
            }
            Table rows = new Table(table.columns().toArray(String[]::new));
            table.rows().forEach(r -> rows.row(r.toArray()));
            System.out.print(rows);
        }
        List<Comparison> comparisons = report.findings().comparisons();
        if (!comparisons.isEmpty()) {
            System.out.println();
            Table table = new Table("COMPARED", "RATIO [95 %]", "CONCLUSION");
            comparisons.forEach(c -> table.row(c.what(), c.interval(), c.conclusion()));
            System.out.print(table);
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

    /** {@return the result file's content and the tables that people read} */
    static Map<String, Object> document(LabRun.Result result) {
        Map<String, Object> document =
                new LinkedHashMap<>(Json.parse(Measurements.text(result.measurement())));
        document.put("seconds", result.seconds());
        result.report().ifPresent(report -> add(document, report));
        return document;
    }

    private static void add(Map<String, Object> document, Report report) {
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
                "comparisons",
                report.findings().comparisons().stream()
                        .map(c -> {
                            Map<String, Object> one = new LinkedHashMap<>();
                            one.put("what", c.what());
                            one.put("ratio", c.ratio());
                            one.put("outcome", c.outcome().name());
                            one.put("conclusion", c.conclusion());
                            return one;
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
    }
}
