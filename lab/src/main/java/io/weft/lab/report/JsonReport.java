package io.weft.lab.report;

import com.fasterxml.jackson.jr.ob.JSON;
import io.weft.claims.Figure;
import io.weft.claims.Language;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The report as one JSON document. */
final class JsonReport {
    private final LabReport report;
    private final Language language;

    JsonReport(LabReport report, Language language) {
        this.report = report;
        this.language = language;
    }

    String render() {
        Map<String, Object> document = new LinkedHashMap<>();
        Map<String, Object> summary = new LinkedHashMap<>();
        report.counts().forEach((verdict, n) -> summary.put(name(verdict), n));
        document.put("summary", summary);
        document.put("machines", report.machines());
        List<Object> tables = new ArrayList<>();
        for (LabReport.Section section : report.sections()) {
            Map<String, Object> table = new LinkedHashMap<>();
            table.put("id", section.table().id());
            table.put("chapter", section.table().chapter());
            table.put("title", section.table().title().in(language));
            table.put("claims", section.judgements().stream().map(j -> claim(section, j)).toList());
            tables.add(table);
        }
        document.put("tables", tables);
        document.put(
                "results",
                report.results().all().stream()
                        .map(m -> {
                            Map<String, Object> one = new LinkedHashMap<>();
                            one.put("experiment", m.experiment());
                            one.put("at", m.at().toString());
                            one.put("conclusive", m.conclusive());
                            one.put("why", m.why());
                            one.put("elsewhere", report.elsewhere(m));
                            one.put(
                                    "figures",
                                    m.figures().stream().map(JsonReport::figure).toList());
                            return one;
                        })
                        .toList());
        try {
            return JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(document) + "\n";
        } catch (IOException e) {
            throw new UncheckedIOException("write JSON", e);
        }
    }

    private Map<String, Object> claim(LabReport.Section section, Judgement j) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("id", j.claim().id());
        one.put("what", Text.what(section.table(), j.claim(), language));
        one.put("claim", j.claim().text().in(language));
        j.measured()
                .ifPresent(m -> {
                    Map<String, Object> measured = new LinkedHashMap<>();
                    measured.put("median", m.median());
                    measured.put("low", m.low());
                    measured.put("high", m.high());
                    measured.put("n", m.n());
                    measured.put("unit", m.unit());
                    one.put("measured", measured);
                });
        one.put("verdict", name(j.verdict()));
        one.put("why", j.why().in(language));
        j.source().ifPresent(m -> one.put("experiment", m.experiment()));
        return one;
    }

    private static Map<String, Object> figure(Figure f) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("id", f.id());
        one.put("unit", f.unit());
        one.put("median", f.median());
        one.put("low", f.low());
        one.put("high", f.high());
        one.put("n", f.n());
        return one;
    }

    private static String name(Verdict verdict) {
        return verdict.words().en();
    }
}
