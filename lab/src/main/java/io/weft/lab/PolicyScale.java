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
    public Report run(boolean quick, Consumer<String> progress) {
        Machine machine = new Machine();
        List<Report.Table> tables = new ArrayList<>();
        List<Report.Bar> bars = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        tables.add(ScaleCompile.measure(quick, progress));
        tables.add(ScaleEnforce.measure(quick, progress, bars, notes));
        tables.add(ScaleVerdict.measure(quick, progress, bars, notes));
        tables.add(ScaleChains.measure(quick, progress, bars, notes));
        return new Report(name(), machine.describe(), tables, bars, notes);
    }
}
