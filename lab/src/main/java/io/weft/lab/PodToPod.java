package io.weft.lab;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The cost of the path between two workloads of one machine. Client and server share one processor,
 * so that a round trip is the processor time of both ends and everything between them.
 */
public final class PodToPod implements Experiment {
    static final int CPU = Math.max(0, Runtime.getRuntime().availableProcessors() - 1);
    private static final int ROUND_TRIPS = 2_500;
    private static final int CONNECTS = 250;
    private static final long BYTES = 100_000_000;
    private static final int WARM_UP = 4;
    private static final int SAID = 9;
    private static final double RR_OVER_VETH = 1.08;
    private static final double RR_OVER_IPTABLES = 0.85;
    private static final double GOODPUT_OVER_VETH = 0.92;

    private static final List<Supplier<MeasuredPath>> PATHS =
            List.of(
                    Topology::bareVeth,
                    WeftPath::create,
                    Topology::bridge,
                    Topology::routedWithIptables,
                    Topology::bridgeWithDockerRules);

    /** One path and what was measured on it, in microseconds and Gbit/s. */
    private static final class Measured {
        final String name;
        final PeerProcess client;
        final List<Double> roundTrip = new ArrayList<>();
        final List<Double> connect = new ArrayList<>();
        final List<Double> goodput = new ArrayList<>();

        Measured(String name, PeerProcess client) {
            this.name = name;
            this.client = client;
        }
    }

    @Override
    public String name() {
        return "pod-to-pod";
    }

    @Override
    public String question() {
        return "What does the path between two workloads cost: bare veth, Weft, bridge, iptables?"
                + " (source document 4.3, 9.2, 9.4)";
    }

    @Override
    public String method() {
        return "All paths made at once, one-byte round trips, connections and bulk over each in turn; client and"
                + " server pinned to one processor in real time; medians, and ratios within a repetition.";
    }

    @Override
    public List<String> tables() {
        return List.of("4.3", "9.2", "9.4");
    }

    @Override
    public int usualSeconds(boolean quick) {
        return quick ? 15 : 75;
    }

    @Override
    public Report run(Run run) {
        boolean quick = run.quick();
        Consumer<String> progress = run::say;
        int repetitions =
                quick ? 9 : 99; // short ones: a shared machine changes its pace within seconds
        Machine machine = run.machine();
        List<String> notes = new ArrayList<>();
        try (Opened opened = new Opened()) {
            List<Measured> paths = new ArrayList<>();
            for (Supplier<MeasuredPath> make : PATHS) {
                try {
                    MeasuredPath path = opened.add(make.get());
                    progress.accept("set up " + path.name());
                    paths.add(new Measured(path.name(), PeerProcess.client(opened, path)));
                } catch (Commands.ToolException e) {
                    notes.add("not measured: " + e.getMessage());
                }
            }
            progress.accept("warming up");
            for (Measured path : paths) {
                path.client.ask("rr " + WARM_UP * ROUND_TRIPS);
                path.client.ask("connect " + WARM_UP * CONNECTS);
                path.client.ask("goodput " + WARM_UP * BYTES);
            }
            for (int i = 0; i < repetitions; i++) {
                if (i % SAID == 0) {
                    progress.accept("repetition " + (i + 1) + " of " + repetitions);
                }
                for (int j = 0; j < paths.size(); j++) {
                    measure(paths.get((i + j) % paths.size()));
                }
            }
            return report(machine, paths, repetitions, notes);
        }
    }

    private static void measure(Measured path) {
        path.roundTrip.add(path.client.askFirst("rr " + ROUND_TRIPS) / 1e3);
        path.connect.add(path.client.askFirst("connect " + CONNECTS) / 1e3);
        path.goodput.add(path.client.askFirst("goodput " + BYTES) / 1e9);
    }

    private Report report(
            Machine machine, List<Measured> paths, int repetitions, List<String> notes) {
        Map<String, Measured> byName = new LinkedHashMap<>();
        paths.forEach(p -> byName.put(p.name, p));
        Measured floor = paths.getFirst();
        List<List<String>> rows = new ArrayList<>();
        for (Measured path : paths) {
            rows.add(
                    List.of(
                            path.name,
                            Statistics.spread(path.roundTrip),
                            ratio(path.roundTrip, floor.roundTrip),
                            Statistics.spread(path.connect),
                            ratio(path.connect, floor.connect),
                            Statistics.spread(path.goodput),
                            ratio(path.goodput, floor.goodput)));
        }
        List<Report.Bar> bars = new ArrayList<>();
        Measured weft = byName.get("weft");
        if (weft != null) {
            bars.add(
                    atMost(
                            "round trip, weft / bare veth",
                            weft.roundTrip,
                            floor.roundTrip,
                            RR_OVER_VETH));
            Measured docker = byName.get("bridge + docker-like iptables");
            if (docker != null) {
                bars.add(
                        atMost(
                                "round trip, weft / bridge + iptables",
                                weft.roundTrip,
                                docker.roundTrip,
                                RR_OVER_IPTABLES));
            }
            double goodput = Ratio.median(weft.goodput, floor.goodput);
            bars.add(
                    new Report.Bar(
                            "goodput, weft / bare veth",
                            ">= " + GOODPUT_OVER_VETH,
                            String.format(Locale.ROOT, "%.3f", goodput),
                            goodput >= GOODPUT_OVER_VETH));
        }
        notes.add(
                repetitions
                        + " repetitions in turn; median [min-max] of their medians; ratios are"
                        + " medians of the ratios within each repetition; client and server pinned"
                        + " to processor "
                        + CPU);
        return new Report(
                name(),
                machine.describe(),
                List.of(
                        "path",
                        "1-byte round trip us",
                        "x veth",
                        "connect us",
                        "x veth",
                        "goodput Gbit/s",
                        "x veth"),
                rows,
                bars,
                notes,
                findings(byName));
    }

    /** Ratios that the source document's tables ask for, each to the bridge with iptables. */
    private static Findings findings(Map<String, Measured> byName) {
        Findings findings = new Findings();
        byName.forEach((name, path) -> {
            findings.add(Subjects.of(name) + ".rtt", "us", path.roundTrip);
            findings.add(Subjects.of(name) + ".connect", "us", path.connect);
            findings.add(Subjects.of(name) + ".goodput", "Gbps", path.goodput);
        });
        Measured weft = byName.get("weft");
        Measured docker = byName.get("bridge + docker-like iptables");
        if (weft != null && docker != null) {
            findings.compare("weft.rtt", "bridge-iptables.rtt", weft.roundTrip, docker.roundTrip);
        }
        return findings;
    }

    private static Report.Bar atMost(String what, List<Double> a, List<Double> b, double most) {
        double ratio = Ratio.median(a, b);
        return new Report.Bar(
                what, "<= " + most, String.format(Locale.ROOT, "%.3f", ratio), ratio <= most);
    }

    private static String ratio(List<Double> a, List<Double> b) {
        return String.format(Locale.ROOT, "%.3f", Ratio.median(a, b));
    }
}
