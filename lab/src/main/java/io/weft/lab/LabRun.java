package io.weft.lab;

import io.weft.claims.Claims;
import io.weft.claims.Figure;
import io.weft.claims.Measurement;
import io.weft.claims.Metric;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs one experiment: asks whether the machine can, measures, and concludes or does not. */
public final class LabRun {
    /**
     * @param report empty when the machine cannot run the experiment
     * @param seconds that it took
     */
    public record Result(Optional<Report> report, Measurement measurement, double seconds) {}

    private LabRun() {}

    /**
     * Runs it; whatever it makes is taken back, also when a signal ends the process.
     *
     * @throws java.util.concurrent.CancellationException when a signal ended it
     * @throws RuntimeException when something is wrong with it
     */
    public static Result run(Experiment experiment, boolean quick, Run.Listener listener) {
        Instant at = Instant.now();
        long start = System.nanoTime();
        Run run = new Run(quick, listener);
        Optional<String> missing = Capability.missing(experiment.needs());
        if (missing.isPresent()) {
            return new Result(
                    Optional.empty(),
                    unable(experiment, at, run.machine(), missing.get()),
                    seconds(start));
        }
        Report report;
        try (Ending _ = new Ending()) {
            report = experiment.run(run);
        } catch (RuntimeException e) {
            throw Ending.isEnding() ? new Ending.EndedException() : e;
        }
        Conclusion conclusion =
                Conclusion.of(
                        quick,
                        run.machine().busyBefore(),
                        run.machine().busyAfter(),
                        report.findings().comparisons());
        return new Result(
                Optional.of(report),
                measurement(at, report, conclusion, Claims.load()),
                seconds(start));
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static Measurement unable(
            Experiment experiment, Instant at, Machine machine, String why) {
        return new Measurement(
                experiment.name(),
                at,
                machine.describe(),
                false,
                why,
                List.of(),
                List.of(new Measurement.NotMeasured(experiment.name(), why)));
    }

    static Measurement measurement(
            Instant at, Report report, Conclusion conclusion, Claims claims) {
        return new Measurement(
                report.experiment(),
                at,
                report.machine(),
                conclusion.conclusive(),
                conclusion.why(),
                report.findings().figures().stream()
                        .filter(f -> Double.isFinite(f.median() + f.low() + f.high()))
                        .map(f -> figure(f, claims))
                        .toList(),
                report.findings().notMeasured().entrySet().stream()
                        .map((Map.Entry<String, String> e) ->
                                new Measurement.NotMeasured(e.getKey(), e.getValue()))
                        .toList());
    }

    private static Figure figure(Findings.Figure f, Claims claims) {
        String[] ratio = f.id().split("/", 2);
        String title =
                ratio.length == 2
                        ? title(ratio[0], claims) + " / " + title(ratio[1], claims)
                        : title(f.id(), claims);
        String[] parts = title.split(": ", 2);
        return new Figure(
                f.id(),
                parts[0],
                parts.length == 2 ? parts[1] : parts[0],
                f.unit(),
                f.median(),
                f.low(),
                f.high(),
                f.n());
    }

    private static String title(String id, Claims claims) {
        return claims.metric(id)
                .map(Metric::title)
                .map(words -> words.en())
                .orElseGet(() -> id.replaceFirst("\\.", ": "));
    }
}
