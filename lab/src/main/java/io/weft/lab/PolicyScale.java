package io.weft.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** How policy behaves as it grows: compiling, enforcing, judging, and beside iptables. */
public final class PolicyScale implements Experiment {
    @Override
    public String name() {
        return "policy-scale";
    }

    @Override
    public String question() {
        return "What do more pods and more policies cost: to compile, until enforced, for each packet, and"
                + " beside iptables chains? (source document 8, 9.4)";
    }

    @Override
    public String method() {
        return "Compiler, maps and programs of a real node beside iptables chains as kube-router writes them; all"
                + " sizes in turn within each repetition, ends pinned to one processor, medians and ratios within a"
                + " repetition.";
    }

    @Override
    public List<String> tables() {
        return List.of("8", "9.4");
    }

    @Override
    public int usualSeconds(boolean quick) {
        return quick ? 40 : 200;
    }

    @Override
    public Report run(Run run) {
        boolean quick = run.quick();
        Consumer<String> progress = run::say;
        Machine machine = run.machine();
        List<Report.Table> tables = new ArrayList<>();
        List<Report.Bar> bars = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        Findings findings = new Findings();
        tables.add(ScaleCompile.measure(quick, progress));
        tables.add(ScaleEnforce.measure(quick, progress, bars, notes));
        tables.add(ScaleVerdict.measure(quick, progress, bars, notes, findings));
        tables.add(ScaleChains.measure(quick, progress, bars, notes, findings));
        return new Report(name(), machine.describe(), tables, bars, notes, findings);
    }
}
