package io.weft.cli;

import io.weft.claims.Measurements;
import io.weft.lab.Experiment;
import io.weft.lab.Lab;
import io.weft.lab.LabRun;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "lab",
        mixinStandardHelpOptions = true,
        description = "Measures on this machine: Weft beside what it replaces.",
        subcommands = LabReportCommand.class,
        footer = {
            "",
            "Examples:",
            "  weft lab list",
            "  weft lab run interfaces dns",
            "  weft lab report --out lab.html"
        })
final class LabCommand {
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = {
                "Lists the experiments: the chapters of the source document whose tables each",
                "answers, and whether this machine can run it."
            },
            footer = {"", "Example:", "  weft lab list -o json"})
    int list(@Mixin OutputOption output) {
        if (output.json()) {
            Json.print(Lab.EXPERIMENTS.stream().map(LabCommand::describe).toList());
            return Exit.DONE;
        }
        Table table = new Table("EXPERIMENT", "TABLES", "HERE", "QUESTION");
        for (Experiment e : Lab.EXPERIMENTS) {
            table.row(
                    e.name(),
                    String.join(" ", e.tables()),
                    Lab.missing(e).map(m -> "no: " + m).orElse("yes"),
                    e.question());
        }
        System.out.print(table);
        return Exit.DONE;
    }

    private static Map<String, Object> describe(Experiment e) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("name", e.name());
        one.put("question", e.question());
        one.put("method", e.method());
        one.put("tables", e.tables());
        one.put("needs", e.needs().stream().map(c -> c.name()).toList());
        one.put("missing", Lab.missing(e).orElse(""));
        one.put("seconds", e.usualSeconds(false));
        one.put("secondsQuick", e.usualSeconds(true));
        return one;
    }

    @Command(
            name = "run",
            mixinStandardHelpOptions = true,
            description = {
                "Runs experiments, prints what they find and keeps it as NAME.json. Ctrl-C takes back",
                "what was made."
            },
            footer = {"", "Example:", "  weft lab run interfaces --quick"})
    int run(
            @Mixin OutputOption output,
            @Option(names = "--quick", description = "Fewer repetitions: not to be quoted.")
                    boolean quick,
            @Option(names = "--all", description = "All experiments, one after the other.")
                    boolean all,
            @Option(
                            names = "--results",
                            paramLabel = "DIR",
                            description = {
                                "Where results are kept (default: $XDG_STATE_HOME/weft/lab, else",
                                "~/.local/state/weft/lab)."
                            })
                    Optional<Path> results,
            @Parameters(arity = "0..*", paramLabel = "NAME", description = "Experiments.")
                    List<String> names) {
        List<Experiment> chosen = new ArrayList<>();
        if (all) {
            chosen.addAll(Lab.EXPERIMENTS);
        } else if (names == null || names.isEmpty()) {
            throw new IllegalArgumentException("name an experiment, or --all; see 'weft lab list'");
        } else {
            names.forEach(name -> chosen.add(Lab.find(name)));
        }
        Path directory = results.orElseGet(Measurements::directory);
        LabProgress progress = new LabProgress(chosen, quick);
        boolean unable = false;
        for (Experiment experiment : chosen) {
            progress.next();
            LabRun.Result result;
            try {
                result = LabRun.run(experiment, quick, progress);
            } catch (CancellationException endedBySignal) {
                return Exit.NO; // the JVM ends with 128 + the signal
            } finally {
                progress.clear();
            }
            unable |= result.report().isEmpty();
            Path file = Measurements.write(directory, result.measurement());
            if (output.json()) {
                Json.print(LabPrinter.document(result));
            } else {
                LabPrinter.print(result);
                System.out.println("result: " + file);
            }
        }
        return unable && chosen.size() == 1 ? Exit.MACHINE : Exit.DONE;
    }
}
