package io.weft.cli;

import io.weft.claims.Language;
import io.weft.claims.Measurements;
import io.weft.lab.report.LabReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = {
            "Puts the tables of the source document beside what was measured here: each claim, the",
            "figure with its spread, and whether it is confirmed, contradicted or not measurable here."
        },
        footer = {"", "Example:", "  weft lab report --out lab.html"})
final class LabReportCommand implements Callable<Integer> {
    @Option(
            names = "--results",
            paramLabel = "DIR",
            description = "Where results are (default: where 'weft lab run' keeps them).")
    private Optional<Path> results = Optional.empty();

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "html",
            description = "html, md or json (default: ${DEFAULT-VALUE}).")
    private LabReport.Format format = LabReport.Format.HTML;

    @Option(
            names = "--lang",
            paramLabel = "LANG",
            description = "en or zh (default: as LANG says).")
    private Optional<Language> language = Optional.empty();

    @Option(names = "--out", paramLabel = "FILE", description = "Instead of stdout.")
    private Optional<Path> out = Optional.empty();

    @Override
    public Integer call() {
        LabReport report =
                LabReport.of(Measurements.readAll(results.orElseGet(Measurements::directory)));
        String text =
                report.render(
                        format,
                        language.orElseGet(
                                () -> Language.of(System.getenv().getOrDefault("LANG", ""))));
        if (out.isEmpty()) {
            System.out.print(text);
            return Exit.DONE;
        }
        try {
            Files.writeString(out.get(), text);
        } catch (IOException e) {
            throw new UncheckedIOException("write " + out.get(), e);
        }
        System.err.println("weft: " + out.get() + ": " + report.summary());
        return Exit.DONE;
    }
}
