package io.weft.lab;

import java.util.List;
import java.util.Locale;

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
        return "Pods added one after the other to a warm node, in a JVM with the agent's options, and a bare"
                + " namespace made beside each, which is taken off. Medians.";
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
        int warmUp = quick ? 100 : 200;
        int counted = quick ? 50 : 300;
        Machine machine = run.machine();
        WiringProcess.Times times = WiringProcess.run(warmUp, counted, run::say);
        List<Double> add = times.add();
        List<Double> namespace = times.namespace();
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
                                String.format(Locale.ROOT, "%.2f", times.delete()))),
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
}
