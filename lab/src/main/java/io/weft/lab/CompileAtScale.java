package io.weft.lab;

import io.weft.compiler.Compilation;
import io.weft.compiler.Compiler;
import io.weft.model.Delta;
import io.weft.model.Pod;
import io.weft.model.Resource;
import io.weft.model.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/** How long the policy compiler takes, from nothing and after one change. */
public final class CompileAtScale implements Experiment {
    private static final int PODS = 10_000;
    private static final int POLICIES = 1_000;
    private static final double FULL_SECONDS = 5;
    private static final double CHANGE_MILLIS = 5;

    @Override
    public String name() {
        return "compile";
    }

    @Override
    public String question() {
        return "How long does it take to compile 10,000 pods and 1,000 policies, and then one changed"
                + " pod label? (source document 9.4)";
    }

    @Override
    public String method() {
        return "The same snapshot compiled again and again on one thread; then one pod label changed at a"
                + " time. Medians.";
    }

    @Override
    public List<String> tables() {
        return List.of("9.4");
    }

    @Override
    public int usualSeconds(boolean quick) {
        return quick ? 5 : 12;
    }

    @Override
    public Report run(Run run) {
        boolean quick = run.quick();
        Consumer<String> progress = run::say;
        int full = quick ? 3 : 7;
        int changes = quick ? 200 : 1_000;
        Machine machine = run.machine();
        Snapshot snapshot = Snapshot.of(World.of(PODS, POLICIES, true));
        List<Double> fromNothing = new ArrayList<>();
        Compilation compilation = Compiler.compile(Snapshot.EMPTY, Set.of());
        for (int i = 0; i < full; i++) {
            progress.accept("compile from nothing " + (i + 1) + " of " + full);
            long start = System.nanoTime();
            compilation = Compiler.compile(snapshot, Set.of());
            fromNothing.add((System.nanoTime() - start) / 1e6);
        }
        progress.accept("change " + changes + " labels");
        List<Pod> pods = new ArrayList<>(snapshot.pods().values());
        List<Double> oneLabel = new ArrayList<>();
        for (int i = 0; i < changes; i++) {
            Pod pod = pods.get((int) ((long) i * 7919 % pods.size()));
            Resource moved = pod.withLabels(pod.labels().with("app", "app-" + i % POLICIES));
            long start = System.nanoTime();
            compilation = compilation.next(Delta.put(List.of(moved)));
            oneLabel.add((System.nanoTime() - start) / 1e6);
        }
        int entries =
                compilation.tables().groups().values().stream()
                        .mapToInt(g -> g.entries().size())
                        .sum();
        Findings findings = new Findings();
        findings.add("policy.compile", "ms", fromNothing);
        findings.add("policy.compile-change", "ms", oneLabel);
        double seconds = Statistics.of(fromNothing).median() / 1e3;
        double millis = Statistics.of(oneLabel).median();
        return new Report(
                name(),
                machine.describe(),
                List.of("step", "ms: median [min-max]"),
                List.of(
                        List.of("from nothing", Statistics.spread(fromNothing)),
                        List.of("one changed pod label", Statistics.spread(oneLabel))),
                List.of(
                        new Report.Bar(
                                "from nothing, s",
                                "<= " + FULL_SECONDS,
                                String.format(Locale.ROOT, "%.2f", seconds),
                                seconds <= FULL_SECONDS),
                        new Report.Bar(
                                "one changed label, ms",
                                "<= " + CHANGE_MILLIS,
                                String.format(Locale.ROOT, "%.2f", millis),
                                millis <= CHANGE_MILLIS)),
                List.of(
                        PODS
                                + " pods, "
                                + POLICIES
                                + " policies, "
                                + compilation.tables().groups().size()
                                + " groups, "
                                + entries
                                + " entries; one thread; the first compilation is cold and counts"),
                findings);
    }
}
