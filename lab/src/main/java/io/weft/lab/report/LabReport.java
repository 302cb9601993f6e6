package io.weft.lab.report;

import io.weft.claims.ClaimTable;
import io.weft.claims.Claims;
import io.weft.claims.Figure;
import io.weft.claims.Language;
import io.weft.claims.Measurement;
import io.weft.lab.Experiment;
import io.weft.lab.Lab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The tables of the source document beside results. */
public final class LabReport {
    /** How it is written. */
    public enum Format {
        HTML,
        MD,
        JSON
    }

    /** A table of the document, judged row by row. */
    record Section(ClaimTable table, List<Judgement> judgements) {}

    private static final List<String> CHAPTERS =
            List.of("4.3", "5.3", "6.5", "7.3", "8", "9.1", "9.2", "9.4", "13.2");

    private final Claims claims;
    private final Results results;
    private final String host;
    private final List<Section> sections = new ArrayList<>();

    private LabReport(Claims claims, Results results, String host) {
        this.claims = claims;
        this.results = results;
        this.host = host;
        Judge judge = new Judge(claims, results);
        for (String chapter : CHAPTERS) {
            for (ClaimTable table : claims.chapter(chapter)) {
                sections.add(
                        new Section(
                                table,
                                table.rows().stream()
                                        .flatMap(row -> row.cells().stream())
                                        .map(claim -> judge.judge(table, claim))
                                        .toList()));
            }
        }
    }

    /** {@return the report of these results, on this machine} */
    public static LabReport of(List<Measurement> measurements) {
        return of(measurements, Claims.load(), hostname());
    }

    /**
     * @param host the machine where the report is made: results of others are marked
     */
    static LabReport of(List<Measurement> measurements, Claims claims, String host) {
        return new LabReport(claims, new Results(measurements), host);
    }

    private static String hostname() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("read the host's name", e);
        }
    }

    public String render(Format format, Language language) {
        return switch (format) {
            case HTML -> new HtmlReport(this, language).render();
            case MD -> new MarkdownReport(this, language).render();
            case JSON -> new JsonReport(this, language).render();
        };
    }

    /** {@return how many claims came out how: {@code 12 confirmed, 9 contradicted, …}} */
    public String summary() {
        return summary(Language.EN);
    }

    String summary(Language language) {
        return counts().entrySet().stream()
                .map(e -> e.getValue() + " " + e.getKey().words().in(language))
                .collect(Collectors.joining(", "));
    }

    Map<Verdict, Integer> counts() {
        Map<Verdict, Integer> counts = new EnumMap<>(Verdict.class);
        for (Verdict verdict : Verdict.values()) {
            counts.put(verdict, 0);
        }
        sections.forEach(
                s -> s.judgements().forEach(j -> counts.merge(j.verdict(), 1, Integer::sum)));
        return counts;
    }

    List<Section> sections() {
        return sections;
    }

    Claims claims() {
        return claims;
    }

    Results results() {
        return results;
    }

    boolean elsewhere(Measurement m) {
        return !host.equals(m.machine().getOrDefault("host", host));
    }

    /** {@return machines of the results, each once; only what does not change from run to run} */
    List<Map<String, String>> machines() {
        return results.all().stream()
                .map(m -> {
                    Map<String, String> facts = new LinkedHashMap<>(m.machine());
                    facts.keySet().removeIf(k -> k.startsWith("load ") || k.startsWith("busy "));
                    return facts;
                })
                .distinct()
                .toList();
    }

    /** {@return figures of this chapter's experiments that no claim asks for} */
    List<Figure> others(String chapter) {
        List<String> asked =
                sections.stream()
                        .filter(s -> s.table().chapter().equals(chapter))
                        .flatMap(s -> s.judgements().stream())
                        .flatMap(j -> j.claim().metric().stream())
                        .toList();
        List<String> main =
                Lab.EXPERIMENTS.stream()
                        .filter(e ->
                                e.tables().stream().findFirst().filter(chapter::equals).isPresent())
                        .map(Experiment::name)
                        .toList();
        return results.all().stream()
                .filter(m -> main.contains(m.experiment()))
                .flatMap(m -> m.figures().stream())
                .filter(f -> !asked.contains(f.id()) && !f.id().contains("/"))
                .toList();
    }

    Optional<Experiment> experiment(String name) {
        return Lab.EXPERIMENTS.stream().filter(e -> e.name().equals(name)).findFirst();
    }
}
