package io.weft.cli;

import io.weft.advisor.Advice;
import io.weft.advisor.Advisor;
import io.weft.advisor.ApplyReady;
import io.weft.advisor.Hardware;
import io.weft.advisor.HardwareProbe;
import io.weft.advisor.JsonReport;
import io.weft.advisor.Need;
import io.weft.advisor.NeedReader;
import io.weft.advisor.NeedWriter;
import io.weft.advisor.Questions;
import io.weft.advisor.TextReport;
import io.weft.advisor.TextReport.Detail;
import io.weft.claims.Claims;
import io.weft.claims.Language;
import io.weft.claims.Measurements;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "advise",
        mixinStandardHelpOptions = true,
        description = {
            "Answers a need with a ranked list of architectures: which and why, why not the others, figures with",
            "their source, cost, debt, migration, security. Without -f it asks on the terminal. Figures are those",
            "that the lab measured on this machine, else the source document's claims. Exit code 1: nothing",
            "satisfies every constraint; the nearest are named."
        },
        footer = {
            "",
            "Examples:",
            "  weft advise",
            "  weft advise -f examples/advise/scene-e-commerce.yaml --explain",
            "  weft advise -f need.yaml -o yaml --apply-ready > network.yaml && weft check network.yaml",
            "",
            "A need is YAML; every field may be left out:",
            "  regulation: none | regulated      isolation: shared | kernel | hardware",
            "  latency: 20us, throughput: 10Gbps, hostThroughput: 100Gbps, start: 1s, memory: 50MB",
            "  instances: 100, hosts, services   nfv: false",
            "  team: unknown | kernel-experts | application-developers | traditional-operations",
            "  workloads: any | containers | virtual-machines | both",
            "  existing: {virtualMachines: 0, containers: 0}",
            "  mesh: {needed: false, resourceLimited: false}",
            "  networks: {several: false, dynamic: false, storage: false}",
            "  security: {microSegmentation: false, quantumSafe: false}",
            "  scene: core-banking | e-commerce | ai-training | 5g-upf | microservice-development | edge | hpc",
            "  hardware: detect, or {kvm, iommu, sriov, hugePages, xdp, rdma, dpu: true|false, kernel: \"6.1\",",
            "            nicGbps, numaNodes, unknown: [kvm]}; of sriov, rdma and dpu what is not listed is not there",
            "  cost: {budget, currency: CNY, exchange: 1, years: 3, prices: {vm, container: {hardware, licences,",
            "         bandwidth, power, staff, failures}, extra: {dpu, sriov-nic, rdma-nic}}}",
            "  weights: {latency: 3, cost: 0}    applications: [{name, namespace, port, protocol, clients: []}]"
        })
final class AdviseCommand implements Callable<Integer> {
    /** How the answer is printed. */
    enum Form {
        TEXT,
        JSON,
        YAML
    }

    @Option(names = "-f", paramLabel = "FILE", description = "The need (default: asks).")
    private @Nullable Path file;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "text, json, or yaml with --apply-ready (default: ${DEFAULT-VALUE}).")
    private Form form = Form.TEXT;

    @Option(
            names = "--apply-ready",
            description = "With -o yaml: configuration of the first architecture, for weft apply.")
    private boolean applyReady;

    @Option(names = "--explain", description = "Draws the way through the decision tree.")
    private boolean explain;

    @Option(names = "--all", description = "Tells all of each candidate, not of the first alone.")
    private boolean all;

    @Option(
            names = "--lang",
            paramLabel = "en|zh",
            description = "Language of the answer (default: from LC_ALL, LC_MESSAGES, LANG).")
    private @Nullable Language language;

    @Option(
            names = "--save",
            paramLabel = "FILE",
            description = "Writes the need that was asked for.")
    private @Nullable Path save;

    @Option(
            names = "--lab",
            paramLabel = "DIR",
            description = "Results of the lab (default: where weft lab run leaves them).")
    private @Nullable Path lab;

    @Override
    public Integer call() {
        if (applyReady != (form == Form.YAML)) {
            throw new IllegalArgumentException("-o yaml and --apply-ready go together");
        }
        Language in = language == null ? fromEnvironment() : language;
        Advisor advisor = new Advisor(Claims.load());
        NeedReader reader = new NeedReader(advisor.claims());
        Optional<Need> need = file == null ? ask(reader, in) : Optional.of(reader.read(file));
        if (need.isEmpty()) {
            System.err.println(
                    "weft: the questions ended before the last answer; nothing was decided");
            return Exit.NO;
        }
        if (save != null) {
            save(save, need.get());
        }
        HardwareProbe probe = new HardwareProbe();
        Hardware hardware = need.get().hardware().orElseGet(probe::probe);
        Path results = lab == null ? Measurements.directory() : lab;
        Advice advice =
                advisor.advise(need.get(), hardware, Measurements.readAll(results), probe::isHere);
        boolean answered = advice.first().isPresent();
        switch (form) {
            case JSON -> Json.print(JsonReport.document(advice, advisor, in));
            case YAML -> {
                if (answered) {
                    System.out.print(ApplyReady.text(advice, in));
                } else {
                    System.err.print(TextReport.text(advice, advisor, in, columns(), details()));
                }
            }
            case TEXT ->
                    System.out.print(TextReport.text(advice, advisor, in, columns(), details()));
        }
        return answered ? Exit.DONE : Exit.NO;
    }

    private Set<Detail> details() {
        Set<Detail> details = EnumSet.noneOf(Detail.class);
        if (explain) {
            details.add(Detail.TREE);
        }
        if (all) {
            details.add(Detail.EVERY_CANDIDATE);
        }
        return details;
    }

    @SuppressWarnings("SystemConsoleNull") // another console provider may still give none
    private static Optional<Need> ask(NeedReader reader, Language language) {
        Console console = System.console();
        if (console == null || !console.isTerminal()) {
            throw new IllegalArgumentException(
                    "give the need with -f FILE: there is no terminal to ask on");
        }
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
        try {
            return new Questions(in, System.err, reader, language).ask();
        } catch (IOException e) {
            throw new UncheckedIOException("read answers", e);
        }
    }

    private static void save(Path file, Need need) {
        try {
            Files.writeString(file, NeedWriter.text(need));
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    private static Language fromEnvironment() {
        for (String name : new String[] {"LC_ALL", "LC_MESSAGES", "LANG"}) {
            String value = System.getenv(name);
            if (value != null && !value.isEmpty()) {
                return Language.of(value);
            }
        }
        return Language.EN;
    }

    /** {@return columns of the terminal, as the shell exports them; 100 when it does not} */
    private static int columns() {
        String columns = System.getenv("COLUMNS");
        return columns != null && columns.matches("[1-9][0-9]{0,3}")
                ? Integer.parseInt(columns)
                : 100;
    }
}
