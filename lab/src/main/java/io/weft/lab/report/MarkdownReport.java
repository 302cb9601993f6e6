package io.weft.lab.report;

import io.weft.claims.Figure;
import io.weft.claims.Forecast;
import io.weft.claims.Language;
import io.weft.claims.Measurement;
import io.weft.claims.Milestone;
import io.weft.claims.Reference;
import java.util.List;
import java.util.stream.Collectors;

/** The report as Markdown with tables. */
final class MarkdownReport {
    private final LabReport report;
    private final Language language;
    private final StringBuilder out = new StringBuilder();

    MarkdownReport(LabReport report, Language language) {
        this.report = report;
        this.language = language;
    }

    String render() {
        line("# " + say(Phrase.TITLE));
        line(say(Phrase.INTRO) + " " + report.summary(language) + (zh() ? "。" : "."));
        if (report.results().all().isEmpty()) {
            line(say(Phrase.NO_RESULTS));
        }
        line("## " + say(Phrase.MACHINE));
        report.machines()
                .forEach(facts -> {
                    facts.forEach((k, v) -> out.append("- ").append(k + ": " + v).append('\n'));
                    out.append('\n');
                });
        line("## " + say(Phrase.RULE));
        for (Phrase rule :
                List.of(
                        Phrase.RULE_CHANGE,
                        Phrase.RULE_VALUE,
                        Phrase.RULE_RANK,
                        Phrase.RULE_REST)) {
            line("- " + say(rule));
        }
        sections();
        experiments();
        outlook();
        return out.toString();
    }

    private void sections() {
        String chapter = "";
        for (LabReport.Section section : report.sections()) {
            if (!chapter.isEmpty() && !section.table().chapter().equals(chapter)) {
                others(chapter);
            }
            chapter = section.table().chapter();
            line("## " + chapter + " " + section.table().title().in(language));
            row(say(Phrase.WHAT), say(Phrase.CLAIM), say(Phrase.MEASURED), say(Phrase.VERDICT));
            rule(4);
            for (Judgement j : section.judgements()) {
                row(
                        Text.what(section.table(), j.claim(), language),
                        j.claim().text().in(language),
                        j.measured().map(Text::measured).orElse("–"),
                        Text.verdict(j, language));
            }
            out.append('\n');
        }
        others(chapter);
    }

    private void others(String chapter) {
        List<Figure> others = report.others(chapter);
        if (others.isEmpty()) {
            return;
        }
        line("### " + say(Phrase.ALSO) + ", " + chapter);
        row(say(Phrase.WHAT), say(Phrase.MEASURED));
        rule(2);
        others.forEach(f -> row(Text.title(f, report.claims(), language), Text.figure(f)));
        out.append('\n');
    }

    private void experiments() {
        line("## " + say(Phrase.EXPERIMENTS));
        row(say(Phrase.EXPERIMENT), say(Phrase.AT), say(Phrase.CONCLUSIVE), say(Phrase.METHOD));
        rule(4);
        for (Measurement m : report.results().all()) {
            row(
                    m.experiment()
                            + (report.elsewhere(m) ? " (" + say(Phrase.OTHER_MACHINE) + ")" : ""),
                    m.at().toString(),
                    m.conclusive()
                            ? say(Phrase.YES) + (m.why().isEmpty() ? "" : ": " + m.why())
                            : say(Phrase.NO) + ": " + m.why(),
                    report.experiment(m.experiment()).map(e -> e.method()).orElse(""));
        }
        out.append('\n');
    }

    private void outlook() {
        line("## " + say(Phrase.TIMELINE));
        row(say(Phrase.YEAR), say(Phrase.EVENT), say(Phrase.FOUND), say(Phrase.SOURCES));
        rule(4);
        for (Milestone m : report.claims().timeline()) {
            row(
                    Integer.toString(m.year()),
                    m.event().in(language),
                    m.found().in(language),
                    sources(m.references()));
        }
        out.append('\n');
        line("## " + say(Phrase.FORECASTS));
        row(
                say(Phrase.FORECAST),
                say(Phrase.EVENT),
                say(Phrase.MATURITY),
                say(Phrase.FOUND),
                say(Phrase.SOURCES));
        rule(5);
        for (Forecast f : report.claims().forecasts()) {
            row(
                    f.title().in(language),
                    f.expected().in(language),
                    f.maturity().words().in(language),
                    f.today().in(language) + " (" + f.asOf() + ")",
                    sources(f.references()));
        }
    }

    private static String sources(List<Reference> references) {
        return references.stream()
                .map(r -> r.link().isEmpty() ? r.name() : "[" + r.name() + "](" + r.link() + ")")
                .collect(Collectors.joining("; "));
    }

    private boolean zh() {
        return language == Language.ZH;
    }

    private String say(Phrase phrase) {
        return phrase.in(language);
    }

    private void line(String text) {
        out.append(text).append("\n\n");
    }

    private void row(String... cells) {
        out.append('|');
        for (String cell : cells) {
            out.append(' ').append(cell.replace("|", "\\|").replace('\n', ' ')).append(" |");
        }
        out.append('\n');
    }

    private void rule(int columns) {
        out.append("|---".repeat(columns)).append("|\n");
    }
}
