package io.weft.lab.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import io.weft.claims.Claims;
import io.weft.claims.Figure;
import io.weft.claims.Language;
import io.weft.claims.Measurement;
import io.weft.lab.report.LabReport.Format;
import java.io.StringReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class LabReportTest {
    private static final Claims CLAIMS = Claims.load();
    private static final LabReport REPORT = LabReport.of(fixtures(), CLAIMS, "here");
    private static final LabReport EMPTY = LabReport.of(List.of(), CLAIMS, "here");

    @ParameterizedTest
    @EnumSource
    void htmlIsWellFormedAndNeedsNothingElse(Language language) throws Exception {
        for (LabReport report : List.of(REPORT, EMPTY)) {
            String html = report.render(Format.HTML, language);
            Document page = parse(html);

            assertThat(page.getDocumentElement().getTagName()).isEqualTo("html");
            assertThat(page.getElementsByTagName("script").getLength()).isZero();
            assertThat(page.getElementsByTagName("img").getLength()).isZero();
            assertThat(page.getElementsByTagName("link").getLength()).isZero();
            assertThat(html)
                    .doesNotContain("@import")
                    .doesNotContain("url(")
                    .doesNotContain(" src=");
        }
    }

    @Test
    void everyClaimOfEveryTableAskedForIsThereOnce() throws Exception {
        Document page = parse(REPORT.render(Format.HTML, Language.EN));
        long claims =
                CLAIMS.tables().stream()
                        .filter(t ->
                                List.of(
                                                "4.3", "5.3", "6.5", "7.3", "8", "9.1", "9.2",
                                                "9.4", "13.2")
                                        .contains(t.chapter()))
                        .flatMap(t -> t.rows().stream())
                        .mapToLong(r -> r.cells().size())
                        .sum();
        int chips = 0;
        var spans = page.getElementsByTagName("span");
        for (int i = 0; i < spans.getLength(); i++) {
            var style = spans.item(i).getAttributes().getNamedItem("class");
            chips += style != null && style.getNodeValue().startsWith("chip ") ? 1 : 0;
        }

        assertThat(chips).isEqualTo((int) claims).isGreaterThan(80);
        assertThat(REPORT.counts().values().stream().mapToInt(n -> n).sum())
                .isEqualTo((int) claims);
    }

    @Test
    void chartsHaveEachFigureWithItsSpread() throws Exception {
        String html = REPORT.render(Format.HTML, Language.EN);
        Document page = parse(html);

        assertThat(page.getElementsByTagName("svg").getLength()).isEqualTo(2);
        assertThat(page.getElementsByTagName("rect").getLength()).isEqualTo(3);
        assertThat(page.getElementsByTagName("circle").getLength()).isEqualTo(4);
        assertThat(html).contains(">9.04<").contains("services with iptables");
    }

    @Test
    void withoutResultsNothingIsShownAsMeasured() {
        assertThat(EMPTY.counts())
                .containsEntry(Verdict.CONFIRMED, 0)
                .containsEntry(Verdict.CONTRADICTED, 0);
        String page = EMPTY.render(Format.HTML, Language.EN);
        assertThat(page).doesNotContain(", n = ").contains("There are no results yet");
    }

    @Test
    void aResultFromElsewhereSaysSo() {
        assertThat(LabReport.of(fixtures(), CLAIMS, "there").render(Format.MD, Language.EN))
                .contains("interfaces (another machine)");
        assertThat(REPORT.render(Format.MD, Language.EN)).doesNotContain("another machine");
    }

    @Test
    void markdownTablesHaveAsManyCellsAsHeadings() {
        String text = REPORT.render(Format.MD, Language.EN);
        int width = 0;
        for (String line : text.split("\n", -1)) {
            if (!line.startsWith("|")) {
                width = 0;
                continue;
            }
            int cells = line.replace("\\|", "").split("\\|", -1).length;
            width = width == 0 ? cells : width;
            assertThat(cells).as(line).isEqualTo(width);
        }
        assertThat(text)
                .contains(
                        "| container on a bridge · Latency | 20–30 µs | 25.0 us [24.0 … 26.0], n = 11 | confirmed");
    }

    @Test
    void jsonHasTheSameVerdicts() throws Exception {
        Map<String, Object> json = JSON.std.mapFrom(REPORT.render(Format.JSON, Language.EN));

        assertThat(json.get("summary"))
                .isEqualTo(
                        Map.of(
                                "confirmed", REPORT.counts().get(Verdict.CONFIRMED),
                                "contradicted", REPORT.counts().get(Verdict.CONTRADICTED),
                                "not measurable here", REPORT.counts().get(Verdict.NOT_MEASURABLE),
                                "no figure to measure", REPORT.counts().get(Verdict.WORDS)));
    }

    /** A phrase that was copied and not translated is the same in both. */
    @ParameterizedTest
    @EnumSource
    void everyPhraseIsInBothLanguages(Phrase phrase) {
        assertThat(phrase.words().en()).isNotBlank().doesNotContainPattern("\\p{IsHan}");
        assertThat(phrase.words().zh()).isNotBlank().containsPattern("\\p{IsHan}");
        assertThat(phrase.words().zh().contains("%s"))
                .isEqualTo(phrase.words().en().contains("%s"));
    }

    @Test
    void theChinesePageHasTheSameStructure() {
        assertThat(tags(REPORT.render(Format.HTML, Language.ZH)))
                .isEqualTo(tags(REPORT.render(Format.HTML, Language.EN)));
        assertThat(REPORT.render(Format.HTML, Language.ZH))
                .contains("lang=\"zh-CN\"")
                .contains("证实")
                .contains("时间线");
    }

    @Test
    void everyVerdictHasAStyle() {
        String css = Claims.resource(HtmlReport.class, "report.css");
        TreeSet<String> missing = new TreeSet<>();
        for (Verdict verdict : Verdict.values()) {
            String style =
                    ".chip." + verdict.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
            if (!css.contains(style)) {
                missing.add(style);
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void numbersHaveThreeDigitsThatCount() {
        assertThat(
                        List.of(0.0, 0.0123, 0.5, 9.04, 21.64, 123.4, 12_345.0).stream()
                                .map(Text::number))
                .containsExactly("0.00", "0.0123", "0.500", "9.04", "21.6", "123", "12,345");
    }

    private static List<String> tags(String html) {
        return Pattern.compile("</?[a-z0-9]+").matcher(html).results().map(m -> m.group()).toList();
    }

    private static Document parse(String html) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setAttribute(
                "http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        return factory.newDocumentBuilder()
                .parse(new InputSource(new StringReader(html.replaceFirst("<!DOCTYPE html>", ""))));
    }

    private static List<Measurement> fixtures() {
        List<Figure> scale = new ArrayList<>();
        for (String subject : List.of("service", "service-iptables")) {
            for (int size : List.of(100, 10_000)) {
                double us = subject.equals("service") ? 30 : 30 + size / 10.0;
                scale.add(
                        new Figure(
                                subject + ".connect." + size,
                                subject,
                                "connect",
                                "us",
                                us,
                                us - 1,
                                us + 2,
                                15));
            }
        }
        return List.of(
                new Measurement(
                        "interfaces",
                        Instant.parse("2026-01-02T03:04:05Z"),
                        Map.of("host", "here", "kernel", "6.18 <test> & \"more\""),
                        true,
                        "",
                        List.of(
                                new Figure(
                                        "veth.rtt",
                                        "bare veth",
                                        "round trip",
                                        "us",
                                        8.47,
                                        8.2,
                                        8.9,
                                        11),
                                new Figure(
                                        "weft.rtt", "Weft", "round trip", "us", 9.04, 8.8, 9.5, 11),
                                new Figure(
                                        "bridge.rtt",
                                        "bridge",
                                        "round trip",
                                        "us",
                                        25,
                                        24,
                                        26,
                                        11)),
                        List.of(new Measurement.NotMeasured("ipvlan", "Unknown device type"))),
                new Measurement(
                        "service-scale",
                        Instant.parse("2026-01-02T03:05:05Z"),
                        Map.of("host", "here"),
                        true,
                        "",
                        scale,
                        List.of()));
    }
}
