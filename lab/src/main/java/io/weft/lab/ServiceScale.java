package io.weft.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** How services behave as they grow: loading, one change, connecting, beside kube-proxy's ways. */
public final class ServiceScale implements Experiment {
    /** {@return how many services, in turn} */
    static List<Integer> sizes(boolean quick) {
        return quick ? List.of(100, 1_000) : List.of(100, 1_000, 10_000, 50_000);
    }

    @Override
    public String name() {
        return "service-scale";
    }

    @Override
    public String question() {
        return "What do up to 50,000 services cost: to load, to change one, to connect to, and beside"
                + " iptables and nftables laid out as kube-proxy does? (source document 8, 9.4)";
    }

    @Override
    public String method() {
        return "A real node beside rules as kube-proxy writes them; all in turn within each repetition, ends pinned to"
                + " one processor, medians and ratios within a repetition.";
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
        tables.add(ServiceLoad.measure(quick, progress, bars, notes, findings));
        tables.add(ServiceConnect.measure(quick, progress, bars, notes, findings));
        return new Report(name(), machine.describe(), tables, bars, notes, findings);
    }
}
