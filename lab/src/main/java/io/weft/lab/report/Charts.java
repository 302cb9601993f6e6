package io.weft.lab.report;

import io.weft.claims.Figure;
import io.weft.claims.Language;
import io.weft.claims.Metric;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The charts of a report, as far as there are results for them. */
final class Charts {
    /** A chart with its heading. */
    record Chart(String title, String note, String svg) {}

    private static final List<String> INTERFACES =
            List.of("host", "veth", "weft", "macvlan", "bridge", "bridge-iptables", "vxlan", "tap");

    private final LabReport report;
    private final Language language;
    private final List<Chart> all = new ArrayList<>();

    private Charts(LabReport report, Language language) {
        this.report = report;
        this.language = language;
    }

    static List<Chart> of(LabReport report, Language language) {
        Charts charts = new Charts(report, language);
        charts.bars(Phrase.LATENCY_CHART, "rtt", 1, true, INTERFACES);
        charts.bars(Phrase.GOODPUT_CHART, "goodput", 1, false, INTERFACES);
        charts.lines(
                Phrase.SERVICE_CHART,
                "connect",
                List.of("service", "service-iptables", "service-nftables"));
        charts.lines(Phrase.POLICY_CHART, "match", List.of("policy", "policy-iptables"));
        charts.bars(
                Phrase.DROP_CHART,
                "drop-rate",
                1,
                false,
                List.of(
                        "xdp",
                        "xdp-generic",
                        "tc",
                        "nftables",
                        "nftables-raw",
                        "iptables-raw",
                        "iptables"));
        charts.bars(
                Phrase.PROXY_CHART,
                "latency",
                1,
                true,
                List.of("veth", "weft", "proxy-haproxy", "proxy-nginx", "proxy-java"));
        charts.bars(
                Phrase.MEMORY_CHART,
                "memory",
                1,
                true,
                List.of("veth", "macvlan", "bridge", "pod", "vm"));
        return charts.all;
    }

    private void bars(
            Phrase title, String quantity, double factor, boolean less, List<String> subjects) {
        List<Svg.Bar> bars = new ArrayList<>();
        for (String subject : subjects) {
            report.results()
                    .find(subject + "." + quantity)
                    .map(Results.Found::figure)
                    .ifPresent(f -> bars.add(bar(f, factor, subject)));
        }
        if (bars.size() > 1) {
            Phrase note = less ? Phrase.LESS_IS_BETTER : Phrase.MORE_IS_BETTER;
            String heading = title.in(language);
            all.add(new Chart(heading, note.in(language), Svg.bars(heading, bars)));
        }
    }

    private Svg.Bar bar(Figure f, double factor, String subject) {
        return new Svg.Bar(
                name(f.id(), subject),
                f.median() * factor,
                f.low() * factor,
                f.high() * factor,
                Text.number(f.median() * factor),
                subject.equals("weft") || subject.equals("pod"));
    }

    private void lines(Phrase title, String quantity, List<String> subjects) {
        List<Svg.Line> lines = new ArrayList<>();
        for (String subject : subjects) {
            Map<Integer, Svg.Point> points = new TreeMap<>(Comparator.naturalOrder());
            String prefix = subject + "." + quantity + ".";
            report.results().all().stream()
                    .flatMap(m -> m.figures().stream())
                    .filter(f -> f.id().startsWith(prefix) && f.median() > 0)
                    .filter(f -> !f.id().contains("/"))
                    .forEach(f -> {
                        int size = Integer.parseInt(f.id().substring(prefix.length()));
                        if (size > 0) {
                            points.putIfAbsent(
                                    size, new Svg.Point(size, f.median(), f.low(), f.high()));
                        }
                    });
            if (points.size() > 1) {
                lines.add(
                        new Svg.Line(
                                name(subject + "." + quantity, subject),
                                List.copyOf(points.values())));
            }
        }
        if (!lines.isEmpty()) {
            String heading = title.in(language);
            all.add(
                    new Chart(
                            heading,
                            Phrase.LESS_IS_BETTER.in(language),
                            Svg.lines(heading, lines)));
        }
    }

    /** {@return the subject's name, as the claims have it} */
    private String name(String id, String subject) {
        return report.claims()
                .metric(id)
                .map(Metric::title)
                .map(w -> w.in(language).split("[:：]", 2)[0])
                .orElse(subject);
    }
}
