package io.weft.lab.report;

import io.weft.claims.Claims;
import io.weft.claims.Figure;
import io.weft.claims.Forecast;
import io.weft.claims.Language;
import io.weft.claims.Measurement;
import io.weft.claims.Milestone;
import io.weft.claims.Reference;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The report as one HTML file that needs nothing else: well-formed XML, too. */
final class HtmlReport {
    private final LabReport report;
    private final Language language;
    private final StringBuilder out = new StringBuilder();

    HtmlReport(LabReport report, Language language) {
        this.report = report;
        this.language = language;
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    String render() {
        out.append("<!DOCTYPE html>\n");
        out.append(
                "<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                        .formatted(language == Language.ZH ? "zh-CN" : "en"));
        out.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n");
        tag("title", say(Phrase.TITLE));
        out.append("<style>\n").append(Claims.resource(HtmlReport.class, "report.css"));
        out.append("</style>\n</head>\n<body>\n<header>\n");
        tag("h1", say(Phrase.TITLE));
        tag("p", say(Phrase.INTRO));
        summary();
        out.append("</header>\n<main>\n");
        if (report.results().all().isEmpty()) {
            out.append("<p class=\"empty\">")
                    .append(escape(say(Phrase.NO_RESULTS)))
                    .append("</p>\n");
        }
        charts();
        sections();
        rule();
        machines();
        experiments();
        outlook();
        return out.append("</main>\n</body>\n</html>\n").toString();
    }

    private void summary() {
        out.append("<ul class=\"summary\">\n");
        report.counts()
                .forEach((verdict, n) ->
                        out.append(
                                "<li class=\"%s\"><b>%d</b> %s</li>\n"
                                        .formatted(
                                                style(verdict),
                                                n,
                                                escape(verdict.words().in(language)))));
        out.append("</ul>\n");
    }

    private void charts() {
        List<Charts.Chart> charts = Charts.of(report, language);
        if (charts.isEmpty()) {
            return;
        }
        open("section", say(Phrase.CHARTS));
        out.append("<div class=\"charts\">\n");
        for (Charts.Chart chart : charts) {
            out.append("<figure>\n<figcaption>").append(escape(chart.title()));
            out.append(" <small>").append(escape(chart.note())).append("</small></figcaption>\n");
            out.append(chart.svg()).append("</figure>\n");
        }
        out.append("</div>\n</section>\n");
    }

    private void sections() {
        open("section", say(Phrase.TABLES));
        String chapter = "";
        for (LabReport.Section section : report.sections()) {
            if (!chapter.isEmpty() && !section.table().chapter().equals(chapter)) {
                others(chapter);
            }
            chapter = section.table().chapter();
            tag("h3", chapter + " " + section.table().title().in(language));
            head(Phrase.WHAT, Phrase.CLAIM, Phrase.MEASURED, Phrase.VERDICT);
            for (Judgement j : section.judgements()) {
                out.append("<tr>");
                cell(Phrase.WHAT, escape(Text.what(section.table(), j.claim(), language)));
                cell(Phrase.CLAIM, escape(j.claim().text().in(language)));
                cell(Phrase.MEASURED, escape(j.measured().map(Text::measured).orElse("–")));
                cell(Phrase.VERDICT, verdict(j));
                out.append("</tr>\n");
            }
            out.append("</tbody></table>\n");
        }
        others(chapter);
        out.append("</section>\n");
    }

    private String verdict(Judgement j) {
        return "<span class=\"chip %s\">%s</span>%s"
                        .formatted(
                                style(j.verdict()),
                                escape(j.verdict().words().in(language)),
                                j.why().in(language).isEmpty()
                                        ? ""
                                        : " <span class=\"why\">"
                                                + (j.verdict() == Verdict.NOT_MEASURABLE
                                                        ? escape(say(Phrase.BECAUSE))
                                                                + (language == Language.ZH
                                                                        ? ""
                                                                        : " ")
                                                        : "")
                                                + escape(j.why().in(language))
                                                + "</span>")
                + j.source()
                        .map(m ->
                                " <span class=\"source\">"
                                        + escape(m.experiment())
                                        + (report.elsewhere(m)
                                                ? ", " + escape(say(Phrase.OTHER_MACHINE))
                                                : "")
                                        + "</span>")
                        .orElse("");
    }

    private static String style(Verdict verdict) {
        return verdict.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private void others(String chapter) {
        List<Figure> others = report.others(chapter);
        if (others.isEmpty()) {
            return;
        }
        out.append("<details><summary>")
                .append(escape(say(Phrase.ALSO) + ", " + chapter))
                .append(" (" + others.size() + ")</summary>\n");
        head(Phrase.WHAT, Phrase.MEASURED);
        for (Figure f : others) {
            out.append("<tr>");
            cell(Phrase.WHAT, escape(Text.title(f, report.claims(), language)));
            cell(Phrase.MEASURED, escape(Text.figure(f)));
            out.append("</tr>\n");
        }
        out.append("</tbody></table>\n</details>\n");
    }

    private void rule() {
        open("section", say(Phrase.RULE));
        out.append("<ul>\n");
        for (Phrase rule :
                List.of(
                        Phrase.RULE_CHANGE,
                        Phrase.RULE_VALUE,
                        Phrase.RULE_RANK,
                        Phrase.RULE_REST)) {
            tag("li", say(rule));
        }
        out.append("</ul>\n</section>\n");
    }

    private void machines() {
        open("section", say(Phrase.MACHINE));
        report.machines()
                .forEach(facts -> {
                    out.append("<dl>\n");
                    facts.forEach((k, v) -> {
                        tag("dt", k);
                        tag("dd", v);
                    });
                    out.append("</dl>\n");
                });
        out.append("</section>\n");
    }

    private void experiments() {
        open("section", say(Phrase.EXPERIMENTS));
        head(Phrase.EXPERIMENT, Phrase.AT, Phrase.CONCLUSIVE, Phrase.METHOD);
        for (Measurement m : report.results().all()) {
            out.append("<tr>");
            cell(
                    Phrase.EXPERIMENT,
                    escape(m.experiment())
                            + (report.elsewhere(m)
                                    ? " (" + escape(say(Phrase.OTHER_MACHINE)) + ")"
                                    : ""));
            cell(Phrase.AT, escape(m.at().toString().replaceFirst("\\.\\d+Z$", "Z")));
            cell(
                    Phrase.CONCLUSIVE,
                    escape(
                            say(m.conclusive() ? Phrase.YES : Phrase.NO)
                                    + (m.why().isEmpty() ? "" : ": " + m.why())));
            cell(
                    Phrase.METHOD,
                    escape(report.experiment(m.experiment()).map(e -> e.method()).orElse("")));
            out.append("</tr>\n");
        }
        out.append("</tbody></table>\n</section>\n");
    }

    private void outlook() {
        open("section", say(Phrase.TIMELINE));
        head(Phrase.YEAR, Phrase.EVENT, Phrase.FOUND, Phrase.SOURCES);
        for (Milestone m : report.claims().timeline()) {
            out.append("<tr>");
            cell(Phrase.YEAR, Integer.toString(m.year()));
            cell(Phrase.EVENT, escape(m.event().in(language)));
            cell(Phrase.FOUND, escape(m.found().in(language)));
            cell(Phrase.SOURCES, sources(m.references()));
            out.append("</tr>\n");
        }
        out.append("</tbody></table>\n</section>\n");
        open("section", say(Phrase.FORECASTS));
        head(Phrase.FORECAST, Phrase.EVENT, Phrase.MATURITY, Phrase.FOUND, Phrase.SOURCES);
        for (Forecast f : report.claims().forecasts()) {
            out.append("<tr>");
            cell(Phrase.FORECAST, escape(f.title().in(language)));
            cell(Phrase.EVENT, escape(f.expected().in(language)));
            cell(Phrase.MATURITY, escape(f.maturity().words().in(language)));
            cell(Phrase.FOUND, escape(f.today().in(language) + " (" + f.asOf() + ")"));
            cell(Phrase.SOURCES, sources(f.references()));
            out.append("</tr>\n");
        }
        out.append("</tbody></table>\n</section>\n");
    }

    private static String sources(List<Reference> references) {
        return references.stream()
                .map(r ->
                        r.link().isEmpty()
                                ? escape(r.name())
                                : "<a href=\"%s\">%s</a>"
                                        .formatted(escape(r.link()), escape(r.name())))
                .collect(Collectors.joining("; "));
    }

    private void open(String tag, String heading) {
        out.append('<').append(tag).append(">\n");
        tag("h2", heading);
    }

    private void head(Phrase... columns) {
        out.append("<table><thead><tr>");
        for (Phrase column : columns) {
            out.append("<th>").append(escape(say(column))).append("</th>");
        }
        out.append("</tr></thead><tbody>\n");
    }

    /** The label stands beside the cell where the page is narrow. */
    private void cell(Phrase label, String html) {
        out.append("<td data-label=\"")
                .append(escape(say(label)))
                .append("\">")
                .append(html)
                .append("</td>");
    }

    private void tag(String name, String text) {
        out.append("<%s>%s</%s>\n".formatted(name, escape(text), name));
    }

    private String say(Phrase phrase) {
        return phrase.in(language);
    }
}
