package io.weft.cli;

import io.weft.cni.CniAnswer;
import io.weft.cni.CniClient;
import io.weft.cni.CniInstaller;
import io.weft.cni.Conformance;
import io.weft.cni.ConformanceOptions;
import io.weft.cni.ConformanceReport;
import io.weft.cni.ConformanceReport.Outcome;
import io.weft.cni.ConformanceReport.Row;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "cni",
        mixinStandardHelpOptions = true,
        description = "The plugin that container runtimes call: installs it, and tests any plugin.",
        footer = {
            "",
            "Examples:",
            "  weft cni install --bin-dir /opt/cni/bin --conf-dir /etc/cni/net.d",
            "  weft cni conformance --plugin /usr/lib/cni/ptp --plugin /usr/lib/cni/bridge"
        })
final class CniCommand {
    /** Where, and under which name. */
    static final class Place {
        @Option(
                names = "--bin-dir",
                defaultValue = "/opt/cni/bin",
                paramLabel = "DIR",
                description = "Where runtimes look for plugins (default: ${DEFAULT-VALUE}).")
        private Path binDirectory = Path.of("/opt/cni/bin");

        @Option(
                names = "--conf-dir",
                defaultValue = "/etc/cni/net.d",
                paramLabel = "DIR",
                description = "Where runtimes look for networks (default: ${DEFAULT-VALUE}).")
        private Path confDirectory = Path.of("/etc/cni/net.d");

        @Option(
                names = "--name",
                defaultValue = "weft",
                description = "The network's name (default: ${DEFAULT-VALUE}).")
        private String name = "weft";

        @Option(
                names = "--instance",
                defaultValue = "default",
                description = "Whose agent is asked (default: ${DEFAULT-VALUE}).")
        private String instance = "default";

        CniInstaller installer() {
            return new CniInstaller(binDirectory, confDirectory, name, instance);
        }
    }

    @Command(
            name = "install",
            mixinStandardHelpOptions = true,
            description = {
                "Puts the client and its config where runtimes look. The client is compiled here; without",
                "a C compiler it is a script that starts Java. Files of others are never touched."
            },
            footer = {
                "",
                "Example:",
                "  weft cni install --bin-dir /opt/cni/bin --conf-dir /etc/cni/net.d"
            })
    int install(@Mixin Place place, @Mixin OutputOption output) {
        return report("installed", output, () -> place.installer().install(Launcher.java()));
    }

    @Command(
            name = "uninstall",
            mixinStandardHelpOptions = true,
            description = "Removes what install wrote and nobody changed since.",
            footer = {"", "Example:", "  weft cni uninstall --name weft"})
    int uninstall(@Mixin Place place, @Mixin OutputOption output) {
        return report("removed", output, () -> place.installer().uninstall());
    }

    private static int report(
            String done, OutputOption output, Supplier<CniInstaller.Report> work) {
        CniInstaller.Report report;
        try {
            report = work.get();
        } catch (IllegalStateException e) {
            System.err.println("weft: " + e.getMessage());
            return Exit.NO;
        } catch (UncheckedIOException e) {
            System.err.println("weft: " + e.getMessage() + ": " + e.getCause());
            return Exit.MACHINE;
        }
        report.notes().forEach(note -> System.err.println("weft: " + note));
        List<String> files = report.files().stream().map(Path::toString).toList();
        if (output.json()) {
            Json.print(Map.of(done, files, "notes", report.notes()));
        } else {
            files.forEach(file -> System.out.println(done + " " + file));
        }
        return Exit.DONE;
    }

    @Command(
            name = "exec",
            mixinStandardHelpOptions = true,
            description = {
                "Is the plugin: takes CNI_* variables and a config on stdin, asks the agent, prints its",
                "answer. What install writes where there is no C compiler starts this."
            },
            footer = {"", "Example:", "  CNI_COMMAND=VERSION weft cni exec"})
    int exec(
            @Option(
                            names = "--as",
                            defaultValue = "weft",
                            paramLabel = "NAME",
                            description =
                                    "The plugin's name: weft, or weft-INSTANCE (default: ${DEFAULT-VALUE}).")
                    String name) {
        CniAnswer answer = CniClient.call(System.getenv(), System.in, name);
        System.out.print(answer.stdout());
        System.out.flush();
        System.err.print(answer.stderr());
        return answer.exitCode();
    }

