package io.weft.lab;

import io.weft.agent.Node;
import io.weft.kernel.NetNs;
import io.weft.model.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** How long a changed policy takes until every packet of 200 pods is judged by it. */
public final class PolicyChange implements Experiment {
    private static final int PODS = 200;
    private static final int POLICIES = 20;
    private static final double BAR_MILLIS = 50;

    @Override
    public String name() {
        return "policy-change";
    }

    @Override
    public String question() {
        return "How long until a changed policy is in force on 200 pods? (source document 8: seconds)";
    }

    @Override
    public String method() {
        return "A node with 200 wired pods; one policy changed, then all at once, timed until the new revision"
                + " is stored. Medians.";
    }

    @Override
    public List<String> tables() {
        return List.of("8", "9.1");
    }

    @Override
    public int usualSeconds(boolean quick) {
        return quick ? 10 : 30;
    }

    @Override
    public Report run(Run run) {
        boolean quick = run.quick();
        Consumer<String> progress = run::say;
        int counted = quick ? 30 : 200;
        Machine machine = run.machine();
        List<Double> inForce = new ArrayList<>();
        List<Double> all = new ArrayList<>();
        try (Opened opened = new Opened()) {
            Node node = opened.add(WeftPath.startNode(opened.add(NetNs.createAnonymous())));
            progress.accept("wire " + PODS + " pods");
            long start = System.nanoTime();
            node.apply(World.of(PODS, POLICIES, false));
            double wired = (System.nanoTime() - start) / 1e6;
            progress.accept("change one policy " + counted + " times, then all at once");
            for (int i = 0; i < counted; i++) {
                inForce.add(
                        apply(node, List.of(World.policy(i % POLICIES, 2, 8081 + i / POLICIES))));
                List<Resource> every = new ArrayList<>();
                for (int p = 0; p < POLICIES; p++) {
                    every.add(World.policy(p, 2, 10_000 + i));
                }
                all.add(apply(node, every));
            }
            double median = Statistics.of(all).median();
            Findings findings = new Findings();
            findings.add("policy.update", "ms", inForce);
            findings.add("policy.update-all", "ms", all);
            return new Report(
                    name(),
                    machine.describe(),
                    List.of("step", "ms: median [min-max]"),
                    List.of(
                            List.of(
                                    "one policy of " + POLICIES + " changed",
                                    Statistics.spread(inForce)),
                            List.of(
                                    "all " + POLICIES + " changed in one apply",
                                    Statistics.spread(all)),
                            List.of(
                                    "wire " + PODS + " pods in one apply",
                                    String.format(Locale.ROOT, "%.1f", wired))),
                    List.of(
                            new Report.Bar(
                                    "a change over " + PODS + " pods in force, ms",
                                    "<= " + BAR_MILLIS,
                                    String.format(Locale.ROOT, "%.2f", median),
                                    median <= BAR_MILLIS)),
                    List.of(
                            "from the call until the new revision is stored: compile, write, switch;"
                                    + " a change right after another waits for the grace period of"
                                    + " the one before"),
                    findings);
        }
    }

    private static double apply(Node node, List<? extends Resource> resources) {
        long start = System.nanoTime();
        node.apply(resources);
        return (System.nanoTime() - start) / 1e6;
    }
}
