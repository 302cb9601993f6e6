package io.weft.lab;

import io.weft.agent.Node;
import io.weft.kernel.NetNs;
import io.weft.model.Pod;
import io.weft.model.Ref;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** How long a warm node takes from "this pod" to an interface under policy. */
public final class WireOnePod implements Experiment {
    private static final double BAR_MILLIS = 2;

    @Override
    public String name() {
        return "wire-one-pod";
    }

    @Override
    public String question() {
        return "How long does a warm node take to wire one pod: namespace, veth, addresses, routes,"
                + " programs, maps? (source document 9.1, start time)";
    }

    @Override
    public String method() {
        return "Pods added one after the other to a warm node, and a bare namespace made beside each, which"
                + " is taken off. Medians.";
    }

    @Override
    public List<String> tables() {
        return List.of("9.1");
    }

    @Override
    public int usualSeconds(boolean quick) {
        return quick ? 5 : 15;
    }

    @Override
    public Report run(Run run) {
        boolean quick = run.quick();
        Consumer<String> progress = run::say;
        int warmUp = quick ? 100 : 200;
        int counted = quick ? 50 : 300;
        Machine machine = run.machine();
        List<Double> add = new ArrayList<>();
        List<Double> namespace = new ArrayList<>();
        double delete;
        try (Opened opened = new Opened()) {
            Node node = opened.add(WeftPath.startNode(opened.add(NetNs.createAnonymous())));
            List<Ref> wired = new ArrayList<>();
            List<String> empty = new ArrayList<>();
            for (int i = 0; i < warmUp + counted; i++) {
                if (i % 50 == 0) {
                    progress.accept("pod " + i + " of " + (warmUp + counted));
                }
                Pod pod = pod(i);
                long start = System.nanoTime();
                node.apply(List.of(pod));
                long end = System.nanoTime();
                wired.add(pod.ref());
                long made = makeNamespace(i, empty);
                if (i >= warmUp) {
                    add.add((end - start) / 1e6);
                    namespace.add(made / 1e6);
                }
            }
            progress.accept("delete all");
            long start = System.nanoTime();
            node.delete(wired);
            delete = (System.nanoTime() - start) / 1e6 / wired.size();
            empty.forEach(NetNs::delete);
        }
        Findings findings = new Findings();
        findings.add("weft.setup", "ms", add);
        findings.add("pod.namespace", "ms", namespace);
        double median = Statistics.of(add).median() - Statistics.of(namespace).median();
        return new Report(
                name(),
                machine.describe(),
                List.of("step", "ms: median [min-max]"),
                List.of(
                        List.of("add, whole", Statistics.spread(add)),
                        List.of("of it, making a named namespace", Statistics.spread(namespace)),
                        List.of(
                                "delete all in one call, for each",
                                String.format(Locale.ROOT, "%.2f", delete))),
                List.of(
                        new Report.Bar(
                                "wiring one pod, ms",
                                "<= " + BAR_MILLIS,
                                String.format(Locale.ROOT, "%.2f", median),
                                median <= BAR_MILLIS)),
                List.of(
                        counted
                                + " pods after "
                                + warmUp
                                + " to warm up, added one after the other and all kept; the bar counts veth, addresses,"
                                + " routes, programs and maps, with policy in force; the"
                                + " namespace, which a container runtime makes, is measured alone in"
                                + " the same loop and taken off"),
                findings);
    }

    /** {@return nanoseconds that making one takes} */
    private static long makeNamespace(int i, List<String> names) {
        String name = "weft-lab-" + ProcessHandle.current().pid() + "-" + i;
        long start = System.nanoTime();
        NetNs made = NetNs.create(name);
        long nanos = System.nanoTime() - start;
        made.close();
        names.add(name); // ended later: that takes locks which the next one would wait for
        return nanos;
    }

    private static Pod pod(int i) {
        return LabPods.pod("lab-" + i, Map.of("app", "lab"));
    }
}