    @Command(
            name = "conformance",
            mixinStandardHelpOptions = true,
            description = {
                "Asks plugins what the CNI specification 1.1.0 asks of them, in namespaces of its own, and",
                "counts what they leave. Needs root."
            },
            footer = {
                "",
                "Examples:",
                "  weft cni conformance --plugin /usr/lib/cni/ptp",
                "  weft cni conformance --plugin /opt/cni/bin/bridge --config bridge.json -o json"
            })
    int conformance(
            @Mixin OutputOption output,
            @Option(
                            names = "--plugin",
                            required = true,
                            paramLabel = "FILE",
                            description =
                                    "The plugin; several make a table with a column for each.")
                    List<Path> plugins,
            @Option(
                            names = "--config",
                            paramLabel = "FILE",
                            description = {
                                "Its config, for one plugin, without cniVersion. @DATA@ in it is an empty",
                                "directory, where host-local may keep its leases (dataDir)."
                            })
                    Optional<Path> config,
            @Option(
                            names = "--netns",
                            paramLabel = "FILE",
                            description = {
                                "The namespace that the plugin works in, when an agent does its work",
                                "(default: a new one for each case)."
                            })
                    Optional<Path> netns,
            @Option(
                            names = "--count-leases",
                            paramLabel = "COMMAND",
                            description = "Shell command that prints how many addresses are taken.")
                    Optional<String> counter,
            @Option(
                            names = "--remove-lease",
                            paramLabel = "COMMAND",
                            description =
                                    "Shell command that takes the lease of $CNI_CONTAINERID away.")
                    Optional<String> remover,
            @Option(
                            names = "--env",
                            paramLabel = "NAME=VALUE",
                            description = "More variables for the plugin.")
                    @Nullable Map<String, String> environment)
            throws IOException {
        if (config.isPresent() && plugins.size() > 1) {
            throw new IllegalArgumentException("--config: needs exactly one --plugin");
        }
        List<ConformanceReport> reports = new ArrayList<>();
        Progress progress = new Progress();
        Map<String, String> variables = environment == null ? Map.of() : environment;
        for (Path plugin : plugins) {
            ConformanceOptions options = ConformanceOptions.of(plugin);
            if (config.isPresent()) {
                options = options.withConfig(Files.readString(config.get()));
            }
            options = options.inPlace(netns, variables).withLeases(counter, remover);
            reports.add(
                    Conformance.run(
                            options,
                            row -> progress.say(plugin.getFileName() + ": " + row.name())));
        }
        if (output.json()) {
            Json.print(reports.stream().map(CniCommand::json).toList());
        } else {
            print(reports);
        }
        return reports.stream().anyMatch(r -> r.count(Outcome.FAIL) > 0) ? Exit.NO : Exit.DONE;
    }

    private static Map<String, Object> json(ConformanceReport report) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("plugin", report.plugin());
        for (Outcome outcome : Outcome.values()) {
            json.put(word(outcome), report.count(outcome));
        }
        json.put(
                "cases",
                report.rows().stream()
                        .map(row -> {
                            Map<String, Object> one = new LinkedHashMap<>();
                            one.put("point", row.point());
                            one.put("name", row.name());
                            one.put("section", row.section());
                            one.put("outcome", word(row.outcome()));
                            one.put("seen", row.seen());
                            return one;
                        })
                        .toList());
        return json;
    }

    private static String word(Outcome outcome) {
        return switch (outcome) {
            case PASS -> "pass";
            case FAIL -> "FAIL";
            case NOT_APPLICABLE -> "n/a";
        };
    }

    private static void print(List<ConformanceReport> reports) {
        List<String> header = new ArrayList<>(List.of("", "CASE", "SPEC"));
        reports.forEach(r -> header.add(String.valueOf(Path.of(r.plugin()).getFileName())));
        Table table = new Table(header.toArray(String[]::new));
        for (int i = 0; i < reports.getFirst().rows().size(); i++) {
            Row row = reports.getFirst().rows().get(i);
            List<Object> cells = new ArrayList<>(List.of(row.point(), row.name(), row.section()));
            for (ConformanceReport report : reports) {
                cells.add(word(report.rows().get(i).outcome()));
            }
            table.row(cells.toArray());
        }
        System.out.print(table);
        for (ConformanceReport report : reports) {
            System.out.printf(
                    "%n%s: %d pass, %d fail, %d not applicable%n",
                    report.plugin(),
                    report.count(Outcome.PASS),
                    report.count(Outcome.FAIL),
                    report.count(Outcome.NOT_APPLICABLE));
            for (Row row : report.rows()) {
                if (row.outcome() != Outcome.PASS) {
                    System.out.printf(
                            "  %2d %s: %s: %s%n",
                            row.point(), word(row.outcome()), row.name(), row.seen());
                }
            }
        }
    }
}
